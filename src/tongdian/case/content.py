"""Look into an upload: what it really is, whether it is whole, and what of it is safe to keep. Knows no database."""

import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Literal

import puremagic
from PIL import Image, ImageOps

Reason = Literal["empty", "too_large", "format", "extension", "broken", "too_many_pixels", "infected"]

EXTENSIONS = {
    "application/pdf": frozenset({".pdf"}),
    "image/jpeg": frozenset({".jpg", ".jpeg"}),
    "image/png": frozenset({".png"}),
}
PILLOW_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
HEAD_BYTES = 8192
TAIL_BYTES = 2048
JPEG_QUALITY = 90
START_OF_XREF = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF\s*\Z")
XREF_OR_OBJECT = re.compile(rb"\s*(?:xref|\d+\s+\d+\s+obj)")


class RefusedUpload(ValueError):
    """An upload cannot be kept. `reason` is a stable word, `detail` what was found."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"upload refused ({reason}): {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Content:
    """What may be kept of an upload, from its beginning."""

    file: IO[bytes]
    media_type: str


def checked(file: IO[bytes], *, name: str, formats: Collection[str], max_pixels: int) -> Content:
    """Return the content to keep: a PDF as it is, an image drawn anew without metadata or anything appended.

    file: seekable. formats: media types that may be kept, of those this module can check.
    Raises RefusedUpload when the file is empty, of another format, named with another format's extension, broken or
    truncated, or an image with more pixels than allowed.
    """
    media_type = sniffed(file)
    if media_type not in formats or media_type not in EXTENSIONS:
        raise RefusedUpload("format", media_type or "unknown")
    extension = PurePath(name).suffix.lower()
    if extension not in EXTENSIONS[media_type]:
        raise RefusedUpload("extension", f"{extension or 'none'} for {media_type}")
    if media_type == "application/pdf":
        _require_whole_pdf(file)
        file.seek(0)
        return Content(file, media_type)
    return Content(_redrawn(file, PILLOW_FORMATS[media_type], max_pixels), media_type)


def sniffed(file: IO[bytes]) -> str:
    """Return the media type the bytes speak of, "" when they speak of none.

    Raises RefusedUpload when the file is empty.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise RefusedUpload("empty", "no bytes")
    try:
        return str(puremagic.magic_string(head)[0].mime_type)
    except (puremagic.PureError, IndexError):
        return ""


def _require_whole_pdf(file: IO[bytes]) -> None:
    file.seek(0)
    # A header further in would make the file something else to other programs.
    if not file.read(5) == b"%PDF-":
        raise RefusedUpload("broken", "no PDF header")
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL_BYTES))
    end = START_OF_XREF.search(file.read())
    if end is None:
        raise RefusedUpload("broken", "the end of the PDF is missing")
    file.seek(min(int(end[1]), size))
    if not XREF_OR_OBJECT.match(file.read(64)):
        raise RefusedUpload("broken", "the PDF has no table of its objects where it says")


def _redrawn(file: IO[bytes], form: str, max_pixels: int) -> IO[bytes]:
    file.seek(0)
    try:
        with Image.open(file, formats=[form]) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise RefusedUpload("too_many_pixels", f"{width} × {height}")
            upright = ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedUpload("too_many_pixels", str(error)) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, RefusedUpload):
            raise
        raise RefusedUpload("broken", f"the image cannot be read to its end: {error}") from error
    # Pillow writes comments, profiles and the like back from here.
    upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
    drawn = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads it
    upright.save(drawn, form, **({"quality": JPEG_QUALITY} if form == "JPEG" else {}))
    drawn.seek(0)
    return drawn
