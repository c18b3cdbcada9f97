from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from support.frame_cases import happen, new_case, new_user, new_utility
from tongdian.case import operations, rules
from tongdian.case.models import Case
from tongdian.case.operations import parties
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


def firm_of(case: Case, name: str) -> None:
    with transaction.atomic():
        parties.add_party(case, role="applicant", kind="organisation", facts=parties.PartyFacts(name))


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
        operations.assign(case, assignee=mine, actor=mine, channel="desk", expected_version=1, now=NOW)

        for wanted in (
            {"assignee": mine},
            {"stage": "acceptance"},
            {"customer_class": "hv10_dual"},
            {"county_code": "370102"},
            {"status": "submitted"},
            {"county_code": "370100", "text": "食品", "waiting_for": "utility"},
        ):
            assert list(queue(mine, **wanted)) == [case]

    def test_leaves_closed_cases_out_unless_asked(self, submitted):
        happen(submitted, "case.withdrawn")

        assert list(queue(officer())) == []
        assert list(queue(officer(), is_open=None)) == [submitted]

    def test_costs_the_same_queries_for_any_number_of_rows(self, founded, django_assert_num_queries):
        user = officer()
        list(queue(user))

        for _ in range(3):
            new_case()
            with django_assert_num_queries(1):
                assert all(case.utility.name for case in queue(user, text="食品"))


class TestMatching:
    @pytest.mark.parametrize("text", ["食品厂", "shipin", "spc", "经十路1号", "jingshilu", "食品 历下"])
    def test_finds_by_title_and_address(self, case, text):
        assert list(queue(officer(), text=text)) == [case]

    @pytest.mark.parametrize("text", ["食品药", "下历", "", "%"])
    def test_finds_nothing_else(self, case, text):
        found = queue(officer(), text=text)

        assert list(found) == ([case] if not text else [])

    def test_finds_by_number_in_whole_and_by_its_serial(self, case):
        new_case()
        number = operations.assign_number(case, now=NOW)

        for text in (number, number.replace("-", ""), number[12:18], number[12:]):
            assert list(queue(officer(), text=text)) == [case]

    def test_shows_names_only_to_who_may_see_them(self, founded):
        case = new_case(title="新装", address="某处")
        firm_of(case, "样例纺织有限公司")
        with transaction.atomic():
            person = parties.PartyFacts("王样例", "resident", "11010519491231002X", "13800000000")
            parties.add_party(case, role="contact", kind="person", facts=person)
        clerk, planner = officer(), officer(role="planner")

        for text in ("纺织", "fangzhi", "样例纺织有限公司", "王样例", "11010519491231002x", "13800000000"):
            assert list(queue(clerk, text=text)) == [case]
            assert list(queue(planner, text=text)) == []
        assert list(queue(clerk, text="王样")) == []

    def test_shows_names_of_no_territory_but_the_readers(self, founded):
        case = new_case(title="新装", address="某处", county_code="370202")
        firm_of(case, "样例纺织有限公司")
        user = officer("370100")
        Grant.objects.create(
            user=user,
            role="planner",
            organisation=new_utility(),
            territory_code="370200",
            valid_from=timezone.now() - timedelta(days=1),
        )

        assert list(queue(user)) == [case]
        assert list(queue(user, text="纺织")) == []
