import pytest
from django.test import Client
from django.urls import reverse

from support import connections, people
from tongdian.case.models import Case, Event
from tongdian.connection import operations
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestDeskCase:
    def test_offers_only_what_is_legal(self):
        walk = connections.submitted()

        offered = signed_in(walk.manager).get(reverse("desk_case", args=[walk.case.pk])).context["offered"]

        assert [act.name for act in offered] == ["accept", "notify-deficiency", "pause"]

    def test_links_documents_only_for_who_may_open_them(self):
        walk = connections.submitted().inspected().contracted()
        bureau = people.organisation("bureau", "bureau")
        supervisor = people.staff(Role.SUPERVISOR_PROVINCE, at=bureau, territory="370000")
        url = reverse("desk_case", args=[walk.case.pk])

        shown, hidden = (signed_in(user).get(url).content.decode() for user in (walk.manager, supervisor))

        assert "/documents/" in shown
        assert "contract.pdf" in hidden
        assert "/documents/" not in hidden


class TestDeskAct:
    def test_tells_a_second_officer_who_was_first(self):
        walk = connections.submitted()
        client = signed_in(walk.manager)
        stale = walk.case.version
        walk.accepted()
        operations_url = reverse("desk_act", args=[walk.case.pk, "pause"])

        page = client.post(
            operations_url,
            {"version": stale, "reason": "force_majeure", "evidence": connections.pdf("notice.pdf")},
        )

        text = page.content.decode()
        assert page.status_code == 200
        assert "其他人刚刚更新了这个办件" in text
        assert walk.manager.username in text
        assert Event.objects.filter(case=walk.case, kind="clock.paused").count() == 0

    def test_offers_only_what_no_register_has(self):
        walk = connections.submitted()

        form = (
            signed_in(walk.manager).get(reverse("desk_act", args=[walk.case.pk, "notify-deficiency"])).context["form"]
        )

        assert [value for value, _label in form.fields["items"].choices] == ["equipment_list"]

    def test_refuses_a_document_off_the_list(self):
        walk = connections.submitted()

        page = signed_in(walk.manager).post(
            reverse("desk_act", args=[walk.case.pk, "notify-deficiency"]),
            {"version": walk.case.version, "items": "commitment_letter", "remark": "承诺书"},
        )

        assert page.context["form"].errors["items"]
        assert Event.objects.filter(case=walk.case).count() == 1

    def test_asks_why_somebody_is_named_by_hand(self):
        walk = connections.submitted()

        page = signed_in(walk.manager).post(
            reverse("desk_act", args=[walk.case.pk, "accept"]),
            {"version": walk.case.version, "account_manager": walk.manager.pk},
        )

        assert page.context["form"].errors["reason"]

    def test_takes_the_proposed_manager_on_acceptance(self):
        walk = connections.submitted()
        client, url = signed_in(walk.manager), reverse("desk_act", args=[walk.case.pk, "accept"])

        page = client.get(url)
        client.post(url, {"version": walk.case.version})

        walk.case.refresh_from_db()
        assert f"推荐：{walk.manager.get_full_name()}" in page.content.decode()
        assert (walk.case.status, walk.case.assignee) == ("accepted", walk.manager)

    def test_names_the_account_manager_on_acceptance(self):
        walk = connections.submitted()

        signed_in(walk.manager).post(
            reverse("desk_act", args=[walk.case.pk, "accept"]),
            {"version": walk.case.version, "account_manager": walk.manager.pk, "reason": "知道现场"},
        )

        walk.case.refresh_from_db()
        assert (walk.case.status, walk.case.assignee) == ("accepted", walk.manager)
        assert Event.objects.get(case=walk.case, seq=2).role == Role.ACCOUNT_MANAGER

    def test_prints_and_offers_the_contract(self):
        walk = connections.submitted().scheme_confirmed()

        signed_in(walk.manager).post(
            reverse("desk_act", args=[walk.case.pk, "offer-contract"]), {"version": walk.case.version}
        )

        event = Event.objects.get(case=walk.case, kind="contract.offered")
        assert len(event.evidence_hashes) == 1

    def test_says_that_a_meter_is_in_use(self):
        first, second = connections.submitted(), connections.submitted()
        for walk in (first, second):
            walk.inspected().contracted()
        reading = {"meter_number": "M-desk", "first_reading_kwh": "0"}

        pages = [
            signed_in(walk.manager).post(
                reverse("desk_act", args=[walk.case.pk, "energise"]), reading | {"version": walk.case.version}
            )
            for walk in (first, second)
        ]

        assert pages[0].status_code == 302
        assert "已装在其他用户处" in pages[1].content.decode()

    @pytest.mark.parametrize("reading", ["1e12", "99999999999.99", "NaN", "-1"])
    def test_refuses_a_reading_no_meter_shows(self, reading):
        walk = connections.submitted().inspected().contracted()

        page = signed_in(walk.manager).post(
            reverse("desk_act", args=[walk.case.pk, "energise"]),
            {"meter_number": "M-reading", "first_reading_kwh": reading, "version": walk.case.version},
        )

        assert page.context["form"].errors["first_reading_kwh"]

    def test_asks_to_leave_a_phone_out_of_the_timeline(self):
        walk = connections.submitted().scheme_confirmed()
        operations.request_review(
            walk.case,
            "completion_inspection",
            uploads={"completion_report": connections.pdf()},
            acting=walk.by_customer(),
        )

        page = signed_in(walk.manager).post(
            reverse("desk_act", args=[walk.case.pk, "decide-completion-inspection"]),
            {"outcome": "failed", "findings": "请联系 13800138000", "version": walk.case.version},
        )

        assert "不能含手机号" in str(page.context["form"].errors["findings"])
        assert not Event.objects.filter(case=walk.case, kind="completion.failed").exists()

    def test_says_why_a_contract_cannot_be_printed(self):
        walk = connections.submitted().scheme_confirmed()
        Case.objects.filter(pk=walk.case.pk).update(title="示例𠮷厂")

        page = signed_in(walk.manager).post(
            reverse("desk_act", args=[walk.case.pk, "offer-contract"]), {"version": walk.case.version}
        )

        assert "合同无法生成" in page.content.decode()
