"""Loading: every refusal, and overlays."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.policy_files import HEAD, SOURCES, book_dir, limit, value
from tongdian.policy import Book, PolicyFileError, Ruling, current_book, load_book, packaged_book
from tongdian.policy.loading import book_from, hold_at_once

ONE = value(5)
FIRST = date(2021, 1, 1)
SAMPLE = packaged_book().history("hotline.supply")[0]


def lasting(start: int, length: int | None) -> Ruling:
    """Return a ruling that starts so many days after the first and lasts so long; None: for ever."""
    begin = FIRST + timedelta(days=start)
    end = None if length is None else begin + timedelta(days=length)
    return replace(SAMPLE, valid_from=begin, valid_until=end)


def loaded(folder: Path) -> Book:
    """Load a directory as a book of its own, without the packaged one."""
    return book_from(folder, origin="test")


def refusal(folder: Path) -> PolicyFileError:
    with pytest.raises(PolicyFileError) as caught:
        loaded(folder)
    return caught.value


class TestPackagedBook:
    def test_is_loaded_once(self) -> None:
        assert packaged_book() is packaged_book()


class TestCurrentBook:
    @pytest.fixture(autouse=True)
    def forget(self) -> Iterator[None]:
        current_book.cache_clear()
        yield
        current_book.cache_clear()

    def test_is_the_packaged_book_where_nothing_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TONGDIAN_POLICY", raising=False)

        assert current_book() is packaged_book()

    def test_lays_the_named_directories_over_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first = overlay(tmp_path / "first", NINE)
        second = overlay(tmp_path / "second", value(8, place="'370400'"))
        (second / "sources.yaml").unlink()
        monkeypatch.setenv("TONGDIAN_POLICY", f"{first}{os.pathsep}{second}")

        places = {ruling.place for ruling in current_book().history(SINGLE)}

        assert {"370300", "370400"} <= places

    def test_refuses_a_named_directory_that_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TONGDIAN_POLICY", "/nowhere")

        with pytest.raises(PolicyFileError, match="there is no such directory"):
            current_book()


class TestASmallBook:
    def test_loads(self, tmp_path: Path) -> None:
        book = loaded(book_dir(tmp_path, limit(ONE)))

        (ruling,) = book.history("sample.limit")
        assert (ruling.value, ruling.unit, ruling.place, ruling.layer) == (5, "workday", "370000", "plan")
        assert ruling.clause.zh == "某规定 第一条"
        assert ruling.clause.en == "An act, article 1"

    def test_may_say_unknown_where_nobody_knows(self, tmp_path: Path) -> None:
        book = loaded(book_dir(tmp_path, limit(value("unknown"))))

        assert not book.history("sample.limit")[0].is_known

    @pytest.mark.parametrize(
        ("entries", "field", "reason"),
        [
            (limit(value(5, clause=None)), "entries.sample.limit.values[0].clause", "missing"),
            (limit(value(5, clause="第一条")), "entries.sample.limit.values[0].clause", "a mapping is needed"),
            (limit(value(5, clause="{zh: 第一条}")), "entries.sample.limit.values[0].clause.en", "missing"),
            (limit(value(5, clause="{zh: 一, en: 1, fr: un}")), "entries.sample.limit.values[0].clause.fr", "unknown"),
            (limit(value(None)), "entries.sample.limit.values[0].value", "the key is missing"),
            (limit(ONE, unit="parsec"), "entries.sample.limit.unit", "the word is unknown here"),
            ("a.b: {title: {zh: 一, en: one}, values: [" + ONE + "]}", "entries.a.b.unit", "missing"),
            ("a.b: {unit: workday, values: [" + ONE + "]}", "entries.a.b.title", "missing"),
            (limit(value(5, certainty="sure")), "entries.sample.limit.values[0].certainty", "the word is unknown"),
            (limit(value(5, layer="mayor")), "entries.sample.limit.values[0].layer", "the word is unknown"),
            (limit(value(5, zone="moon")), "entries.sample.limit.values[0].zone", "the word is unknown"),
            (limit(value(5, source="hearsay")), "entries.sample.limit.values[0].source", "the word is unknown"),
            (limit(value(5, place="370000")), "entries.sample.limit.values[0].place", "a text is needed"),
            (limit(value(5, place="'3700'")), "entries.sample.limit.values[0].place", "not a division code"),
            (limit(value(5, **{"from": "'2021'"})), "entries.sample.limit.values[0].from", "a date is needed"),
            (limit(value(5, until="2021-01-01")), "entries.sample.limit.values[0].until", "would end before it starts"),
            (limit(value(5, untl="2022-01-01")), "entries.sample.limit.values[0].untl", "the key is unknown"),
            (limit(value(5, replaces="2020-01-01")), "entries.sample.limit.values[0].replaces", "no value of this id"),
            (limit(""), "entries.sample.limit.values", "a list with at least one item"),
            (limit("just a text"), "entries.sample.limit.values", "item 1 is not a mapping"),
            ("limit: {}", "entries.limit", "the id is malformed"),
            ("a.b: 5", "entries.a.b", "a mapping is needed"),
            (limit(ONE).replace("unit:", "units:"), "entries.sample.limit.units", "the key is unknown"),
        ],
    )
    def test_refuses_what_breaks_the_schema(self, tmp_path: Path, entries: str, field: str, reason: str) -> None:
        error = refusal(book_dir(tmp_path, entries))

        assert error.field == field
        assert reason in error.reason
        assert error.way_out
        assert error.file == tmp_path / "sample.yaml"
        assert error.line is not None

    @pytest.mark.parametrize(
        ("unit", "written"),
        [
            ("workday", "five"),
            ("workday", "-1"),
            ("workday", "1.5"),
            ("workday", "true"),
            ("hour", "'7'"),
            ("hour", "-0.5"),
            ("fraction", "8"),
            ("text", "95598"),
            ("text", "' '"),
            ("switch", "1"),
            ("date", "'2021-05-30'"),
            ("month_day", "06-30-1"),
            ("month_day", "'13-01'"),
            ("list", "{a: 1}"),
            ("mapping", "[1]"),
        ],
    )
    def test_refuses_a_value_that_does_not_fit_its_unit(self, tmp_path: Path, unit: str, written: str) -> None:
        error = refusal(book_dir(tmp_path, limit(value(written), unit=unit)))

        assert error.field == "entries.sample.limit.values[0].value"
        assert f"the unit {unit} needs" in error.reason

    @pytest.mark.parametrize(
        ("unit", "written"),
        [
            ("hour", "0.9"),
            ("hour", "3"),
            ("fraction", "0.08"),
            ("text", "'95598'"),
            ("switch", "true"),
            ("switch", "real_date"),
            ("date", "2021-05-30"),
            ("month_day", "'06-30'"),
            ("list", "[]"),
            ("mapping", "{a: 1}"),
        ],
    )
    def test_takes_a_value_that_fits_its_unit(self, tmp_path: Path, unit: str, written: str) -> None:
        book = loaded(book_dir(tmp_path, limit(value(written), unit=unit)))

        assert book.history("sample.limit")[0].unit == unit

    def test_shows_its_matters_in_the_order_they_ask_for(self, tmp_path: Path) -> None:
        folder = book_dir(tmp_path, limit(ONE), head=HEAD + "order: 5\n")

        assert list(loaded(folder).matters) == ["sample", "sources"]

    def test_names_the_line_of_a_duplicate_key(self, tmp_path: Path) -> None:
        error = refusal(book_dir(tmp_path, limit(ONE) + limit(ONE)))

        assert error.field == "sample.limit"
        assert error.line == 11
        assert "the key is repeated, first seen in line 6" in error.reason

    def test_suggests_the_key_that_was_meant(self, tmp_path: Path) -> None:
        error = refusal(book_dir(tmp_path, limit(value(5, untl="2022-01-01"))))

        assert error.way_out.startswith("Did you mean 'until'?")

    @pytest.mark.parametrize(
        ("head", "field", "reason"),
        [
            (HEAD.replace("matter: sample", "matter: Sample!"), "matter", "one lower-case word"),
            (HEAD.replace("matter: sample", "mater: sample"), "mater", "the key is unknown"),
            (HEAD.replace("matter: sample", ""), "matter", "missing"),
            (HEAD.replace("matter: sample", "matter: sample\norder: first"), "order", "a whole number is needed"),
            (HEAD.replace("title: {zh: 样例, en: Sample}", ""), "title", "missing"),
            (HEAD.replace("matter: sample", "matter: sources"), "matter", "another file already has this matter"),
            (HEAD.replace("certainty", "certainity"), "defaults.certainity", "the key is unknown"),
            (HEAD.replace("source: act, ", ""), "entries.sample.limit.values[0].source", "missing"),
            (HEAD.replace("certainty: verified", "certainty: sure"), "defaults.certainty", "the word is unknown"),
            (HEAD.replace('place: "370000"', "place: 370000"), "defaults.place", "a text is needed"),
        ],
    )
    def test_refuses_a_wrong_head(self, tmp_path: Path, head: str, field: str, reason: str) -> None:
        error = refusal(book_dir(tmp_path, limit(ONE), head=head))

        assert error.field == field
        assert reason in error.reason

    @pytest.mark.parametrize(
        ("sources", "field", "reason"),
        [
            (SOURCES + "  act2: {title: {zh: 乙}}\n", "sources.act2.title.en", "missing"),
            (SOURCES + "  act2: {titel: {zh: 乙, en: B}}\n", "sources.act2.titel", "the key is unknown"),
            (SOURCES.replace("2021-05-10", "May"), "sources.act.issued_on", "a date is needed"),
        ],
    )
    def test_refuses_a_wrong_source(self, tmp_path: Path, sources: str, field: str, reason: str) -> None:
        error = refusal(book_dir(tmp_path, limit(ONE), sources=sources))

        assert error.field == field
        assert reason in error.reason

    def test_refuses_a_source_defined_twice(self, tmp_path: Path) -> None:
        folder = book_dir(tmp_path, limit(ONE))
        (folder / "more.yaml").write_text(SOURCES.replace("matter: sources", "matter: more"), encoding="utf-8")

        error = refusal(folder)

        assert error.field == "sources"
        assert "the source 'act' is already defined" in error.reason

    def test_refuses_an_id_in_two_files(self, tmp_path: Path) -> None:
        folder = book_dir(tmp_path, limit(ONE))
        sample = (folder / "sample.yaml").read_text(encoding="utf-8")
        (folder / "twin.yaml").write_text(sample.replace("matter: sample", "matter: twin"), encoding="utf-8")

        error = refusal(folder)

        assert error.field == "entries.sample.limit"
        assert "the id is also defined in" in error.reason

    @pytest.mark.parametrize("name", ["none", "empty"])
    def test_refuses_a_directory_without_files(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "empty").mkdir()

        assert refusal(tmp_path / name).way_out == "Name a directory that holds *.yaml files"


class TestHoldAtOnce:
    @given(*[st.integers(0, 12)] * 2, *[st.none() | st.integers(1, 12)] * 2)
    def test_agrees_with_the_days_both_hold(
        self, start: int, other_start: int, length: int | None, other_length: int | None
    ) -> None:
        one, other = lasting(start, length), lasting(other_start, other_length)
        days = [FIRST + timedelta(days=n) for n in range(30)]

        expected = any(one.holds_on(day) and other.holds_on(day) for day in days)

        assert hold_at_once(one, other) is expected
        assert hold_at_once(other, one) is expected


class TestOverlaps:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({}, {}),
            ({}, {"from": "2022-01-01"}),
            ({"until": "2022-01-02"}, {"from": "2022-01-01"}),
            ({"zone": "urban_planned_area"}, {"zone": "urban_planned_area"}),
            ({"from": "2022-01-01"}, {"from": "2021-01-01"}),
        ],
    )
    def test_are_refused_within_one_layer_place_and_zone(
        self, tmp_path: Path, one: dict[str, str], other: dict[str, str]
    ) -> None:
        error = refusal(book_dir(tmp_path, limit(value(5, **one) + "\n" + value(6, **other))))

        assert error.field == "entries.sample.limit.values[1].from"
        assert "overlaps that of the value 5" in error.reason

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"until": "2022-01-01"}, {"from": "2022-01-01"}),
            ({"layer": "plan"}, {"layer": "regulator"}),
            ({"place": "'370100'"}, {"place": "'370200'"}),
            ({}, {"zone": "urban_planned_area"}),
        ],
    )
    def test_are_none_where_period_layer_place_or_zone_differ(
        self, tmp_path: Path, one: dict[str, str], other: dict[str, str]
    ) -> None:
        book = loaded(book_dir(tmp_path, limit(value(5, **one) + "\n" + value(6, **other))))

        assert len(book.history("sample.limit")) == 2


OVERLAY_HEAD = """
matter: connection_limit
defaults: {from: 2027-01-01, place: "370000", source: successor, certainty: verified, checked_on: 2027-01-01}
"""
SUCCESSOR = """
matter: local_sources
title: {zh: 本地文件, en: Local instruments}
sources:
  successor: {title: {zh: 后续计划, en: The successor plan}}
"""
SINGLE = "connection.total_limit.hv10_single"
NINE = value(9, place="'370300'")


def overlay(folder: Path, *values: str, entry: str = SINGLE, head: str = OVERLAY_HEAD) -> Path:
    lines = "".join(f"    - {line}\n" for line in values)
    return book_dir(folder, f"{entry}:\n  values:\n{lines}", head=head, sources=SUCCESSOR)


class TestLoadBook:
    def test_without_overlays_is_the_packaged_book(self) -> None:
        assert load_book() is packaged_book()

    def test_adds_a_value_to_a_place_of_its_own(self, tmp_path: Path) -> None:
        book = load_book([overlay(tmp_path, NINE)])

        added = book.history(SINGLE)[1]
        assert (added.value, added.place, added.unit, added.origin) == (9, "370300", "workday", str(tmp_path))

    def test_adds_a_new_id(self, tmp_path: Path) -> None:
        head = OVERLAY_HEAD.replace("connection_limit", "local") + "title: {zh: 本地, en: Local}\n"
        book = load_book([book_dir(tmp_path, limit(ONE, id="local.limit"), head=head, sources=SUCCESSOR)])

        assert book.entry("local.limit").matter == "local"
        assert book.matters["local"].en == "Local"

    def test_ends_an_open_value_and_starts_its_successor(self, tmp_path: Path) -> None:
        ended = value(11, **{"from": "2020-12-31", "until": "2027-01-01", "replaces": "2020-12-31"})
        book = load_book([overlay(tmp_path, ended, value(9))])

        plan = [ruling for ruling in book.history(SINGLE) if ruling.layer == "plan"]
        assert [(ruling.value, str(ruling.valid_from)) for ruling in plan] == [(11, "2020-12-31"), (9, "2027-01-01")]

    def test_leaves_the_packaged_book_as_it_was(self, tmp_path: Path) -> None:
        load_book([overlay(tmp_path, NINE)])

        assert len(packaged_book().history(SINGLE)) == 2

    def test_lays_a_second_overlay_over_the_first(self, tmp_path: Path) -> None:
        first = overlay(tmp_path / "first", NINE)
        second = overlay(tmp_path / "second", value(8, place="'370300'", replaces="2027-01-01"))
        (second / "sources.yaml").unlink()

        book = load_book([first, second])

        assert [r.value for r in book.history(SINGLE) if r.place == "370300"] == [8]

    @pytest.mark.parametrize(
        ("values", "field", "reason"),
        [
            ([value(9)], "from", "overlaps that of the value 11"),
            ([value(9, replaces="2019-01-01")], "replaces", "no value of this id"),
            ([value(9, place="'370100'", replaces="2020-12-31")], "replaces", "no value of this id"),
            ([NINE, value(8, place="'370300'", replaces="2027-01-01")], "replaces", "no value"),
        ],
    )
    def test_refuses_what_does_not_fit_on_top(self, tmp_path: Path, values: list[str], field: str, reason: str) -> None:
        with pytest.raises(PolicyFileError) as caught:
            load_book([overlay(tmp_path, *values)])

        assert caught.value.field.endswith(f".{field}")
        assert reason in caught.value.reason

    def test_takes_the_unit_of_the_book_repeated(self, tmp_path: Path) -> None:
        entry = f"{SINGLE}:\n  unit: workday\n  values: [{NINE}]"

        book = load_book([book_dir(tmp_path, entry, head=OVERLAY_HEAD, sources=SUCCESSOR)])

        assert book.entry(SINGLE).unit == "workday"

    def test_refuses_another_unit(self, tmp_path: Path) -> None:
        entry = f"{SINGLE}:\n  unit: hour\n  values: [{NINE}]"

        with pytest.raises(PolicyFileError, match="the book has this id in the unit 'workday'"):
            load_book([book_dir(tmp_path, entry, head=OVERLAY_HEAD, sources=SUCCESSOR)])

    def test_refuses_a_title_for_a_matter_of_the_book(self, tmp_path: Path) -> None:
        folder = overlay(tmp_path, NINE, head=OVERLAY_HEAD + "title: {zh: 别名, en: Alias}\n")

        with pytest.raises(PolicyFileError, match="the book already names this matter"):
            load_book([folder])

    def test_refuses_an_id_of_another_matter(self, tmp_path: Path) -> None:
        folder = overlay(tmp_path, NINE, head=OVERLAY_HEAD.replace("connection_limit", "fee"))

        with pytest.raises(PolicyFileError, match="in the matter 'connection_limit'"):
            load_book([folder])
