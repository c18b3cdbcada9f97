"""Publish the case-level file of a month: measure, merge small cells, write CSV and JSON, keep the version for ever."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import translation

from tongdian.case.panels import installation_mark
from tongdian.case.queries.calendar import calendar
from tongdian.case.queries.installation import installation_kind
from tongdian.case.queries.tree import latest_checkpoint
from tongdian.disclosure.models import MonthFile, MonthSecret
from tongdian.disclosure.queries.measured import measured
from tongdian.disclosure.queries.months import columns_of, latest_version, least_cases, rows_of, storage_name
from tongdian.disclosure.rules import figures
from tongdian.disclosure.rules.cells import Cell, merged
from tongdian.disclosure.rules.files import About, as_text, csv_text, json_text
from tongdian.disclosure.rules.months import Month
from tongdian.disclosure.rules.rows import MeasuredCase, Value, ordered, pseudonym, row
from tongdian.policy import current_book

KIND = "connection"
SECRET_BYTES = 32
# Arbitrary but fixed: two publications take turns.
LOCK = 0x746F6E68
# What a version says of itself in its file and in its row alike.
SAID_AND_KEPT = (
    *("version", "known_at", "note", "least", "withheld", "policy_digest", "calendar_version"),
    *("log_size", "log_root", "log_key", "csv_sha256"),
)


class MonthNotOver(ValueError):
    def __init__(self, month: Month) -> None:
        super().__init__(f"{month} is not over yet; publish it when the next month has begun")
        self.month = month


class NothingNew(RuntimeError):
    """The month as measured now is the version already published."""

    def __init__(self, month: Month, version: int) -> None:
        super().__init__(f"{month} as measured now is its version {version}; nothing new to publish")
        self.month, self.version = month, version


class SecretDestroyed(RuntimeError):
    """The month's secret is gone: a new version could not be compared with the ones before."""

    def __init__(self, month: Month) -> None:
        super().__init__(f"the secret of {month} was destroyed; no further version of it can be published")
        self.month = month


@dataclass(frozen=True)
class Published:
    """The rows of a month after merging, and how many cases were too few to publish."""

    rows: list[dict[str, Value]]
    withheld: int


def publish(month: Month, *, now: datetime, note: str = "") -> MonthFile:
    """Publish a month as it is known now, as its next version; older versions stay.

    now: the installation's clock. note: why it is published again, in the words of who does it. Repeatable: the same
    events, rules, calendar and moment give the same bytes.

    Raises MonthNotOver before the month has ended; NothingNew when the cases, rules and calendar are those of the
    latest version; SecretDestroyed when the month's pseudonyms can no longer be made.
    """
    if now < month.next.begins(settings.TIME_ZONE):
        raise MonthNotOver(month)
    with transaction.atomic():
        _take_turns()
        before = latest_version(month)
        found = _published(month, known_at=now, secret=_secret(month, now=now))
        return _kept(month, found, before, now=now, note=note)


def destroy_secret(month: Month, *, now: datetime) -> MonthSecret:
    """Destroy the secret of a month's pseudonyms; what was published stays, and leads to nobody from then on.

    Raises MonthSecret.DoesNotExist when the month was never published; SecretDestroyed when it is gone already.
    """
    kept = MonthSecret.objects.select_for_update().get(pk=month.first)
    if kept.destroyed_at:
        raise SecretDestroyed(month)
    kept.secret, kept.destroyed_at = None, now
    kept.save(update_fields=["secret", "destroyed_at"])
    return kept


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _secret(month: Month, *, now: datetime) -> bytes:
    kept, _made = MonthSecret.objects.get_or_create(
        month=month.first, defaults={"secret": secrets.token_hex(SECRET_BYTES), "made_at": now}
    )
    if kept.secret is None:
        raise SecretDestroyed(month)
    return bytes.fromhex(kept.secret)


def _published(month: Month, *, known_at: datetime, secret: bytes) -> Published:
    cases = list(measured(month, known_at=known_at, kind=KIND))
    cells = merged([case.cell for case in cases], least=least_cases(month))
    if cells is None:
        return Published([], withheld=len(cases))
    mark, names = _mark(), [column.name for column in columns_of(month)]

    def told(case: MeasuredCase, cell: Cell) -> dict[str, Value]:
        found = row(case, cell, name=pseudonym(case.case_id, secret=secret), month=str(month), mark=mark)
        return {name: found[name] for name in names if name in found}

    return Published(ordered([told(case, cell) for case, cell in zip(cases, cells, strict=True)]), withheld=0)


def _mark() -> str:
    """Say in both languages that the data are not real: the bytes must not depend on the language in use."""
    kind, words = installation_kind(), []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words.append(installation_mark(kind))
    return " / ".join(each for each in words if each)


def _kept(month: Month, found: Published, before: MonthFile | None, *, now: datetime, note: str) -> MonthFile:
    listed = columns_of(month)
    table = csv_text(listed, found.rows)
    about = _about(month, found, before, now=now, note=note, csv_sha256=_sha256(table))
    if before and _is_same(before, about):
        raise NothingNew(month, before.version)
    what = json_text(about, listed, found.rows)
    for text, ending in ((table, "csv"), (what, "json")):
        _store(text, ending)
    return MonthFile.objects.create(
        month=month.first,
        rows=len(found.rows),
        provisional=sum(bool(each["is_provisional"]) for each in found.rows),
        csv_bytes=len(table.encode()),
        json_sha256=_sha256(what),
        json_bytes=len(what.encode()),
        groups=[asdict(each) for each in figures.groups(found.rows)],
        changes=_changes(before, about, found.rows) if before else {},
        **{name: getattr(about, name) for name in SAID_AND_KEPT},
    )


def _about(
    month: Month, found: Published, before: MonthFile | None, *, now: datetime, note: str, csv_sha256: str
) -> About:
    head = latest_checkpoint()
    return About(
        month=str(month),
        version=before.version + 1 if before else 1,
        known_at=now,
        mark=_mark(),
        note=note,
        least=least_cases(month),
        withheld=found.withheld,
        policy_digest=current_book().digest,
        calendar_version=calendar().version,
        log_size=head.size if head else None,
        log_root=bytes(head.root).hex() if head else "",
        log_key=head.key_id if head else "",
        csv_sha256=csv_sha256,
    )


def _is_same(before: MonthFile, about: About) -> bool:
    return (before.csv_sha256, before.policy_digest, before.calendar_version, before.withheld) == (
        about.csv_sha256,
        about.policy_digest,
        about.calendar_version,
        about.withheld,
    )


def _changes(before: MonthFile, about: About, rows: Sequence[dict[str, Value]]) -> dict[str, object]:
    """Say what differs from the version before, and which of the inputs do."""
    why = {
        "rules": before.policy_digest != about.policy_digest,
        "calendar": before.calendar_version != about.calendar_version,
        "threshold": before.least != about.least,
        "events": before.csv_sha256 != about.csv_sha256,
    }
    found = figures.changes(rows_of(before), [as_text(each) for each in rows])
    return {"why": [name for name, holds in why.items() if holds], **asdict(found), "columns": list(found.columns)}


def _store(text: str, ending: str) -> None:
    name = storage_name(_sha256(text), ending)
    # Content is named by its hash: what is there already is the same.
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(text.encode()))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
