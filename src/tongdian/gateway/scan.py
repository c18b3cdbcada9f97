"""Virus scanning of uploads behind one protocol; clamd speaks it, an empty setting means there is no scanner.

SCANNER_URL = "tcp://127.0.0.1:3310" or "unix:/run/clamav/clamd.ctl"
"""

import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from django.conf import settings

CHUNK_BYTES = 1 << 16
CONNECT_TIMEOUT_S = 5.0
# clamd unpacks archives before it answers.
ANSWER_TIMEOUT_S = 120.0
LONGEST_ANSWER = 4096


class ScannerUnavailable(RuntimeError):
    """The scanner gave no verdict; the file stays unread until it does."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"scanner at {address} gave no verdict: {reason}; the file waits, scan it again later")
        self.address, self.reason = address, reason


class InvalidScannerUrl(ValueError):
    def __init__(self, url: str) -> None:
        super().__init__(f"scanner address {url!r}: write tcp://host:port, unix:/path, or nothing for no scanner")
        self.url = url


@dataclass(frozen=True)
class Verdict:
    """What a scanner says of a content; `finding` names what it found in a rejected one."""

    state: Literal["clean", "rejected"]
    scanner: str
    finding: str = ""


class Scanner(Protocol):
    def scan(self, chunks: Iterable[bytes]) -> Verdict: ...


@dataclass(frozen=True)
class Clamd:
    """A clamd daemon, asked by INSTREAM: the content travels over the socket, so it may stand on another host."""

    address: str

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """Send the content and return the verdict.

        Raises ScannerUnavailable when the daemon cannot be reached, breaks off, or says neither OK nor FOUND (a file
        beyond its size limit, for one).
        """
        try:
            with self._connected() as connection:
                self._send(connection, chunks)
                answer = self._answer(connection)
        except OSError as error:
            raise ScannerUnavailable(self.address, str(error)) from error
        return self._verdict(answer)

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        parts = urlsplit(self.address)
        if parts.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(CONNECT_TIMEOUT_S)
            target: str | tuple[str, int] = parts.path
        else:
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            connection.settimeout(CONNECT_TIMEOUT_S)
            target = (parts.hostname or "", parts.port or 0)
        with connection:
            connection.connect(target)
            connection.settimeout(ANSWER_TIMEOUT_S)
            yield connection

    def _send(self, connection: socket.socket, chunks: Iterable[bytes]) -> None:
        connection.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            if chunk:
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
        connection.sendall(struct.pack("!I", 0))

    def _answer(self, connection: socket.socket) -> str:
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            received = connection.recv(LONGEST_ANSWER)
            if not received:
                break
            answer += received
        return answer.rstrip(b"\0").decode("utf-8", "replace").removeprefix("stream: ")

    def _verdict(self, answer: str) -> Verdict:
        if answer == "OK":
            return Verdict("clean", self.address)
        if answer.endswith(" FOUND"):
            return Verdict("rejected", self.address, answer.removesuffix(" FOUND"))
        raise ScannerUnavailable(self.address, answer or "it closed the connection without an answer")


def configured_scanner() -> Scanner | None:
    """Return the scanner of the settings, None when none is set up.

    Raises InvalidScannerUrl when the address is neither tcp nor unix.
    """
    url = settings.SCANNER_URL
    if not url:
        return None
    parts = urlsplit(url)
    is_tcp = parts.scheme == "tcp" and parts.hostname and parts.port
    is_unix = parts.scheme == "unix" and parts.path
    if not (is_tcp or is_unix):
        raise InvalidScannerUrl(url)
    return Clamd(url)
