from datetime import UTC, datetime, timedelta

import pytest

from tongdian.gateway import signing

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECRET = "s" * 40


def headers(**changes: str) -> dict[str, str]:
    return signing.sign("POST", "/v1/messages", b"{}", key_id="k", secret=SECRET, now=NOW) | changes


class TestCheck:
    def test_returns_the_nonce_of_a_good_request(self):
        signed = headers()

        nonce = signing.check("POST", "/v1/messages", b"{}", headers=signed, secret=SECRET, now=NOW)

        assert nonce == signed["X-Nonce"]

    def test_signs_with_a_fresh_nonce_each_time(self):
        assert headers()["X-Nonce"] != headers()["X-Nonce"]

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [("GET", "/v1/messages", b"{}"), ("POST", "/v1/other", b"{}"), ("POST", "/v1/messages", b"{ }")],
    )
    def test_refuses_a_request_that_was_changed(self, method, path, body):
        with pytest.raises(signing.SignatureRefused, match="does not match"):
            signing.check(method, path, body, headers=headers(), secret=SECRET, now=NOW)

    def test_refuses_another_secret(self):
        with pytest.raises(signing.SignatureRefused):
            signing.check("POST", "/v1/messages", b"{}", headers=headers(), secret="other", now=NOW)

    @pytest.mark.parametrize("name", ["X-Timestamp", "X-Nonce", "X-Signature"])
    def test_refuses_a_missing_header(self, name):
        signed = headers()
        del signed[name]

        with pytest.raises(signing.SignatureRefused, match="missing"):
            signing.check("POST", "/v1/messages", b"{}", headers=signed, secret=SECRET, now=NOW)

    def test_refuses_a_malformed_time(self):
        with pytest.raises(signing.SignatureRefused, match="malformed"):
            signing.check(
                "POST", "/v1/messages", b"{}", headers=headers(**{"X-Timestamp": "today"}), secret=SECRET, now=NOW
            )

    @pytest.mark.parametrize(("skew_s", "is_good"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
    def test_accepts_five_minutes_of_skew(self, skew_s, is_good):
        now = NOW + timedelta(seconds=skew_s)

        if is_good:
            signing.check("POST", "/v1/messages", b"{}", headers=headers(), secret=SECRET, now=now)
        else:
            with pytest.raises(signing.SignatureRefused, match="request is of"):
                signing.check("POST", "/v1/messages", b"{}", headers=headers(), secret=SECRET, now=now)
