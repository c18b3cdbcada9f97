"""What staff see of the people in a case: masked, in the clear on request, each look recorded and shown."""

from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from support import connections, people
from tongdian.case import panels
from tongdian.case.models import Case, Party, ViewRecord
from tongdian.case.operations.parties import erase_party
from tongdian.case.queries import installation_now
from tongdian.people.models import User
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
PHONE = connections.WHO["contact_phone"]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def contact(case: Case) -> Party:
    return Party.objects.get(case=case, role=Party.Role.CONTACT)


def page_of(party: Party) -> str:
    return reverse("desk_party", args=[party.case_id, party.pk])


class TestDeskCase:
    def test_shows_the_contact_masked_with_a_way_to_see_more(self):
        walk = connections.submitted()

        text = signed_in(walk.manager).get(reverse("desk_case", args=[walk.case.pk])).content.decode()

        assert "138****1111" in text
        assert PHONE not in text
        assert page_of(contact(walk.case)) in text
        assert not ViewRecord.objects.filter(case=walk.case, matter="party").exists()

    def test_offers_a_supervisor_no_way_to_see_more(self):
        walk = connections.submitted()
        bureau = people.organisation("bureau", "bureau")
        supervisor = people.staff(Role.SUPERVISOR_COUNTY, at=bureau, territory=connections.COUNTY)

        text = signed_in(supervisor).get(reverse("desk_case", args=[walk.case.pk])).content.decode()

        assert "138****1111" in text
        assert page_of(contact(walk.case)) not in text


class TestDeskParty:
    def test_shows_name_and_phone_and_records_who_looked(self):
        walk = connections.submitted()
        party = contact(walk.case)

        page = signed_in(walk.manager).post(page_of(party))

        view = ViewRecord.objects.get(case=walk.case, matter="party")
        assert PHONE in page.content.decode()
        assert connections.WHO["contact_name"] in page.content.decode()
        assert "no-store" in page["Cache-Control"]
        assert (view.viewer, view.object_id) == (walk.manager, party.pk)

    def test_shows_nothing_to_a_link_that_was_followed(self):
        walk = connections.submitted()
        party = contact(walk.case)

        answer = signed_in(walk.manager).get(page_of(party))

        assert answer.url == reverse("desk_case", args=[walk.case.pk])
        assert not ViewRecord.objects.filter(case=walk.case, matter="party").exists()

    def test_of_another_case_is_not_found(self):
        walk, other = connections.submitted(), connections.submitted()
        url = reverse("desk_party", args=[walk.case.pk, contact(other.case).pk])

        assert signed_in(walk.manager).post(url).status_code == 404

    def test_that_was_erased_says_so(self):
        walk = connections.submitted()
        party = contact(walk.case)
        erase_party(party, reason="本人要求", actor=walk.manager, channel="desk", now=installation_now())

        page = signed_in(walk.manager).post(page_of(party), follow=True)

        assert "该当事人的信息已经删除" in page.content.decode()
        assert not ViewRecord.objects.filter(case=walk.case, matter="party").exists()


class TestMyCase:
    def test_tells_the_applicant_how_often_somebody_looked(self):
        walk = connections.submitted()
        signed_in(walk.manager).post(page_of(contact(walk.case)))

        text = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk])).content.decode()

        assert "联系方式被查看过 1 次" in text
        assert "供电企业工作人员" in text


class TestExports:
    def test_of_the_queue_are_refused_without_the_permission(self):
        walk = connections.submitted()
        planner = signed_in(people.staff(Role.PLANNER, at=walk.case.utility))

        assert planner.get(reverse("desk_queue")).status_code == 200
        assert "format=xlsx" not in planner.get(reverse("desk_queue")).content.decode()
        assert planner.get(reverse("desk_queue") + "?format=xlsx").status_code == 403

    @pytest.mark.parametrize("url_name", ["desk_queue", "my_cases"])
    def test_hold_the_case_both_hotlines_and_the_mark(self, url_name):
        walk = connections.submitted()
        reader = walk.manager if url_name == "desk_queue" else walk.customer

        answer = signed_in(reader).get(reverse(url_name) + "?format=xlsx")

        sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
        written = {cell.value for row in sheet.iter_rows() for cell in row}
        assert {walk.case.number, "供电服务热线 95598", "能源监管热线 12398", "测试数据，不具有法律效力"} <= written


class TestRulesBehindThePages:
    @pytest.mark.parametrize("url_name", ["desk_case", "my_case"])
    def test_are_linked_from_every_limit_and_step(self, url_name):
        walk = connections.submitted()
        reader = walk.manager if url_name == "desk_case" else walk.customer

        text = signed_in(reader).get(reverse(url_name, args=[walk.case.pk])).content.decode()

        for rule in (
            "connection.total_limit.hv10_single",
            "connection.stage_limit.hv10_single.acceptance",
            "connection.stage_limit.hv10_single.connect",
            "connection.steps.hv10_single",
            "connection.step_limit.hv",
        ):
            assert f'href="{reverse("policy_rule", args=[rule])}"' in text

    def test_are_linked_from_the_check_page(self):
        draft = connections.draft()

        text = signed_in(draft.owner).get(reverse("apply_check", args=[draft.pk])).content.decode()

        assert reverse("policy_rule", args=["connection.total_limit.hv10_single"]) in text
        assert "规定不超过 4 个" in text

    @pytest.mark.parametrize(
        ("act", "rule"),
        [
            ("notify-deficiency", "/policy/connection.documents.hv10_single.acceptance/"),
            ("pause", "/policy/?matter=connection_pause"),
        ],
    )
    def test_are_linked_from_what_staff_may_ask_for(self, act, rule):
        walk = connections.submitted()

        text = signed_in(walk.manager).get(reverse("desk_act", args=[walk.case.pk, act])).content.decode()

        assert f'href="{rule}"' in text
        assert Client().get(rule).status_code == 200

    def test_are_linked_from_what_the_customer_hands_in(self):
        walk = connections.submitted().scheme_confirmed()
        url = reverse("my_act", args=[walk.case.pk, "completion-inspection"])

        text = signed_in(walk.customer).get(url).content.decode()

        assert 'href="/policy/connection.documents.hv10_single.completion_inspection/"' in text

    def test_are_not_claimed_where_nothing_is_asked_for(self):
        walk = connections.submitted()

        text = signed_in(walk.manager).get(reverse("desk_act", args=[walk.case.pk, "accept"])).content.decode()

        assert "查看规定" not in text

    def test_know_that_the_planned_area_has_fewer_steps(self):
        draft = connections.draft()
        changed = draft.answers.replace('"zone": ""', '"zone": "urban_planned_area"')
        type(draft).objects.filter(pk=draft.pk).update(answers=changed)

        text = signed_in(draft.owner).get(reverse("apply_check", args=[draft.pk])).content.decode()

        assert "3 个环节" in text
        assert "规定不超过 3 个" in text


class TestUtilityName:
    @pytest.mark.parametrize(
        ("language", "name_en", "shown"),
        [("zh-hans", "Grid Ltd", "示例单位 grid"), ("en", "Grid Ltd", "Grid Ltd"), ("en", "", "示例单位 grid")],
    )
    def test_is_in_the_readers_language_where_registered(self, language, name_en, shown):
        case = connections.submitted().case
        case.utility.name_en = name_en

        with translation.override(language):
            assert panels.utility_name(case) == shown
