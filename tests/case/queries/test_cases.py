from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from support.frame_cases import happen, new_case, new_user, new_utility
from tongdian.case import operations, rules
from tongdian.case.models import Case
from tongdian.case.operations import search
from tongdian.case.queries import case_for, cases_for, queue
from tongdian.kernel.calendar import packaged_calendar
from tongdian.people.models import Grant, User

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def officer(territory_code: str = "370100", utility=None, role: str = "account_manager") -> User:
    user = new_user(kind="staff")
    Grant.objects.create(
        user=user,
        role=role,
        organisation=utility or new_utility(),
        territory_code=territory_code,
        valid_from=timezone.now() - timedelta(days=1),
    )
    return user


def due(case: Case, day: date | None, waiting_for: str = "utility") -> Case:
    Case.objects.filter(pk=case.pk).update(next_due_date=day, waiting_for=waiting_for)
    return case


class TestCasesFor:
    def test_reaches_the_owner_the_colleague_and_no_stranger(self, founded):
        owner, stranger, other_applicant = new_user(), officer("370200"), new_user()
        colleague, other_company = officer(), officer(utility=new_utility("frame-other"))
        case = new_case(owner)

        assert list(cases_for(owner, "own_case.view")) == [case]
        assert list(cases_for(colleague, "case.view")) == [case]
        for user, permission in [
            (other_applicant, "own_case.view"),
            (owner, "case.view"),
            (stranger, "case.view"),
            (other_company, "case.view"),
            (AnonymousUser(), "case.view"),
            (AnonymousUser(), "own_case.view"),
        ]:
            assert not cases_for(user, permission).exists()

    def test_makes_a_case_out_of_reach_look_like_none(self, case):
        with pytest.raises(Case.DoesNotExist):
            case_for(officer("370200"), "case.view", case.pk)


class TestQueue:
    def test_shows_the_least_time_first_and_cases_without_deadline_last(self, founded):
        late, soon = due(new_case(), date(2026, 11, 20)), due(new_case(), date(2026, 11, 24))
        without = due(new_case(), None, "customer")

        assert list(queue(officer())) == [late, soon, without]

    @pytest.mark.parametrize("lamp", ["overdue", "due_soon", "on_track", "waiting"])
    def test_filters_by_the_lamp_the_rules_light(self, founded, lamp):
        days = [None, *(TODAY + timedelta(days=offset) for offset in range(-3, 5))]
        for day in days:
            due(new_case(), day)
        due(new_case(), None, "customer")
        due(new_case(), None, "agency")
        calendar = packaged_calendar()

        found = queue(officer(), lamp=lamp, today=TODAY, calendar=calendar)

        expected = {
            case.pk
            for case in Case.objects.all()
            if rules.lamp(
                waiting_for=case.waiting_for, next_due_date=case.next_due_date, today=TODAY, calendar=calendar
            )
            == lamp
        }
        assert {case.pk for case in found} == expected != set()

    def test_needs_a_day_for_a_lamp(self, founded):
        with pytest.raises(ValueError, match="today"):
            queue(officer(), lamp="overdue")

    def test_filters_by_every_column(self, founded):
        mine = officer()
        case = new_case(county_code="370102", customer_class="hv10_dual")
        new_case(county_code="370103")
        happen(case, "application.submitted")
        search.index(case)
        opened = Case.objects.get(pk=case.pk).opened_at.astimezone(ZoneInfo("Asia/Shanghai")).date()
        Case.objects.exclude(pk=case.pk).update(opened_at=NOW - timedelta(days=900))
        operations.assign(case, assignee=mine, actor=mine, channel="desk", expected_version=1, now=NOW)

        for wanted in (
            {"manager": mine},
            {"manager": mine.pk},
            {"whose": "mine"},
            {"opened_from": opened, "opened_until": opened},
            {"stage": "acceptance"},
            {"customer_class": "hv10_dual"},
            {"county_code": "370102"},
            {"status": "submitted"},
            {"county_code": "370102", "text": "食品", "waiting_for": "utility"},
        ):
            assert list(queue(mine, **wanted)) == [case]

    def test_tells_team_and_unassigned_apart(self, founded):
        mine, colleague, stranger = officer(), officer(), officer()
        User.objects.filter(pk__in=[mine.pk, colleague.pk]).update(organisation=new_utility())
        mine.refresh_from_db()
        ours, theirs, nobodys = (new_case() for _ in range(3))
        Case.objects.filter(pk=ours.pk).update(assignee=colleague)
        Case.objects.filter(pk=theirs.pk).update(assignee=stranger)

        assert list(queue(mine, whose="team")) == [ours]
        assert list(queue(mine, whose="unassigned")) == [nobodys]
        assert list(queue(stranger, whose="team")) == []
        assert list(queue(AnonymousUser(), whose="mine")) == []

    def test_counts_the_last_day_of_a_period_and_not_the_next(self, founded):
        case = new_case()
        Case.objects.filter(pk=case.pk).update(opened_at=datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC))
        day, next_day = date(2026, 11, 22), date(2026, 11, 23)

        assert list(queue(officer(), opened_until=day)) == [case]
        assert list(queue(officer(), opened_from=next_day)) == []

    def test_puts_what_the_text_names_before_what_merely_contains_it(self, founded):
        soon = due(new_case(title="新装", address="经十路示例食品厂旁"), TODAY)
        later = due(new_case(title="示例食品厂", address="某处"), TODAY + timedelta(days=3))
        scattered = due(new_case(title="食品", address="示例厂食品厂例食"), TODAY - timedelta(days=9))
        for case in (soon, later, scattered):
            search.index(case)

        assert list(queue(officer(), text="示例食品厂"))[:2] == [later, soon]

    def test_settles_ties_so_that_pages_never_overlap(self, founded):
        made = [due(new_case(), TODAY) for _ in range(7)]
        Case.objects.update(opened_at=NOW)

        pages = [list(queue(officer())[start : start + 2]) for start in range(0, 8, 2)]

        shown = [case for page in pages for case in page]
        assert shown == sorted(made, key=lambda case: case.pk)

    def test_leaves_closed_cases_out_unless_asked(self, submitted):
        happen(submitted, "case.withdrawn")

        assert list(queue(officer())) == []
        assert list(queue(officer(), is_open=None)) == [submitted]

    def test_costs_the_same_queries_for_any_number_of_rows(self, founded, django_assert_num_queries):
        user = officer()
        list(queue(user))

        for _ in range(3):
            search.index(new_case())
            with django_assert_num_queries(1):
                assert [case.assignee for case in queue(user, text="食品")]
