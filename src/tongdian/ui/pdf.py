"""Renders a document as PDF/A-2b with Typst; a glyph the fonts lack is an error, never a box."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock

import pylopdf_fonts_zh_cn
import segno
import typst

LAYOUT = Path(__file__).parent / "typst" / "document.typ"
PROBE = LAYOUT.with_name("probe.typ")
STANDARDS = ["a-2b"]
# A compiler serves one thread at a time and refuses a second one.
_ONE_AT_A_TIME = Lock()


class UnableToRenderPdf(Exception):
    """The text has a character no font holds, or the layout is broken; `reason` is Typst's word."""

    def __init__(self, title: str, reason: str) -> None:
        super().__init__(f"cannot render {title!r}: {reason}")
        self.title, self.reason = title, reason


@dataclass(frozen=True)
class Section:
    """One part of a document: paragraphs, then label–value rows, then a table; each may be empty."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    table_head: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Proof:
    """The block that lets a reader check the document: where to look and what to compare."""

    heading: str
    url: str
    rows: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class PdfDocument:
    """Everything a printed document says. `language` is zh or en; `hotlines` always names both numbers.

    `proof` is None while there is nothing to check the document against.
    """

    language: str
    issuer: str
    title: str
    number_label: str
    number: str
    sections: tuple[Section, ...]
    proof: Proof | None
    hotlines: tuple[str, ...]
    banner: str = ""


def render(document: PdfDocument, *, created_at: datetime) -> bytes:
    """Render a document; the same document and instant give the same bytes.

    Raises UnableToRenderPdf when a character is missing from the fonts.
    """
    facts = asdict(document) | {"qr": _qr_svg(document.proof.url) if document.proof else ""}
    inputs = {"facts": json.dumps(facts, ensure_ascii=False)}
    try:
        pdf = _compiled(LAYOUT, inputs, timestamp=int(created_at.timestamp()))
    except typst.TypstError as error:
        raise UnableToRenderPdf(document.title, error.message) from error
    assert isinstance(pdf, bytes)  # noqa: S101 - the layout is one file, so Typst returns one
    return pdf


def unprintable(text: str) -> str:
    """Return the first character of a text that our papers cannot show, "" when they can show all of it."""
    if _is_printable(text):
        return ""
    return next((character for character in dict.fromkeys(text) if not _is_printable(character)), text)


def _is_printable(text: str) -> bool:
    try:
        _compiled(PROBE, {"text": text})
    except typst.TypstError:
        return False
    return True


def _compiled(layout: Path, inputs: dict[str, str], *, timestamp: int = 0) -> object:
    with _ONE_AT_A_TIME:
        return _compiler(layout).compile(sys_inputs=inputs, format="pdf", pdf_standards=STANDARDS, timestamp=timestamp)


@cache
def _compiler(layout: Path) -> typst.Compiler:
    fonts = Path(pylopdf_fonts_zh_cn.__file__).parent
    return typst.Compiler(input=layout, root=layout.parent, font_paths=[fonts], ignore_system_fonts=True)


def _qr_svg(url: str) -> str:
    return segno.make(url, error="m").svg_inline(scale=4, border=1)
