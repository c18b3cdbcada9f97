from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from tongdian.disclosure.rules import figures
from tongdian.disclosure.rules.cells import WIDEST, Cell
from tongdian.disclosure.rules.columns import columns, definition
from tongdian.disclosure.rules.files import About, as_text, csv_text, json_text, read_rows
from tongdian.disclosure.rules.rows import MeasuredCase, StageSum, ordered, pseudonym, row
from tongdian.policy import Words

CELL = Cell("370102", "grid", "hv10_single")
CASE = MeasuredCase(
    case_id=UUID(int=1),
    cell=CELL,
    why="closed",
    counting_unit="workday",
    accepted_date=date(2026, 9, 1),
    closed_date=date(2026, 10, 9),
    verdict="on_time",
    total_limit_days=11,
    utility_days=8,
    customer_days=12,
    agency_days=0,
    force_majeure_days=0,
    whole_days=22,
    whole_calendar_days=38,
    contact_days=None,
    is_provisional=False,
    is_corrected=True,
    stages={"scheme": StageSum(1, 5, 7, 5, "on_time")},
    pauses={"force_majeure": 2},
)
COLUMNS = columns({"scheme": Words("方案答复", "scheme")}, {"force_majeure": Words("不可抗力", "force majeure")})
ABOUT = About(
    month="2026-10",
    version=1,
    known_at=datetime(2026, 11, 5, tzinfo=UTC),
    mark="",
    note="",
    least=5,
    withheld=0,
    policy_digest="p",
    calendar_version="c",
    log_size=9,
    log_root="r",
    log_key="k",
    csv_sha256="s",
)


def told(case: MeasuredCase = CASE, cell: Cell = CELL, name: str = "aa") -> dict:
    return row(case, cell, name=name, month="2026-10", mark="")


class TestPseudonym:
    def test_is_the_same_under_one_secret_and_another_under_another(self) -> None:
        one, two = b"a" * 32, b"b" * 32

        assert pseudonym(UUID(int=1), secret=one) == pseudonym(UUID(int=1), secret=one)
        assert pseudonym(UUID(int=1), secret=one) != pseudonym(UUID(int=1), secret=two)
        assert pseudonym(UUID(int=1), secret=one) != pseudonym(UUID(int=2), secret=one)
        assert len(pseudonym(UUID(int=1), secret=one)) == 20


class TestRow:
    def test_tells_every_column_of_the_definition_and_no_other(self) -> None:
        assert set(told()) == {column.name for column in COLUMNS}

    def test_tells_neither_id_nor_number(self) -> None:
        assert str(CASE.case_id) not in str(told())

    def test_leaves_out_what_would_tell_a_class_that_is_not_told(self) -> None:
        found = told(cell=WIDEST)

        assert found["verdict"] == "on_time"
        assert found["whole_calendar_days"] == 38
        assert not {
            "counting_unit",
            "utility_days",
            "total_limit_days",
            "scheme_days",
            "pause_force_majeure_days",
        } & set(found)


class TestDefinition:
    def test_has_type_unit_and_both_languages_for_every_column(self) -> None:
        listed = definition(COLUMNS)

        assert {each["type"] for each in listed} == {"code", "text", "integer", "date", "boolean"}
        assert all(each["title"]["zh"] and each["title"]["en"] and each["meaning"]["zh"] for each in listed)
        units = {each["name"]: each["unit"] for each in listed}
        assert (units["scheme_days"], units["scheme_calendar_days"]) == ("counting_unit", "calendar_day")


class TestFiles:
    def test_give_the_same_bytes_for_the_same_rows(self) -> None:
        rows = [told(name="b"), told(name="a")]

        assert csv_text(COLUMNS, ordered(rows)) == csv_text(COLUMNS, ordered(rows[::-1]))
        assert json_text(ABOUT, COLUMNS, ordered(rows)) == json_text(ABOUT, COLUMNS, ordered(rows[::-1]))

    def test_do_not_let_version_or_moment_into_the_table(self) -> None:
        later = replace(ABOUT, version=2, known_at=datetime(2026, 12, 5, tzinfo=UTC))

        assert json_text(ABOUT, COLUMNS, [told()]) != json_text(later, COLUMNS, [told()])
        assert "2026-11-05" not in csv_text(COLUMNS, [told()])

    def test_are_read_back(self) -> None:
        rows = [told(name="a"), told(name="b", cell=WIDEST)]

        assert read_rows(csv_text(COLUMNS, rows)) == [as_text(each) for each in rows]


class TestGroups:
    def test_count_late_and_open_late_and_take_days_of_the_energised(self) -> None:
        rows = [
            told(name="a"),
            told(replace(CASE, utility_days=10, verdict="late"), name="b"),
            told(replace(CASE, why="open_late", verdict="late", utility_days=30), name="c"),
            told(replace(CASE, why="withdrawn", verdict="withdrawn"), name="d"),
        ]

        (group,) = figures.groups(rows)

        assert (group.city, group.cases, group.measured, group.on_time) == ("370100", 4, 3, 1)
        assert group.on_time_share == pytest.approx(1 / 3)
        assert (group.median_days, group.p90_days) == (9.0, pytest.approx(9.8))

    def test_puts_what_is_merged_over_the_province_last(self) -> None:
        rows = [told(cell=WIDEST), told(cell=replace(CELL, place="371300")), told()]

        assert [group.city for group in figures.groups(rows)] == ["370100", "371300", "370000"]

    def test_have_no_share_without_a_verdict(self) -> None:
        (group,) = figures.groups([told(replace(CASE, verdict="unclear"))])

        assert group.on_time_share is None


class TestChanges:
    def test_name_what_came_went_and_differs(self) -> None:
        before = [{"case": "a", "verdict": "late"}, {"case": "b", "verdict": "late"}, {"case": "c"}]
        after = [{"case": "a", "verdict": "on_time"}, {"case": "b", "verdict": "late"}, {"case": "d"}]

        assert figures.changes(before, after) == figures.Changes(1, 1, 1, ("verdict",))

    def test_are_none_between_equals(self) -> None:
        assert figures.changes([{"case": "a"}], [{"case": "a"}]) == figures.Changes(0, 0, 0, ())
