from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.frame_cases import SAMPLE
from tongdian.case import rules
from tongdian.kernel.calendar import packaged_calendar

EVERY_EVENT = [*SAMPLE.events, *rules.FRAME_EVENTS, "meteor.struck"]
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)


class TestTransition:
    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from(sorted(SAMPLE.statuses)), st.sampled_from(EVERY_EVENT))
    def test_allows_exactly_what_it_lists(self, status, event_kind):
        legal = rules.legal_events(SAMPLE, status)

        if event_kind in legal:
            after = rules.transition(SAMPLE, status=status, event_kind=event_kind, number="1")
            assert after in SAMPLE.statuses
        else:
            with pytest.raises(rules.IllegalTransition) as refused:
                rules.transition(SAMPLE, status=status, event_kind=event_kind, number="1")
            assert refused.value.legal == legal

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.sampled_from(EVERY_EVENT), max_size=30))
    def test_never_leaves_an_end(self, event_kinds):
        status, ended = SAMPLE.initial, None
        for event_kind in event_kinds:
            if event_kind in rules.legal_events(SAMPLE, status):
                status = rules.transition(SAMPLE, status=status, event_kind=event_kind, number="1")
            if ended:
                assert status == ended
            ended = status if SAMPLE.is_end(status) else None

    @pytest.mark.parametrize("event_kind", rules.FRAME_EVENTS)
    def test_keeps_the_status_over_events_of_the_frame(self, event_kind):
        assert rules.transition(SAMPLE, status="scheme", event_kind=event_kind, number="1") == "scheme"

    @pytest.mark.parametrize("event_kind", sorted(set(rules.FRAME_EVENTS) - set(rules.AFTER_END)))
    def test_adds_no_work_to_a_closed_case(self, event_kind):
        with pytest.raises(rules.IllegalTransition):
            rules.transition(SAMPLE, status="closed", event_kind=event_kind, number="1")

    def test_names_case_status_and_what_is_possible(self):
        with pytest.raises(rules.IllegalTransition) as refused:
            rules.transition(SAMPLE, status="works", event_kind="scheme.issued", number="370102-2026-000001-5")

        assert "370102-2026-000001-5" in str(refused.value)
        assert "connection.energised" in str(refused.value)
        assert (refused.value.status, refused.value.event_kind) == ("works", "scheme.issued")

    def test_refuses_a_status_the_kind_does_not_know(self):
        with pytest.raises(rules.UnknownStatus, match="lost"):
            rules.transition(SAMPLE, status="lost", event_kind="note.added", number="1")


class TestLamp:
    @pytest.mark.parametrize(
        ("waiting_for", "due", "today", "expected"),
        [
            ("utility", FRIDAY, MONDAY, "overdue"),
            ("utility", FRIDAY, SATURDAY, "overdue"),
            ("utility", FRIDAY, FRIDAY, "due_soon"),
            ("utility", MONDAY, FRIDAY, "due_soon"),
            ("utility", date(2026, 11, 24), FRIDAY, "on_track"),
            ("utility", date(2026, 11, 24), SATURDAY, "on_track"),
            ("utility", date(2026, 11, 24), MONDAY, "due_soon"),
            ("utility", None, FRIDAY, "on_track"),
            ("customer", None, FRIDAY, "waiting"),
            ("agency", None, FRIDAY, "waiting"),
            ("closed", None, FRIDAY, None),
        ],
    )
    def test_is_lit_by_working_days(self, waiting_for, due, today, expected):
        lit = rules.lamp(waiting_for=waiting_for, next_due_date=due, today=today, calendar=packaged_calendar())

        assert lit == expected


class TestDaysLeft:
    @pytest.mark.parametrize(
        ("due", "today", "expected"),
        [
            (MONDAY, MONDAY, 0),
            (MONDAY, FRIDAY, 1),
            (FRIDAY, SATURDAY, 0),
            (FRIDAY, MONDAY, -1),
            (date(2026, 10, 8), date(2026, 9, 30), 1),
        ],
    )
    def test_counts_working_days(self, due, today, expected):
        assert rules.days_left(due, today=today, calendar=packaged_calendar()) == expected


class TestMoved:
    START = datetime(2026, 11, 20, tzinfo=UTC)

    def test_lists_new_and_changed_deadlines_only(self):
        same = rules.Due(self.START, 1, MONDAY, is_provisional=False)
        before = rules.Due(self.START, 5, FRIDAY, is_provisional=True)
        after = rules.Due(self.START, 5, FRIDAY, is_provisional=False)

        moved = rules.moved({("a", 1): same, ("b", 1): before}, {("a", 1): same, ("b", 1): after, ("b", 2): same})

        assert moved == {("b", 1): (before, after), ("b", 2): (None, same)}
