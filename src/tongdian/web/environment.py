"""Reads settings from the environment; an unknown spelling is an error, never a default."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class InvalidSetting(ValueError):
    def __init__(self, name: str, value: str, reason: str) -> None:
        super().__init__(f"{name}={value!r}: {reason}")
        self.name, self.value, self.reason = name, value, reason


def text(name: str, default: str) -> str:
    """Return the variable, or the default when it is not set."""
    return os.environ.get(name, default)


def flag(name: str, *, default: bool) -> bool:
    """Return the variable as a yes or no.

    Raises InvalidSetting when the spelling is none of 1/true/yes/on, 0/false/no/off.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in YES:
        return True
    if value.lower() in NO:
        return False
    raise InvalidSetting(name, value, "use 1/true/yes/on or 0/false/no/off")


def items(name: str, default: str) -> list[str]:
    """Return a comma-separated variable as a list without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, object]:
    """Return Django's settings for one of libpq's addresses, `postgresql://role:password@host:port/name?option=…`.

    A host given as an option wins: that is how libpq spells the folder of a socket.

    Raises InvalidSetting when the address is not PostgreSQL's or names no database.
    """
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        raise InvalidSetting("DATABASE_URL", parts._replace(netloc="…").geturl(), "use postgresql://role@host/name")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
    }


def secret(name: str, *, home: Path) -> str:
    """Return the secret from the variable, from `<name>_FILE`, or from a file kept under home.

    The file under home is made on first use with mode 0600, so that a development
    checkout has a stable key and no secret ever stands in the repository.
    """
    if value := os.environ.get(name):
        return value
    path = Path(os.environ.get(f"{name}_FILE", home / "secrets" / name.lower()))
    if not path.exists():
        _create_secret(path)
    return path.read_text().strip()


def _create_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
