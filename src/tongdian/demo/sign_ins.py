"""Who may sign in to the demonstration.

Passwords are stored as hashes only, so the one generated password and the names are kept in a file beside the data,
readable by its owner alone; the start prints it. Nothing here needs Django.
"""

import json
import os
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_NAME = "demonstration.json"
# The reason of the last change of the clock, once everything is in: without it the loading was interrupted.
LOADED = "demonstration loaded"
# Neither I, l, 1 nor O, 0: the password is typed from a screen.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
TITLE_COLUMNS = 36


@dataclass(frozen=True)
class SignIn:
    """One account to try; without a password its phone gets a code by the stand-in for short messages."""

    title_zh: str
    title_en: str
    login: str
    password: str = ""

    def __str__(self) -> str:
        title = f"{self.title_zh} · {self.title_en}"
        padding = " " * max(1, TITLE_COLUMNS - _columns(title))
        return f"{title}{padding}{self.login:<24} {self.password or '短信验证码 · code by SMS'}"


def new_password() -> str:
    """Make a password of some 74 bits that can be typed."""
    words = ("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3))
    return "-".join(words)


def keep(sign_ins: Sequence[SignIn], *, home: Path) -> Path:
    """Write the sign-ins to a file only its owner can read, in place of an earlier one."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / FILE_NAME
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(each) for each in sign_ins], file, ensure_ascii=False, indent=1)
    return path


def kept(*, home: Path) -> tuple[SignIn, ...]:
    """Read the sign-ins back; none when there is no file, as on another host than the one that made them."""
    path = home / FILE_NAME
    if not path.exists():
        return ()
    return tuple(SignIn(**each) for each in json.loads(path.read_text(encoding="utf-8")))


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
