from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from support.frame_cases import new_case, new_user, new_utility
from tongdian.case import operations
from tongdian.case.models import Case
from tongdian.case.operations import parties, search
from tongdian.case.queries import queue
from tongdian.people.models import Grant, User

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def officer(territory_code: str = "370100", role: str = "account_manager") -> User:
    user = new_user(kind="staff")
    give(user, territory_code, role)
    return user


def give(user: User, territory_code: str, role: str) -> None:
    Grant.objects.create(
        user=user,
        role=role,
        organisation=new_utility(),
        territory_code=territory_code,
        valid_from=timezone.now() - timedelta(days=1),
    )


def indexed(**fields) -> Case:
    case = new_case(**fields)
    search.index(case)
    return case


def firm_of(case: Case, name: str) -> None:
    with transaction.atomic():
        parties.add_party(case, role="applicant", kind="organisation", facts=parties.PartyFacts(name))


class TestMatching:
    @pytest.mark.parametrize(
        "text",
        ["食品厂", "shipin", "spc", "spchang", "经十路1号", "jingshilu", "食品 历下", "路１号", "路一号", "食", "j"],
    )
    def test_finds_by_title_and_address(self, founded, text):
        case = indexed()
        indexed(title="某某纺织", address="某处99号")

        assert list(queue(officer(), text=text)) == [case]

    @pytest.mark.parametrize("text", ["食品药", "下历", "%", "  。", "zzz", "经十路2号"])
    def test_finds_nothing_else(self, founded, text):
        indexed()

        assert list(queue(officer(), text=text)) == ([])

    def test_finds_by_number_in_whole_and_by_parts_of_it(self, founded):
        case, other = new_case(), new_case(county_code="370103")
        number = operations.assign_number(case, now=NOW)
        operations.assign_number(other, now=NOW)
        operations.assign_number(new_case(), now=NOW)
        serial, check = number[12:18], number[19:]

        for text in (number, number.replace("-", ""), f"{serial}{check}", f"{serial[3:]}-{check}", number[:-2]):
            assert list(queue(officer(), text=text)) == [case]
        assert set(queue(officer(), text=serial)) == {case, other}
        assert list(queue(officer(), text="2026")) == []

    def test_shows_names_only_to_who_may_see_them(self, founded):
        case = indexed(title="新装", address="某处")
        firm_of(case, "样例纺织有限公司")
        with transaction.atomic():
            person = parties.PartyFacts("王样例", "resident", "11010519491231002X", "13800000000")
            parties.add_party(case, role="contact", kind="person", facts=person)
        clerk, planner = officer(), officer(role="planner")

        for text in ("纺织", "fangzhi", "样例纺织有限公司", "王样例", "11010519491231002x", "13800000000"):
            assert list(queue(clerk, text=text)) == [case]
            assert list(queue(planner, text=text)) == []
        for text in ("王样", "0000", "13800"):
            assert list(queue(clerk, text=text)) == []

    def test_shows_names_of_no_territory_but_the_readers(self, founded):
        case = indexed(title="新装", address="某处", county_code="370202")
        firm_of(case, "样例纺织有限公司")
        user = officer("370100")
        give(user, "370200", "planner")

        assert list(queue(user)) == [case]
        assert list(queue(user, text="纺织")) == []
