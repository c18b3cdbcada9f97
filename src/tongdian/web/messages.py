"""The English catalogues: msgids are the Chinese text, each package keeps its own `locale/en`.

Locations carry no line numbers and the header no date, so that a catalogue changes only when a message does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
KEYWORDS: dict[str, tuple[Any, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
SKIPPED = {"migrations", "static", "locale"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|(?<!\{)\{\w*(?:[.:][^{}]*)?\}(?!\})")
HEADER = """\
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


@dataclass(frozen=True)
class Finding:
    """What is wrong with one message of one package."""

    package: str
    msgid: str
    problem: str

    def __str__(self) -> str:
        return f"{self.package}: {self.problem}: {self.msgid!r}"


def packages(source: Path) -> list[Path]:
    """List the packages below `source` that have messages, by name."""
    folders = (folder for folder in source.iterdir() if (folder / "__init__.py").exists())
    return sorted(folder for folder in folders if any(_messages(folder)))


def update_catalogue(package: Path) -> Catalog:
    """Write the package's catalogue anew: kept translations, new messages empty, unused ones dropped."""
    catalogue = read_catalogue(package)
    template = Catalog()
    for path, text, context in _messages(package):
        template.add(text, locations=[(path, 0)], context=context)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    write_catalogue(package, catalogue)
    return catalogue


def write_catalogue(package: Path, catalogue: Catalog) -> None:
    """Write the package's catalogue, sorted by file."""
    target = package / CATALOGUE
    target.parent.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    write_po(buffer, catalogue, width=120, omit_header=True, sort_by_file=True, include_lineno=False)
    target.write_text(HEADER + buffer.getvalue().decode())


def compile_catalogue(package: Path) -> Path:
    """Write the machine form beside the catalogue; it is never committed."""
    target = (package / CATALOGUE).with_suffix(".mo")
    target.parent.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    write_mo(buffer, read_catalogue(package))
    target.write_bytes(buffer.getvalue())
    return target


def findings(package: Path) -> list[Finding]:
    """List what is missing, fuzzy or differs in its placeholders."""
    catalogue = read_catalogue(package)
    wanted = {_key(text, context): text for _, text, context in _messages(package)}
    return [
        Finding(package.name, key[0], problem)
        for key, text in wanted.items()
        for problem in _problems(text, catalogue.get(key[0], key[1]))
    ]


def contradictions(sources: list[Path]) -> list[Finding]:
    """List messages that packages translate differently: Django would show only one of the strings."""
    first: dict[tuple[Any, str | None], tuple[str, Any]] = {}
    found = []
    for package in sources:
        for entry in read_catalogue(package):
            if not entry.id or not entry.string:
                continue
            # A message with a plural is kept apart from the same words without one.
            owner, string = first.setdefault((entry.id, entry.context), (package.name, entry.string))
            if string != entry.string:
                found.append(Finding(package.name, str(entry.id), f"not the English of {owner}, {string!r}"))
    return found


def read_catalogue(package: Path) -> Catalog:
    """Read the package's English catalogue, empty when there is none yet."""
    path = package / CATALOGUE
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def _problems(text: str | tuple[str, ...], entry: Message | None) -> Iterator[str]:
    strings = [] if entry is None else _strings(entry)
    if entry is None or not strings or not all(strings):
        yield "no English string"
        return
    if entry.fuzzy:
        yield "fuzzy"
    wanted = _placeholders(text if isinstance(text, str) else text[-1])
    for string in strings:
        # A singular may spell its number out.
        missing = wanted - _placeholders(string) if string is strings[-1] else set()
        if missing or _placeholders(string) - wanted:
            yield "placeholders differ"


def _strings(entry: Message) -> list[str]:
    return [entry.string] if isinstance(entry.string, str) else [part or "" for part in entry.string]


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


def _key(text: str | tuple[str, ...], context: str | None) -> tuple[str, str | None]:
    return (text if isinstance(text, str) else text[0]), context


def _messages(package: Path) -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if path.suffix not in {".py", ".html", ".txt"} or SKIPPED & set(inside.parts):
            continue
        method = extract_python if path.suffix == ".py" else extract_template
        with path.open("rb") as file:
            for _line, text, _comments, context in extract(method, file, KEYWORDS, options={"encoding": "utf-8"}):
                yield inside.as_posix(), text, context


def extract_template(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Extract from a Django template, by way of the Python text Django makes of it for its own extraction."""
    text = templatize(file.read().decode(), origin=getattr(file, "name", "template"))
    # Indentation means nothing in a template but would stop Python's tokenizer.
    unindented = "\n".join(line.lstrip() for line in text.splitlines())
    return iter(extract_python(BytesIO(unindented.encode()), keywords, comment_tags, options))
