import re
from datetime import date, time
from pathlib import Path

import pytest

from tongdian.oversight import rules
from tongdian.oversight.queries import book
from tongdian.policy import current_book

DAY = date(2026, 11, 23)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "howto" / "alerts.md"


@pytest.fixture
def overlaid(monkeypatch, tmp_path):
    """Give this installation the overlay of a text, for one test."""

    def lay(text: str) -> None:
        (tmp_path / "alert.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv("TONGDIAN_POLICY", str(tmp_path))
        current_book.cache_clear()

    yield lay
    monkeypatch.undo()
    current_book.cache_clear()


def by_name() -> dict[str, rules.AlertRule]:
    return {rule.name: rule for rule in book.alert_rules(DAY)}


class TestAlertRules:
    def test_can_all_be_carried_out(self):
        assert {"due_today", "one_day_left", "overdue", "paused_too_long", "waiting_unassigned"} <= set(by_name())

    def test_escalate_upwards_with_growing_days(self):
        steps = by_name()["overdue"].steps

        assert [step.days for step in steps] == sorted(step.days for step in steps)
        assert steps[0].audiences == ("assignee",)
        assert steps[-1].audiences == ("supervisor_province",)

    def test_follow_the_overlay_of_the_how_to(self, overlaid):
        overlaid(re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0])

        assert [step.days for step in by_name()["overdue"].steps] == [0, 1, 3, 15]
        assert by_name()["overdue"].steps[-1].audiences == ("supervisor_province", "regulator")

    def test_refuse_a_role_nobody_knows(self, overlaid):
        written = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
        overlaid(written.replace("tell: [assignee]", "tell: [mayor]"))

        with pytest.raises(rules.InvalidRule, match="mayor"):
            book.alert_rules(DAY)


class TestTitle:
    def test_is_that_of_the_book(self):
        assert book.title("overdue", "en") == "Overdue"

    def test_is_the_name_of_a_rule_no_longer_there(self):
        assert book.title("of_yesterday", "zh-hans") == "of_yesterday"


class TestHours:
    def test_come_from_the_book(self):
        assert book.hours(DAY) == rules.Hours(time(8, 30), time(21), time(8))
