import threading
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.case.conftest import committed  # noqa: F401 - a fixture

from support import connections, people
from tongdian.case.models import Case
from tongdian.case.operations.frame import AlreadyAssigned
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.connection import operations
from tongdian.connection.operations import Acting, ManagerNotPossible, NobodyThere
from tongdian.connection.queries.assigning import choices, loads_of
from tongdian.connection.rules.assigning import MOST_TOLD, Held, Weights, loads, told
from tongdian.people import operations as people_operations
from tongdian.people.models import Grant, ServiceCell, User
from tongdian.people.operations.cells import add_cell, add_member
from tongdian.people.rules import Role

COUNTY = connections.COUNTY
START = date(2020, 1, 1)
ACCOUNT, PROJECT = Role.ACCOUNT_MANAGER, Role.PROJECT_MANAGER


def cell(code: str = "lixia-1", *, words: tuple[str, ...] = (), zones: tuple[str, ...] = ()) -> ServiceCell:
    return add_cell(
        connections.utility(),
        code=code,
        name="示例网格",
        county_code=COUNTY,
        address_words=words,
        zones=zones,
        valid_from=START,
        actor=None,
        reason="test",
    )


def manager(of: ServiceCell | None = None, role: Role = ACCOUNT) -> User:
    user = people.staff(role, at=connections.utility())
    if of:
        add_member(of, user, role=role, valid_from=START, actor=None, reason="test")
    return user


def absent(user: User, cover: User) -> None:
    today = local_date(installation_now())
    people_operations.enter_absence(
        user,
        valid_from=today,
        valid_until=today + timedelta(days=3),
        reason="leave",
        covers=[cover],
        actor=user,
        now=installation_now(),
        today=today,
    )


def acting(case: Case, by: User) -> Acting:
    return Acting(by, Role.COUNTER_CLERK, "desk", case.version, installation_now())


def submitted() -> Case:
    """Return a submitted case, without the manager a walk would bring along."""
    begun, now = connections.draft(), installation_now()
    return operations.submit(begun.pk, owner=begun.owner, expected_version=begun.version, channel="web", now=now)


def accepted(by: User | None = None, **named) -> Case:
    case = submitted()
    return operations.accept(case, acting=acting(case, by or people.staff()), **named)


WEIGHTS = Weights(
    {"lv_resident": Decimal(1), "hv10_single": Decimal(3)},
    {"waiting": Decimal("0.25"), "on_track": Decimal(1), "due_soon": Decimal("1.5"), "overdue": Decimal(2)},
)


class TestLoads:
    def test_weigh_class_and_time_left(self):
        held = [Held(1, "hv10_single", "overdue", 2), Held(1, "lv_resident", "waiting", 4)]

        assert [(load.user_id, load.weight, load.cases) for load in loads([1], held, WEIGHTS)] == [(1, Decimal(13), 6)]

    def test_put_the_least_first_and_equals_by_cases_and_id(self):
        held = [
            Held(1, "hv10_single", "on_track", 1),
            Held(2, "lv_resident", "on_track", 3),
            Held(4, "x", "on_track", 1),
        ]

        assert [load.user_id for load in loads([1, 2, 3, 4], held, WEIGHTS)] == [3, 4, 1, 2]

    @given(
        st.lists(st.sampled_from(["lv_resident", "hv10_single"]), min_size=1, max_size=40),
        st.integers(min_value=1, max_value=6),
    )
    @settings(max_examples=60, deadline=None)
    def test_never_drift_further_apart_than_one_case_weighs(self, arriving, people_there):
        given_to: dict[int, Counter] = {user_id: Counter() for user_id in range(people_there)}

        for customer_class in arriving:
            held = [Held(u, c, "on_track", n) for u, counted in given_to.items() for c, n in counted.items()]
            given_to[loads(given_to, held, WEIGHTS)[0].user_id][customer_class] += 1

        held = [Held(u, c, "on_track", n) for u, counted in given_to.items() for c, n in counted.items()]
        ended = loads(given_to, held, WEIGHTS)
        assert ended[-1].weight - ended[0].weight <= max(WEIGHTS.by_class.values())


class TestTold:
    def test_names_a_few_and_counts_all(self):
        considered = loads(range(30), [], WEIGHTS)

        facts = told(considered)

        assert facts["considered_count"] == 30
        assert len(facts["loads"]) == MOST_TOLD
        assert facts["loads"][0] == {"user_id": 0, "weight": "0.00", "cases": 0}


@pytest.mark.django_db
class TestAccept:
    def test_gives_both_managers_of_the_cell(self):
        here = cell()
        account, project = manager(here), manager(here, PROJECT)
        manager()

        case = accepted()

        assert (case.assignee, case.project_manager) == (account, project)

    def test_says_on_the_timeline_what_the_choice_rests_on(self):
        here = cell()
        busy, idle = manager(here), manager(here)
        accepted(account_manager=busy)

        case = accepted()

        facts = case.events.last().facts
        assert case.assignee == idle
        told = facts["assignment"]["account_manager"]
        assert (told["by"], told["cell_code"], told["user_id"]) == ("cell", here.code, idle.pk)
        assert [each["user_id"] for each in told["loads"]] == [idle.pk, busy.pk]
        assert facts["assignment"]["project_manager"]["user_id"] is None

    def test_keeps_who_is_named_by_hand_with_the_reason(self):
        here = cell()
        manager(here)
        named = manager(here)

        case = accepted(account_manager=named, reason="knows the site")

        assert case.assignee == named
        assert case.events.last().facts["assignment"]["account_manager"] == {
            "user_id": named.pk,
            "by": "staff",
            "reason": "knows the site",
        }

    def test_never_gives_a_case_to_somebody_away(self):
        here = cell()
        away, there = manager(here), manager(here)
        absent(away, there)

        assert {accepted().assignee for _ in range(3)} == {there}

    def test_asks_who_stands_in_when_the_whole_cell_is_away(self):
        here, cover = cell(), manager()
        absent(manager(here), cover)

        case = accepted()

        assert case.assignee == cover
        assert case.events.last().facts["assignment"]["account_manager"]["by"] == "cover"

    def test_asks_the_county_where_there_is_no_cell(self):
        connections.utility()
        somebody = manager()

        case = accepted()

        told = case.events.last().facts["assignment"]["account_manager"]
        assert case.assignee == somebody
        assert (told["by"], told["cell_code"]) == ("territory", None)

    def test_leaves_out_members_who_lost_the_role(self):
        here = cell()
        left, stays = manager(here), manager()
        people_operations.revoke(Grant.objects.get(user=left), actor=None, reason="moved", now=installation_now())

        assert accepted().assignee == stays

    def test_is_refused_when_nobody_is_there(self):
        with pytest.raises(NobodyThere):
            accepted()


@pytest.mark.django_db
class TestChoices:
    def test_go_by_the_longest_word_in_the_address(self):
        near, nearer, rest = cell("near", words=("示例路",)), cell("nearer", words=("示例路 1 号",)), cell("rest")
        for each in (near, nearer, rest):
            manager(each)
        case = submitted()

        assert choices(case, on=date(2026, 11, 23))[ACCOUNT].cell == nearer

    def test_go_by_the_zone_before_the_rest_of_the_county(self):
        zoned, _rest = cell("zoned", zones=("urban_planned_area",)), cell("rest")
        case = submitted()
        case.zone = "urban_planned_area"

        assert choices(case, on=date(2026, 11, 23))[ACCOUNT].cell == zoned

    def test_cause_a_fixed_number_of_queries(self, django_assert_max_num_queries):
        here = cell()
        for _ in range(4):
            manager(here)
            manager(here, PROJECT)
        case = submitted()

        with django_assert_max_num_queries(10):
            choices(case, on=date(2026, 11, 23))


@pytest.mark.django_db
class TestReassign:
    def test_records_the_reason_and_what_both_had(self):
        connections.utility()
        first, second = manager(), manager()
        case = accepted(account_manager=first)

        event = operations.reassign(case, role=ACCOUNT, to=second, reason="speaks Uyghur", acting=acting(case, first))

        assert case.assignee == second
        assert (event.facts["from_user_id"], event.facts["to_user_id"]) == (first.pk, second.pk)
        assert (event.facts["reason"], event.facts["considered_count"]) == ("speaks Uyghur", 2)

    def test_changes_the_project_manager_alone(self):
        connections.utility()
        account, project = manager(), manager(role=PROJECT)
        case = accepted(account_manager=account)

        operations.reassign(case, role=PROJECT, to=manager(role=PROJECT), reason="load", acting=acting(case, account))

        assert case.assignee == account
        assert case.project_manager != project

    def test_is_refused_for_somebody_without_the_role(self):
        account = manager()
        case = accepted(account_manager=account)

        with pytest.raises(ManagerNotPossible) as refused:
            operations.reassign(case, role=ACCOUNT, to=people.staff(), reason="x", acting=acting(case, account))

        assert refused.value.problem == "role"

    def test_is_refused_for_somebody_away(self):
        account, other = manager(), manager()
        absent(other, account)
        case = accepted(account_manager=account)

        with pytest.raises(ManagerNotPossible) as refused:
            operations.reassign(case, role=ACCOUNT, to=other, reason="x", acting=acting(case, account))

        assert refused.value.problem == "absent"

    def test_is_refused_when_nothing_changes(self):
        account = manager()
        case = accepted(account_manager=account)

        with pytest.raises(AlreadyAssigned):
            operations.reassign(case, role=ACCOUNT, to=account, reason="x", acting=acting(case, account))


class TestAtOnce:
    def test_cases_accepted_at_the_same_moment_are_shared_out(self, committed):  # noqa: F811 - pytest's way
        here = cell()
        managers = [manager(here) for _ in range(3)]
        cases, clerk = [submitted() for _ in range(3)], people.staff()
        start = threading.Barrier(3)

        def accept(case: Case) -> None:
            start.wait(timeout=10)
            try:
                operations.accept(case, acting=acting(case, clerk))
            finally:
                connection.close()

        threads = [threading.Thread(target=accept, args=(case,)) for case in cases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

        loaded = loads_of(managers, ACCOUNT, on=local_date(installation_now()))
        assert [load.cases for load in loaded] == [1, 1, 1]
