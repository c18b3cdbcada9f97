import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tongdian.gateway import operations, queries, wording
from tongdian.gateway.models import Message
from tongdian.gateway.operations import LEASE, MAX_ATTEMPTS, AlreadyQueued, NotDue

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PHONE = "13800001234"
OLD_PROVIDER = {"honours_ids": False, "answers_ids": False}


@pytest.fixture(autouse=True)
def templates():
    wording.register(wording.Template("test.once", "编号 {number}", wording.Delivery.AT_MOST_ONCE))
    wording.register(wording.Template("test.safety", "停电 {number}", wording.Delivery.AT_LEAST_ONCE))
    yield
    wording.forget("test.once")
    wording.forget("test.safety")


def queued(template: str = "test.once", **changes) -> Message:
    wanted = {
        "key": f"test:{template}",
        "channel": Message.Channel.SMS,
        "address": PHONE,
        "template": template,
        "parameters": {"number": "7"},
        "language": "zh-hans",
        "now": NOW,
    }
    return operations.queue_message(**wanted | changes)


@pytest.mark.django_db
class TestQueueMessage:
    def test_stores_address_and_parameters_sealed_and_enqueues_the_delivery(self):
        message = queued()

        with connection.cursor() as cursor:
            cursor.execute("SELECT address, parameters FROM gateway_message WHERE id = %s", [message.pk])
            raw = b"".join(bytes(value) for value in cursor.fetchone())
        job = ProcrastinateJob.objects.get(task_name="gateway.deliver_message")
        assert PHONE.encode() not in raw
        assert job.args == {"message_id": message.pk}

    def test_tells_one_occasion_once_and_leaves_the_transaction_usable(self):
        with transaction.atomic():
            queued()
            with pytest.raises(AlreadyQueued, match=r"test:test\.once"):
                queued()

            assert Message.objects.count() == 1

    def test_leaves_nothing_when_the_change_it_follows_is_rolled_back(self):
        with transaction.atomic():
            queued()
            transaction.set_rollback(True)

        assert not Message.objects.exists()
        assert not ProcrastinateJob.objects.filter(task_name="gateway.deliver_message").exists()

    def test_refuses_an_unknown_template(self):
        with pytest.raises(wording.UnknownTemplate):
            queued("test.none")

    def test_refuses_parameters_that_leave_a_place_open(self):
        with pytest.raises(KeyError):
            queued(parameters={})

    def test_schedules_the_delivery_when_it_may_not_go_at_once(self):
        queued(not_before=NOW + timedelta(hours=8))

        job = ProcrastinateJob.objects.get(task_name="gateway.deliver_message")
        assert job.scheduled_at == NOW + timedelta(hours=8)


def outgoing(key: str, **changes) -> operations.Outgoing:
    facts = {"address": PHONE, "template": "test.once", "parameters": {"number": "7"}, "language": "zh-hans"}
    return operations.Outgoing(key=key, not_before=NOW, **facts | changes)


@pytest.mark.django_db
class TestQueueMessages:
    def test_writes_many_in_one_statement_and_leaves_them_to_the_sweep(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            operations.queue_messages([outgoing(f"test:{n}") for n in range(50)], channel=Message.Channel.SMS)

        assert len(queries.due_messages(NOW)) == 50
        assert not ProcrastinateJob.objects.filter(task_name="gateway.deliver_message").exists()

    def test_passes_over_an_occasion_that_was_told(self):
        for _ in range(2):
            operations.queue_messages([outgoing("test:1")], channel=Message.Channel.SMS)

        assert Message.objects.count() == 1

    def test_refuses_parameters_that_leave_a_place_open(self):
        with pytest.raises(KeyError, match="number"):
            operations.queue_messages([outgoing("test:1", parameters={})], channel=Message.Channel.SMS)

        assert not Message.objects.exists()

    def test_refuses_an_unknown_template(self):
        with pytest.raises(wording.UnknownTemplate):
            operations.queue_messages([outgoing("test:1", template="test.none")], channel=Message.Channel.SMS)


@pytest.mark.django_db
class TestDeliver:
    def test_sends_and_forgets_what_it_said(self, provider):
        message = operations.deliver(queued().pk, sender=provider.sender(), now=NOW)

        assert (message.state, message.attempts, message.settled_at) == ("sent", 1, NOW)
        assert message.parameters == "{}"
        assert [received["text"] for received in provider.inbox(PHONE)] == ["编号 7"]

    def test_writes_in_the_language_of_the_receiver(self, provider):
        operations.deliver(queued("people.phone_code", parameters={"code": "123456", "minutes": "5"}, language="en").pk,
                           sender=provider.sender(), now=NOW)  # fmt: skip

        (received,) = provider.inbox(PHONE)
        assert "123456" in received["text"]

    def test_settles_a_refusal(self, provider):
        provider.behave("refuse")

        message = operations.deliver(queued().pk, sender=provider.sender(), now=NOW)

        assert (message.state, message.outcome) == ("refused", "422 number is blocked")

    def test_does_not_send_what_has_expired(self, provider):
        message = operations.deliver(queued(expires_at=NOW).pk, sender=provider.sender(), now=NOW)

        assert message.state == "expired"
        assert provider.inbox(PHONE) == []

    @pytest.mark.parametrize("after", [timedelta(0), timedelta(days=1)])
    def test_refuses_a_message_already_settled(self, provider, after):
        message = operations.deliver(queued().pk, sender=provider.sender(), now=NOW)

        with pytest.raises(NotDue):
            operations.deliver(message.pk, sender=provider.sender(), now=NOW + after)

    def test_refuses_a_message_before_its_time(self, provider):
        message = queued(not_before=NOW + timedelta(seconds=1))

        with pytest.raises(NotDue):
            operations.deliver(message.pk, sender=provider.sender(), now=NOW)

    def test_refuses_a_message_another_worker_holds(self, provider):
        message = queued()
        Message.objects.filter(pk=message.pk).update(state="sending", leased_until=NOW + LEASE)

        with pytest.raises(NotDue):
            operations.deliver(message.pk, sender=provider.sender(), now=NOW + LEASE - timedelta(seconds=1))

    @pytest.mark.parametrize("step", ["lose", "hang"])
    def test_has_one_effect_when_the_provider_accepts_but_never_answers(self, provider, step):
        provider.behave(step)
        first = operations.deliver(queued().pk, sender=provider.sender(timeout_s=0.3), now=NOW)
        assert first.state == "unclear"

        second = operations.deliver(first.pk, sender=provider.sender(), now=first.not_before)

        assert (second.state, second.attempts) == ("sent", 2)
        assert len(provider.inbox(PHONE)) == 1

    @pytest.mark.parametrize("step", ["fail", "drop"])
    def test_sends_again_when_the_provider_never_had_it(self, provider, step):
        provider.behave(step)
        first = operations.deliver(queued().pk, sender=provider.sender(), now=NOW)

        second = operations.deliver(first.pk, sender=provider.sender(), now=first.not_before)

        assert second.state == "sent"
        assert len(provider.inbox(PHONE)) == 1

    def test_repeats_the_id_where_the_provider_honours_it_but_cannot_be_asked(self, provider):
        provider.behave("lose")
        sender = provider.sender(answers_ids=False)
        first = operations.deliver(queued().pk, sender=sender, now=NOW)

        second = operations.deliver(first.pk, sender=sender, now=first.not_before)

        assert second.state == "sent"
        assert len(provider.inbox(PHONE)) == 1

    def test_never_repeats_an_at_most_once_message_with_a_provider_that_knows_no_ids(self, provider):
        provider.behave("lose", honours_ids=False)
        first = operations.deliver(queued().pk, sender=provider.sender(**OLD_PROVIDER), now=NOW)

        second = operations.deliver(first.pk, sender=provider.sender(**OLD_PROVIDER), now=first.not_before)

        assert second.state == "failed"
        assert len(provider.inbox(PHONE)) == 1

    def test_rather_repeats_an_at_least_once_message_with_a_provider_that_knows_no_ids(self, provider):
        provider.behave("lose", honours_ids=False)
        first = operations.deliver(queued("test.safety").pk, sender=provider.sender(**OLD_PROVIDER), now=NOW)

        second = operations.deliver(first.pk, sender=provider.sender(**OLD_PROVIDER), now=first.not_before)

        assert second.state == "sent"
        assert len(provider.inbox(PHONE)) == 2

    def test_waits_longer_each_time_and_gives_up_in_the_end(self, provider):
        provider.behave(*["fail"] * MAX_ATTEMPTS)
        message, pauses = queued(), []
        now = NOW
        for _ in range(MAX_ATTEMPTS):
            message = operations.deliver(message.pk, sender=provider.sender(), now=now)
            pauses.append(message.not_before - now)
            now = message.not_before

        assert message.state == "failed"
        assert pauses[:3] == [timedelta(seconds=20), timedelta(seconds=40), timedelta(seconds=80)]


class TestDeliverByAWorkerThatDies:
    def test_has_one_effect_when_the_worker_is_killed_during_the_call(self, provider, committed):
        provider.behave("hang")
        message = queued()
        worker = _worker_delivering(message.pk, provider)

        provider.inbox(PHONE, at_least=1)
        worker.kill()
        worker.wait()
        assert Message.objects.get(pk=message.pk).state == "sending"

        with pytest.raises(NotDue):
            operations.deliver(message.pk, sender=provider.sender(), now=NOW)
        after = operations.deliver(message.pk, sender=provider.sender(), now=NOW + LEASE)

        assert (after.state, after.attempts) == ("sent", 2)
        assert len(provider.inbox(PHONE)) == 1


@pytest.mark.django_db
class TestDueMessages:
    def test_lists_what_waits_and_what_a_dead_worker_left_longest_first(self):
        late = queued(key="late", not_before=NOW - timedelta(minutes=1))
        dead = queued(key="dead", not_before=NOW - timedelta(minutes=9))
        Message.objects.filter(pk=dead.pk).update(state="sending", leased_until=NOW)
        held = queued(key="held", not_before=NOW - timedelta(minutes=9))
        Message.objects.filter(pk=held.pk).update(state="sending", leased_until=NOW + LEASE)
        queued(key="future", not_before=NOW + timedelta(minutes=1))
        queued(key="done")
        Message.objects.filter(key="done").update(state="sent")

        assert queries.due_messages(NOW) == [dead.pk, late.pk]


@pytest.mark.django_db
class TestOldestUnsent:
    def test_is_none_when_nothing_waits(self):
        assert queries.oldest_unsent(NOW) is None

    def test_is_when_the_longest_waiting_message_was_due(self):
        queued(not_before=NOW - timedelta(minutes=9))

        assert queries.oldest_unsent(NOW) == NOW - timedelta(minutes=9)


def _worker_delivering(message_id: int, provider) -> subprocess.Popen:
    """Deliver one message in a process of its own, which the test can kill."""
    program = f"""
import django; django.setup()
from datetime import datetime
from tongdian.gateway import operations, wording
from tongdian.gateway.sms import SignedHttpSms
wording.register(wording.Template("test.once", "编号 {{number}}", wording.Delivery.AT_MOST_ONCE))
sender = SignedHttpSms(url={provider.url!r}, key_id="k", secret={settings.SMS_SECRET!r}, timeout_s=60)
operations.deliver({message_id}, sender=sender, now=datetime.fromisoformat({NOW.isoformat()!r}))
"""
    owner, name = urlsplit(os.environ["DATABASE_OWNER_URL"]), settings.DATABASES["default"]["NAME"]
    environment = os.environ | {"DATABASE_OWNER_URL": owner._replace(path=f"/{name}").geturl()}
    return subprocess.Popen([sys.executable, "-c", program], env=environment)
