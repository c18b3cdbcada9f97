"""Jobs of disclosure: publish the month that has ended."""

import contextlib

from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.timeline import NotFounded
from tongdian.disclosure.operations.month import NothingNew, publish
from tongdian.disclosure.queries.months import latest_version
from tongdian.disclosure.rules.months import Month
from tongdian.gateway import jobs


@jobs.task("disclosure.publish_month", queue="heavy", every="40 1 5 * *")
def publish_month() -> None:
    """Publish the last month on the fifth; a month that is out already gets a further version by hand only."""
    with contextlib.suppress(NotFounded):
        now = installation_now()
        month = Month.of(local_date(now)).previous
        if latest_version(month) is None:
            with contextlib.suppress(NothingNew):
                publish(month, now=now)
