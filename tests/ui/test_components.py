from datetime import UTC, datetime

from tongdian.ui.components import Clock, Stage, Task, TimelineEntry, Wait

START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class TestClock:
    def test_names_the_three_owners_even_without_days(self) -> None:
        assert [owner for owner, _word, _days in Clock(utility_days=0).shares] == ["utility", "customer", "agency"]

    def test_names_force_majeure_only_where_it_took_days(self) -> None:
        shares = Clock(utility_days=1, force_majeure_days=2).shares

        assert [(owner, days) for owner, _word, days in shares][-1] == ("force_majeure", 2)

    def test_divides_the_bar_by_days(self) -> None:
        bar = Clock(utility_days=6, customer_days=2, agency_days=4).bar

        assert bar == [
            ("utility", "0.00%", "50.00%"),
            ("customer", "50.00%", "16.67%"),
            ("agency", "66.67%", "33.33%"),
        ]

    def test_has_no_bar_before_the_first_day(self) -> None:
        assert Clock(utility_days=0).bar == []

    def test_of_a_closed_case_names_no_owner(self) -> None:
        assert Clock(utility_days=3).owner_word == ""
        assert Clock(utility_days=3, owner="customer").owner_word == "等待客户"


class TestWords:
    def test_of_stage_task_and_wait_are_those_of_their_state(self) -> None:
        assert Stage("业务受理", "late").word == "超期完成"
        assert Task("用电地址", "blocked").word == "暂不能开始"
        assert Wait("agency", "道路许可", START).owner_word == "等待审批部门"


class TestTimelineEntry:
    def test_shortens_its_hash(self) -> None:
        assert TimelineEntry(1, "受理", "客户经理", START, event_hash="0123456789abcdef").short_hash == "0123456789ab"
