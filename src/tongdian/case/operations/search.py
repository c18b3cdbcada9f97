"""Keep the search terms of a case."""

from tongdian.case.models import Case, CaseTerms, FirmTerms, Party
from tongdian.case.terms import terms_of


def index(case: Case) -> None:
    """Write the terms of the title and address; the number is found by itself. Causes one statement."""
    terms = sorted(terms_of(case.title) | terms_of(case.address))
    CaseTerms.objects.update_or_create(case=case, defaults={"terms": terms})


def index_firms(case: Case) -> None:
    """Write the terms of the organisations' names; persons are found by exact look-up only."""
    parties = Party.objects.filter(case=case, kind=Party.Kind.ORGANISATION, erased_at=None).order_by("pk")
    terms: set[str] = set().union(*(terms_of(party.name or "") for party in parties))
    if terms:
        FirmTerms.objects.update_or_create(case=case, defaults={"terms": sorted(terms)})
    else:
        FirmTerms.objects.filter(case=case).delete()
