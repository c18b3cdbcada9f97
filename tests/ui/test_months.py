from datetime import date

from tongdian.kernel.calendar import packaged_calendar
from tongdian.ui.months import Cell, months_of


def cells(start: date, n: int) -> dict[date, Cell]:
    """Every cell inside its month, by date."""
    months = months_of(packaged_calendar().explain(start, n))
    return {cell.date: cell for month in months for week in month.weeks for cell in week if cell.is_in_month}


class TestMonthsOf:
    def test_gives_nothing_for_nothing(self) -> None:
        assert months_of(()) == []

    def test_covers_every_month_touched(self) -> None:
        months = months_of(packaged_calendar().explain(date(2026, 12, 24), 9))

        assert [month.first for month in months] == [date(2026, 12, 1), date(2027, 1, 1)]

    def test_lays_weeks_out_from_monday(self) -> None:
        (month,) = months_of(packaged_calendar().explain(date(2026, 11, 2), 1))

        assert all(week[0].date.weekday() == 0 and len(week) == 7 for week in month.weeks)

    def test_marks_only_the_last_counted_day_as_due(self) -> None:
        due = [day for day, cell in cells(date(2026, 9, 30), 3).items() if cell.is_due]

        assert due == [date(2026, 10, 10)]

    def test_leaves_days_outside_the_working_without_a_step(self) -> None:
        laid_out = cells(date(2026, 11, 23), 2)

        assert laid_out[date(2026, 11, 22)].step is None
        assert laid_out[date(2026, 11, 23)].step is not None

    def test_names_several_deadlines_on_their_days(self) -> None:
        steps = packaged_calendar().explain(date(2026, 11, 23), 5)

        (month,) = months_of(steps, {date(2026, 11, 24): "受理", date(2026, 11, 30): "方案"})

        due = {cell.date.day: cell.due for week in month.weeks for cell in week if cell.is_due}
        assert due == {24: "受理", 30: "方案"}
