from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from support import connections
from tongdian.connection import operations
from tongdian.connection.models import SupplyContract
from tongdian.connection.rules import Customer

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(name: str = "list.pdf", content: bytes = connections.PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


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

    def test_waits_for_the_signature_a_counter_left_open(self):
        walk = connections.submitted(customer_class="lv_resident", is_signed=False)

        page = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk]))

        assert (page.context["what"], page.context["who"]) == ("签署供用电合同", "客户")

    def test_of_low_voltage_shows_one_stage_and_two_steps(self):
        walk = connections.submitted(customer_class="lv_three_zero").works_started(needs_permit=True)

        page = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk]))

        assert len(page.context["stages"]) == 1
        assert len(page.context["steps"]["listed"]) == 2
        text = page.content.decode()
        assert "表箱和进户线" in text
        assert "需要道路、绿化等行政审批" in text
        assert "千伏安" not in text

    def test_of_the_next_day_product_counts_calendar_days_and_shows_working_days_beside(self):
        walk = connections.submitted(customer_class="lv_no_works")

        page = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk]))

        assert page.context["beside_date"] >= page.context["clock"].due_date
        text = page.content.decode()
        assert "供电企业已用 / 限用自然日" in text
        assert "用了 0 个自然日，限 1 个" in text

    def test_says_why_the_class_was_changed(self):
        walk = connections.submitted(customer_class="lv_three_zero")
        operations.reclassify(
            walk.case,
            customer=Customer.SOLE_TRADER,
            needs_works=False,
            reason="现场已有表位",
            acting=walk.by_staff(),
        )

        text = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk])).content.decode()

        assert "现场已有表位" in text
        assert "申请当日受理，次日接电" in text

    @pytest.mark.parametrize("customer_class", connections.ANSWERS)
    def test_and_its_confirmation_open_for_every_class(self, customer_class):
        walk = connections.submitted(customer_class=customer_class)
        client = signed_in(walk.customer)

        pages = [
            client.get(reverse(name, args=[walk.case.pk])) for name in ("apply_submitted", "my_case", "my_receipt")
        ]

        assert [page.status_code for page in pages] == [200, 200, 200]


class TestAgain:
    def test_brings_every_answer_along_and_the_clock_goes_on(self):
        walk = connections.submitted(customer_class="lv_three_zero").accepted()
        operations.withdraw(walk.case, reason="暂时不办", acting=walk.by_customer())
        client = signed_in(walk.customer)
        assert (
            reverse("my_again", args=[walk.case.pk])
            in client.get(reverse("my_case", args=[walk.case.pk])).content.decode()
        )

        tasks = client.post(reverse("my_again", args=[walk.case.pk]), follow=True)

        assert [task.status for task in tasks.context["tasks"]] == ["done"] * 5 + ["todo"]
        draft = tasks.context["draft"]
        done = client.post(reverse("apply_check", args=[draft.pk]), {"version": draft.version}, follow=True)
        page = client.get(reverse("my_case", args=[done.context["case"].pk]))
        assert page.context["inherited"].predecessor == walk.case
        assert walk.case.number in page.content.decode()
        before = client.get(reverse("my_case", args=[walk.case.pk])).content.decode()
        assert done.context["case"].number in before

    def test_is_for_withdrawn_cases_only(self):
        walk = connections.submitted()

        answer = signed_in(walk.customer).post(reverse("my_again", args=[walk.case.pk]))

        assert answer.url == reverse("my_case", args=[walk.case.pk])


class TestContractPdf:
    def test_is_the_file_one_click_signs(self):
        walk = connections.submitted(customer_class="lv_resident", is_signed=False)
        client = signed_in(walk.customer)
        read = client.get(reverse("my_contract", args=[walk.case.pk])).content

        client.post(reverse("my_act", args=[walk.case.pk, "sign-standard-contract"]), {"version": walk.case.version})

        contract = SupplyContract.objects.get(case=walk.case)
        assert contract.document.file_id == sha256(read).hexdigest()

    def test_is_for_low_voltage_only(self):
        walk = connections.submitted()

        assert signed_in(walk.customer).get(reverse("my_contract", args=[walk.case.pk])).status_code == 404


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
