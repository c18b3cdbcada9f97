"""Mirror the cases of a utility's own system: read what changed, take it over once, list what contradicts."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from tongdian.case.models import Case
from tongdian.case.operations import frame
from tongdian.case.operations.timeline import Source, SourceEventExists
from tongdian.case.queries.clock import IMPORT_CHANNEL, local_date
from tongdian.case.rules import IllegalTransition
from tongdian.connection.models import MirroredCase, SourceConflict, SourceRecord, SourceSystem
from tongdian.connection.operations.acting import Acting
from tongdian.connection.rules.mirroring import (
    Differences,
    Incoming,
    RecordInvalid,
    SourceMapping,
    differences,
    incoming,
    mapping_from,
)
from tongdian.gateway.marketing import Changes, FolderMarketing, MarketingSystem, SignedHttpMarketing, SourceUnavailable
from tongdian.kernel.divisions import UnknownDivision, division
from tongdian.people.models import Organisation
from tongdian.people.operations import create_machine
from tongdian.people.rules import Role

MIRROR = "mirrored_connection"
# What an event of the frame can change; a county is fixed when a case is opened.
TAKEN_OVER = ("customer_class", "title", "address")


class SourceExists(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(f"a source system {code!r} exists already; choose another code")
        self.code = code


class AlreadySettled(RuntimeError):
    def __init__(self, conflict: SourceConflict) -> None:
        super().__init__(f"the conflict over {conflict.field} was settled at {conflict.resolved_at}")
        self.conflict = conflict


class NotTakenOver(ValueError):
    """What the source says cannot be taken over: the case has ended, or the field is fixed."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(f"{field_name} cannot be taken over: {reason}")
        self.field, self.reason = field_name, reason


@dataclass
class Taken:
    """What became of records: how many were taken over, were known before, opened a conflict; what could not be read.

    `faults` names records by their place among those handed over.
    """

    applied: int = 0
    known: int = 0
    conflicts: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)


def add_source(
    *,
    code: str,
    name: str,
    utility: Organisation,
    transport: SourceSystem.Transport,
    place: str,
    mapping: object,
    key_id: str = "",
    secret: str = "",
) -> SourceSystem:
    """Make a system known; `place` is its address or its folder. It is read from its beginning.

    Its events are recorded by a machine account of its own, which is made here and never signs in.

    Raises MappingInvalid; SourceExists when the code is taken; UsernameTaken when an account has the reader's name.
    """
    mapping_from(mapping)
    with transaction.atomic():
        if SourceSystem.objects.filter(code=code).exists():
            raise SourceExists(code)
        return SourceSystem.objects.create(
            code=code,
            name=name,
            utility=utility,
            reader=create_machine(username=f"reader-{code}", organisation=utility),
            transport=transport,
            place=place,
            key_id=key_id,
            secret=secret,
            mapping=mapping,
        )


def change_mapping(system: SourceSystem, mapping: object, *, now: datetime) -> Taken:
    """Use another mapping from now on, and read again what could not be read before.

    Raises MappingInvalid; nothing is changed then.
    """
    mapping_from(mapping)
    with transaction.atomic():
        locked = SourceSystem.objects.select_for_update().get(pk=system.pk)
        locked.mapping = mapping
        locked.save(update_fields=["mapping"])
        refused = SourceRecord.objects.filter(system=locked, state=SourceRecord.State.REFUSED).order_by("id")
        return take(locked, [json.loads(each.sent) for each in refused if each.sent], now=now)


def read_source(system_id: int, *, now: datetime) -> Taken:
    """Read everything a system has changed since the last time; causes one transaction per page of records.

    Leaves the page to another reader that is at it. Trouble is kept with the system and shown; a page that could not be
    read is read again the next time.
    """
    whole, has_more = Taken(), True
    while has_more:
        system = SourceSystem.objects.get(pk=system_id)
        try:
            changes = _reach(system).changes(system.cursor)
        except SourceUnavailable as error:
            SourceSystem.objects.filter(pk=system_id).update(trouble=error.reason[:300])
            return whole
        taken = _take_page(system, changes, now=now)
        if taken is None:
            return whole
        _reach(system).settle(changes, faults=taken.faults)
        _add(whole, taken)
        has_more = changes.has_more
    return whole


def _take_page(system: SourceSystem, changes: Changes, *, now: datetime) -> Taken | None:
    """Take a page over and move the cursor with it; None when another reader is at it or was quicker."""
    with transaction.atomic():
        locked = SourceSystem.objects.select_for_update(skip_locked=True).filter(pk=system.pk, is_active=True).first()
        if locked is None or locked.cursor != system.cursor:
            return None
        taken = take(locked, changes.records, now=now)
        locked.cursor, locked.read_at, locked.trouble = changes.next, now, changes.refusal[:300]
        locked.save(update_fields=["cursor", "read_at", "trouble"])
        return taken


def _reach(system: SourceSystem) -> MarketingSystem:
    if system.transport == SourceSystem.Transport.FOLDER:
        return FolderMarketing(Path(system.place))
    return SignedHttpMarketing(url=system.place, key_id=system.key_id, secret=str(system.secret))


def _add(whole: Taken, taken: Taken) -> None:
    whole.applied += taken.applied
    whole.known += taken.known
    whole.conflicts += taken.conflicts
    whole.faults += taken.faults


def take(system: SourceSystem, records: Sequence[Any], *, now: datetime) -> Taken:
    """Take records over, each once, in the order given; one that cannot be read is kept with its reason.

    Within the caller's transaction, with the row of the system locked.
    """
    mapping, taken = mapping_from(system.mapping), Taken()
    for place, record in enumerate(records):
        digest = hashlib.sha256(json.dumps(record, sort_keys=True, ensure_ascii=False).encode()).digest()
        try:
            told = incoming(record, mapping)
            known = SourceRecord.objects.filter(system=system, record_id=told.record_id).first()
            if known is not None and known.state == SourceRecord.State.APPLIED:
                taken.known += 1
                taken.conflicts += _note_change(known, told, digest, now=now)
                continue
            with transaction.atomic():
                taken.conflicts += _apply(system, told, mapping, digest, now=now)
            taken.applied += 1
        except RecordInvalid as error:
            taken.faults.append((place, str(error)))
            _keep_refused(system, record, digest, error, now=now)
    return taken


def _apply(system: SourceSystem, told: Incoming, mapping: SourceMapping, digest: bytes, *, now: datetime) -> int:
    """Record one event of the mirrored case and return how many conflicts it opened."""
    case = _mirrored(system, told, now=now)
    found = differences({name: getattr(case, name) for name in told.facts}, told.facts, mapping)
    changes = {name: value for name, value in found.applied.items() if name in TAKEN_OVER}
    fixed = {name: value for name, value in found.applied.items() if name not in TAKEN_OVER}
    try:
        frame.record(
            case,
            kind=told.kind,
            actor=system.reader,
            role=Role.MACHINE,
            channel=IMPORT_CHANNEL,
            body={"source_system_code": system.code, "changed_fields": sorted(changes)},
            expected_version=None,
            now=now,
            occurred_at=told.occurred_at,
            source=Source(system.code, told.record_id, told.recorded_at),
            changes=changes,
        )
    except IllegalTransition as error:
        raise RecordInvalid("kind", told.kind, f"the case has ended ({error.status})") from error
    except SourceEventExists as error:
        raise RecordInvalid("record_id", told.record_id, "an event of this id is in a timeline already") from error
    _keep_applied(system, told, digest, case, now=now)
    return _open_conflicts(system, case, told, Differences({}, {**found.refused, **fixed}), now=now)


def _mirrored(system: SourceSystem, told: Incoming, *, now: datetime) -> Case:
    known = MirroredCase.objects.filter(system=system, source_case_id=told.case_id).select_related("case").first()
    if known is not None:
        return known.case
    for name in ("customer_class", "county_code"):
        if not told.facts.get(name):
            raise RecordInvalid(name, "", "the first record of a case has to tell it")
    _check_county(told.facts["county_code"], on=local_date(told.recorded_at))
    case = frame.open_case(
        kind=MIRROR,
        customer_class=told.facts["customer_class"],
        title=told.facts.get("title") or f"{system.name} {told.case_id}"[:200],
        address=told.facts.get("address", ""),
        county_code=told.facts["county_code"],
        utility=system.utility,
        actor=system.reader,
        now=now,
    )
    MirroredCase.objects.create(case=case, system=system, source_case_id=told.case_id)
    return case


def _check_county(code: str, *, on: Any) -> None:
    try:
        division(code, on)
    except UnknownDivision as error:
        raise RecordInvalid("county_code", code, "no county has this code") from error


def _keep_applied(system: SourceSystem, told: Incoming, digest: bytes, case: Case, *, now: datetime) -> None:
    SourceRecord.objects.update_or_create(
        system=system,
        record_id=told.record_id,
        defaults={
            "digest": digest,
            "state": SourceRecord.State.APPLIED,
            "sent": "",
            "field": "",
            "value": "",
            "reason": "",
            "case": case,
            "source_recorded_at": told.recorded_at,
            "taken_at": now,
        },
    )


def _keep_refused(system: SourceSystem, record: Any, digest: bytes, error: RecordInvalid, *, now: datetime) -> None:
    """Keep what could not be read under its own id, or under its digest where it has none."""
    told = record.get("record_id") if isinstance(record, dict) else None
    record_id = told if isinstance(told, str) and told.strip() and len(told) <= 128 else digest.hex()
    SourceRecord.objects.update_or_create(
        system=system,
        record_id=record_id.strip(),
        defaults={
            "digest": digest,
            "state": SourceRecord.State.REFUSED,
            "sent": json.dumps(record, ensure_ascii=False),
            "field": error.field[:40],
            "value": error.value,
            "reason": error.reason[:200],
            "taken_at": now,
        },
    )


def _note_change(known: SourceRecord, told: Incoming, digest: bytes, *, now: datetime) -> int:
    """Open a conflict when a record taken over before is now told otherwise; a timeline takes nothing back."""
    if bytes(known.digest) == digest or known.case is None:
        return 0
    ours = known.source_recorded_at.isoformat() if known.source_recorded_at else ""
    theirs = f"{told.kind} {told.recorded_at.isoformat()}"
    return _open_conflict(
        known.system, known.case, "record", record_id=told.record_id, ours=ours, theirs=theirs, now=now
    )


def _open_conflicts(system: SourceSystem, case: Case, told: Incoming, found: Differences, *, now: datetime) -> int:
    return sum(
        _open_conflict(system, case, name, record_id=told.record_id, ours=getattr(case, name), theirs=value, now=now)
        for name, value in found.refused.items()
        if value != getattr(case, name)
    )


def _open_conflict(
    system: SourceSystem, case: Case, name: str, *, record_id: str, ours: str, theirs: str, now: datetime
) -> int:
    """Open a conflict, or bring the open one of that field up to date; return how many are new."""
    _conflict, is_new = SourceConflict.objects.update_or_create(
        case=case,
        field=name,
        resolved_at=None,
        defaults={"ours": ours[:300], "theirs": theirs[:300], "record_id": record_id},
        create_defaults={
            "system": system,
            "ours": ours[:300],
            "theirs": theirs[:300],
            "record_id": record_id,
            "found_at": now,
        },
    )
    return int(is_new)


def settle_conflict(
    conflict: SourceConflict, *, resolution: SourceConflict.Resolution, reason: str, acting: Acting
) -> SourceConflict:
    """Decide once between what the source says and what stands here, with a reason, on the case's timeline.

    Raises AlreadySettled; NotTakenOver when theirs is chosen for a field that is fixed or a case that has ended;
    StaleCase when the case has changed since the decider looked; PersonalData when the reason names somebody.
    """
    with transaction.atomic():
        locked = SourceConflict.objects.select_for_update(of=("self",)).select_related("case").get(pk=conflict.pk)
        if locked.resolved_at is not None:
            raise AlreadySettled(locked)
        is_theirs = resolution == SourceConflict.Resolution.THEIRS
        if is_theirs and locked.field not in TAKEN_OVER:
            raise NotTakenOver(locked.field, "it is fixed once a case is opened")
        if is_theirs and not locked.case.is_open:
            raise NotTakenOver(locked.field, "the case has ended")
        frame.record(
            locked.case,
            kind="source.settled" if locked.case.is_open else "note.added",
            actor=acting.actor,
            role=acting.role,
            channel=acting.channel,
            body={"conflict_id": locked.pk, "field": locked.field, "resolution": str(resolution), "reason": reason},
            expected_version=acting.expected_version,
            now=acting.now,
            changes={locked.field: locked.theirs} if is_theirs else {},
        )
        locked.resolution, locked.reason = resolution, reason
        locked.resolved_by, locked.resolved_at = acting.actor, acting.now
        locked.save(update_fields=["resolution", "reason", "resolved_by", "resolved_at"])
        return locked
