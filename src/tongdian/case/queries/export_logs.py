"""Turn exported cases into event logs: traces for XES, objects and relations for OCEL.

Neither holds a title, an address, a name, a remark or an account: who acted is told by role and organisation.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tongdian.case.models import Deadline, Document, Event
from tongdian.case.queries.clock import CORRECTION
from tongdian.case.queries.export_cases import ExportedCase
from tongdian.engine.clock import StageInstance
from tongdian.engine.formats.ocel import LoggedObject, ObjectEvent, Related
from tongdian.engine.formats.xes import LoggedCase, LoggedEvent, Value
from tongdian.people.models import Organisation

CITY_DIGITS = 4


def trace(exported: ExportedCase, *, mark: str) -> LoggedCase:
    """Return a case as a trace. mark: that it is not real, "" in production."""
    events = tuple(
        LoggedEvent(
            _kind(event, exported),
            _at(event, exported),
            _event_facts(event, exported) | {"org:role": event.role or None, "org:group": _code(event.organisation)},
        )
        for event in exported.events
    )
    return LoggedCase(exported.name, events, case_facts(exported) | {"mark": mark or None})


def objects(cases: Iterable[ExportedCase], *, mark: str) -> Iterator[ObjectEvent | LoggedObject]:
    """Yield the objects and events of cases; each organisation once, before the first case that names it."""
    told: set[str] = set()
    for exported in cases:
        for organisation in _organisations(exported):
            if organisation.code not in told:
                told.add(organisation.code)
                facts: dict[str, Value] = {"code": organisation.code, "kind": str(organisation.kind)}
                yield LoggedObject(_organisation_id(organisation), "organisation", facts)
        yield from _objects_of(exported, mark)
        yield from (_event(event, exported) for event in exported.events)


def case_facts(exported: ExportedCase) -> dict[str, Value]:
    """Return what an export tells of a case, by stable names; days are of the unit its clock counts in."""
    case, reading = exported.case, exported.reading
    facts: dict[str, Value] = {
        "kind": case.kind,
        "customer_class": case.customer_class,
        "city_code": case.county_code[:CITY_DIGITS] + "00",
        "county_code": case.county_code,
        "zone": case.zone or None,
        "utility": case.utility.code,
        "status": case.status,
        "waiting_for": str(case.waiting_for),
        "opened_at": case.opened_at,
        "accepted_at": case.accepted_at,
        "closed_at": case.closed_at,
        "judged_date": case.judged_date,
        "next_stage": case.next_stage or None,
        "next_due_date": case.next_due_date,
    }
    if reading is not None:
        facts |= {
            "counting_unit": reading.definition.counting.unit,
            "verdict": reading.verdict,
            "total_verdict": reading.total_verdict,
            "total_limit_days": reading.total_limit_days,
            "utility_days": reading.utility_days,
            "customer_days": reading.customer_days,
            "agency_days": reading.agency_days,
            "force_majeure_days": reading.force_majeure_days,
            "whole_days": reading.whole_days,
            "is_provisional": reading.is_provisional,
        }
    return facts | {
        "policy_digest": case.policy_digest or None,
        "calendar_version": case.calendar_version or None,
        "version": case.version,
    }


def stage_facts(instance: StageInstance) -> dict[str, Value]:
    """Return what an export tells of one instance of a stage, beside its due date."""
    return {
        "stage": instance.stage,
        "number": instance.number,
        "owner": instance.owner,
        "started_at": instance.started_at,
        "stopped_at": instance.stopped_at,
        "outcome": instance.outcome,
        "verdict": instance.verdict,
        "used_days": instance.used_days,
        "limit_days": instance.limit_days,
        "is_provisional": instance.is_provisional,
    }


def event_facts(event: Event, exported: ExportedCase) -> dict[str, Value]:
    """Return what an export tells of an event: kind and time as they count, corrections applied."""
    return _event_facts(event, exported) | {
        "event": _kind(event, exported),
        "at": _at(event, exported),
        "role": event.role or None,
        "organisation": _code(event.organisation),
    }


def _kind(event: Event, exported: ExportedCase) -> str:
    counted = exported.counted.get(event.seq)
    return counted.event.kind if counted else event.kind


def _at(event: Event, exported: ExportedCase) -> datetime:
    counted = exported.counted.get(event.seq)
    return counted.at if counted else event.recorded_at


def _event_facts(event: Event, exported: ExportedCase) -> dict[str, Value]:
    kind = _kind(event, exported)
    facts: Mapping[str, object] = event.facts if event.kind in {CORRECTION, "clock.paused"} else {}
    return {
        "seq": event.seq,
        "recorded_at": event.recorded_at,
        "claimed_at": event.occurred_at,
        "channel": event.channel,
        "source_system": event.source_system,
        "recorded_kind": event.kind if kind != event.kind else None,
        "corrects_seq": _whole(facts.get("corrects_seq")),
        "pause_owner": _text(facts.get("owner")),
        # A reason of a pause is an id of the white list; that of a correction is free text and stays here.
        "pause_reason": _text(facts.get("reason")) if event.kind == "clock.paused" else None,
        "hash": event.hash_hex,
    }


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _code(organisation: Organisation | None) -> str | None:
    return organisation.code if organisation else None


def _organisations(exported: ExportedCase) -> Iterator[Organisation]:
    yield exported.case.utility
    yield from (event.organisation for event in exported.events if event.organisation)


def _objects_of(exported: ExportedCase, mark: str) -> Iterator[LoggedObject]:
    subject = Related(_case_id(exported), "belongs to")
    yield LoggedObject(
        _case_id(exported),
        "case",
        {"number": exported.name} | case_facts(exported) | {"mark": mark or None},
        objects=(Related(_organisation_id(exported.case.utility), "supplied by"),),
    )
    for instance in exported.reading.stages if exported.reading else ():
        first, later = _due_dates(instance, exported.deadlines)
        yield LoggedObject(
            _stage_id(instance, exported), "stage", stage_facts(instance) | {"due_date": first}, later, (subject,)
        )
    for document in exported.documents:
        facts: dict[str, Value] = {
            "kind": document.kind,
            "stage": document.stage or None,
            "media_type": document.file.media_type,
            "uploaded_at": document.uploaded_at,
        }
        yield LoggedObject(f"document:{document.pk}", "document", facts, objects=(subject,))


def _due_dates(
    instance: StageInstance, deadlines: Iterable[Deadline]
) -> tuple[Value, tuple[tuple[str, Value, datetime], ...]]:
    """Return the due date a stage began with, and each later one with the moment it was computed."""
    kept = [each for each in deadlines if (each.stage, each.instance) == (instance.stage, instance.number)]
    if not kept:
        return instance.due.date if instance.due else None, ()
    return kept[0].due_date, tuple(("due_date", each.due_date, each.computed_at) for each in kept[1:])


def _event(event: Event, exported: ExportedCase) -> ObjectEvent:
    return ObjectEvent(
        f"event:{exported.name}/{event.seq}",
        _kind(event, exported),
        _at(event, exported),
        _event_facts(event, exported) | {"role": event.role or None},
        tuple(_related(event, exported)),
    )


def _related(event: Event, exported: ExportedCase) -> Iterator[Related]:
    yield Related(_case_id(exported), "of")
    for instance in exported.reading.stages if exported.reading else ():
        if instance.start_seq == event.seq:
            yield Related(_stage_id(instance, exported), "starts")
        if instance.stop_seq == event.seq:
            yield Related(_stage_id(instance, exported), "ends")
    yield from (Related(f"document:{each.pk}", "evidence") for each in _evidence(event, exported.documents))
    if event.organisation:
        yield Related(_organisation_id(event.organisation), "recorded by")
    elif event.seq == 1:
        yield Related(_organisation_id(exported.case.utility), "addressed to")


def _evidence(event: Event, documents: Iterable[Document]) -> Iterator[Document]:
    hashes = set(event.evidence_hashes)
    yield from (each for each in documents if each.file_id in hashes)


def _case_id(exported: ExportedCase) -> str:
    return f"case:{exported.name}"


def _stage_id(instance: StageInstance, exported: ExportedCase) -> str:
    return f"stage:{exported.name}/{instance.stage}/{instance.number}"


def _organisation_id(organisation: Organisation) -> str:
    return f"organisation:{organisation.code}"
