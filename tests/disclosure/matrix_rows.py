"""Rows of the permission matrix for the public monthly files: everybody reads them."""

from datetime import timedelta

from support import people
from support.matrix import EVERYONE, Cast, Row
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.disclosure.operations.month import publish
from tongdian.disclosure.rules.months import Month


def published() -> Cast:
    """Three members of the public, and a month that was published."""
    month = Month.of(local_date(installation_now())).previous
    publish(month, now=month.next.begins("Asia/Shanghai") + timedelta(days=4))
    return Cast(people.person(), people.person(), people.person(), {"month": str(month), "number": 1})


def _month(things) -> dict[str, object]:
    return {"month": things["month"]}


ROWS = [
    Row("month_files", published, allowed=EVERYONE, kind="list"),
    Row("month_file", published, allowed=EVERYONE, kind="detail", kwargs=_month),
    Row("month_csv", published, allowed=EVERYONE, kind="file", kwargs=dict),
    Row("month_json", published, allowed=EVERYONE, kind="file", kwargs=dict),
]
