"""Writes small policy books for tests."""

from pathlib import Path
from textwrap import dedent

SOURCES = """
matter: sources
title: {zh: 文件, en: Instruments}
sources:
  act: {title: {zh: 某规定, en: An act}, issued_on: 2021-05-10}
"""

HEAD = """
matter: sample
title: {zh: 样例, en: Sample}
defaults: {from: 2021-01-01, place: "370000", source: act, certainty: verified, checked_on: 2026-11-23}
"""


def book_dir(folder: Path, entries: str, *, head: str = HEAD, sources: str = SOURCES) -> Path:
    """Write a book of one file with the given entries (YAML, indented at will) and the source `act`."""
    folder.mkdir(exist_ok=True)
    (folder / "sources.yaml").write_text(dedent(sources), encoding="utf-8")
    body = "entries:\n" + _indented(entries) if entries else ""
    (folder / "sample.yaml").write_text(dedent(head) + body, encoding="utf-8")
    return folder


def limit(values: str, *, id: str = "sample.limit", unit: str = "workday") -> str:  # noqa: A002 - the book's own word
    """Return one entry with the given values, one flow mapping per line."""
    lines = "\n".join(f"    - {line.strip()}" for line in values.strip().splitlines()) or "    []"
    return f"{id}:\n  title: {{zh: 时限, en: Limit}}\n  unit: {unit}\n  values:\n{lines}\n"


def value(number: object, **more: object) -> str:
    """Return one value as a flow mapping; the clause is there unless `clause` says otherwise."""
    fields = {"value": number, "clause": "{zh: 第一条, en: article 1}", **more}
    return "{" + ", ".join(f"{key}: {text}" for key, text in fields.items() if text is not None) + "}"


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in dedent(text).strip("\n").splitlines())
