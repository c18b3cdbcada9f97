from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from support import connections, people
from tongdian.case.models import Case
from tongdian.case.queries import installation_now
from tongdian.connection import operations
from tongdian.connection.models import Draft, SupplyContract

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

    def test_begins_with_what_a_saved_guide_result_says(self):
        known = {"customer": {"customer": "sole_trader"}, "guide": {"demand": {"load_kw": "12"}}}
        draft = operations.start_draft(people.person(), answers=known, now=installation_now())

        page = signed_in(draft.owner).get(reverse("apply_step", args=[draft.pk, "demand"]))

        assert 'value="12"' in page.content.decode()

    def test_says_that_nothing_has_to_be_handed_in(self):
        draft = connections.draft(customer_class="lv_resident")

        text = signed_in(draft.owner).get(reverse("apply_step", args=[draft.pk, "documents"])).content.decode()

        assert "不需要提交任何资料" in text
        assert 'type="file"' not in text

    def test_leads_a_small_shop_past_everything_of_high_voltage(self):
        draft = connections.draft(customer_class="lv_three_zero")
        client = signed_in(draft.owner)
        answers = {name: value or "" for name, value in connections.LOW.items()} | {"version": draft.version}

        answer = client.post(reverse("apply_step", args=[draft.pk, "demand"]), answers)

        assert answer.url == reverse("apply_step", args=[draft.pk, "documents"])
        assert client.get(reverse("apply_step", args=[draft.pk, "supply"])).status_code == 404


class TestTasks:
    def test_ask_first_who_applies(self):
        draft = operations.start_draft(people.person(), now=installation_now())

        tasks = signed_in(draft.owner).get(reverse("apply_tasks", args=[draft.pk])).context["tasks"]

        assert [task.status for task in tasks] == ["todo", *["blocked"] * 5]

    def test_of_an_older_form_are_read_and_nothing_is_lost(self):
        answers = {"who": {"customer": "unproven"} | connections.WHO, "site": connections.SITE}
        draft = operations.start_draft(people.person(), form_version=1, answers=answers, now=installation_now())

        tasks = signed_in(draft.owner).get(reverse("apply_tasks", args=[draft.pk])).context["tasks"]

        assert [task.status for task in tasks] == ["done", "done", "done", "todo", "blocked", "blocked"]


class TestDraftContract:
    def test_is_for_low_voltage_only(self):
        draft = connections.draft()

        assert signed_in(draft.owner).get(reverse("apply_contract", args=[draft.pk])).status_code == 404

    def test_is_translated_for_who_reads_another_language(self):
        draft = connections.draft(customer_class="lv_resident")
        client = signed_in(draft.owner)
        url = reverse("apply_contract", args=[draft.pk])

        translated = client.get(f"{url}?translated=1", headers={"accept-language": "en"})

        assert translated.content.startswith(b"%PDF")
        assert translated.content != client.get(url).content

    def test_waits_for_every_answer(self):
        draft = operations.start_draft(people.person(), now=installation_now())

        answer = signed_in(draft.owner).get(reverse("apply_contract", args=[draft.pk]))

        assert answer.url == reverse("apply_tasks", args=[draft.pk])


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
        demand = {**connections.HIGH, "load_kw": "1e5", "wanted_on": "", "version": draft.version}
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

    @pytest.mark.parametrize("customer_class", connections.ANSWERS)
    def test_takes_every_class_and_signs_low_voltage_up_in_one_go(self, customer_class):
        draft = connections.draft(customer_class=customer_class)

        signed_in(draft.owner).post(reverse("apply_check", args=[draft.pk]), {"version": draft.version})

        case = Case.objects.get(applicant=draft.owner)
        assert case.customer_class == customer_class
        assert SupplyContract.objects.filter(case=case).exists() is customer_class.startswith("lv")

    def test_shows_the_very_file_that_is_signed(self):
        draft = connections.draft(customer_class="lv_resident")
        client = signed_in(draft.owner)
        read = client.get(reverse("apply_contract", args=[draft.pk])).content

        client.post(
            reverse("apply_check", args=[draft.pk]), {"version": draft.version}, headers={"accept-language": "en"}
        )

        contract = SupplyContract.objects.get(case__applicant=draft.owner)
        assert contract.document.file_id == sha256(read).hexdigest()

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
