"""The packaged data: law as tables, sums, and that nothing is left out."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from tongdian.engine.clock.definition import definition_from
from tongdian.policy import Entry, NoRuling, Ruling, Words, packaged_book
from tongdian.policy.loading import hold_at_once
from tongdian.policy.ruling import CERTAINTIES, LAYERS
from tongdian.policy.terms import CODES, KEYS
from tongdian.policy.units import UNITS

BOOK = packaged_book()
CHINESE = re.compile("[\u4e00-\u9fff]")
ENTRIES = BOOK.items()
RULINGS = [ruling for entry in ENTRIES for ruling in entry.rulings]
TODAY = date(2026, 11, 23)
HV = ("hv10_single", "hv10_dual", "hv35_single", "hv35_dual")
CLASSES = ("lv_resident", "lv_three_zero", "lv_no_works", "lv_other", *HV)
STAGES = ("acceptance", "scheme", "design_review", "interim_inspection", "completion_inspection", "connect")


def plan_limit(customer_class: str, stage: str, on: date = TODAY) -> int | None:
    try:
        limit: int = BOOK.lookup(f"connection.stage_limit.{customer_class}.{stage}", on=on).value
    except NoRuling:
        return None
    return limit


def stages_of(customer_class: str) -> tuple[str, ...]:
    stages: tuple[str, ...] = BOOK.lookup(f"connection.class.{customer_class}", on=TODAY).value["stages"]
    return stages


class TestAnnexOne:
    @pytest.mark.parametrize(
        ("customer_class", "limits", "total"),
        [
            ("lv_other", (1, 1, None, None, None, 1), 3),
            ("hv10_single", (1, 5, None, None, 3, 2), 11),
            ("hv10_dual", (1, 7, 3, 2, 3, 2), 18),
            ("hv35_single", (1, 10, 3, 2, 3, 3), 22),
            ("hv35_dual", (1, 20, 3, 2, 3, 3), 32),
        ],
    )
    def test_limits_each_stage_and_the_sum(
        self, customer_class: str, limits: tuple[int | None, ...], total: int
    ) -> None:
        found = tuple(plan_limit(customer_class, stage) for stage in STAGES)

        assert found == limits
        assert sum(limit or 0 for limit in found) == total
        assert BOOK.lookup(f"connection.total_limit.{customer_class}", on=TODAY).value == total

    @pytest.mark.parametrize(("customer_class", "days"), [("lv_resident", 3), ("lv_three_zero", 7)])
    def test_limits_low_voltage_as_one_piece(self, customer_class: str, days: int) -> None:
        assert plan_limit(customer_class, "lv_whole") == days
        assert [plan_limit(customer_class, stage) for stage in STAGES] == [None] * 6
        assert BOOK.lookup(f"connection.total_limit.{customer_class}", on=TODAY).value == days

    def test_connects_without_works_the_next_calendar_day(self) -> None:
        total = BOOK.lookup("connection.total_limit.lv_no_works", on=TODAY)

        assert (total.value, total.unit) == (1, "calendar_day")
        assert BOOK.lookup("connection.switch.next_day_connection", on=TODAY).value == "calendar_day"

    @pytest.mark.parametrize(("day", "limit"), [("2020-12-30", None), ("2020-12-31", 5), ("2021-01-01", 5)])
    def test_starts_at_the_end_of_2020(self, day: str, limit: int | None) -> None:
        assert plan_limit("hv10_single", "scheme", date.fromisoformat(day)) == limit

    def test_has_no_stated_end(self) -> None:
        assert BOOK.lookup("connection.total_limit.hv35_dual", on=date(2099, 1, 1)).value == 32

    def test_gives_a_limit_to_exactly_the_stages_of_each_class(self) -> None:
        for customer_class in CLASSES:
            limited = {stage for stage in (*STAGES, "lv_whole") if plan_limit(customer_class, stage) is not None}
            assert limited == set(stages_of(customer_class)), customer_class

    @pytest.mark.parametrize("customer_class", HV)
    def test_sums_the_national_pattern_to_22_or_32(self, customer_class: str) -> None:
        def national(key: str) -> int:
            days: int = BOOK.lookup(key, on=TODAY, layer="national").value
            return days

        apart = [f"connection.stage_limit.{customer_class}.{stage}" for stage in STAGES[:4]]
        joint = f"connection.joint_limit.{customer_class}.completion_and_connect"

        assert sum(map(national, [*apart, joint])) == national(f"connection.total_limit.{customer_class}")


class TestLayeredLimits:
    @pytest.mark.parametrize(
        ("key", "layers"),
        [
            ("hv10_single.scheme", {"plan": 5, "national": 10, "regulator": 20, "company": 15}),
            ("hv10_dual.scheme", {"plan": 7, "national": 20, "regulator": 45, "company": 30}),
            ("hv10_dual.design_review", {"plan": 3, "national": 3, "regulator": 20, "company": 10}),
            ("hv10_dual.interim_inspection", {"plan": 2, "national": 2, "regulator": 5, "company": 5}),
            ("hv35_dual.completion_inspection", {"plan": 3, "regulator": 7, "company": 5}),
            ("hv35_single.connect", {"plan": 3, "regulator": 7, "company": 5}),
            ("lv_resident.scheme", {"regulator": 3, "company": 3}),
            ("lv_resident.connect", {"regulator": 3, "company": 3}),
            ("lv_three_zero.scheme", {"regulator": 8, "company": 7}),
            ("lv_other.connect", {"plan": 1, "regulator": 5, "company": 5}),
        ],
    )
    def test_stand_side_by_side(self, key: str, layers: dict[str, int]) -> None:
        found = BOOK.layers(f"connection.stage_limit.{key}", TODAY, "370102")

        assert {ruling.layer: ruling.value for ruling in found} == layers

    def test_keep_their_certainty(self) -> None:
        found = BOOK.layers("connection.stage_limit.hv10_single.scheme", TODAY)

        certainty = {ruling.layer: ruling.certainty for ruling in found}
        assert certainty == {
            "plan": "verified",
            "national": "secondary",
            "regulator": "memory",
            "company": "secondary",
        }


class TestThreeZero:
    @pytest.mark.parametrize(("day", "kw"), [("2021-06-29", None), ("2021-06-30", 160), ("2021-07-01", 160)])
    def test_reaches_160_kw_from_the_end_of_june_2021(self, day: str, kw: int | None) -> None:
        try:
            found = BOOK.lookup("connection.three_zero.max_kw", on=date.fromisoformat(day)).value
        except NoRuling:
            found = None

        assert found == kw

    @pytest.mark.parametrize(("day", "is_offered"), [("2021-06-29", False), ("2021-06-30", True), ("2021-07-01", True)])
    def test_is_a_class_from_that_day(self, day: str, *, is_offered: bool) -> None:
        rules = BOOK.lookup("connection.classification", on=date.fromisoformat(day)).value

        assert ("lv_three_zero" in [rule["class"] for rule in rules]) is is_offered

    def test_is_given_in_doubt_before_the_class_without_it(self) -> None:
        rules = BOOK.lookup("connection.classification", on=TODAY).value
        low_voltage = [(rule["class"], rule["if"].get("customer")) for rule in rules if rule["if"]["voltage"] == "lv"]

        assert low_voltage == [
            ("lv_no_works", None),
            ("lv_resident", "resident"),
            ("lv_three_zero", "small_micro_firm"),
            ("lv_three_zero", "sole_trader"),
            ("lv_three_zero", "unproven"),
            ("lv_other", None),
        ]

    def test_says_why_in_both_languages(self) -> None:
        for rule in BOOK.lookup("connection.classification", on=TODAY).value:
            assert set(rule["because"]) == {"zh", "en"}


class TestSteps:
    @pytest.mark.parametrize(
        ("customer_class", "place", "zone", "steps"),
        [
            ("hv10_single", "370102", None, 4),
            ("hv10_single", "370102", "urban_planned_area", 3),
            ("hv35_dual", "370202", "urban_planned_area", 3),
            ("hv35_dual", "370302", "urban_planned_area", 4),
            ("lv_other", "370102", "urban_planned_area", 2),
            ("lv_resident", "370102", None, 2),
        ],
    )
    def test_are_as_many_as_allowed(self, customer_class: str, place: str, zone: str | None, steps: int) -> None:
        kind = "lv" if customer_class.startswith("lv") else "hv"
        found = BOOK.lookup(f"connection.steps.{customer_class}", on=TODAY, place=place, zone=zone).value
        allowed = BOOK.lookup(f"connection.step_limit.{kind}", on=TODAY, place=place, zone=zone).value

        assert len(found) == steps
        assert allowed == steps

    @pytest.mark.parametrize("customer_class", CLASSES)
    @pytest.mark.parametrize("zone", [None, "urban_planned_area"])
    def test_hold_each_stage_of_the_class_exactly_once(self, customer_class: str, zone: str | None) -> None:
        steps = BOOK.lookup(f"connection.steps.{customer_class}", on=TODAY, place="370100", zone=zone).value

        assert [stage for step in steps for stage in step["stages"]] == list(stages_of(customer_class))


class TestDocuments:
    @pytest.mark.parametrize("customer_class", CLASSES)
    def test_are_listed_for_acceptance_and_every_stage(self, customer_class: str) -> None:
        for stage in {"acceptance", *stages_of(customer_class)}:
            assert BOOK.lookup(f"connection.documents.{customer_class}.{stage}", on=TODAY).unit == "list"

    @pytest.mark.parametrize("customer_class", ["hv10_dual", "hv35_single", "hv35_dual"])
    @pytest.mark.parametrize(
        ("stage", "documents"),
        [
            ("design_review", ["designer_qualification", "design_and_description"]),
            ("interim_inspection", ["contractor_qualification", "hidden_works_and_tests"]),
            ("completion_inspection", ["completion_report"]),
            ("scheme", []),
            ("connect", []),
        ],
    )
    def test_of_high_voltage_are_only_those_of_the_plan(
        self, customer_class: str, stage: str, documents: list[str]
    ) -> None:
        ruling = BOOK.lookup(f"connection.documents.{customer_class}.{stage}", on=TODAY)

        assert [document["id"] for document in ruling.value] == documents

    def test_are_not_asked_for_in_stages_the_class_does_not_have(self) -> None:
        with pytest.raises(NoRuling):
            BOOK.lookup("connection.documents.hv10_single.design_review", on=TODAY)

    def test_never_include_a_forbidden_one(self) -> None:
        forbidden = {item["id"] for item in BOOK.lookup("connection.documents.forbidden", on=TODAY).value}
        asked = {
            document["id"]
            for entry in ENTRIES
            if entry.id.startswith("connection.documents.") and entry.id != "connection.documents.forbidden"
            for document in entry.rulings[0].value
        }

        assert not asked & forbidden


class TestClocks:
    @pytest.mark.parametrize("customer_class", CLASSES)
    def test_parse_and_time_exactly_the_stages_of_the_class(self, customer_class: str) -> None:
        definition = definition_from(BOOK.lookup(f"connection.clock.{customer_class}", on=TODAY).value)

        assert tuple(rule.id for rule in definition.stages) == stages_of(customer_class)

    def test_name_their_gaps_in_both_languages(self) -> None:
        named = {gap["id"] for gap in BOOK.lookup("connection.gaps", on=TODAY).value}
        used = {gap["label"] for c in CLASSES for gap in BOOK.lookup(f"connection.clock.{c}", on=TODAY).value["gaps"]}

        assert used == named

    def test_name_every_stage(self) -> None:
        named = {stage["id"] for stage in BOOK.lookup("connection.stages", on=TODAY).value}

        assert named == {*STAGES, "lv_whole"}

    def test_count_low_voltage_without_works_by_calendar_day(self) -> None:
        counting = BOOK.lookup("connection.clock.lv_no_works", on=TODAY).value["counting"]

        assert counting["unit"] == "calendar_day"


class TestPauseReasons:
    def test_each_name_owner_evidence_and_whether_the_customer_must_act(self) -> None:
        reasons = [entry for entry in ENTRIES if entry.id.startswith("connection.pause_reason.")]

        assert len(reasons) == 6
        for ruling in (ruling for entry in reasons for ruling in entry.rulings):
            assert set(ruling.value) - {"min_kv"} == {"owner", "evidence", "customer_event", "stages"}
            assert ruling.value["evidence"]
            assert ruling.value["customer_event"] is (ruling.value["owner"] == "customer")


class TestOutageTargets:
    @pytest.mark.parametrize(
        ("place", "hours"),
        [
            ("370102", ("0.9", "1.8", "3", "7")),
            ("370200", ("0.9", "1.8", "3", "7")),
            ("370302", ("1.8", "4", "7", "10")),
            ("371700", ("1.8", "4", "7", "10")),
        ],
    )
    def test_hold_per_city_and_area_class(self, place: str, hours: tuple[str, ...]) -> None:
        areas = ("centre", "urban", "town", "rural")
        found = [BOOK.lookup(f"reliability.saidi_target.{area}", on=date(2022, 12, 31), place=place) for area in areas]

        assert tuple(Decimal(ruling.value) for ruling in found) == tuple(map(Decimal, hours))

    def test_may_be_met_by_a_cut_of_eight_percent(self) -> None:
        ruling = BOOK.lookup("reliability.saidi_target.yearly_cut", on=TODAY)

        assert (ruling.value, ruling.unit) == (Decimal("0.08"), "fraction")

    def test_are_not_set_before_the_end_of_2022(self) -> None:
        with pytest.raises(NoRuling):
            BOOK.lookup("reliability.saidi_target.centre", on=date(2022, 12, 30))


class TestOtherValues:
    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("hotline.supply", "95598"),
            ("hotline.regulator", "12398"),
            ("report.half_year.due", "06-30"),
            ("report.full_year.due", "01-05"),
            ("report.city_plan.due", date(2021, 5, 30)),
            ("report.city_plan.due_in_ledger", date(2021, 5, 31)),
            ("report.company_plan.due", date(2021, 5, 15)),
            ("connection.scheme_validity.hv", 12),
            ("connection.scheme_validity.lv", 3),
            ("connection.switch.receipt_on_rest_day", "real_date"),
            ("connection.switch.trigger_day_is_zero", True),
            ("case.document.max_bytes", 20 * 1024 * 1024),
        ],
    )
    def test_are_as_stated(self, key: str, value: object) -> None:
        assert BOOK.lookup(key, on=TODAY).value == value

    def test_do_not_invent_the_high_reliability_fee(self) -> None:
        assert not BOOK.lookup("fee.amount.high_reliability", on=TODAY).is_known

    def test_call_the_temporary_connection_fee_abolished(self) -> None:
        assert BOOK.lookup("fee.item.temporary_connection", on=TODAY).value["basis"] == "abolished"

    def test_say_that_own_settings_are_no_law(self) -> None:
        assert {r.source for r in RULINGS if r.id.startswith("case.")} == {"installation"}


def walked(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Mapping):
        for item in value.values():
            yield from walked(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from walked(item)


def structured() -> Iterator[Any]:
    kept = (ruling for ruling in RULINGS if ruling.unit in {"mapping", "list", "switch"})
    return (part for ruling in kept for part in walked(ruling.value))


def _is_bilingual(words: Words) -> bool:
    return CHINESE.search(words.zh) is not None and words.en != "" and CHINESE.search(words.en) is None


class TestEveryEntry:
    @pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
    def test_has_titles_unit_layer_clause_and_certainty(self, entry: Entry) -> None:
        assert entry.unit in UNITS
        assert entry.layer in LAYERS
        assert entry.rulings
        for words in (entry.title, entry.note, *(text for r in entry.rulings for text in (r.clause, r.note))):
            assert words is None or _is_bilingual(words)
        for ruling in entry.rulings:
            assert ruling.certainty in CERTAINTIES
            assert ruling.checked_on <= TODAY

    @pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
    def test_has_no_two_values_at_once(self, entry: Entry) -> None:
        for one, other in combinations(entry.rulings, 2):
            assert not hold_at_once(one, other)

    def test_cites_every_source_of_the_book(self) -> None:
        assert {ruling.source for ruling in RULINGS} == set(BOOK.sources)

    def test_points_only_to_rules_that_exist(self) -> None:
        prefixes = ("connection.", "fee.", "case.", "reliability.", "report.")
        kinds = {kind for kind in CODES if "." in kind} - set(BOOK.entries)
        named = {part for part in structured() if isinstance(part, str) and part.startswith(prefixes)} - kinds

        assert named
        assert named <= set(BOOK.entries)

    def test_is_called_by_its_title_where_another_points_to_it(self) -> None:
        for key in set(CODES) & set(BOOK.entries):
            assert CODES[key] == BOOK.entry(key).title

    def test_has_words_for_every_key_of_a_structured_value(self) -> None:
        used = {key for part in structured() if isinstance(part, Mapping) for key in part}

        assert used - {"zh", "en"} == set(KEYS)

    def test_has_both_languages_wherever_one_is_written(self) -> None:
        for part in structured():
            if isinstance(part, Mapping) and {"zh", "en"} & set(part):
                assert set(part) == {"zh", "en"}

    def test_comes_from_the_packaged_book(self) -> None:
        assert {ruling.origin for ruling in RULINGS} == {"packaged"}

    def test_is_read_only(self) -> None:
        steps: Ruling = BOOK.lookup("connection.steps.hv10_single", on=TODAY)

        with pytest.raises(TypeError):
            steps.value[0]["id"] = "other"


class TestLoading:
    def test_needs_neither_django_nor_the_engine(self) -> None:
        code = (
            "import sys; from tongdian.policy import packaged_book; packaged_book();"
            "print([m for m in sys.modules if m == 'django' or m.startswith('tongdian.engine.')])"
        )

        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

        assert told.strip() == "[]"
