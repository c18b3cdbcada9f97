"""A utility's own system whose cases are mirrored, for tests."""

from datetime import datetime, timedelta
from typing import Any

from support import people
from tongdian.case.models import Installation
from tongdian.case.operations import found_installation
from tongdian.case.queries import installation_now
from tongdian.connection.models import SourceSystem
from tongdian.connection.operations.mirroring import Taken, add_source, take
from tongdian.people.models import Organisation

MAPPING = {
    "kinds": {"submit": "application.submitted", "accept": "application.accepted", "power": "connection.energised"},
    "classes": {"01": "lv_resident", "03": "hv10_single", "04": "hv10_dual"},
    "masters": {"title": "here"},
}


def system(utility: Organisation | None = None, *, code: str = "yx", **fields: Any) -> SourceSystem:
    if not Installation.objects.exists():
        found_installation(kind="test")
    wanted = {"transport": SourceSystem.Transport.FOLDER, "place": "/nowhere", "mapping": MAPPING}
    return add_source(code=code, name="营销系统", utility=utility or people.organisation(), **(wanted | fields))


def record(kind: str, *, id: str, at: datetime, case_id: str = "A1", **facts: str) -> dict[str, str]:  # noqa: A002
    told = {"class": "03", "county_code": "370102", "title": "示例食品厂"} | facts
    return {"record_id": id, "case_id": case_id, "kind": kind, "recorded_at": at.isoformat(), **told}


def days_ago(days: float) -> datetime:
    return installation_now() - timedelta(days=days)


def taken(source: SourceSystem, *records: Any) -> Taken:
    return take(source, records, now=installation_now())
