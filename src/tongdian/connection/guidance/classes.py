"""Everything the policy book promises to one customer class: limits, papers, costs, reasons to pause."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tongdian.connection import queries, rules
from tongdian.policy import Entry, NoRuling, Ruling, current_book
from tongdian.policy.places import PROVINCE

FREE = "fee.item.three_zero_connection"


@dataclass(frozen=True)
class StageLimit:
    """A timed stage and the ruling that limits it."""

    stage: str
    limit: Ruling


@dataclass(frozen=True)
class Papers:
    """What a stage may ask for: `asked` of everybody, `sometimes` in the case each names, `fetched` from registers."""

    stage: str
    ruling: Ruling
    asked: tuple[Mapping[str, Any], ...]
    sometimes: tuple[Mapping[str, Any], ...]
    fetched: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Fee:
    """A charge around a connection: whether it is charged, abolished, optional or none, and its amount where known."""

    entry: Entry
    ruling: Ruling
    amount: Ruling | None

    @property
    def basis(self) -> str:
        return str(self.ruling.value["basis"])


@dataclass(frozen=True)
class Pause:
    """A reason for which the clock of the class may stand still."""

    entry: Entry
    ruling: Ruling


@dataclass(frozen=True)
class ClassGuide:
    """One customer class on one day at one place, each part with the ruling behind it."""

    id: str
    entry: Entry
    ruling: Ruling
    total: Ruling
    stages: tuple[StageLimit, ...]
    papers: tuple[Papers, ...]
    fees: tuple[Fee, ...]
    boundary: Ruling
    pauses: tuple[Pause, ...]

    @property
    def is_free(self) -> bool:
        """Whether the customer pays nothing for being connected."""
        return self.boundary.id == FREE

    @property
    def needs_nothing(self) -> bool:
        """Whether nobody is asked for a paper before the application is accepted, unless a special case holds."""
        return not self.papers[0].asked

    @property
    def is_whole(self) -> bool:
        """Whether one interval from acceptance to energised is timed as a piece."""
        return len(self.stages) == 1


def class_guide(customer_class: str, *, on: date, county_code: str = PROVINCE, zone: str = "") -> ClassGuide:
    """Collect what the book says about a class on a day at a place.

    Raises NoRuling when the class is unknown on that day.
    """
    book = current_book()

    def ruling(policy_id: str) -> Ruling:
        return book.lookup(policy_id, on=on, place=county_code, zone=zone or None)

    described = ruling(f"connection.class.{customer_class}")
    stages = [str(stage) for stage in described.value["stages"]]
    return ClassGuide(
        id=customer_class,
        entry=book.entry(described.id),
        ruling=described,
        total=ruling(f"connection.total_limit.{customer_class}"),
        stages=tuple(StageLimit(stage, ruling(f"connection.stage_limit.{customer_class}.{stage}")) for stage in stages),
        papers=_papers(customer_class, stages, on=on, county_code=county_code),
        fees=_fees(customer_class, on=on, county_code=county_code),
        boundary=_boundary(customer_class, on=on, county_code=county_code, zone=zone),
        pauses=_pauses(described.value, on=on, county_code=county_code),
    )


def _papers(customer_class: str, stages: list[str], *, on: date, county_code: str) -> tuple[Papers, ...]:
    listed = stages if "acceptance" in stages else ["acceptance", *stages]
    return tuple(_papers_of(customer_class, stage, on=on, county_code=county_code) for stage in listed)


def _papers_of(customer_class: str, stage: str, *, on: date, county_code: str) -> Papers:
    ruling = current_book().lookup(f"connection.documents.{customer_class}.{stage}", on=on, place=county_code)
    listed = queries.listed_documents(customer_class, stage, on=on, county_code=county_code)
    asked = rules.askable_documents(listed, conditions=())
    return Papers(
        stage=stage,
        ruling=ruling,
        asked=tuple(each for each in listed if each["id"] in asked),
        sometimes=tuple(each for each in listed if not each["register"] and each["id"] not in asked),
        fetched=tuple(each for each in listed if each["register"]),
    )


def _fees(customer_class: str, *, on: date, county_code: str) -> tuple[Fee, ...]:
    """List what may be charged in this class, and what may not be charged from anybody."""
    book, found = current_book(), []
    for entry in book.items():
        if not entry.id.startswith("fee.item."):
            continue
        ruling = book.lookup(entry.id, on=on, place=county_code)
        if ruling.value["classes"] and customer_class not in ruling.value["classes"]:
            continue
        amount = ruling.value.get("amount")
        found.append(Fee(entry, ruling, book.lookup(amount, on=on, place=county_code) if amount else None))
    return tuple(found)


def _boundary(customer_class: str, *, on: date, county_code: str, zone: str) -> Ruling:
    """Return the ruling that says how far the utility builds at its own cost; its value names the `boundary`."""
    book = current_book()
    free = book.lookup(FREE, on=on, place=county_code)
    if customer_class in free.value["classes"]:
        return free
    return book.lookup(f"guide.boundary.{customer_class}", on=on, place=county_code, zone=zone or None)


def _pauses(described: Mapping[str, Any], *, on: date, county_code: str) -> tuple[Pause, ...]:
    book, found = current_book(), []
    for entry in book.items():
        if not entry.id.startswith("connection.pause_reason."):
            continue
        try:
            ruling = book.lookup(entry.id, on=on, place=county_code)
        except NoRuling:
            continue
        if _may_happen(ruling.value, described):
            found.append(Pause(entry, ruling))
    return tuple(found)


def _may_happen(reason: Mapping[str, Any], described: Mapping[str, Any]) -> bool:
    highest_kv = described.get("max_kv", described.get("below_kv"))
    reaches = highest_kv is None or Decimal(reason.get("min_kv", 0)) <= highest_kv
    return reaches and (not reason["stages"] or bool(set(reason["stages"]) & set(described["stages"])))
