"""A connection's own rows."""

from typing import Any

from tongdian.case.models import Case, Installation
from tongdian.connection.models import (
    Application,
    Deficiency,
    Inspection,
    MeterInstallation,
    Scheme,
    SupplyContract,
    SupportingWorks,
)
from tongdian.people.models import Grant, User
from tongdian.people.queries import in_force
from tongdian.people.rules import Role, Territory


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


def installation() -> Installation:
    """Return what this database is for. Causes one query."""
    return Installation.objects.get()


def account_managers(case: Case) -> list[User]:
    """List who may be named account manager of a case: holders of the role in its territory and utility."""
    grants = in_force(Grant.objects.filter(role=Role.ACCOUNT_MANAGER)).select_related("user", "organisation")
    found = {
        grant.user
        for grant in grants
        if grant.user.is_active
        and grant.organisation is not None
        and grant.organisation.top_id == case.utility_id
        and Territory(grant.territory_code).covers(case.county_code)
    }
    return sorted(found, key=lambda user: user.username)
