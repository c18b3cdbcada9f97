"""Short messages behind a small protocol, and its signed-HTTP implementation.

Whether a message left is one of three answers, never two: accepted, refused, unclear. Unclear (no answer, a broken
answer) is the caller's problem to settle, by asking with the message id or by sending the same id again.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from django.conf import settings

from tongdian.gateway import signing


class Answer(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reply:
    """What the provider said about a message: UNKNOWN only when it was asked and never had it."""

    answer: Answer
    detail: str = ""


class SmsSender(Protocol):
    """A provider of short messages.

    `honours_ids`: sending one id twice has one effect. `answers_ids`: it can be asked what became of an id.
    """

    @property
    def honours_ids(self) -> bool: ...

    @property
    def answers_ids(self) -> bool: ...

    def send(self, *, message_id: str, phone: str, text: str) -> Reply: ...

    def ask(self, *, message_id: str) -> Reply: ...


@dataclass(frozen=True)
class SignedHttpSms:
    """A provider reached by signed HTTP requests."""

    url: str
    key_id: str
    secret: str
    timeout_s: float = 5.0
    honours_ids: bool = True
    answers_ids: bool = True

    def send(self, *, message_id: str, phone: str, text: str) -> Reply:
        """Send a message once; never raises for what the network or the provider does."""
        return self._call("POST", "/v1/messages", {"id": message_id, "phone": phone, "text": text})

    def ask(self, *, message_id: str) -> Reply:
        """Ask what became of a message id."""
        return self._call("GET", f"/v1/messages/{quote(message_id, safe='')}")

    def _call(self, method: str, path: str, content: dict[str, str] | None = None) -> Reply:
        body = json.dumps(content, ensure_ascii=False).encode() if content else b""
        headers = signing.sign(method, path, body, key_id=self.key_id, secret=self.secret, now=datetime.now(UTC)) | {
            "Content-Type": "application/json"
        }
        try:
            response = httpx.request(
                method, self.url.rstrip("/") + path, content=body, headers=headers, timeout=self.timeout_s
            )
        except httpx.HTTPError as error:
            return Reply(Answer.UNCLEAR, type(error).__name__)
        return _reply(method, response)


def configured_sender() -> SmsSender:
    """Return the provider the settings name."""
    return SignedHttpSms(
        url=settings.SMS_URL,
        key_id=settings.SMS_KEY_ID,
        secret=settings.SMS_SECRET,
        timeout_s=settings.SMS_TIMEOUT_S,
        honours_ids=settings.SMS_HONOURS_IDS,
        answers_ids=settings.SMS_ANSWERS_IDS,
    )


def _reply(method: str, response: httpx.Response) -> Reply:
    if response.status_code == httpx.codes.NOT_FOUND and method == "GET":
        return Reply(Answer.UNKNOWN)
    if response.is_success:
        return _stated(response)
    if response.is_client_error and response.status_code not in {408, 425, 429}:
        return Reply(Answer.REFUSED, f"{response.status_code} {_content(response).get('reason', '')}".strip()[:200])
    return Reply(Answer.UNCLEAR, f"HTTP {response.status_code}")


def _stated(response: httpx.Response) -> Reply:
    state = _content(response).get("state")
    if state in {Answer.ACCEPTED, Answer.REFUSED}:
        return Reply(Answer(state), str(_content(response).get("reason", ""))[:200])
    return Reply(Answer.UNCLEAR, "answer without a state")


def _content(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
