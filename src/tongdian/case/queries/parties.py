"""Read the parties of a case as a page may show them: identity and phone masked, a person's name too."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongdian.case.models import Case, Party, ViewRecord
from tongdian.ui.fields import mask_id_number, mask_name, mask_phone


@dataclass(frozen=True)
class MaskedParty:
    """One party without what would let a stranger reach or impersonate them; all texts empty once erased."""

    id: UUID
    role: str
    name: str
    id_number: str
    phone: str
    erased_at: datetime | None


def masked_parties(case: Case) -> list[MaskedParty]:
    """List the parties of a case, masked, in the order of their roles. Causes one query."""
    return [_masked(party) for party in Party.objects.filter(case=case).order_by("role", "id")]


def party_of(case: Case, party_id: UUID) -> Party:
    """Return one party of a case.

    Raises Party.DoesNotExist when the case has no such party.
    """
    return Party.objects.select_related("case").get(pk=party_id, case=case)


def party_views(case: Case) -> list[ViewRecord]:
    """List who saw a party of a case in the clear, the latest first. Causes one query."""
    views = ViewRecord.objects.filter(case=case, matter=ViewRecord.Matter.PARTY).select_related("viewer")
    return list(views.order_by("-viewed_at", "-id"))


def _masked(party: Party) -> MaskedParty:
    name = party.name or ""
    return MaskedParty(
        id=party.pk,
        role=party.get_role_display(),
        name=name if party.kind == Party.Kind.ORGANISATION else mask_name(name),
        id_number=mask_id_number(party.id_number or ""),
        phone=mask_phone(party.phone or ""),
        erased_at=party.erased_at,
    )
