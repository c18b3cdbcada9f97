"""A stand-in witness: `python -m tongdian.gateway.standin.witness --port 8522 [--store DIR] [--log KEY …]`.

A process of its own with its own key and its own small store, so that the platform's database cannot rewrite what it
remembers. It speaks the C2SP tlog-witness protocol (POST /add-checkpoint). Being a stand-in it also tells its key
(GET /verifier-key), what it has seen (GET /latest?origin=…), and takes the first key it is told for a log that it does
not know (POST /add-log) unless it was started with `--log`.
"""

import argparse
import base64
import binascii
import contextlib
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongdian.kernel.merkle import EMPTY_ROOT, is_consistent
from tongdian.kernel.signed_note import COSIGNATURE, Head, MalformedNote, Note, VerifierKey, cosign, is_signed_by
from tongdian.kernel.signed_note import verifier_key as public_half

MAX_BODY_BYTES = 64_000
MOST_PROOF_LINES = 63
SCHEMA = """
CREATE TABLE IF NOT EXISTS log (origin TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (origin, key));
CREATE TABLE IF NOT EXISTS seen (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS refused (at TEXT NOT NULL, reason TEXT NOT NULL, request TEXT NOT NULL);
"""


class Refusal(Exception):
    """The answer to a request that is not cosigned."""

    def __init__(self, status: HTTPStatus, reason: str, *, kind: str = "text/plain; charset=utf-8") -> None:
        super().__init__(reason)
        self.status, self.reason, self.kind = status, reason, kind


class Memory:
    """The witness's key and what it has seen, in a folder of its own."""

    def __init__(self, store: Path, *, name: str) -> None:
        store.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.name = name
        self.key = _key(store / "key")
        self.lock = threading.Lock()
        self.database = sqlite3.connect(store / "seen.sqlite3", check_same_thread=False)
        self.database.executescript("PRAGMA synchronous = FULL;" + SCHEMA)

    @property
    def verifier_key(self) -> VerifierKey:
        return public_half(self.name, self.key, algorithm=COSIGNATURE)

    def trust(self, key: VerifierKey) -> None:
        with self.lock, self.database:
            self.database.execute("INSERT OR IGNORE INTO log VALUES (?, ?)", (key.name, str(key)))

    def trust_first(self, key: VerifierKey) -> None:
        """Take a key for a log that is not known yet; refuse another one for a log that is."""
        with self.lock, self.database:
            known = self._keys(key.name)
            if known and key not in known:
                raise Refusal(HTTPStatus.FORBIDDEN, "this log is known under another key; ask the operator\n")
            self.database.execute("INSERT OR IGNORE INTO log VALUES (?, ?)", (key.name, str(key)))

    def latest(self, origin: str) -> str | None:
        with self.lock:
            row = self.database.execute("SELECT note FROM seen WHERE origin = ?", (origin,)).fetchone()
        return row and str(row[0])

    def add_checkpoint(self, request: str, *, now: datetime) -> str:
        """Cosign a checkpoint that continues what was seen, remember it, and return the cosignature line.

        Raises Refusal in every other case; a refused, rightly signed checkpoint is kept as evidence.
        """
        old_size, proof, note, head = _parse(request)
        # One lock from the comparison to the commit: two submissions must not both continue the same head.
        with self.lock, self.database:
            keys = self._keys(head.origin)
            if not keys:
                raise Refusal(HTTPStatus.NOT_FOUND, f"unknown log {head.origin}\n")
            if not any(is_signed_by(note, key) for key in keys):
                raise Refusal(HTTPStatus.FORBIDDEN, "no signature by a known key of this log\n")
            self._compare(old_size, proof, head)
            line = str(cosign(note.text, name=self.name, key=self.key, timestamp=int(now.timestamp())))
            self.database.execute(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", (head.origin, head.size, head.root, f"{note}{line}")
            )
        return line

    def keep_refused(self, request: str, reason: str, *, now: datetime) -> None:
        with self.lock, self.database:
            self.database.execute("INSERT INTO refused VALUES (?, ?, ?)", (now.isoformat(), reason, request))

    def close(self) -> None:
        self.database.close()

    def _keys(self, origin: str) -> list[VerifierKey]:
        rows = self.database.execute("SELECT key FROM log WHERE origin = ? ORDER BY key", (origin,))
        return [VerifierKey.parse(key) for (key,) in rows]

    def _compare(self, old_size: int, proof: Sequence[bytes], head: Head) -> None:
        row = self.database.execute("SELECT size, root FROM seen WHERE origin = ?", (head.origin,)).fetchone()
        seen_size, seen_root = row or (0, EMPTY_ROOT)
        if old_size != seen_size:
            raise Refusal(HTTPStatus.CONFLICT, f"{seen_size}\n", kind="text/x.tlog.size")
        if old_size == head.size and seen_root != head.root:
            raise Refusal(HTTPStatus.CONFLICT, f"another root was seen for {head.size} leaves: the log has forked\n")
        if not is_consistent(old_size=old_size, old_root=seen_root, size=head.size, root=head.root, proof=proof):
            raise Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"the tree does not continue the one seen with {seen_size} leaves\n"
            )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        memory = self.server.memory
        if url.path == "/verifier-key":
            self._write(HTTPStatus.OK, f"{memory.verifier_key}\n")
        elif url.path == "/latest" and (note := memory.latest(parse_qs(url.query).get("origin", [""])[0])):
            self._write(HTTPStatus.OK, note)
        elif url.path == "/":
            self._write(HTTPStatus.OK, f"Witness stand-in {memory.verifier_key}\n")
        else:
            self._write(HTTPStatus.NOT_FOUND, "nothing here\n")

    def do_POST(self) -> None:
        request = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), MAX_BODY_BYTES))
        try:
            self._write(HTTPStatus.OK, self._answer(request.decode()))
        except (UnicodeDecodeError, MalformedNote) as error:
            self._write(HTTPStatus.BAD_REQUEST, f"{error}\n")
        except Refusal as refusal:
            self._write(refusal.status, refusal.reason, kind=refusal.kind)

    def _answer(self, request: str) -> str:
        memory = self.server.memory
        if self.path == "/add-checkpoint":
            return self._cosign(request)
        if self.path == "/add-log" and self.server.trusts_first:
            memory.trust_first(VerifierKey.parse(request))
            return "known\n"
        raise Refusal(HTTPStatus.NOT_FOUND, "nothing here\n")

    def _cosign(self, request: str) -> str:
        now = datetime.now(UTC)
        try:
            return self.server.memory.add_checkpoint(request, now=now)
        except Refusal as refusal:
            if refusal.status in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}:
                self.server.memory.keep_refused(request, refusal.reason, now=now)
            raise

    def _write(self, status: HTTPStatus, text: str, *, kind: str = "text/plain; charset=utf-8") -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Keep silent: the supervisor shows what it prints."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, memory: Memory, *, trusts_first: bool = True) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.memory, self.trusts_first = memory, trusts_first

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def running(store: Path, *, name: str = "witness.standin", logs: Sequence[VerifierKey] = ()) -> Iterator[Server]:
    """Run a stand-in in a thread, for as long as the block lasts."""
    with contextlib.closing(Memory(store, name=name)) as memory:
        for key in logs:
            memory.trust(key)
        with Server(0, memory, trusts_first=not logs) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
            thread.start()
            try:
                yield server
            finally:
                server.shutdown()
                thread.join()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Stand-in witness of timeline checkpoints.")
    parser.add_argument("--port", type=int, default=8522)
    parser.add_argument("--store", type=Path, default=Path(os.environ.get("TONGDIAN_HOME", "var")) / "witness")
    parser.add_argument("--name", default="witness.standin")
    parser.add_argument("--log", action="append", default=[], help="Key of a log, name+id+key; then no other is taken.")
    chosen = parser.parse_args(arguments)
    memory = Memory(chosen.store, name=chosen.name)
    for key in chosen.log:
        memory.trust(VerifierKey.parse(key))
    with contextlib.closing(memory), Server(chosen.port, memory, trusts_first=not chosen.log) as server:
        sys.stdout.write(f"witness stand-in at {server.url}, key {memory.verifier_key}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def _parse(request: str) -> tuple[int, list[bytes], Note, Head]:
    opening, _, checkpoint = request.partition("\n\n")
    first, *steps = opening.split("\n")
    word, _, size = first.partition(" ")
    if word != "old" or not size.isdecimal() or len(steps) > MOST_PROOF_LINES:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the request does not begin with `old <size>` and a proof\n")
    note = Note.parse(checkpoint)
    head = Head.parse(note.text)
    if int(size) > head.size:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"old size {size} is larger than the checkpoint's {head.size}\n")
    try:
        return int(size), [base64.b64decode(step, validate=True) for step in steps], note, head
    except binascii.Error as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "a proof line is not base64\n") from error


def _key(path: Path) -> Ed25519PrivateKey:
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
