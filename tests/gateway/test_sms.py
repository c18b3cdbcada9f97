from datetime import UTC, datetime

import httpx
import pytest

from tongdian.gateway import signing
from tongdian.gateway.sms import Answer, SignedHttpSms, _reply

PHONE = "13800001234"


def send(sender: SignedHttpSms, message_id: str = "m/1") -> Answer:
    return sender.send(message_id=message_id, phone=PHONE, text="你好").answer


class TestSend:
    def test_is_accepted_and_arrives(self, provider):
        assert send(provider.sender()) is Answer.ACCEPTED

        assert [(message["id"], message["text"]) for message in provider.inbox(PHONE)] == [("m/1", "你好")]

    def test_has_one_effect_for_one_id(self, provider):
        send(provider.sender())
        send(provider.sender())

        assert len(provider.inbox(PHONE)) == 1

    def test_is_refused_when_the_provider_says_no(self, provider):
        provider.behave("refuse")

        assert send(provider.sender()) is Answer.REFUSED

    def test_is_refused_with_a_wrong_secret(self, provider):
        reply = provider.sender(secret="wrong").send(message_id="m", phone=PHONE, text="x")

        assert (reply.answer, reply.detail) == (Answer.REFUSED, "401 it does not match the request")

    @pytest.mark.parametrize("step", ["fail", "drop", "lose"])
    def test_is_unclear_without_a_proper_answer(self, provider, step):
        provider.behave(step)

        assert send(provider.sender()) is Answer.UNCLEAR

    def test_is_unclear_after_a_timeout(self, provider):
        provider.behave("hang")

        assert send(provider.sender(timeout_s=0.3)) is Answer.UNCLEAR

    def test_is_unclear_when_nobody_listens(self):
        sender = SignedHttpSms(url="http://127.0.0.1:9", key_id="k", secret="s")

        assert send(sender) is Answer.UNCLEAR

    def test_is_unclear_when_the_answer_has_no_state(self, provider):
        # /inbox.json answers 200 with a list: something is there, but no provider.
        reply = _reply("POST", httpx.get(f"{provider.url}/inbox.json"))

        assert reply.answer is Answer.UNCLEAR


class TestAsk:
    def test_knows_what_was_accepted_although_the_answer_got_lost(self, provider):
        provider.behave("lose")
        send(provider.sender())

        assert provider.sender().ask(message_id="m/1").answer is Answer.ACCEPTED

    def test_knows_what_was_refused(self, provider):
        provider.behave("refuse")
        send(provider.sender())

        assert provider.sender().ask(message_id="m/1").answer is Answer.REFUSED

    def test_does_not_know_what_never_came(self, provider):
        assert provider.sender().ask(message_id="never").answer is Answer.UNKNOWN


class TestStandin:
    def test_refuses_a_request_sent_twice(self, provider):
        secret = provider.sender().secret
        headers = signing.sign("GET", "/v1/messages/x", b"", key_id="k", secret=secret, now=datetime.now(UTC))

        first = httpx.get(f"{provider.url}/v1/messages/x", headers=headers)
        second = httpx.get(f"{provider.url}/v1/messages/x", headers=headers)

        assert (first.status_code, second.status_code) == (404, 401)

    def test_shows_its_inbox_as_a_page(self, provider):
        send(provider.sender())

        page = httpx.get(provider.url).text

        assert PHONE in page
        assert "你好" in page

    def test_refuses_an_unknown_behaviour(self, provider):
        assert httpx.post(f"{provider.url}/behaviour", json={"next": ["explode"]}).status_code == 400

    def test_has_no_other_pages(self, provider):
        assert httpx.get(f"{provider.url}/admin").status_code == 404
        assert httpx.post(f"{provider.url}/admin", json={}).status_code == 404
