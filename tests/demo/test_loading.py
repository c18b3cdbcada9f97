import stat
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from tongdian.case import queries as case_queries
from tongdian.case.models import Case, ClockChange, Document, Event, Installation
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.verification import verify
from tongdian.connection.rules import OPEN_STATUSES
from tongdian.demo import identities, sign_ins, state
from tongdian.demo.loading import AlreadyLoaded, load
from tongdian.demo.plan import FEWEST
from tongdian.demo.replay import STEPS_TOGETHER
from tongdian.kernel import divisions
from tongdian.people.models import User
from tongdian.people.queries import holds_staff_role, scope, utility_for
from tongdian.people.rules import normalise_phone


def silent(_progress: object) -> None:
    """Somebody must be told."""


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
class TestLoad:
    def test_founds_the_database_as_a_demonstration(self) -> None:
        assert Installation.objects.get().kind == "demonstration"

    def test_shows_every_open_status_and_the_end(self, loaded) -> None:
        assert set(loaded.contents.by_status) >= OPEN_STATUSES | {"energised"}

    def test_writes_a_timeline_that_holds_and_is_sealed(self, loaded) -> None:
        verdict = verify()

        assert verdict.fault is None
        assert verdict.events == verdict.leaves == loaded.contents.events

    def test_leaves_the_last_month_to_be_published(self, loaded) -> None:
        assert ProcrastinateJob.objects.filter(task_name="disclosure.publish_month", status="todo").count() == 1

    def test_leaves_the_clock_in_real_time(self) -> None:
        clock = case_queries.installation_clock()

        assert clock.offset_s == 0
        assert abs(clock.now - datetime.now(UTC)) < timedelta(minutes=1)

    def test_moves_the_clock_forward_only(self) -> None:
        shown = [change.changed_at + timedelta(seconds=change.clock_offset_s) for change in moves()]

        assert all(later >= earlier for earlier, later in pairwise(shown))

    def test_dates_every_event_before_now_and_some_a_year_ago(self, loaded) -> None:
        moments = sorted(Event.objects.values_list("recorded_at", flat=True))

        assert moments[-1] < loaded.now
        assert all(event.clock_offset_s < 0 for event in Event.objects.all())

    def test_gives_every_case_its_number_and_documents(self) -> None:
        assert not Case.objects.filter(number=None).exists()
        assert not Document.objects.filter(case=None).exists()

    def test_agrees_with_the_clock_read_anew(self, loaded) -> None:
        for case in Case.objects.all():
            read = case_queries.reading(case, as_of=loaded.now)

            assert read.is_sound, (case.status, read.findings)
            assert (case.waiting_for == "closed") == (case.status not in OPEN_STATUSES)
            if case.status in OPEN_STATUSES:
                assert case.waiting_for == read.waiting_for

    def test_reconciles_every_clock_on_the_calendar(self, loaded) -> None:
        for case in Case.objects.all():
            read = case_queries.reading(case, as_of=loaded.now)
            if read.started_at is None:
                # Low voltage counts from acceptance.
                assert case.accepted_at is None
                continue
            end = read.ended_at or loaded.now
            days = (local_date(end) - local_date(read.started_at)).days

            assert sum(span.calendar_days for span in read.spans) == days
            assert sum((span.elapsed for span in read.spans), timedelta()) == end - read.started_at

    def test_has_something_overdue_for_the_desk(self, loaded) -> None:
        assert Case.objects.filter(status="accepted", next_due_date__lt=local_date(loaded.now)).exists()

    def test_tells_a_story_to_the_first_applicant(self) -> None:
        user = User.objects.get(phone_lookup=normalise_phone(identities.phone(1)))

        told = Case.objects.filter(applicant=user).values_list("status", flat=True)

        assert sorted(told) == ["energised", "in_completion_inspection", "scheme_issued"]

    def test_gives_every_county_a_utility(self, loaded) -> None:
        on = local_date(loaded.now)

        counties = divisions.divisions(on, level="county")

        assert len(counties) == 136
        assert {utility_for(each.code, on).code for each in counties} == {"demo-grid", "demo-idc"}

    def test_keeps_the_sign_ins_for_their_owner_only(self, loaded) -> None:
        path = loaded.home / sign_ins.FILE_NAME

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(sign_ins.kept(home=loaded.home)) == 9

    def test_makes_accounts_that_can_sign_in(self, loaded) -> None:
        for each in sign_ins.kept(home=loaded.home):
            if each.password:
                user = authenticate(None, username=each.login, password=each.password)

                assert user is not None
                assert holds_staff_role(user)

    @pytest.mark.parametrize(
        ("login", "sees"),
        [("demo_account_manager", True), ("demo_regulator", True), ("demo_account_manager_idc", False)],
    )
    def test_shows_the_story_to_who_may_see_it(self, login: str, *, sees: bool) -> None:
        user = User.objects.get(username=login)
        story = Case.objects.filter(applicant__phone_lookup=normalise_phone(identities.phone(1)))

        reached = scope(user, "case.view").filter(story, county="county_code", utility="utility")

        assert reached.count() == (3 if sees else 0)

    def test_refuses_to_load_a_second_time_and_says_what_is_there(self, loaded) -> None:
        with pytest.raises(AlreadyLoaded, match=f"{loaded.contents.cases} cases") as refused:
            load(FEWEST, seed=1, now=loaded.now, home=loaded.home, on_progress=silent)

        assert refused.value.contents == loaded.contents


def moves() -> list[ClockChange]:
    """Every move of the clock but the last, which brings it back to real time."""
    return list(ClockChange.objects.order_by("pk"))[:-1]


class TestLoadInterrupted:
    @pytest.mark.usefixtures("unfounded")
    def test_leaves_whole_cases_in_real_time_and_says_so_at_the_next_start(self, tmp_path) -> None:
        def stop_at_once(progress) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            load(FEWEST, seed=1, now=datetime.now(UTC), home=tmp_path, on_progress=stop_at_once)

        assert case_queries.installation_clock().offset_s == 0
        assert verify().fault is None
        assert STEPS_TOGETHER <= Event.objects.count() < 2 * STEPS_TOGETHER
        with pytest.raises(state.Interrupted, match="make reset"):
            load(FEWEST, seed=1, now=datetime.now(UTC), home=tmp_path, on_progress=silent)

    @pytest.mark.usefixtures("unfounded")
    def test_commits_as_safely_as_before(self, tmp_path) -> None:
        def stop_at_once(progress) -> None:
            raise KeyboardInterrupt

        before = commit_mode()
        with pytest.raises(KeyboardInterrupt):
            load(FEWEST, seed=1, now=datetime.now(UTC), home=tmp_path, on_progress=stop_at_once)

        assert commit_mode() == before


def commit_mode() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0]
