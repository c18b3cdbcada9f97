"""Keep the search terms of cases."""

from collections.abc import Iterable, Iterator
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from tongdian.case.models import Case, CaseTerms, FirmTerms, Party
from tongdian.case.terms import number_terms, terms_of

BATCH = 1000
Terms = TypeVar("Terms", CaseTerms, FirmTerms)


def index(case: Case) -> None:
    """Write the terms of the number, title and address. Causes one statement."""
    _put(CaseTerms, {case.pk: _of_case(case)})


def index_firms(case: Case) -> None:
    """Write the terms of the organisations' names; persons are found by exact look-up only. Causes two statements."""
    parties = Party.objects.filter(case=case, kind=Party.Kind.ORGANISATION, erased_at=None).order_by("pk")
    if terms := _of_firms(parties):
        _put(FirmTerms, {case.pk: terms})
    else:
        FirmTerms.objects.filter(case=case).delete()


def rebuild(*, batch: int = BATCH) -> Iterator[int]:
    """Write the terms of every numbered case anew, one transaction per batch; yield how many are done.

    Needed when the way texts are cut into terms has changed. Each batch locks its cases, so that a change of an address
    meanwhile is not undone; it may be stopped and started again.
    """
    done, last = 0, UUID(int=0)
    while True:
        with transaction.atomic():
            numbered = Case.objects.filter(pk__gt=last, number__isnull=False).order_by("pk")
            cases = list(numbered.select_for_update(no_key=True)[:batch])
            if not cases:
                return
            _rebuild(cases)
        done, last = done + len(cases), cases[-1].pk
        yield done


def _rebuild(cases: list[Case]) -> None:
    _put(CaseTerms, {case.pk: _of_case(case) for case in cases})
    firms: dict[UUID, list[Party]] = {case.pk: [] for case in cases}
    for party in Party.objects.filter(case__in=cases, kind=Party.Kind.ORGANISATION, erased_at=None).order_by("pk"):
        firms[party.case_id].append(party)
    _put(FirmTerms, {case_id: terms for case_id, parties in firms.items() if (terms := _of_firms(parties))})
    FirmTerms.objects.filter(case__in=[case_id for case_id, parties in firms.items() if not parties]).delete()


def _of_case(case: Case) -> list[str]:
    return sorted(terms_of(case.title) | terms_of(case.address) | number_terms(case.number or ""))


def _of_firms(parties: Iterable[Party]) -> list[str]:
    terms: set[str] = set().union(*(terms_of(party.name or "") for party in parties))
    return sorted(terms)


def _put(model: type[Terms], rows: dict[UUID, list[str]]) -> None:
    """Insert or replace rows in one statement; `update_or_create` takes four and a savepoint."""
    model.objects.bulk_create(
        [model(case_id=case_id, terms=terms) for case_id, terms in rows.items()],
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=["terms"],
    )
