"""The home page: what one can do here, and what one may expect, as the policy book has it today."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from tongdian.people.access import requires
from tongdian.people.queries import scope
from tongdian.policy import Book, Words, current_book
from tongdian.ui import navigation

CLASSES = (
    "lv_no_works",
    "lv_resident",
    "lv_three_zero",
    "lv_other",
    "hv10_single",
    "hv10_dual",
    "hv35_single",
    "hv35_dual",
)


@dataclass(frozen=True)
class Promise:
    """The time one customer class may expect: in total, and by stage (id, title, days), with the clause."""

    title: str
    total: int
    unit: str
    stages: tuple[tuple[str, str, int], ...]
    clause: str
    rule_id: str


@requires("public")
def home(request: HttpRequest) -> HttpResponse:
    """Show the tasks of this reader and the time limits in force today."""
    today = timezone.localdate()
    entries = navigation.visible(lambda name: scope(request.user, name).is_allowed)
    context = {
        "tasks": [entry for entry in entries if entry.summary],
        "promises": promises(current_book(), on=today, language=get_language() or ""),
        "source": source_title(current_book(), on=today, language=get_language() or ""),
        "today": today,
    }
    return render(request, "web/home.html", context)


def promises(book: Book, *, on: date, language: str) -> list[Promise]:
    """List the limits of the plan per class, quickest first."""
    titles = {stage["id"]: stage["title"] for stage in book.lookup("connection.stages", on=on).value}
    return [_promise(book, customer_class, titles, on=on, language=language) for customer_class in CLASSES]


def source_title(book: Book, *, on: date, language: str) -> str:
    """Name the instrument the limits stand in."""
    ruling = book.lookup(f"connection.total_limit.{CLASSES[0]}", on=on)
    return book.sources[ruling.source].title.in_language(language)


def _promise(book: Book, customer_class: str, titles: dict[str, dict[str, str]], *, on: date, language: str) -> Promise:
    total = book.lookup(f"connection.total_limit.{customer_class}", on=on)
    stages = book.lookup(f"connection.class.{customer_class}", on=on).value["stages"]
    limits = {stage: book.lookup(f"connection.stage_limit.{customer_class}.{stage}", on=on).value for stage in stages}
    return Promise(
        title=book.entry(f"connection.class.{customer_class}").title.in_language(language),
        total=total.value,
        unit=total.unit,
        stages=tuple((stage, Words(**titles[stage]).in_language(language), days) for stage, days in limits.items())
        if len(limits) > 1
        else (),
        # The page names the instrument once, above.
        clause=total.clause.in_language(language)
        .removeprefix(source_title(book, on=on, language=language))
        .lstrip(" ,，"),
        rule_id=total.id,
    )
