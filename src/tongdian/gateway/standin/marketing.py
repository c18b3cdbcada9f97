"""A stand-in for a utility's marketing system: `python -m tongdian.gateway.standin.marketing --port 8523 --secret S`.

It keeps the records it is given (POST /records, a JSON list) and answers signed GET /v1/changes in their order, a
cursor being how many were read. POST /behaviour {"next": ["fail", …]} makes the next answers misbehave:

    fail    answer 500             drop     close without an answer
    lie     answer something else  hang     keep silent until the caller gives up
"""

import argparse
import contextlib
import json
import socket
import sys
import threading
from collections import deque
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tongdian.gateway import signing

BEHAVIOURS = frozenset({"fail", "drop", "lie", "hang"})
MAX_BODY_BYTES = 10_000_000
LONGEST_SILENCE_S = 60.0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        if urlsplit(self.path).path != "/v1/changes":
            self._answer(HTTPStatus.NOT_FOUND, {"reason": "no such page"})
        elif self._is_signed():
            self._tell_changes()

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", "0")), MAX_BODY_BYTES)))
        if self.path == "/records":
            with self.server.lock:
                self.server.records.extend(content)
            self._answer(HTTPStatus.OK, {"records": len(self.server.records)})
        elif self.path == "/behaviour" and set(content.get("next", [])) <= BEHAVIOURS:
            self.server.plan.extend(content.get("next", []))
            self._answer(HTTPStatus.OK, {"next": list(self.server.plan)})
        else:
            self._answer(HTTPStatus.BAD_REQUEST, {"reason": "unknown page or behaviour"})

    def _tell_changes(self) -> None:
        match self.server.plan.popleft() if self.server.plan else "":
            case "fail":
                self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"reason": "try again later"})
            case "lie":
                self._answer(HTTPStatus.OK, ["not", "what", "was", "agreed"])
            case "drop":
                self.close_connection = True
            case "hang":
                self._keep_silent()
            case _:
                self._answer(HTTPStatus.OK, self._page())

    def _page(self) -> dict[str, Any]:
        query = parse_qs(urlsplit(self.path).query)
        start, limit = int(query.get("after", ["0"])[0] or 0), int(query["limit"][0])
        with self.server.lock:
            end = min(start + limit, len(self.server.records))
            page = self.server.records[start:end]
            return {"records": page, "next": str(end), "has_more": end < len(self.server.records)}

    def _keep_silent(self) -> None:
        self.close_connection = True
        self.connection.settimeout(LONGEST_SILENCE_S)
        with contextlib.suppress(OSError):
            self.connection.recv(1, socket.MSG_PEEK)

    def _is_signed(self) -> bool:
        try:
            nonce = signing.check(
                "GET", self.path, b"", headers=self.headers, secret=self.server.secret, now=datetime.now(UTC)  # type: ignore[arg-type]
            )  # fmt: skip
        except signing.SignatureRefused as error:
            self._answer(HTTPStatus.UNAUTHORIZED, {"reason": error.reason})
            return False
        with self.server.lock:
            is_replay = nonce in self.server.nonces
            self.server.nonces.add(nonce)
        if is_replay:
            self._answer(HTTPStatus.UNAUTHORIZED, {"reason": "nonce was used before"})
        return not is_replay

    def _answer(self, status: HTTPStatus, content: object) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Stay quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, secret: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.secret, self.lock = secret, threading.Lock()
        self.records: list[Any] = []
        self.plan: deque[str] = deque()
        self.nonces: set[str] = set()


def main(arguments: list[str] | None = None) -> None:
    """Serve until stopped; prints the address it listens on, so that port 0 can be used."""
    parser = argparse.ArgumentParser(prog="tongdian.gateway.standin.marketing", description=__doc__)
    parser.add_argument("--port", type=int, default=8523, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--secret", required=True, help="secret the requests are signed with")
    given = parser.parse_args(arguments)
    server = Server(given.port, given.secret)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
