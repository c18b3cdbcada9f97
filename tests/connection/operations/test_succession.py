from datetime import timedelta

import pytest

from support import connections, people
from tongdian.case.models import Case, Event
from tongdian.case.operations import move_clock_to
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import reading
from tongdian.connection import operations, queries
from tongdian.connection.operations import NotPossible

pytestmark = pytest.mark.django_db


def withdrawn(customer_class: str = "lv_three_zero", **facts) -> connections.Walk:
    walk = connections.submitted(customer_class=customer_class, **facts).accepted()
    operations.withdraw(walk.case, reason="暂时不办", acting=walk.by_customer())
    return walk


def submit(draft, owner) -> Case:
    return operations.submit(
        draft.pk, owner=owner, expected_version=draft.version, channel="web", now=installation_now()
    )


class TestTakeUpAgain:
    @pytest.mark.parametrize("customer_class", connections.ANSWERS)
    def test_needs_no_answer_given_twice(self, customer_class):
        walk = withdrawn(customer_class)

        draft = operations.take_up_again(walk.case, owner=walk.customer, now=installation_now())

        before = connections.ANSWERS[customer_class]
        answers = queries.answers(draft)
        assert answers["who"] == before["who"]
        assert answers["customer"] == before["customer"]
        case = submit(draft, walk.customer)
        assert (case.predecessor, case.customer_class) == (walk.case, customer_class)

    def test_names_the_predecessor_in_the_first_event(self):
        walk = withdrawn()

        case = submit(operations.take_up_again(walk.case, owner=walk.customer, now=installation_now()), walk.customer)

        assert Event.objects.get(case=case, seq=1).facts["predecessor"] == str(walk.case.pk)
        assert queries.successors(walk.case) == [case]

    def test_is_refused_while_the_case_goes_on(self):
        walk = connections.submitted(customer_class="lv_resident")

        with pytest.raises(NotPossible):
            operations.take_up_again(walk.case, owner=walk.customer, now=installation_now())


class TestSubmit:
    def test_links_who_comes_back_for_the_same_place_without_saying_so(self):
        walk = withdrawn(site={"address": "示例路 1 号"})

        again = connections.submitted(walk.customer, customer_class="lv_three_zero", site={"address": "示例路１号"})

        assert again.case.predecessor == walk.case

    def test_links_the_same_identity_under_another_account(self):
        walk = withdrawn("lv_resident")

        again = connections.submitted(people.person(), customer_class="lv_resident")

        assert again.case.predecessor == walk.case

    @pytest.mark.parametrize(
        ("customer_class", "site"),
        [("lv_three_zero", {"address": "示例路 2 号"}), ("hv10_single", {})],
        ids=["another place", "another voltage"],
    )
    def test_does_not_link_what_is_something_else(self, customer_class, site):
        walk = withdrawn()

        again = connections.submitted(walk.customer, customer_class=customer_class, site=site)

        assert again.case.predecessor is None

    def test_does_not_link_a_stranger_at_the_same_place(self):
        withdrawn("lv_resident")

        assert connections.submitted(people.person(), customer_class="lv_three_zero").case.predecessor is None

    def test_does_not_link_after_the_window_of_the_policy(self):
        walk = withdrawn()
        site = connections.SITE

        found = [
            queries.predecessor_for(
                walk.customer,
                identity="",
                site=site,
                customer_class="lv_three_zero",
                now=walk.case.closed_at + timedelta(days=days),
            )
            for days in (180, 181)
        ]

        assert found == [walk.case, None]


class TestClock:
    def test_goes_on_with_the_days_the_withdrawn_case_had_used(self):
        walk = connections.submitted(customer_class="lv_three_zero").accepted()
        whole = walk.case.next_due_date
        move_clock_to(walk.case.accepted_at + timedelta(days=8), reason="test")
        operations.withdraw(walk.case, reason="暂时不办", acting=walk.by_customer())

        again = connections.submitted(walk.customer, customer_class="lv_three_zero").accepted()

        read = reading(again.case, as_of=installation_now())
        assert read.inherited is not None
        assert read.inherited.stage_days["lv_whole"] == read.utility_days > 0
        assert again.case.next_due_date == max(whole, installation_now().astimezone().date())

    def test_counts_the_total_of_a_chain(self):
        first = withdrawn()
        second = connections.submitted(first.customer, customer_class="lv_three_zero").accepted()
        operations.withdraw(second.case, reason="再等等", acting=second.by_customer())

        third = connections.submitted(first.customer, customer_class="lv_three_zero").case

        assert third.predecessor == second.case
        assert second.case.predecessor == first.case
        assert reading(third, as_of=installation_now()).inherited is not None
