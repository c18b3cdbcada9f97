"""Look-ups in the policy book for other systems: what held on a day at a place, by which clause; open to all."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from ninja import Field, Query, Router, Schema

from tongdian.people.api import Refused, get
from tongdian.policy import Book, Entry, NoRuling, Ruling, Words, current_book, plain
from tongdian.policy.places import PROVINCE

router = Router(tags=["policy"])
CODE = r"^[1-9][0-9]{5}$"


class WordsOut(Schema):
    """One text in both languages."""

    zh: str
    en: str


class EntryOut(Schema):
    """One rule of the book."""

    id: str
    matter: str
    title: WordsOut
    unit: str
    layer: str = Field(description=gettext_noop("不指定 layer 时由哪一层回答。"))


class BookOut(Schema):
    """What the book holds, and the digest that names its state."""

    digest: str = Field(description=gettext_noop("规则库的 SHA-256，办件结论中引用同一摘要。"))
    items: list[EntryOut]


class RulingOut(Schema):
    """One dated value with its authority."""

    id: str
    value: Any = Field(None, description=gettext_noop("值；小数写成字符串。is_known 为 false 时为空，不是零。"))
    is_known: bool
    unit: str
    clause: WordsOut
    certainty: str = Field(description=gettext_noop("verified、secondary、derived 或 memory。"))
    valid_from: date
    valid_until: date | None = Field(description=gettext_noop("不再有效的第一天；空表示没有规定终止。"))
    place: str
    zone: str | None
    layer: str
    checked_on: date
    note: WordsOut | None
    source: str


class Asked(Schema):
    """When and where."""

    on: date = Field(description=gettext_noop("哪一天有效。"))
    place: str = Field(PROVINCE, pattern=CODE, description=gettext_noop("行政区划代码。"))
    zone: str | None = Field(None, max_length=40, description=gettext_noop("区域，例如 urban_planned_area。"))
    layer: str | None = Field(None, max_length=20, description=gettext_noop("plan、national、regulator、company 等。"))


@get(
    router,
    "/policy",
    name="api_policy",
    permission="public",
    answer=BookOut,
    summary=gettext_noop("规则库的全部条目"),
)
def list_rules(
    request: HttpRequest,
    matter: str | None = Query(None, max_length=60, description=gettext_noop("只看一个事项。")),
) -> BookOut:
    """Ordered by id."""
    book = current_book()
    return BookOut(digest=book.digest, items=[_entry(each) for each in book.items() if matter in {None, each.matter}])


@get(
    router,
    "/policy/{rule_id}",
    name="api_policy_rule",
    permission="public",
    answer=RulingOut,
    summary=gettext_noop("某日某地有效的规定"),
)
def one_rule(request: HttpRequest, rule_id: str, asked: Query[Asked]) -> RulingOut:
    """The most specific place speaks first: county, city, province, nation."""
    book = current_book()
    _known(book, rule_id)
    try:
        return _ruling(book.lookup(rule_id, on=asked.on, place=asked.place, zone=asked.zone, layer=asked.layer))
    except NoRuling as error:
        detail = gettext("这一天这个地方没有该规定；请先查看全部取值（/history）。")
        raise Refused(404, "no_ruling", detail, field="on", value=asked.on.isoformat()) from error


@get(
    router,
    "/policy/{rule_id}/history",
    name="api_policy_history",
    permission="public",
    answer=list[RulingOut],
    summary=gettext_noop("一条规定的全部取值"),
)
def rule_history(request: HttpRequest, rule_id: str) -> list[RulingOut]:
    """Ordered by layer, place, zone and start."""
    return [_ruling(each) for each in _known(current_book(), rule_id).rulings]


def _known(book: Book, rule_id: str) -> Entry:
    try:
        return book.entry(rule_id)
    except NoRuling as error:
        detail = gettext("规则库没有这一条目；全部条目见 /policy。")
        raise Refused(404, "not_found", detail, field="rule_id", value=rule_id) from error


def _entry(entry: Entry) -> EntryOut:
    return EntryOut(id=entry.id, matter=entry.matter, title=_words(entry.title), unit=entry.unit, layer=entry.layer)


def _ruling(ruling: Ruling) -> RulingOut:
    same = ("id", "unit", "certainty", "valid_from", "valid_until", "place", "zone", "layer", "checked_on", "source")
    return RulingOut(
        **{name: getattr(ruling, name) for name in same},
        value=_told(ruling.value) if ruling.is_known else None,
        is_known=ruling.is_known,
        clause=_words(ruling.clause),
        note=_words(ruling.note) if ruling.note else None,
    )


def _told(value: Any) -> Any:
    """Return a value as JSON, with decimals and dates as text: the unit says what they are."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "items"):
        return {key: _told(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_told(each) for each in value]
    return plain(value)


def _words(words: Words) -> WordsOut:
    return WordsOut(zh=words.zh, en=words.en)
