"""Writes: put a message into the outbox, send what is due, settle what became of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from tongdian.gateway import jobs, wording
from tongdian.gateway.models import Message
from tongdian.gateway.sms import Answer, Reply, SmsSender

# Longer than any call to a provider may take; after it the sender counts as dead.
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
BATCH = 1000
FIRST_PAUSE = timedelta(seconds=20)


class AlreadyQueued(RuntimeError):
    def __init__(self, key: str) -> None:
        super().__init__(f"a message with key {key!r} is already in the outbox; a second one would be a second effect")
        self.key = key


class NotDue(RuntimeError):
    def __init__(self, message_id: int) -> None:
        super().__init__(f"message {message_id} is settled, not yet due, or being sent by another worker")
        self.message_id = message_id


def queue_message(
    *,
    key: str,
    channel: Message.Channel,
    address: str,
    template: str,
    parameters: Mapping[str, str],
    language: str,
    now: datetime,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Put a message into the outbox, to be sent once this transaction is committed.

    `key` names the occasion (`case 7 scheme issued to party 3`): the same occasion is told once. Who gets it, by
    which channel and outside which hours is decided by the caller. After `expires_at` it is not sent any more.

    Raises AlreadyQueued when the key is taken; UnknownTemplate when the template is not registered; KeyError
    when the template names a place the parameters do not fill.
    """
    wording.render(template, parameters, language=language)
    try:
        with transaction.atomic():
            message = Message.objects.create(
                key=key,
                channel=channel,
                address=address,
                template=template,
                parameters=json.dumps(dict(parameters), ensure_ascii=False),
                language=language,
                not_before=not_before or now,
                expires_at=expires_at,
            )
    except IntegrityError as error:
        raise AlreadyQueued(key) from error
    jobs.enqueue("gateway.deliver_message", scheduled_at=not_before, message_id=message.pk)
    return message


@dataclass(frozen=True)
class Outgoing:
    """One of many messages; the fields are those of `queue_message`."""

    key: str
    address: str
    template: str
    parameters: Mapping[str, str]
    language: str
    not_before: datetime
    expires_at: datetime | None = None


def queue_messages(outgoing: Iterable[Outgoing], *, channel: Message.Channel) -> int:
    """Put many messages into the outbox, in one statement for every thousand; return how many were given.

    A key that is taken is passed over: its occasion has been told. No job is enqueued for each: the minutely sweep of
    the outbox delivers them.

    Raises UnknownTemplate when a template is not registered; KeyError when one names a place its parameters do not
    fill.
    """
    rows = [_row(each, channel) for each in outgoing]
    Message.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return len(rows)


def _row(each: Outgoing, channel: Message.Channel) -> Message:
    wording.render(each.template, each.parameters, language=each.language)
    return Message(
        key=each.key,
        channel=channel,
        address=each.address,
        template=each.template,
        parameters=json.dumps(dict(each.parameters), ensure_ascii=False),
        language=each.language,
        not_before=each.not_before,
        expires_at=each.expires_at,
    )


def deliver(message_id: int, *, sender: SmsSender, now: datetime) -> Message:
    """Send one message that is due and write down what became of it; not inside a transaction.

    The lease is committed before the provider is called, so that a worker killed during the call leaves a trace: the
    next one asks the provider, or repeats the id where the provider honours it, or else keeps the template's promise.

    Raises NotDue when the message is settled, not due yet, or leased to another worker.
    """
    message, was_tried = _lease(message_id, now)
    if message.expires_at and message.expires_at <= now:
        return _settle(message, Message.State.EXPIRED, now)
    reply = _send_or_ask(message, sender, was_tried=was_tried)
    match reply.answer:
        case Answer.ACCEPTED:
            return _settle(message, Message.State.SENT, now, reply.detail)
        case Answer.REFUSED:
            return _settle(message, Message.State.REFUSED, now, reply.detail)
        case _:
            return _postpone(message, reply, now)


def _lease(message_id: int, now: datetime) -> tuple[Message, bool]:
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(Q(leased_until=None) | Q(leased_until__lte=now), state__in=Message.OPEN_STATES)
            .filter(pk=message_id, not_before__lte=now)
            .first()
        )
        if message is None:
            raise NotDue(message_id)
        was_tried = message.state != Message.State.QUEUED
        message.state, message.leased_until = Message.State.SENDING, now + LEASE
        message.attempts += 1
        message.save(update_fields=["state", "leased_until", "attempts"])
    return message, was_tried


def _send_or_ask(message: Message, sender: SmsSender, *, was_tried: bool) -> Reply:
    if was_tried:
        if sender.answers_ids:
            reply = sender.ask(message_id=message.key)
            if reply.answer is not Answer.UNKNOWN:
                return reply
        elif not sender.honours_ids and _promise(message) is wording.Delivery.AT_MOST_ONCE:
            return Reply(Answer.UNKNOWN, "sent once, fate unknown, never repeated")
    text = wording.render(message.template, json.loads(message.parameters), language=message.language)
    return sender.send(message_id=message.key, phone=message.address, text=text)


def _postpone(message: Message, reply: Reply, now: datetime) -> Message:
    is_hopeless = reply.answer is Answer.UNKNOWN or message.attempts >= MAX_ATTEMPTS
    if is_hopeless:
        return _settle(message, Message.State.FAILED, now, reply.detail)
    message.state, message.leased_until, message.outcome = Message.State.UNCLEAR, None, reply.detail
    message.not_before = now + FIRST_PAUSE * 2 ** (message.attempts - 1)
    with transaction.atomic():
        message.save(update_fields=["state", "leased_until", "outcome", "not_before"])
        jobs.enqueue("gateway.deliver_message", scheduled_at=message.not_before, message_id=message.pk)
    return message


def _settle(message: Message, state: Message.State, now: datetime, outcome: str = "") -> Message:
    message.state, message.leased_until, message.outcome, message.settled_at = state, None, outcome, now
    # What it said (a code, a name) has no use once it is settled.
    message.parameters = "{}"
    message.save(update_fields=["state", "leased_until", "outcome", "settled_at", "parameters"])
    return message


def _promise(message: Message) -> wording.Delivery:
    return wording.template(message.template).delivery
