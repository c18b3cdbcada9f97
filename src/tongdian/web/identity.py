"""Reads which identity providers of organisations staff may sign in through: one YAML file, strictly.

providers:
  - id: example                  # in the address of the sign-in, never changed later
    name: 示例单位统一登录        # on the button
    issuer: https://id.example.com/realms/staff
    client_id: tongdian
    client_secret_file: /etc/tongdian/oidc-example.secret
    claim: preferred_username    # the claim that holds the user name here
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tongdian.web.environment import InvalidSetting

NAME = "TONGDIAN_OIDC"
KEYS = ("id", "name", "issuer", "client_id", "client_secret_file", "claim")
LOCAL = {"localhost", "127.0.0.1", "::1"}


def identity_providers(path: str) -> list[dict[str, Any]]:
    """Return django-allauth's settings of the providers in a file, none without a path.

    Raises InvalidSetting naming the file and what is wrong: unreadable, an unknown, missing or empty key, an id twice
    or not of small letters, digits and dashes, an issuer that is no HTTPS address, a secret file missing or empty.
    """
    if not path:
        return []
    told = _read(path)
    if not isinstance(told, Mapping) or set(told) != {"providers"} or not isinstance(told["providers"], list):
        raise InvalidSetting(NAME, path, "the file holds one list named providers")
    found = [_provider(path, entry) for entry in told["providers"]]
    ids = [provider["provider_id"] for provider in found]
    if len(ids) != len(set(ids)):
        raise InvalidSetting(NAME, path, "an id stands twice")
    return found


def _read(path: str) -> Any:
    try:
        return yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidSetting(NAME, path, str(error)) from error


def _provider(path: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise InvalidSetting(NAME, path, f"a provider has the keys {', '.join(KEYS)}")
    if unknown := [key for key in entry if key not in KEYS]:
        raise InvalidSetting(NAME, path, f"unknown key {unknown[0]!r}; a provider has {', '.join(KEYS)}")
    if missing := [key for key in KEYS if not isinstance(entry.get(key), str) or not entry[key].strip()]:
        raise InvalidSetting(NAME, path, f"provider {entry.get('id')!r} lacks {', '.join(missing)}")
    if not re.fullmatch(r"[a-z0-9-]{1,40}", entry["id"]):
        raise InvalidSetting(NAME, path, f"id {entry['id']!r}: use small letters, digits and dashes")
    issuer = urlsplit(entry["issuer"])
    if issuer.scheme != "https" and issuer.hostname not in LOCAL:
        raise InvalidSetting(NAME, path, f"issuer {entry['issuer']!r} of {entry['id']!r} is not an https address")
    return {
        "provider_id": entry["id"],
        "name": entry["name"],
        "client_id": entry["client_id"],
        "secret": _secret(path, entry),
        "settings": {"server_url": entry["issuer"], "claim": entry["claim"], "scope": ["openid", "profile"]},
    }


def _secret(path: str, entry: Mapping[str, str]) -> str:
    try:
        secret = Path(entry["client_secret_file"]).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidSetting(NAME, path, f"client_secret_file of {entry['id']!r}: {error}") from error
    if not secret:
        raise InvalidSetting(NAME, path, f"client_secret_file of {entry['id']!r} is empty")
    return secret
