"""Signs and checks HTTP requests between us and a provider: HMAC-SHA256 over what must not be changed or replayed."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

MAX_SKEW = timedelta(minutes=5)


class SignatureRefused(ValueError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"request signature refused: {reason}")
        self.reason = reason


def sign(method: str, path: str, body: bytes, *, key_id: str, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that prove who sent this request and when; each carries a fresh nonce."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    return {
        "X-Key-Id": key_id,
        "X-Timestamp": timestamp,
        "X-Nonce": nonce,
        "X-Signature": _signature(secret, (method, path, timestamp, nonce), body),
    }


def check(method: str, path: str, body: bytes, *, headers: Mapping[str, str], secret: str, now: datetime) -> str:
    """Check the headers of a request and return its nonce, which the caller must refuse a second time.

    Raises SignatureRefused when a header is missing, the signature does not match, or the request is
    more than five minutes old or ahead.
    """
    try:
        timestamp, nonce, signature = headers["X-Timestamp"], headers["X-Nonce"], headers["X-Signature"]
        sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    except (KeyError, ValueError, OverflowError) as error:
        raise SignatureRefused("a header is missing or malformed") from error
    if not hmac.compare_digest(signature, _signature(secret, (method, path, timestamp, nonce), body)):
        raise SignatureRefused("it does not match the request")
    if abs(now - sent_at) > MAX_SKEW:
        raise SignatureRefused(f"the request is of {sent_at:%Y-%m-%d %H:%M:%S} UTC")
    return nonce


def _signature(secret: str, lines: tuple[str, ...], body: bytes) -> str:
    signed = "\n".join((*lines, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
