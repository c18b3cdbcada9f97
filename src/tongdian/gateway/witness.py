"""Outside witnesses of the timeline's checkpoints, spoken to in the C2SP tlog-witness protocol.

A witness remembers the largest tree it has seen of a log and cosigns a checkpoint only if the tree it stands for
begins with that one. So a log that cuts its tail, is set back to an old backup, or shows two parties two histories
is refused, and the refusal is evidence.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from tongdian.kernel.signed_note import COSIGNATURE, MalformedNote, Note, VerifierKey, is_signed_by, parse_signatures

TIMEOUT_S = 10.0


class WitnessUnreachable(ConnectionError):
    """The witness gave no usable answer; asking again later may help."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"witness {url} gave no usable answer: {reason}")
        self.url, self.reason = url, reason


class WitnessRefused(RuntimeError):
    """The witness looked at the checkpoint and will not cosign it: for its operator and ours to explain."""

    def __init__(self, url: str, status: int, reason: str) -> None:
        super().__init__(f"witness {url} refused the checkpoint (HTTP {status}): {reason}")
        self.url, self.status, self.reason = url, status, reason


class WitnessHasAnother(RuntimeError):
    """The witness last saw the log at `size` leaves, not at the size the proof starts from."""

    def __init__(self, url: str, size: int) -> None:
        super().__init__(f"witness {url} last saw this log with {size} leaves")
        self.url, self.size = url, size


@dataclass(frozen=True)
class Witness:
    """Where a witness answers, and the key it cosigns with."""

    url: str
    key: VerifierKey


def fetch_key(url: str) -> VerifierKey:
    """Ask a stand-in for its key; a real witness's key is configured, not asked for.

    Raises WitnessUnreachable when there is no answer or it is no witness's key.
    """
    response = _call("GET", url, "verifier-key")
    try:
        key = VerifierKey.parse(response.text)
    except MalformedNote as error:
        raise WitnessUnreachable(url, str(error)) from error
    if response.status_code != HTTPStatus.OK or key.algorithm != COSIGNATURE:
        raise WitnessUnreachable(url, f"no witness's key (HTTP {response.status_code})")
    return key


def introduce(url: str, log_key: VerifierKey) -> None:
    """Tell a stand-in the key of a log it does not know; a real witness's operator does this by hand.

    Raises WitnessUnreachable without an answer; WitnessRefused when the log is known under another key.
    """
    response = _call("POST", url, "add-log", content=f"{log_key}\n")
    if response.status_code != HTTPStatus.OK:
        raise WitnessRefused(url, response.status_code, response.text.strip())


def submit(witness: Witness, note: Note, *, old_size: int, proof: Sequence[bytes]) -> str:
    """Post a checkpoint with the consistency proof from `old_size` [leaves], and return the cosignature line.

    Raises WitnessHasAnother when the witness last saw another size; WitnessRefused when it will not cosign;
    WitnessUnreachable when there is no answer or the cosignature is not valid under the witness's key.
    """
    lines = [f"old {old_size}", *(base64.b64encode(step).decode() for step in proof)]
    response = _call("POST", witness.url, "add-checkpoint", content="\n".join(lines) + f"\n\n{note}")
    if response.status_code == HTTPStatus.OK:
        return _checked_cosignature(witness, note, response.text)
    if response.status_code == HTTPStatus.CONFLICT and response.headers.get("content-type") == "text/x.tlog.size":
        raise WitnessHasAnother(witness.url, int(response.text))
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise WitnessUnreachable(witness.url, f"HTTP {response.status_code}")
    raise WitnessRefused(witness.url, response.status_code, response.text.strip())


def latest(url: str, *, origin: str) -> Note | None:
    """Return the latest checkpoint of a log that a stand-in has cosigned, or None when it has seen none.

    Raises WitnessUnreachable when there is no answer or it is no checkpoint.
    """
    response = _call("GET", url, "latest", params={"origin": origin})
    if response.status_code == HTTPStatus.NOT_FOUND:
        return None
    try:
        return Note.parse(response.text)
    except MalformedNote as error:
        raise WitnessUnreachable(url, str(error)) from error


def _call(
    method: str, url: str, path: str, *, content: str | None = None, params: dict[str, str] | None = None
) -> httpx.Response:
    try:
        return httpx.request(method, f"{url.rstrip('/')}/{path}", content=content, params=params, timeout=TIMEOUT_S)
    except httpx.HTTPError as error:
        raise WitnessUnreachable(url, str(error) or type(error).__name__) from error


def _checked_cosignature(witness: Witness, note: Note, answer: str) -> str:
    try:
        signatures = parse_signatures(answer)
    except MalformedNote as error:
        raise WitnessUnreachable(witness.url, str(error)) from error
    for line in signatures:
        if is_signed_by(Note(note.text, (line,)), witness.key):
            return str(line)
    raise WitnessUnreachable(witness.url, f"no valid cosignature under {witness.key}")
