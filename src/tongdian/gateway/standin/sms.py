"""A stand-in provider of short messages: `python -m tongdian.gateway.standin.sms --port 8521`.

It checks signatures and nonces, keeps what it got in memory and shows it at `/` and `/inbox.json?phone=…`. Only this
machine can reach it. `at_least=2` waits until so many messages came. Tests tell it to misbehave:
POST /behaviour {"next": ["refuse", …], "honours_ids": false}, or {"forget": true} to begin anew.

    refuse      say no                          fail   answer 500 without accepting
    drop        close without accepting         lose   accept, then close without an answer
    hang        accept, then keep silent until the caller gives up
"""

import argparse
import contextlib
import html
import json
import socket
import sys
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from tongdian.gateway import signing

BEHAVIOURS = frozenset({"refuse", "fail", "drop", "lose", "hang"})
MAX_BODY_BYTES = 64_000
LONGEST_SILENCE_S = 60.0
LONGEST_WAIT_S = 20.0


@dataclass(frozen=True)
class Received:
    id: str
    phone: str
    text: str
    received_at: str


@dataclass
class Store:
    """What arrived, what was refused, what to do next; shared by the threads of the server."""

    secret: str
    lock: threading.Condition = field(default_factory=threading.Condition)
    inbox: list[Received] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    nonces: set[str] = field(default_factory=set)
    plan: deque[str] = field(default_factory=deque)
    honours_ids: bool = True

    def is_replay(self, nonce: str) -> bool:
        with self.lock:
            seen = nonce in self.nonces
            self.nonces.add(nonce)
            return seen

    def next_behaviour(self) -> str:
        with self.lock:
            return self.plan.popleft() if self.plan else ""

    def accept(self, message: dict[str, str]) -> None:
        with self.lock:
            if self.honours_ids and any(kept.id == message["id"] for kept in self.inbox):
                return
            self.inbox.append(Received(message["id"], message["phone"], message["text"], datetime.now(UTC).isoformat()))
            self.lock.notify_all()

    def state_of(self, message_id: str) -> str | None:
        with self.lock:
            if message_id in self.refused:
                return "refused"
            return "accepted" if any(kept.id == message_id for kept in self.inbox) else None

    def forget(self) -> None:
        self.inbox.clear()
        self.refused.clear()
        self.plan.clear()
        self.honours_ids = True

    def messages(self, phone: str | None, *, at_least: int = 0) -> list[Received]:
        def found() -> list[Received]:
            return [kept for kept in reversed(self.inbox) if phone in {None, kept.phone}]

        with self.lock:
            self.lock.wait_for(lambda: len(found()) >= at_least, timeout=LONGEST_WAIT_S)
            return found()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.startswith("/v1/messages/"):
            if self._is_signed(b""):
                self._answer_state(unquote(url.path.removeprefix("/v1/messages/")))
        elif url.path == "/inbox.json":
            query = parse_qs(url.query)
            phone, at_least = query.get("phone", [None])[0], int(query.get("at_least", ["0"])[0])
            messages = self.server.store.messages(phone, at_least=at_least)
            self._answer(HTTPStatus.OK, [asdict(message) for message in messages])
        elif url.path == "/":
            self._write(HTTPStatus.OK, _inbox_page(self.server.store).encode(), "text/html; charset=utf-8")
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"reason": "no such page"})

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), MAX_BODY_BYTES))
        if self.path == "/v1/messages":
            if self._is_signed(body):
                self._receive(json.loads(body))
        elif self.path == "/behaviour":
            self._plan(json.loads(body))
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"reason": "no such page"})

    def _receive(self, message: dict[str, str]) -> None:
        match self.server.store.next_behaviour():
            case "refuse":
                self.server.store.refused.add(message["id"])
                self._answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"state": "refused", "reason": "number is blocked"})
            case "fail":
                self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"reason": "try again later"})
            case "drop":
                self.close_connection = True
            case "lose":
                self.server.store.accept(message)
                self.close_connection = True
            case "hang":
                self.server.store.accept(message)
                self._keep_silent()
            case _:
                self.server.store.accept(message)
                self._answer(HTTPStatus.ACCEPTED, {"id": message["id"], "state": "accepted"})

    def _keep_silent(self) -> None:
        """Wait until the caller hangs up."""
        self.close_connection = True
        self.connection.settimeout(LONGEST_SILENCE_S)
        with contextlib.suppress(OSError):
            self.connection.recv(1, socket.MSG_PEEK)

    def _plan(self, wanted: dict[str, Any]) -> None:
        unknown = set(wanted.get("next", [])) - BEHAVIOURS
        if unknown:
            self._answer(HTTPStatus.BAD_REQUEST, {"reason": f"unknown behaviour {', '.join(sorted(unknown))}"})
            return
        store = self.server.store
        with store.lock:
            if wanted.get("forget"):
                store.forget()
            store.plan.extend(wanted.get("next", []))
            store.honours_ids = bool(wanted.get("honours_ids", store.honours_ids))
        self._answer(HTTPStatus.OK, {"next": list(store.plan), "honours_ids": store.honours_ids})

    def _answer_state(self, message_id: str) -> None:
        state = self.server.store.state_of(message_id)
        if state is None:
            self._answer(HTTPStatus.NOT_FOUND, {"reason": "never received"})
        else:
            self._answer(HTTPStatus.OK, {"id": message_id, "state": state})

    def _is_signed(self, body: bytes) -> bool:
        try:
            nonce = signing.check(
                self.command, self.path, body, headers=self.headers, secret=self.server.store.secret,  # type: ignore[arg-type]
                now=datetime.now(UTC),
            )  # fmt: skip
        except signing.SignatureRefused as error:
            self._answer(HTTPStatus.UNAUTHORIZED, {"reason": error.reason})
            return False
        if self.server.store.is_replay(nonce):
            self._answer(HTTPStatus.UNAUTHORIZED, {"reason": "nonce was used before"})
            return False
        return True

    def _answer(self, status: HTTPStatus, content: object) -> None:
        self._write(status, json.dumps(content, ensure_ascii=False).encode(), "application/json; charset=utf-8")

    def _write(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Stay quiet: the inbox is the log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, secret: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.store = Store(secret)


def main(arguments: list[str] | None = None) -> None:
    """Serve until stopped; prints the address it listens on, so that port 0 can be used."""
    parser = argparse.ArgumentParser(prog="tongdian.gateway.standin.sms", description="Stand-in SMS provider.")
    parser.add_argument("--port", type=int, default=8521, help="port on 127.0.0.1; 0 picks a free one")
    server = Server(parser.parse_args(arguments).port, settings.SMS_SECRET)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


def _inbox_page(store: Store) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(message.received_at[:19])}</td><td>{html.escape(message.phone)}</td>"
        f"<td>{html.escape(message.text)}</td></tr>"
        for message in store.messages(None)
    )
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
        "<title>短信收件箱 · SMS inbox (stand-in)</title><h1>短信收件箱 · SMS inbox (stand-in)</h1>"
        '<table border="1" cellpadding="6"><tr><th>时间 Time (UTC)</th><th>号码 Number</th><th>内容 Text</th></tr>'
        f"{rows}</table></html>"
    )


if __name__ == "__main__":
    main()
