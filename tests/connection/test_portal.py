import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from support import connections, people
from tongdian.case.models import Case
from tongdian.connection import operations
from tongdian.connection.models import Draft

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(name: str = "list.pdf", content: bytes = connections.PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


class TestStep:
    def test_shows_what_was_saved_before(self):
        draft = connections.draft()

        page = signed_in(draft.owner).get(reverse("apply_step", args=[draft.pk, "who"]))

        assert connections.WHO["organisation_name"] in page.content.decode()

    def test_keeps_the_answers_and_names_the_error(self):
        draft = connections.draft()
        answers = connections.WHO | {"credit_code": "91370100MA000000OW", "version": draft.version}

        page = signed_in(draft.owner).post(reverse("apply_step", args=[draft.pk, "who"]), answers)

        text = page.content.decode()
        assert page.status_code == 200
        assert "91370100MA000000OW" in text
        assert "第 17 位" in text
        assert 'href="#id_credit_code"' in text

    def test_saved_in_another_window_loses_nothing(self):
        draft = connections.draft()
        client = signed_in(draft.owner)
        stale = connections.SITE | {"address": "新地址 9 号", "version": draft.version - 1}

        page = client.post(reverse("apply_step", args=[draft.pk, "site"]), stale)
        again = client.post(
            reverse("apply_step", args=[draft.pk, "site"]), stale | {"version": page.context["form"].data["version"]}
        )

        assert "新地址 9 号" in page.content.decode()
        assert again.status_code == 302

    def test_refuses_a_file_that_is_not_what_it_says(self):
        draft = connections.draft()
        files = {"version": draft.version, "equipment_list": upload(content=b"<script>alert(1)</script>")}

        page = signed_in(draft.owner).post(reverse("apply_step", args=[draft.pk, "documents"]), files)

        assert "只收 PDF、JPG 和 PNG" in page.content.decode()

    def test_of_no_such_name_is_not_found(self):
        draft = connections.draft()

        assert signed_in(draft.owner).get(reverse("apply_step", args=[draft.pk, "nowhere"])).status_code == 404

    def test_escapes_what_people_type(self):
        draft = connections.draft()
        client = signed_in(draft.owner)
        client.post(
            reverse("apply_step", args=[draft.pk, "who"]),
            connections.WHO | {"organisation_name": "<b>厂</b>", "version": draft.version},
        )

        assert "<b>厂</b>" not in client.get(reverse("apply_check", args=[draft.pk])).content.decode()


class TestLimits:
    def test_begun_too_often_is_refused_and_says_when_again(self):
        client = signed_in(people.person())
        for _ in range(30):
            client.post(reverse("apply_begin"))

        page = client.post(reverse("apply_begin"))

        assert page.status_code == 429
        assert "之后再试" in page.content.decode()
        assert Draft.objects.count() == 30

    def test_reading_is_never_counted(self):
        draft = connections.draft()
        client = signed_in(draft.owner)

        pages = {client.get(reverse("apply_step", args=[draft.pk, "who"])).status_code for _ in range(3)}

        assert pages == {200}


class TestCheck:
    def test_shows_numbers_as_people_write_them(self):
        draft = connections.draft()
        client = signed_in(draft.owner)
        demand = {**connections.DEMAND, "load_kw": "1e5", "wanted_on": "", "version": draft.version}
        client.post(reverse("apply_step", args=[draft.pk, "demand"]), demand)

        assert "100000" in client.get(reverse("apply_check", args=[draft.pk])).content.decode()

    def test_says_why_the_class_and_every_limit(self):
        draft = connections.draft()

        text = signed_in(draft.owner).get(reverse("apply_check", args=[draft.pk])).content.decode()

        assert "10千伏，一个电源" in text
        assert '<span class="big-number">11</span>' in text

    def test_sends_back_who_has_not_answered(self):
        draft = connections.draft()
        Draft.objects.filter(pk=draft.pk).update(answers="{}")

        answer = signed_in(draft.owner).get(reverse("apply_check", args=[draft.pk]))

        assert answer.url == reverse("apply_tasks", args=[draft.pk])

    def test_says_that_a_class_is_handled_elsewhere(self):
        draft = connections.draft(demand={"voltage_kv": "0.38", "load_kw": "20"})

        text = signed_in(draft.owner).get(reverse("apply_check", args=[draft.pk])).content.decode()

        assert "目前在营业厅办理" in text
        assert '<input type="hidden" name="version"' not in text

    def test_submitted_twice_makes_one_case(self):
        draft = connections.draft()
        client = signed_in(draft.owner)
        url = reverse("apply_check", args=[draft.pk])

        first = client.post(url, {"version": draft.version})
        second = client.post(url, {"version": draft.version})

        assert first.url == second.url
        assert Case.objects.filter(applicant=draft.owner).count() == 1

    @pytest.mark.parametrize("version", ["", "x", "1"])
    def test_refuses_a_page_that_is_out_of_date(self, version):
        draft = connections.draft()

        page = signed_in(draft.owner).post(reverse("apply_check", args=[draft.pk]), {"version": version})

        assert page.status_code == 200
        assert not Case.objects.filter(applicant=draft.owner).exists()

    def test_says_when_nobody_supplies_the_address(self):
        draft = connections.draft()
        Draft.objects.filter(pk=draft.pk).update(answers=draft.answers.replace(connections.COUNTY, "371702"))

        page = signed_in(draft.owner).post(reverse("apply_check", args=[draft.pk]), {"version": draft.version})

        assert "还没有登记供电企业" in page.content.decode()


class TestMyCase:
    def test_says_what_is_mine_to_do(self):
        walk = connections.submitted().scheme_issued()

        text = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk])).content.decode()

        assert reverse("my_act", args=[walk.case.pk, "confirm-scheme"]) in text
        assert "示例变电站" in text

    def test_names_no_staff_by_their_account(self):
        walk = connections.submitted().accepted()

        text = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk])).content.decode()

        assert f"客户经理 {walk.manager.get_full_name()}" not in text

    def test_costs_the_same_queries_however_long_the_case(self, django_assert_max_num_queries):
        walk = connections.submitted().energised()
        client = signed_in(walk.customer)

        with django_assert_max_num_queries(30):
            client.get(reverse("my_case", args=[walk.case.pk]))

    def test_of_a_held_case_waits_for_its_applicant_to_resume(self):
        walk = connections.submitted().accepted()
        evidence = {"customer_request": connections.pdf()}
        operations.pause(walk.case, reason="customer_request", evidence=evidence, acting=walk.by_customer())

        page = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk]))

        assert page.context["turn"].name == "resume"

    def test_has_no_turn_of_mine_while_the_utility_acts(self):
        walk = connections.submitted()

        assert signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk])).context["turn"] is None


class TestMyAct:
    def test_that_is_not_offered_leads_back(self):
        walk = connections.submitted()

        answer = signed_in(walk.customer).get(reverse("my_act", args=[walk.case.pk, "sign-contract"]))

        assert answer.url == reverse("my_case", args=[walk.case.pk])

    def test_withdraws_by_the_applicants_own_word(self):
        walk = connections.submitted()

        signed_in(walk.customer).post(
            reverse("my_act", args=[walk.case.pk, "withdraw"]), {"version": walk.case.version, "reason": "项目取消"}
        )

        walk.case.refresh_from_db()
        assert walk.case.status == "withdrawn"

    def test_pauses_with_the_evidence_of_the_white_list(self):
        walk = connections.submitted().accepted()

        signed_in(walk.customer).post(
            reverse("my_act", args=[walk.case.pk, "pause"]),
            {"version": walk.case.version, "reason": "customer_request", "evidence": upload()},
        )

        walk.case.refresh_from_db()
        assert walk.case.waiting_for == "customer"

    def test_asks_only_for_what_the_list_was_told_to_miss(self):
        walk = connections.submitted()
        operations.notify_deficiency(walk.case, items=["equipment_list"], remark="缺清单", acting=walk.by_staff())
        client = signed_in(walk.customer)
        url = reverse("my_act", args=[walk.case.pk, "complete"])

        assert set(client.get(url).context["form"].fields) == {"version", "equipment_list"}
        client.post(url, {"version": walk.case.version, "equipment_list": upload()})

        walk.case.refresh_from_db()
        assert walk.case.status == "submitted"

    def test_hands_in_what_was_to_follow_once(self):
        walk = connections.submitted()
        client = signed_in(walk.customer)
        url = reverse("my_act", args=[walk.case.pk, "hand-in"])

        client.post(url, {"version": walk.case.version, "kind": "equipment_list", "file": upload()})

        assert client.get(url).url == reverse("my_case", args=[walk.case.pk])
        assert walk.case.documents.get().kind == "equipment_list"
