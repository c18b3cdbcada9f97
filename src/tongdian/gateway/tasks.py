"""Jobs of the gateway: deliver messages, sweep up what a dead worker left."""

import contextlib
from datetime import timedelta

from django.utils import timezone

from tongdian.gateway import jobs, limits, operations, queries
from tongdian.gateway.sms import configured_sender

LONGEST_WINDOW = timedelta(days=2)


@jobs.task("gateway.deliver_message", retry=jobs.Retry(attempts=3, wait_s=10))
def deliver_message(message_id: int) -> None:
    # Another worker or the sweep was quicker: the message is in good hands.
    with contextlib.suppress(operations.NotDue):
        operations.deliver(message_id, sender=configured_sender(), now=timezone.now())


@jobs.task("gateway.sweep_messages", every="* * * * *")
def sweep_messages() -> None:
    for message_id in queries.due_messages(timezone.now()):
        deliver_message(message_id)


@jobs.task("gateway.retry_stalled_jobs", every="* * * * *")
async def retry_stalled_jobs() -> None:
    await jobs.retry_stalled()


@jobs.task("gateway.forget_counters", every="17 3 * * *")
def forget_counters() -> None:
    limits.forget_before(timezone.now() - LONGEST_WINDOW)
