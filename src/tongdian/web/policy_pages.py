"""`/policy/`: every rule with its value, clause, certainty and history."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from tongdian.kernel.divisions import divisions
from tongdian.people.access import requires
from tongdian.policy import Book, Entry, Ruling, current_book
from tongdian.policy.loading import PACKAGED_ORIGIN
from tongdian.policy.places import PROVINCE
from tongdian.policy.wording import (
    CERTAINTY_WORDS,
    LAYER_WORDS,
    ZONE_WORDS,
    Line,
    in_words,
    is_nested,
    outline,
    place_words,
    validity,
)
from tongdian.ui.formats import division_name, in_language
from tongdian.ui.tables import Column, Filters, Table
from tongdian.ui.xlsx import xlsx_response

CERTAINTY_TAGS = {"verified": "success", "secondary": "plain", "derived": "plain", "memory": "warning"}


@dataclass(frozen=True)
class Shown:
    """A ruling in the reader's language; `is_current` when it holds on the day asked for."""

    title: str
    matter: str
    ruling: Ruling
    language: str
    is_current: bool = False

    @property
    def value(self) -> str:
        return in_words(self.ruling, self.language)

    @property
    def lines(self) -> tuple[Line, ...]:
        return outline(self.ruling.value, self.language)

    @property
    def is_nested(self) -> bool:
        return is_nested(self.ruling.value)

    @property
    def layer(self) -> str:
        return LAYER_WORDS[self.ruling.layer].in_language(self.language)

    @property
    def place(self) -> str:
        named = place_words(self.ruling).in_language(self.language)
        zone = ZONE_WORDS[self.ruling.zone].in_language(self.language) if self.ruling.zone else ""
        return f"{named} {zone}".rstrip()

    @property
    def validity(self) -> str:
        return validity(self.ruling, self.language)

    @property
    def clause(self) -> str:
        return self.ruling.clause.in_language(self.language)

    @property
    def certainty(self) -> str:
        return CERTAINTY_WORDS[self.ruling.certainty].in_language(self.language)

    @property
    def certainty_tag(self) -> str:
        return CERTAINTY_TAGS[self.ruling.certainty]

    @property
    def is_added(self) -> bool:
        return self.ruling.origin != PACKAGED_ORIGIN

    @property
    def note(self) -> str:
        return self.ruling.note.in_language(self.language) if self.ruling.note else ""


@dataclass(frozen=True)
class Row:
    """One rule of the list: what its own layer says on the day asked for (None: nothing), and what the others say."""

    entry: Entry
    title: str
    matter: str
    layer: str
    spoken: Shown | None
    others: tuple[Shown, ...]


def _matter_choices() -> list[tuple[str, str]]:
    book = current_book()
    return [("", gettext("全部")), *((key, in_language(book.matters[key])) for key, _entries in book.by_matter())]


def _city_choices() -> list[tuple[str, str]]:
    cities = [(city.code, division_name(city)) for city in divisions(timezone.localdate(), level="city")]
    return [("", gettext("全省")), *cities]


class PolicyFilters(Filters):
    """Which rules, on which day, in which city."""

    q = forms.CharField(label=_("查找"), required=False, max_length=60)
    matter = forms.ChoiceField(label=_("事项"), required=False, choices=_matter_choices)
    on = forms.DateField(label=_("哪一天有效"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    place = forms.ChoiceField(label=_("哪个市"), required=False, choices=_city_choices)


class RuleTable(Table):
    """The pages of the list; the template lays the rows out by matter."""

    caption = _("规则一览")
    empty_title = _("没有符合条件的规则")
    empty_text = _("换一个词，或者清除筛选条件。")


class ValueTable(Table):
    """Every dated value of the rules listed, for the spreadsheet."""

    caption = _("规则的全部取值")
    columns = (
        Column("matter", _("事项")),
        Column("id", _("编号"), value=lambda shown: shown.ruling.id, kind="code"),
        Column("title", _("规则")),
        Column("value", _("取值")),
        Column("layer", _("层级")),
        Column("place", _("适用地")),
        Column("valid_from", _("有效期起"), value=lambda shown: shown.ruling.valid_from, kind="day"),
        Column("valid_until", _("有效期止（不含）"), value=lambda shown: shown.ruling.valid_until, kind="day"),
        Column("clause", _("条款")),
        Column("certainty", _("可信度")),
        Column("checked_on", _("核对日期"), value=lambda shown: shown.ruling.checked_on, kind="day"),
        Column("note", _("说明")),
    )


@requires("public")
def policy(request: HttpRequest) -> HttpResponse:
    """List the rules with the value in force on a day in a city; `?format=xlsx` gives every dated value."""
    book, today, language = current_book(), timezone.localdate(), get_language() or ""
    filters = PolicyFilters(request.GET)
    chosen = filters.chosen()
    on, place = chosen.get("on", today), chosen.get("place", PROVINCE)
    entries = _found(book, text=chosen.get("q", ""), matter=chosen.get("matter", ""))
    rows = [_row(book, entry, on=on, place=place, language=language) for entry in entries]
    table = RuleTable(rows, request.GET, filters=filters)
    if table.wants_xlsx:
        values = ValueTable(list(_every_value(book, entries, language)), request.GET)
        return xlsx_response(values, "policy", on=today)
    context = {"table": table, "on": on, "digest": book.digest, "has_errors": bool(filters.errors)}
    return render(request, "web/policy/list.html", context)


@requires("public")
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Show one rule: its value today, and every dated value of every layer and place."""
    book, today, language = current_book(), timezone.localdate(), get_language() or ""
    if rule_id not in book.entries:
        raise Http404(rule_id)
    entry = book.entry(rule_id)
    row = _row(book, entry, on=today, place=PROVINCE, language=language)
    history = [_shown(book, entry, ruling, language, on=today) for ruling in book.history(rule_id)]
    note = entry.note.in_language(language) if entry.note else ""
    context = {"row": row, "history": history, "note": note, "today": today, "digest": book.digest}
    return render(request, "web/policy/rule.html", context)


def _found(book: Book, *, text: str, matter: str) -> list[Entry]:
    asked = [entries for key, entries in book.by_matter() if matter in {"", key}]
    return [entry for entries in asked for entry in entries if _speaks_of(entry, text)]


def _speaks_of(entry: Entry, text: str) -> bool:
    """Tell whether every word stands in the id, a title, a clause or a value, in either language."""
    if not text:
        return True
    held = [entry.id, entry.title.zh, entry.title.en]
    for ruling in entry.rulings:
        held += [ruling.clause.zh, ruling.clause.en, in_words(ruling, "zh-hans"), in_words(ruling, "en")]
    whole = "\n".join(held).lower()
    return all(word in whole for word in text.lower().split())


def _row(book: Book, entry: Entry, *, on: date, place: str, language: str) -> Row:
    spoken = [_shown(book, entry, ruling, language, on=on) for ruling in book.layers(entry.id, on, place)]
    leading = next((shown for shown in spoken if shown.ruling.layer == entry.layer), None)
    others = tuple(shown for shown in spoken if shown is not leading)
    title, layer = entry.title.in_language(language), LAYER_WORDS[entry.layer].in_language(language)
    return Row(entry, title, _matter(book, entry, language), layer, leading, others)


def _shown(book: Book, entry: Entry, ruling: Ruling, language: str, *, on: date) -> Shown:
    title = entry.title.in_language(language)
    return Shown(title, _matter(book, entry, language), ruling, language, is_current=ruling.holds_on(on))


def _matter(book: Book, entry: Entry, language: str) -> str:
    return book.matters[entry.matter].in_language(language)


def _every_value(book: Book, entries: Iterable[Entry], language: str) -> Iterator[Shown]:
    for entry in entries:
        for ruling in book.history(entry.id):
            yield _shown(book, entry, ruling, language, on=ruling.valid_from)


urlpatterns = [path("", policy, name="policy"), path("<str:rule_id>/", rule, name="policy_rule")]
