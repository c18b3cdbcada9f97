import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from support import connections, people
from support.connections import Walk
from tongdian.case.models import Case, Event
from tongdian.connection.models import AgentAuthority
from tongdian.gateway.models import Message
from tongdian.people.models import User

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def last_day(days: int = 7) -> str:
    return str(timezone.localdate() + timedelta(days=days))


def named(walk: Walk, phone: str, *scopes: str) -> Client:
    """Name an agent as the applicant does, with the code."""
    client = signed_in(walk.customer)
    given = {"phone": phone, "scopes": scopes or ("hand_in",), "last_day": last_day()}
    client.post(reverse("case_agents", args=[walk.case.pk]), given)
    code = json.loads(Message.objects.get().parameters)["code"]
    client.post(reverse("agent_code", args=[walk.case.pk]), {"code": code})
    return client


class TestCaseAgents:
    def test_names_an_agent_by_the_applicants_own_code(self):
        walk, agent = connections.submitted(), people.person()

        named(walk, agent.phone, "hand_in", "sign")

        authority = AgentAuthority.objects.get()
        assert (authority.agent, authority.scopes, authority.proof) == (agent, ["hand_in", "sign"], "code")
        assert authority.last_date == timezone.localdate() + timedelta(days=7)

    def test_names_nobody_by_a_wrong_code(self):
        walk = connections.submitted()
        client = signed_in(walk.customer)
        given = {"phone": "13811112222", "scopes": ["hand_in"], "last_day": last_day()}
        client.post(reverse("case_agents", args=[walk.case.pk]), given)

        page = client.post(reverse("agent_code", args=[walk.case.pk]), {"code": "1234567"})

        assert page.context["form"].errors["code"]
        assert not AgentAuthority.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"phone": "12"}, "phone"),
            ({"scopes": []}, "scopes"),
            ({"scopes": ["apply"]}, "scopes"),
            ({"last_day": "2020-01-01"}, "last_day"),
            ({"last_day": "2099-01-01"}, "last_day"),
        ],
    )
    def test_says_what_is_wrong(self, changes, field):
        walk = connections.submitted()
        given = {"phone": "13811112222", "scopes": ["hand_in"], "last_day": last_day()}

        page = signed_in(walk.customer).post(reverse("case_agents", args=[walk.case.pk]), given | changes)

        assert page.context["form"].errors[field]
        assert not Message.objects.exists()

    def test_says_so_when_the_agent_is_the_applicant(self):
        walk = connections.submitted()

        page = named(walk, walk.customer.phone).get(reverse("case_agents", args=[walk.case.pk]))

        assert "不能是申请人本人" in page.content.decode()

    def test_is_closed_to_the_agent(self):
        walk, agent = connections.submitted(), people.person()
        named(walk, agent.phone)

        assert signed_in(agent).get(reverse("case_agents", args=[walk.case.pk])).status_code == 404


class TestMyCase:
    def test_says_for_whom_the_agent_acts_and_what_they_may_do(self):
        walk, agent = connections.submitted().scheme_issued(), people.person()
        named(walk, agent.phone, "hand_in")

        page = signed_in(agent).get(reverse("my_case", args=[walk.case.pk])).content.decode()

        assert walk.customer.get_full_name() in page
        assert reverse("my_act", args=[walk.case.pk, "hand-in"]) in page
        assert reverse("my_act", args=[walk.case.pk, "confirm-scheme"]) not in page

    def test_keeps_the_agent_from_an_act_nobody_let_them_do(self):
        walk, agent = connections.submitted().scheme_issued(), people.person()
        named(walk, agent.phone, "hand_in")

        signed_in(agent).post(
            reverse("my_act", args=[walk.case.pk, "confirm-scheme"]), {"version": walk.case.version + 1}
        )

        walk.case.refresh_from_db()
        assert walk.case.status == "scheme_issued"

    def test_shows_nothing_once_the_applicant_took_it_back(self):
        walk, agent = connections.submitted(), people.person()
        client = named(walk, agent.phone)

        client.post(reverse("agent_release", args=[AgentAuthority.objects.get().pk]))

        assert signed_in(agent).get(reverse("my_case", args=[walk.case.pk])).status_code == 404


class TestApplyFor:
    def begun(self, agent: User, **changes):
        given = {
            "agent_name": "示例代办人",
            "principal_phone": "13833334444",
            "authorisation": connections.pdf("authorisation.pdf"),
            "scopes": ["hand_in"],
            "last_day": last_day(),
        }
        return signed_in(agent).post(reverse("apply_for"), given | changes)

    def test_leads_to_the_first_question(self):
        page = self.begun(people.person())

        assert page.url.startswith("/apply/")
        assert AgentAuthority.objects.get().verified_at is None

    def test_needs_the_paper(self):
        page = self.begun(people.person(), authorisation="")

        assert page.context["form"].errors["authorisation"]

    def test_refuses_a_file_that_is_none(self):
        page = self.begun(people.person(), authorisation=connections.ContentFile(b"x", name="a.pdf"))

        assert page.context["form"].errors["authorisation"]

    def test_refuses_oneself(self):
        agent = people.person()

        page = self.begun(agent, principal_phone=agent.phone)

        assert page.context["form"].errors["principal_phone"]

    def test_submits_the_case_of_the_principal(self):
        principal, agent = people.person(), people.person()
        draft = connections.draft_for(principal, agent)

        page = signed_in(agent).post(reverse("apply_check", args=[draft.pk]), {"version": draft.version}, follow=True)

        case = Case.objects.get()
        assert case.number in page.content.decode()
        assert (case.applicant, Event.objects.get(case=case).role) == (principal, "agent")

    def test_refuses_once_the_principal_took_it_back(self):
        principal, agent = people.person(), people.person()
        draft = connections.draft_for(principal, agent)
        AgentAuthority.objects.update(valid_until=timezone.now(), given_at=timezone.now() - timedelta(days=1))

        page = signed_in(agent).post(reverse("apply_check", args=[draft.pk]), {"version": draft.version})

        assert "授权已经解除或到期" in page.content.decode()
        assert not Case.objects.exists()


class TestDeskAgent:
    def test_leads_there_from_the_case_and_lets_it_be_accepted(self):
        walk = connections.submitted_by_agent()
        desk, url = signed_in(walk.manager), reverse("desk_agent", args=[walk.case.pk])

        is_linked = url in desk.get(reverse("desk_case", args=[walk.case.pk])).content.decode()
        refused = desk.post(reverse("desk_act", args=[walk.case.pk, "accept"]), {"version": walk.case.version})
        desk.post(url, {"version": walk.case.version, "outcome": "good"})
        walk.case.refresh_from_db()
        desk.post(reverse("desk_act", args=[walk.case.pk, "accept"]), {"version": walk.case.version})

        walk.case.refresh_from_db()
        assert is_linked
        assert "授权书还没有核对" in refused.content.decode()
        assert walk.case.status == "accepted"

    def test_asks_why_it_is_refused(self):
        walk = connections.submitted_by_agent()

        page = signed_in(walk.manager).post(
            reverse("desk_agent", args=[walk.case.pk]), {"version": walk.case.version, "outcome": "refused"}
        )

        assert page.context["form"].errors["reason"]

    def test_releases_the_agent_whose_paper_is_refused(self):
        walk = connections.submitted_by_agent()

        signed_in(walk.manager).post(
            reverse("desk_agent", args=[walk.case.pk]),
            {"version": walk.case.version, "outcome": "refused", "reason": "没有签名"},
        )

        event = Event.objects.filter(case=walk.case).last()
        assert (event.kind, event.facts["reason"]) == ("agent.released", "没有签名")
