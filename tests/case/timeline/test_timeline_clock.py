"""The installation and its clock."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongdian.case.models import Case, ClockChange, Installation
from tongdian.case.operations import found_installation, move_clock_to, set_clock
from tongdian.case.queries import installation_clock, installation_now
from tongdian.case.queries.timeline import NotFounded

from .conftest import attacker, note

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


def refound(kind: str, clock_offset: timedelta = timedelta()) -> Installation:
    with attacker() as cursor:
        cursor.execute("DELETE FROM case_clockchange")
        cursor.execute("DELETE FROM case_installation")
    return found_installation(kind=kind, clock_offset=clock_offset)


class TestFoundInstallation:
    def test_can_be_done_once(self) -> None:
        with pytest.raises(IntegrityError, match="only_one"):
            found_installation(kind="test")

    @pytest.mark.parametrize("kind", ["production", "demonstration", "test"])
    def test_takes_each_kind(self, kind: str) -> None:
        assert len(bytes(refound(kind).genesis_hash)) == 32

    def test_refuses_an_unknown_kind(self) -> None:
        with pytest.raises(IntegrityError, match="kind_known"), transaction.atomic():
            refound("staging")

    def test_refuses_an_offset_in_production(self) -> None:
        with pytest.raises(IntegrityError, match="offset_not_in_production"), transaction.atomic():
            refound("production", MONTH)

    def test_takes_an_offset_for_a_demonstration(self) -> None:
        refound("demonstration", -MONTH)

        assert installation_clock().offset_s == -MONTH.total_seconds()


class TestSetClock:
    def test_moves_every_later_event_and_records_itself(self, case: Case) -> None:
        change = set_clock(-MONTH, reason="demonstration history")
        event = note(case)

        assert event.clock_offset_s == -MONTH.total_seconds()
        assert abs(event.recorded_at - (timezone.now() - MONTH)) < timedelta(minutes=1)
        assert ClockChange.objects.get() == change
        assert abs(change.changed_at - timezone.now()) < timedelta(minutes=1)

    def test_is_refused_in_production(self) -> None:
        refound("production")

        with pytest.raises(IntegrityError, match="cannot be moved"), transaction.atomic():
            set_clock(MONTH, reason="no")

        assert installation_clock().offset_s == 0

    def test_is_refused_in_production_whatever_it_is_set_to(self) -> None:
        refound("production")

        with pytest.raises(IntegrityError), transaction.atomic():
            set_clock(timedelta(), reason="no")


class TestMoveClockTo:
    @pytest.mark.parametrize("moment", [datetime(2025, 3, 1, tzinfo=UTC), datetime(2031, 3, 1, 12, 30, tzinfo=UTC)])
    def test_shows_the_moment_or_up_to_two_seconds_more(self, case: Case, moment: datetime) -> None:
        move_clock_to(moment, reason="demonstration history")

        assert timedelta() <= installation_now() - moment < timedelta(seconds=2)
        assert note(case).recorded_at >= moment


class TestInstallationNow:
    def test_is_the_database_clock_without_an_offset(self) -> None:
        assert abs(installation_now() - timezone.now()) < timedelta(minutes=1)

    def test_is_refused_before_the_database_is_founded(self) -> None:
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_installation")

        with pytest.raises(NotFounded, match="tongdian installation found"):
            installation_now()
