"""A stand-in identity provider: `python -m tongdian.gateway.standin.identity --port 0`.

OpenID Connect with the authorization code: discovery, authorize, token with a signed identity token, keys, userinfo.
Only this machine can reach it. Whoever is asked for signs in without a password: POST /behaviour {"user": "name"}.
Tests also tell it to misbehave: {"wrong": "nonce"}, which stays until {"wrong": ""}.

    nonce, issuer, audience   carry another one         expired     ended an hour ago
    signature                 signed by another key     unsigned    alg "none"
    name                      discovery calls itself something else
    refuse                    the person cancels        fail        the token request is answered with 500
"""

import argparse
import json
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

KEY_ID, LIFETIME_S, MAX_BODY_BYTES = "standin", 300, 64_000


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Store:
    """The keys, the codes given out, and how to behave; shared by the threads of the server."""

    key: rsa.RSAPrivateKey = field(default_factory=_new_key)
    other_key: rsa.RSAPrivateKey = field(default_factory=_new_key)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    user: str = "staff"
    wrong: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            self._answer(HTTPStatus.OK, self.server.configuration())
        elif url.path == "/keys":
            public = json.loads(RSAAlgorithm.to_jwk(self.server.store.key.public_key()))
            self._answer(HTTPStatus.OK, {"keys": [public | {"kid": KEY_ID, "alg": "RS256", "use": "sig"}]})
        elif url.path == "/authorize":
            self._authorize(query)
        elif url.path == "/userinfo":
            self._answer(HTTPStatus.OK, {"sub": f"id of {self.server.store.user}"})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {})

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), MAX_BODY_BYTES)).decode()
        if self.path == "/behaviour":
            for name, value in json.loads(body).items():
                setattr(self.server.store, name, value)
            self._answer(HTTPStatus.OK, {})
        elif self.path == "/token":
            self._token({name: values[0] for name, values in parse_qs(body).items()})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {})

    def _authorize(self, query: dict[str, str]) -> None:
        store, back = self.server.store, {"state": query.get("state", "")}
        if store.wrong == "refuse":
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(16)
            with store.lock:
                store.codes[back["code"]] = query | {"user": store.user}
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", f"{query['redirect_uri']}?{urlencode(back)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _token(self, form: dict[str, str]) -> None:
        store = self.server.store
        with store.lock:
            asked = store.codes.pop(form.get("code", ""), None)
        if store.wrong == "fail":
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {})
        elif asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": "invalid_grant"})
        else:
            token = self.server.identity_token(asked)
            self._answer(HTTPStatus.OK, {"access_token": secrets.token_urlsafe(), "id_token": token, "expires_in": 300})

    def _answer(self, status: HTTPStatus, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
        """Say nothing: this runs beside other programs in one terminal."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.store = Store()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def configuration(self) -> dict[str, Any]:
        """What discovery says."""
        return {
            "issuer": "http://127.0.0.1:1" if self.store.wrong == "name" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def identity_token(self, asked: dict[str, str]) -> str:
        """Sign who came in, wrong in the way that was asked for."""
        store, now = self.store, int(time.time())
        claims = {
            "iss": "http://127.0.0.1:1" if store.wrong == "issuer" else self.issuer,
            "aud": "somebody else" if store.wrong == "audience" else asked["client_id"],
            "sub": f"id of {asked['user']}",
            "preferred_username": asked["user"],
            "nonce": "another" if store.wrong == "nonce" else asked.get("nonce", ""),
            "iat": now,
            "exp": now - 3600 if store.wrong == "expired" else now + LIFETIME_S,
        }
        if store.wrong == "unsigned":
            return jwt.encode(claims, None, algorithm="none", headers={"kid": KEY_ID})
        key = store.other_key if store.wrong == "signature" else store.key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8523)
    server = Server(parser.parse_args().port)
    sys.stdout.write(f"{server.issuer}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
