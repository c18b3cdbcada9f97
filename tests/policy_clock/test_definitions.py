"""Every clock definition of the packaged book can be read by the clock, and its limits fit its stages."""

from datetime import date

import pytest

from support.clock_cases import events, local
from tongdian.engine.clock import definition_from, replay
from tongdian.kernel.calendar import packaged_calendar
from tongdian.policy import packaged_book

ON = date(2026, 3, 2)
PREFIX = "connection.clock."
CLASSES = sorted(entry.id.removeprefix(PREFIX) for entry in packaged_book().items() if entry.id.startswith(PREFIX))
COURSE = (
    "application.submitted",
    "application.accepted",
    "scheme.issued",
    "scheme.confirmed",
    "design.submitted",
    "design.approved",
    "interim.requested",
    "interim.passed",
    "completion.reported",
    "completion.passed",
    "contract.signed",
    "connection.energised",
)


def limits_of(name: str) -> dict[str, int]:
    book = packaged_book()
    limits: dict[str, int] = {"total": book.lookup(f"connection.total_limit.{name}", on=ON).value}
    for stage in definition_from(book.lookup(PREFIX + name, on=ON).value).stages:
        limits[stage.id] = book.lookup(f"connection.stage_limit.{name}.{stage.id}", on=ON).value
    return limits


class TestPackagedDefinitions:
    def test_are_there_for_every_class(self) -> None:
        classes = {
            entry.id.rpartition(".")[2] for entry in packaged_book().items() if entry.id.startswith("connection.class.")
        }

        assert set(CLASSES) == classes

    @pytest.mark.parametrize("name", CLASSES)
    def test_have_a_limit_for_every_stage_and_these_add_up_to_the_total(self, name: str) -> None:
        limits = limits_of(name)

        assert sum(days for stage, days in limits.items() if stage != "total") == limits["total"]

    @pytest.mark.parametrize("name", CLASSES)
    def test_read_a_plain_case_as_on_time_with_an_owner_for_every_hour(self, name: str) -> None:
        definition = definition_from(packaged_book().lookup(PREFIX + name, on=ON).value)
        # Kinds a class has no use for (a design review at low voltage) would be found as stops without start.
        kinds = [kind for kind in COURSE if kind in definition.kinds]
        case = events(*(f"{ON} {9 + place:02}:00 {kind}" for place, kind in enumerate(kinds)))

        reading = replay(case, definition, packaged_calendar(), limits_of(name), local("2026-03-20 09:00"))

        assert (reading.verdict, reading.findings) == ("on_time", ())
        assert "unassigned" not in reading.owners
