"""Find cases by what somebody types: a number or part of it, a firm, an address, pinyin, a person's exact name."""

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Replace, Right

from tongdian.case.models import Case, CaseTerms, FirmTerms, Party
from tongdian.case.terms import LONG_PART, TAIL, Wanted, wanted, wanted_of_number
from tongdian.kernel.identifiers import InvalidIdentifier, parse_case_number

IDENTIFIER_CHARACTERS = 15


def matching(text: str, *, named: QuerySet[Case] | None = None) -> Q:
    """Return the condition for cases a text finds.

    A whole case number finds its case alone, three digits or more also find what their serial, six what their number
    contains; every part of another text must be in the title or address, as characters, figures or pinyin. `named` are
    the cases whose parties the reader may see: among them a text also finds firms by parts of their name, and anybody
    by the exact name, identity number or phone. A single character or letter is looked for in title and address only:
    where nearly every case has it, the database may then go through the cases in their order and stop early.
    """
    if number := _number(text):
        return Q(number=number)
    asked = wanted(text)
    if not asked:
        return Q(pk__in=[])
    if is_broad(text):
        return Q(Exists(CaseTerms.objects.filter(_having(asked), case=OuterRef("pk"))))
    # A union of index look-ups: conditions joined by OR would make the planner test every case in reach.
    found: list[QuerySet[Any, Any]] = [CaseTerms.objects.filter(_having(asked)).values("case")]
    if (part := _with_number_part(text)) is not None:
        found.append(part)
    if named is not None:
        reached = named.values("pk")
        found.append(FirmTerms.objects.filter(_having(asked), case__in=reached).values("case"))
        found.append(_parties(text).filter(case__in=reached).values("case"))
    return Q(pk__in=found[0].union(*found[1:], all=True))


def is_broad(text: str) -> bool:
    """Tell whether a text is too short to say which of the cases it finds is nearest."""
    return len(text.strip()) <= 1


def closeness(text: str) -> models.Case:
    """Return how near a found case is: 0 the text stands in its title, 1 in its address, 2 otherwise."""
    exact = text.strip()
    return models.Case(
        When(title__icontains=exact, then=Value(0)), When(address__icontains=exact, then=Value(1)), default=Value(2)
    )


def _having(asked: Wanted) -> Q:
    condition = Q(terms__contains=list(asked.all_of)) if asked.all_of else Q()
    for ways in asked.choices:
        one = Q()
        for way in ways:
            one |= Q(terms__contains=list(way))
        condition &= one
    return condition


def _number(text: str) -> str | None:
    try:
        return parse_case_number(text).text
    except InvalidIdentifier:
        return None


def _with_number_part(text: str) -> QuerySet[Any, Any] | None:
    """Find the cases whose number contains the digits; the terms narrow, the digits decide."""
    asked = wanted_of_number(text)
    if asked is None:
        return None
    digits, terms = asked
    plain = Replace(F("case__number"), Value("-"), Value(""))
    looked_at = plain if len(digits) >= LONG_PART else Right(plain, TAIL)
    rows = CaseTerms.objects.annotate(digits=looked_at)
    return rows.filter(terms__contains=list(terms), digits__contains=digits).values("case")


def _parties(text: str) -> QuerySet[Party]:
    exact = text.strip()
    condition = Q(name_lookup=exact)
    if len(exact) >= IDENTIFIER_CHARACTERS:
        condition |= Q(id_number_lookup=exact.upper())
    elif len(exact) == 11 and exact.isdigit() and exact.startswith("1"):
        condition |= Q(phone_lookup=exact)
    return Party.objects.filter(condition)
