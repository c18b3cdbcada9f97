"""A connection's own rows."""

from typing import Any

from tongdian.case.models import Case, Installation, Party
from tongdian.connection.models import (
    Application,
    Deficiency,
    Inspection,
    MeterInstallation,
    Scheme,
    SupplyContract,
    SupportingWorks,
)


def case_rows(case: Case) -> dict[str, Any]:
    """Load a connection's own rows for its page. Causes seven queries."""
    return {
        "application": application(case),
        "deficiency": deficiency(case),
        "scheme": current_scheme(case),
        "inspections": list(
            Inspection.objects.filter(case=case).select_related("inspector").order_by("requested_at", "id")
        ),
        "contract": contract_of(case),
        "works": supporting_works(case),
        "meter": MeterInstallation.objects.filter(case=case).first(),
    }


def application(case: Case) -> Application:
    """Return what was applied for. Causes one query."""
    return Application.objects.get(case=case)


def supporting_works(case: Case) -> SupportingWorks | None:
    """Return the utility's own works for a low-voltage case, None while there are none. Causes one query."""
    return SupportingWorks.objects.filter(case=case).first()


def contract_of(case: Case) -> SupplyContract | None:
    """Return the supply contract with its file, None while nobody has signed one. Causes one query."""
    return SupplyContract.objects.filter(case=case).select_related("document", "signed_by").first()


def current_scheme(case: Case) -> Scheme | None:
    """Return the latest scheme issued to the customer, None before the first. Causes one query."""
    return Scheme.objects.filter(case=case).order_by("-issue").first()


def deficiency(case: Case) -> Deficiency | None:
    """Return what the customer was told is missing, None when nothing was. Causes one query."""
    return Deficiency.objects.filter(case=case).first()


def applicant_name(case: Case) -> str:
    """Return the name of the applicant in the clear, for a paper they sign; "" once erased. Causes one query."""
    party = Party.objects.filter(case=case, role=Party.Role.APPLICANT).first()
    return (party.name or "") if party else ""


def installation() -> Installation:
    """Return what this database is for. Causes one query."""
    return Installation.objects.get()
