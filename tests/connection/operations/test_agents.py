import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from tests.case.conftest import committed  # noqa: F401 - a fixture

from support import connections, people
from support.connections import Walk
from tongdian.case.models import Event, Party
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import installation_now
from tongdian.case.queries.cases import cases_for
from tongdian.connection import operations, rules
from tongdian.connection.acts.customer import acting_as, offered_to
from tongdian.connection.models import AgentAuthority, SupplyContract
from tongdian.connection.operations import AuthorityUnchecked, NotAuthorised
from tongdian.connection.operations.agents import (
    AgentNotPossible,
    begin_for,
    check_authority,
    name_agent,
    release_agent,
    submit_for,
)
from tongdian.gateway.models import Message
from tongdian.people.models import User
from tongdian.people.rules import Role


def name(walk: Walk, agent: User, *scopes: str, **changes) -> AgentAuthority:
    wanted = {
        "phone": agent.phone,
        "scopes": scopes or ("hand_in",),
        "valid_until": timezone.now() + timedelta(days=3),
        "language": "zh-hans",
        "acting": walk.by_customer(),
        "granted_at": timezone.now(),
    }
    return name_agent(walk.case, **wanted | changes)


def sees(user: User, walk: Walk) -> bool:
    return cases_for(User.objects.get(pk=user.pk), "own_case.view").filter(pk=walk.case.pk).exists()


def by_agent(agent: User, walk: Walk):
    return acting_as(agent, walk.case, version=walk.case.version, now=installation_now())


def release(authority: AgentAuthority, walk: Walk) -> AgentAuthority:
    return release_agent(authority, acting=walk.by_customer(), granted_at=timezone.now())


@pytest.mark.django_db
class TestNameAgent:
    def test_lets_the_agent_see_the_case_at_once(self):
        walk, agent = connections.submitted(), people.person()

        name(walk, agent)

        assert sees(agent, walk)

    def test_is_on_the_timeline_without_a_name(self):
        walk, agent = connections.submitted(), people.person()

        authority = name(walk, agent, "hand_in", "sign")

        event = Event.objects.filter(case=walk.case).last()
        assert (event.kind, event.actor) == ("agent.named", walk.customer)
        assert event.facts["agent_user_id"] == agent.pk
        assert event.facts["scopes"] == ["hand_in", "sign"]
        assert authority.verified_at

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"scopes": ()}, "scope"),
            ({"scopes": ("everything",)}, "scope"),
            ({"valid_until": people.NOW}, "period"),
        ],
    )
    def test_is_refused(self, changes, problem):
        walk = connections.submitted()

        with pytest.raises(AgentNotPossible) as refused:
            name(walk, people.person(), **changes)

        assert refused.value.problem == problem

    def test_is_refused_for_the_applicant(self):
        walk = connections.submitted()

        with pytest.raises(AgentNotPossible, match="own agent"):
            name(walk, walk.customer)

    def test_is_refused_twice(self):
        walk, agent = connections.submitted(), people.person()
        name(walk, agent)

        with pytest.raises(AgentNotPossible, match="named in this case"):
            name(walk, agent)

    def test_is_refused_in_a_closed_case(self):
        walk = connections.submitted()
        operations.withdraw(walk.case, reason="不再需要", acting=walk.by_customer())

        with pytest.raises(AgentNotPossible, match="closed"):
            name(walk, people.person())


@pytest.mark.django_db
class TestScopes:
    """Each scope against each act of the customer: what is not let, is not done."""

    def attempt(self, walk: Walk, agent: User, act: str) -> None:
        acting = by_agent(agent, walk)
        match act:
            case "confirm":
                operations.confirm_scheme(walk.case, acting=acting)
            case "withdraw":
                operations.withdraw(walk.case, reason="x", acting=acting)
            case "hand_in":
                operations.hand_in(walk.case, kind="equipment_list", upload=connections.pdf(), acting=acting)

    @pytest.mark.parametrize("scope", ["hand_in", "decide", "sign", "withdraw"])
    @pytest.mark.parametrize(
        ("act", "needs"), [("confirm", "decide"), ("withdraw", "withdraw"), ("hand_in", "hand_in")]
    )
    def test_cover_only_what_they_say(self, scope, act, needs):
        walk, agent = connections.submitted().scheme_issued(), people.person()
        name(walk, agent, scope)

        if scope != needs:
            with pytest.raises(NotAuthorised):
                self.attempt(walk, agent, act)
            return
        self.attempt(walk, agent, act)

        event = Event.objects.filter(case=walk.case).last()
        assert (event.actor, event.role) == (agent, Role.AGENT)

    def test_show_only_the_acts_they_cover(self):
        walk, agent = connections.submitted().scheme_issued(), people.person()
        name(walk, agent, "decide")

        offered = {act.name for act in offered_to(agent, walk.case, now=installation_now())}

        assert offered == {"confirm-scheme", "pause"}

    def test_say_on_whose_behalf_the_agent_acts(self):
        walk, agent = connections.submitted().scheme_issued(), people.person()
        authority = name(walk, agent, "decide")

        self.attempt(walk, agent, "confirm")

        facts = Event.objects.filter(case=walk.case).last().facts
        assert facts["on_behalf_of_user_id"] == walk.customer.pk
        assert facts["authority_id"] == str(authority.pk)

    def test_are_all_of_events_a_connection_has(self):
        known = {event for legal in rules.TRANSITIONS.values() for event in legal} | {
            "application.submitted",
            "document.added",
            "contract.signed",
            "clock.paused",
            "clock.resumed",
        }

        assert rules.allowed_events(rules.SCOPES) <= known

    def test_end_with_their_last_day(self):
        walk, agent = connections.submitted().scheme_issued(), people.person()
        name(walk, agent, "decide", valid_until=timezone.now() + timedelta(seconds=1))
        later = installation_now() + timedelta(minutes=1)

        acting = acting_as(agent, walk.case, version=walk.case.version, now=later)

        with pytest.raises(NotAuthorised):
            operations.confirm_scheme(walk.case, acting=acting)
        assert offered_to(agent, walk.case, now=later) == []


@pytest.mark.django_db
class TestReleaseAgent:
    @pytest.mark.parametrize("who", ["principal", "agent"])
    def test_ends_everything_at_once(self, who):
        walk, agent = connections.submitted().scheme_issued(), people.person()
        authority = name(walk, agent, "decide")
        held = by_agent(agent, walk)

        acting = walk.by_customer() if who == "principal" else held
        release_agent(authority, acting=acting, granted_at=timezone.now())

        walk.case.refresh_from_db()
        assert not sees(agent, walk)
        with pytest.raises(NotAuthorised):
            operations.confirm_scheme(walk.case, acting=held)

    def test_is_on_the_timeline(self):
        walk = connections.submitted()
        authority = name(walk, people.person())

        release(authority, walk)

        assert Event.objects.filter(case=walk.case).last().kind == "agent.released"

    def test_is_possible_whatever_happened_to_the_case_meanwhile(self):
        walk = connections.submitted()
        authority, seen = name(walk, people.person()), walk.by_customer()
        operations.withdraw(walk.case, reason="x", acting=walk.by_customer())

        release_agent(authority, acting=seen, granted_at=timezone.now())

        authority.refresh_from_db()
        assert authority.revoked_at

    def test_is_refused_twice(self):
        walk = connections.submitted()
        authority = name(walk, people.person())
        release(authority, walk)

        with pytest.raises(AgentNotPossible, match="ended"):
            release(authority, walk)

    def test_lets_the_agent_be_named_again(self):
        walk, agent = connections.submitted(), people.person()
        release(name(walk, agent), walk)
        walk.case.refresh_from_db()

        assert name(walk, agent).pk


@pytest.mark.django_db
class TestSubmitFor:
    def test_makes_the_case_the_principals(self):
        walk = connections.submitted_by_agent()

        event = Event.objects.filter(case=walk.case).first()
        assert walk.case.applicant == walk.customer
        assert (event.role, event.facts["on_behalf_of_user_id"]) == ("agent", walk.customer.pk)
        assert sees(walk.customer, walk)
        assert sees(event.actor, walk)

    def test_enters_the_agent_as_a_party(self):
        walk = connections.submitted_by_agent()

        assert Party.objects.get(case=walk.case, role=Party.Role.AGENT).name == "示例代办人"

    def test_tells_the_principal(self):
        walk = connections.submitted_by_agent()

        message = Message.objects.get(template="connection.agent_applied")
        assert message.address == walk.customer.phone
        assert json.loads(message.parameters) == {"number": walk.case.number}

    def test_brings_the_authorisation_into_the_case(self):
        walk = connections.submitted_by_agent()

        authority = AgentAuthority.objects.get(case=walk.case)
        assert authority.document.case == walk.case

    def test_waits_for_staff_to_read_the_authorisation(self):
        walk = connections.submitted_by_agent()
        with pytest.raises(AuthorityUnchecked):
            walk.accepted()

        check_authority(AgentAuthority.objects.get(case=walk.case), acting=walk.by_staff())
        walk.case.refresh_from_db()

        assert walk.accepted().case.status == "accepted"

    def test_goes_on_without_the_agent_whose_authority_is_refused(self):
        walk = connections.submitted_by_agent()
        authority = AgentAuthority.objects.get(case=walk.case)

        release_agent(authority, acting=walk.by_staff(), granted_at=timezone.now(), reason="没有签名")
        walk.case.refresh_from_db()

        assert not sees(authority.agent, walk)
        assert walk.accepted().case.status == "accepted"

    def test_is_refused_once_the_principal_took_it_back(self):
        draft = connections.draft_for(people.person(), people.person())
        authority = AgentAuthority.objects.get(draft=draft)
        AgentAuthority.objects.update(revoked_at=timezone.now())

        with pytest.raises(AgentNotPossible, match="taken back"):
            submit_for(
                authority.pk, expected_version=draft.version, now=installation_now(), granted_at=installation_now()
            )

    def test_cannot_be_checked_twice(self):
        walk = connections.submitted_by_agent()
        authority = AgentAuthority.objects.get(case=walk.case)
        check_authority(authority, acting=walk.by_staff())

        with pytest.raises(AgentNotPossible, match="checked before"):
            check_authority(authority, acting=walk.by_staff())

    def test_lets_the_agent_sign_only_after_the_authority_was_read(self):
        walk = connections.submitted_by_agent(scopes=("sign",), customer_class="lv_three_zero")
        authority = AgentAuthority.objects.get(case=walk.case)

        def sign() -> None:
            operations.sign_standard_contract(
                walk.case, upload=connections.pdf(), acting=by_agent(authority.agent, walk)
            )

        with pytest.raises(NotAuthorised):
            sign()
        check_authority(authority, acting=walk.by_staff())
        walk.case.refresh_from_db()
        sign()

        assert SupplyContract.objects.get(case=walk.case).signed_by == authority.agent


@pytest.mark.django_db
class TestBeginFor:
    def test_is_refused_for_oneself(self):
        agent = people.person()

        with pytest.raises(AgentNotPossible, match="own agent"):
            connections.draft_for(agent, agent)

    def test_knows_a_principal_who_never_signed_in(self):
        draft = begin_for(
            people.person(),
            principal_phone="13899990000",
            agent_name="示例代办人",
            scopes=["hand_in"],
            valid_until=timezone.now() + timedelta(days=1),
            upload=connections.pdf(),
            language="zh-hans",
            now=timezone.now(),
        )

        principal = AgentAuthority.objects.get(draft=draft).principal
        assert principal.phone == "13899990000"
        assert principal.phone_verified_at is None


class TestAtOnce:
    def test_an_act_and_the_revocation_never_mix(self, committed):  # noqa: F811 - pytest's way of asking for it
        walk, agent = connections.submitted().scheme_issued(), people.person()
        authority = name(walk, agent, "decide")
        held, taken = by_agent(agent, walk), walk.by_customer()
        start, outcomes = threading.Barrier(2), []

        def act() -> None:
            start.wait(timeout=10)
            try:
                operations.confirm_scheme(walk.case, acting=held)
                outcomes.append("acted")
            except (NotAuthorised, StaleCase):
                outcomes.append("refused")
            finally:
                connection.close()

        def revoke() -> None:
            start.wait(timeout=10)
            try:
                release_agent(authority, acting=taken, granted_at=timezone.now())
                outcomes.append("released")
            finally:
                connection.close()

        threads = [threading.Thread(target=target) for target in (act, revoke)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

        kinds = list(Event.objects.filter(case=walk.case).order_by("seq").values_list("kind", flat=True))[-2:]
        acted = "acted" in outcomes
        assert sorted(outcomes) == ["acted" if acted else "refused", "released"]
        assert kinds == (["scheme.confirmed", "agent.released"] if acted else [kinds[0], "agent.released"])
        assert ("scheme.confirmed" in kinds) is acted
