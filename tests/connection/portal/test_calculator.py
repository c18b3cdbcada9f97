"""The calculator: its dates are those of the engine's clock on a real case, its words explain every skipped day."""

from datetime import date

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from tongdian.connection import rules
from tongdian.connection.guidance.dates import Pause, latest_dates, standard_of
from tongdian.connection.guidance.workings import skipped
from tongdian.kernel.calendar import packaged_calendar

pytestmark = pytest.mark.django_db

ASKED = {"on": "2026-09-21", "customer_class": "hv10_dual"}


class TestCalculator:
    def test_asks_first(self, client: Client) -> None:
        page = client.get("/calculator/")

        assert not page.context["form"].is_bound
        assert "dates" not in page.context

    def test_dates_every_stage(self, client: Client) -> None:
        page = client.get("/calculator/", ASKED)

        due = [stage.due_date for _title, stage, _limit in page.context["dates"]]
        assert due == [date(2026, 9, 22), date(2026, 10, 9), date(2026, 10, 13), date(2026, 10, 15), date(2026, 10, 20),
                       date(2026, 10, 22)]  # fmt: skip

    def test_names_the_holiday_and_its_notice(self, client: Client) -> None:
        page = client.get("/calculator/", ASKED).content.decode()

        assert "国庆节" in page
        assert "国办发明电" in page

    def test_starts_at_a_stage(self, client: Client) -> None:
        page = client.get("/calculator/", ASKED | {"first": "interim_inspection"})

        assert [stage.stage for _title, stage, _limit in page.context["dates"]] == [
            "interim_inspection",
            "completion_inspection",
            "connect",
        ]

    def test_takes_a_link_that_names_only_the_class(self, client: Client) -> None:
        page = client.get("/calculator/", {"class": "lv_three_zero"})

        assert [stage.stage for _title, stage, _limit in page.context["dates"]] == ["lv_whole"]

    def test_marks_what_is_provisional(self, client: Client) -> None:
        page = client.get("/calculator/", ASKED | {"on": "2027-02-01"})

        assert page.context["is_provisional"]
        assert "还没有公布放假安排" in page.content.decode()

    def test_leaves_paused_days_out(self, client: Client) -> None:
        paused = {"pause_from_1": "2026-09-23", "pause_until_1": "2026-09-28"}

        page = client.get("/calculator/", ASKED | paused)

        assert page.context["dates"][1][1].due_date == date(2026, 10, 12)
        assert "暂停" in [each.why for each in page.context["skipped"]]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"on": "2031-01-01"}, "on"),
            ({"on": "2028-12-20", "customer_class": "hv35_dual"}, "on"),
            ({"on": "2019-01-01"}, "on"),
            ({"first": "lv_whole"}, "first"),
            ({"pause_from_1": "2026-09-23"}, "pause_until_1"),
            ({"pause_from_1": "2026-09-23", "pause_until_1": "2026-09-22"}, "pause_from_1"),
            (
                {"pause_from_1": "2026-09-23", "pause_until_1": "2026-09-28", "pause_from_2": "2026-09-25",
                 "pause_until_2": "2026-09-29"},
                "pause_from_2",
            ),
        ],
    )  # fmt: skip
    def test_says_what_cannot_be_computed(self, client: Client, changed: dict[str, str], field: str) -> None:
        page = client.get("/calculator/", ASKED | changed)

        assert page.status_code == 200
        assert field in page.context["form"].errors
        assert "dates" not in page.context

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    @pytest.mark.parametrize("customer_class", rules.CUSTOMER_CLASSES)
    def test_answers_for_every_class_in_both_languages(
        self, client: Client, customer_class: str, language: str
    ) -> None:
        client.cookies["django_language"] = language

        page = client.get("/calculator/", ASKED | {"customer_class": customer_class})

        assert page.status_code == 200
        assert page.context["dates"]

    def test_costs_a_fixed_number_of_queries(self, client: Client, django_assert_num_queries) -> None:
        with django_assert_num_queries(4):
            client.get("/calculator/", ASKED)


class TestCalendarFile:
    def test_holds_one_whole_day_per_deadline(self, client: Client) -> None:
        response = client.get("/calculator/", ASKED | {"format": "ics"})

        file = Calendar.from_ical(response.content)
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert [event["DTSTART"].dt for event in file.walk("VEVENT")][:2] == [date(2026, 9, 22), date(2026, 10, 9)]
        assert all("12398" in event["DESCRIPTION"] for event in file.walk("VEVENT"))

    def test_keeps_its_lines_within_75_octets(self, client: Client) -> None:
        content = client.get("/calculator/", ASKED | {"format": "ics"}).content

        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        assert b"\n" not in content.replace(b"\r\n", b"")

    def test_names_the_same_event_alike_again(self, client: Client) -> None:
        first, second = (client.get("/calculator/", ASKED | {"format": "ics"}).content for _ in range(2))

        assert [e["UID"] for e in Calendar.from_ical(first).walk("VEVENT")] == [
            e["UID"] for e in Calendar.from_ical(second).walk("VEVENT")
        ]


class TestSkipped:
    def test_puts_days_of_one_reason_together(self) -> None:
        by = standard_of("hv10_dual", on=date(2026, 9, 21), county_code="370102")

        found = skipped(latest_dates(by, packaged_calendar(), start=date(2026, 9, 21)))

        national = next(each for each in found if each.why == "国庆节")
        assert (national.first, national.last) == (date(2026, 10, 1), date(2026, 10, 7))

    def test_tells_of_weekends_that_were_worked(self) -> None:
        by = standard_of("hv10_dual", on=date(2026, 9, 21), county_code="370102")

        found = skipped(latest_dates(by, packaged_calendar(), start=date(2026, 9, 28)))

        assert any("照常上班" in each.why for each in found)

    @settings(max_examples=40, deadline=None)
    @given(
        customer_class=st.sampled_from(rules.CUSTOMER_CLASSES),
        start=st.dates(date(2021, 7, 1), date(2026, 10, 1)),
        wait=st.integers(0, 20),
        held=st.integers(0, 15),
    )
    def test_leaves_no_day_unexplained(self, customer_class: str, start: date, wait: int, held: int) -> None:
        by, calendar = standard_of(customer_class, on=start, county_code="370102"), packaged_calendar()
        begin = date.fromordinal(start.toordinal() + wait)
        pause = Pause(begin, date.fromordinal(begin.toordinal() + held))

        dates = latest_dates(by, calendar, start=start, pauses=[pause])

        told = {each.first.toordinal() + n for each in skipped(dates) for n in range((each.last - each.first).days + 1)}
        uncounted = {line.date.toordinal() for stage in dates for line in stage.lines if line.ordinal is None}
        assert uncounted <= told
        for stage in dates:
            counted = [line for line in stage.lines if line.ordinal]
            assert len(counted) == stage.limit_days or stage.lines[-1].ordinal is None
