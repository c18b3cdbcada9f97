"""Write parties: enter, change and erase the people and organisations of a case.

Their data lies sealed in rows; events hold the row's id and a salted commitment. Erasing empties the row and throws the
salt away, so the chain stays whole and says nothing about the person any more.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from tongdian.case.models import Case, Event, Party, ViewRecord
from tongdian.case.operations import frame, search, timeline
from tongdian.case.operations.contacts import erase_contacts_of
from tongdian.case.timeline.personal import commitment
from tongdian.kernel.identifiers import check_resident_id, check_uscc
from tongdian.people.models import User
from tongdian.people.rules import normalise_phone


class AlreadyErased(ValueError):
    def __init__(self, party_id: UUID) -> None:
        super().__init__(f"party {party_id} has been erased; enter a new one instead")
        self.party_id = party_id


@dataclass(frozen=True)
class PartyFacts:
    """Who somebody is. `id_kind`: resident, credit_code or other; empty when there is no identity number."""

    name: str
    id_kind: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""


def add_party(case: Case, *, role: str, kind: str, facts: PartyFacts, user: User | None = None) -> Party:
    """Enter a party of a case that is being opened; `told` puts it into the opening event.

    Raises NotInTransaction outside `transaction.atomic()`; InvalidIdentifier when a resident number or credit code is
    wrong; InvalidPhone when the phone is no mobile number; ValueError when the name is empty.
    """
    if not connection.in_atomic_block:
        raise timeline.NotInTransaction("add_party")
    party = Party(case=case, role=role, kind=kind, user=user)
    _fill(party, facts)
    party.save(force_insert=True)
    if kind == Party.Kind.ORGANISATION:
        search.index_firms(case)
    return party


def change_party(
    party: Party, *, facts: PartyFacts, actor: User, channel: str, expected_version: int, now: datetime, role: str = ""
) -> Event:
    """Replace what is known of a party and record that it changed, without saying what it was.

    Raises AlreadyErased; as `add_party` for the facts; and as `frame.record`.
    """
    with transaction.atomic():
        frame.lock(party.case_id, expected_version=expected_version)
        held = _held(party.pk)
        _fill(held, facts)
        held.save()
        search.index_firms(held.case)
        return frame.record(
            held.case,
            kind="party.changed",
            actor=actor,
            role=role,
            channel=channel,
            body=told(held),
            expected_version=expected_version,
            now=now,
        )


def erase_party(
    party: Party, *, reason: str, actor: User, channel: str, now: datetime, expected_version: int | None = None
) -> Event:
    """Erase everything that names a party, and of a person the supply address of the case; record that it was done.

    The phone goes from the contacts that led to the case as well.

    reason: the ground for it in words that name nobody. Raises AlreadyErased; and as `frame.record`.
    """
    with transaction.atomic():
        frame.lock(party.case_id, expected_version=expected_version)
        held = _held(party.pk)
        if held.phone:
            erase_contacts_of(held.case, phone=held.phone, now=now)
        for name in ("name", "id_number", "phone", "address", "salt"):
            setattr(held, name, None)
        held.id_kind, held.user, held.erased_at = "", None, now
        held.save()
        search.index_firms(held.case)
        return frame.record(
            held.case,
            kind="party.erased",
            actor=actor,
            channel=channel,
            body={"party_id": held.pk, "reason": reason},
            expected_version=expected_version,
            now=now,
            changes={"address": ""} if held.kind == Party.Kind.PERSON else {},
        )


def told(party: Party) -> dict[str, object]:
    """Return what an event may say of a party: its row, its role and the commitment to its data."""
    return {"party_id": party.pk, "party_role_code": party.role, "data_commitment": party.commitment}


def view_party(party: Party, *, viewer: User, purpose: str, now: datetime) -> PartyFacts:
    """Return a party's data in the clear and record who looked at it, when and why.

    Raises AlreadyErased when there is nothing left to see.
    """
    if party.erased_at:
        raise AlreadyErased(party.pk)
    ViewRecord.objects.create(
        viewer=viewer,
        viewed_at=now,
        case=party.case,
        matter=ViewRecord.Matter.PARTY,
        object_id=party.pk,
        purpose=purpose,
    )
    return facts_of(party)


def facts_of(party: Party) -> PartyFacts:
    """Return the data of a party row; pages go through `view_party`."""
    return PartyFacts(party.name or "", party.id_kind, party.id_number or "", party.phone or "", party.address or "")


def _held(party_id: UUID) -> Party:
    party = Party.objects.select_for_update(of=("self",)).select_related("case").get(pk=party_id)
    if party.erased_at:
        raise AlreadyErased(party.pk)
    return party


def _fill(party: Party, facts: PartyFacts) -> None:
    clean = _checked(facts)
    committed = commitment(_canonical(asdict(clean)))
    party.name, party.id_kind = clean.name, clean.id_kind
    party.id_number, party.phone, party.address = clean.id_number or None, clean.phone or None, clean.address or None
    party.commitment, party.salt = committed.commitment, committed.salt.hex()


def _checked(facts: PartyFacts) -> PartyFacts:
    name = facts.name.strip()
    if not name:
        raise ValueError("a party has a name")
    number = facts.id_number.strip()
    if number and facts.id_kind == Party.IdKind.CREDIT_CODE:
        number = check_uscc(number).text
    elif number and facts.id_kind == Party.IdKind.RESIDENT:
        number = check_resident_id(number).text
    phone = normalise_phone(facts.phone) if facts.phone.strip() else ""
    return PartyFacts(name, facts.id_kind if number else "", number, phone, facts.address.strip())


def _canonical(facts: Mapping[str, str]) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
