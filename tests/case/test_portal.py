import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from support import people
from support.frame_cases import happen, new_case
from tongdian.case import operations
from tongdian.case.models import Event, StoredFile, ViewRecord
from tongdian.case.operations import documents, parties
from tongdian.case.operations.sealing import seal
from tongdian.case.portal import progress
from tongdian.gateway import limits
from tongdian.gateway.log_keys import signing_keys
from tongdian.gateway.models import Message
from tongdian.people.rules import Role

PHONE, OTHER_PHONE = "13800001234", "13900001234"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n29\n%%EOF\n"


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.REQUIRE_TOTP = False
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }


@pytest.fixture
def numbered(founded):
    """A submitted case with a number and a contact who has a phone."""
    with transaction.atomic():
        case = new_case(people.person(), title="样例纺织有限公司", address="历下区经十路1号")
        facts = parties.PartyFacts("王样例", phone=PHONE)
        parties.add_party(case, role="contact", kind="person", facts=facts)
        happen(case, "application.submitted")
        operations.assign_number(case, now=timezone.now())
    return case


def code_sent(phone: str = PHONE) -> str:
    found = [message for message in Message.objects.order_by("-id") if message.address == phone]
    return json.loads(found[0].parameters)["code"]


def text_of(response) -> str:
    return response.content.decode()


class TestProgress:
    def ask(self, client, number, phone=PHONE):
        return client.post("/progress/", {"number": number, "phone": phone})

    def test_shows_stage_date_and_who_acts_after_the_code(self, client, numbered):
        assert self.ask(client, numbered.number.replace("-", "")).url == "/progress/code/"
        answered = client.post("/progress/code/", {"code": code_sent()})
        assert answered.url == "/progress/case/"

        page = text_of(client.get("/progress/case/"))

        assert numbered.number in page
        assert "业务受理" in page
        assert "供电企业" in page
        assert f'datetime="{numbered.next_due_date.isoformat()}"' in page

    def test_shows_nothing_that_says_whose_case_it_is(self, client, numbered):
        self.ask(client, numbered.number)
        client.post("/progress/code/", {"code": code_sent()})

        page = text_of(client.get("/progress/case/"))

        for personal in ("样例纺织", "王样例", "经十路", PHONE):
            assert personal not in page

    def test_answers_the_same_for_a_phone_that_does_not_belong(self, client, numbered):
        right = self.ask(client, numbered.number)
        page = text_of(client.get("/progress/code/"))
        wrong = self.ask(client, numbered.number, OTHER_PHONE)
        other_page = text_of(client.get("/progress/code/"))

        assert (right.status_code, right.url) == (wrong.status_code, wrong.url)
        assert len(page) == len(other_page)
        assert {message.address for message in Message.objects.all()} == {PHONE}
        first, second = (client.post("/progress/code/", {"code": "000000"}) for _ in range(2))
        assert "验证码不正确或已失效" in text_of(first)
        assert "验证码不正确或已失效" in text_of(second)

    def test_says_which_number_is_none(self, client, db):
        response = client.post("/progress/", {"number": "370102-2026-000001-0", "phone": PHONE})

        assert "最后一位是校验码" in text_of(response)

    def test_limits_the_questions_about_one_phone(self, client, numbered):
        self.ask(client, numbered.number)

        again = self.ask(client, numbered.number)

        assert again.status_code == 200
        assert "查询得太频繁" in text_of(again)
        assert Message.objects.count() == 1

    def test_forgets_the_answer_after_a_quarter_of_an_hour(self, client, numbered):
        self.ask(client, numbered.number)
        client.post("/progress/code/", {"code": code_sent()})

        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            assert client.get("/progress/case/").url == "/progress/"

    @pytest.mark.parametrize("path", ["/progress/code/", "/progress/case/"])
    def test_begins_at_the_beginning(self, client, db, path):
        assert client.get(path).url == "/progress/"

    def test_keeps_no_phone_in_the_session(self, client, numbered):
        self.ask(client, numbered.number)

        assert PHONE not in json.dumps(dict(client.session))

    def test_says_who_acts_when_it_is_the_customer(self, client, numbered):
        happen(numbered, "application.deficiency_notified")
        self.ask(client, numbered.number)
        client.post("/progress/code/", {"code": code_sent()})

        assert "等待客户" in text_of(client.get("/progress/case/"))


class TestVerify:
    def hash_of(self, case, seq=1) -> str:
        return Event.objects.get(case=case, seq=seq).hash_hex

    def test_says_that_an_event_is_recorded_and_not_sealed_yet(self, client, numbered):
        page = text_of(client.get(f"/verify/{self.hash_of(numbered)}/"))

        assert "已记录，尚未封存" in page
        assert numbered.number in page
        assert "还不能排除数据库管理者改写" in page

    def test_proves_a_sealed_event_and_says_what_it_does_not_prove(self, client, numbered):
        seal(signing_keys())

        page = text_of(client.get(f"/verify/{self.hash_of(numbered)}/"))

        assert "核验成立" in page
        assert "不证明是谁提交的" in page
        assert "样例纺织" not in page

    def test_counts_what_was_recorded_since(self, client, numbered):
        digest = self.hash_of(numbered)
        happen(numbered, "note.added")

        assert "此后又有 1 条" in text_of(client.get(f"/verify/{digest}/"))

    def test_names_the_record_that_was_changed(self, client, numbered):
        happen(numbered, "note.added")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE case_event DISABLE TRIGGER case_event_append_only")
            cursor.execute("UPDATE case_event SET channel = 'forged' WHERE case_id = %s AND seq = 1", [numbered.pk])
            cursor.execute("ALTER TABLE case_event ENABLE TRIGGER case_event_append_only")

        page = text_of(client.get(f"/verify/{self.hash_of(numbered, seq=2)}/"))

        assert "核验不成立" in page
        assert "办件的第 1 条记录与写入时不一致" in page

    @pytest.mark.parametrize("code", ["0" * 64, "no-hash", "zz"])
    def test_says_plainly_when_there_is_no_such_event(self, client, founded, code):
        response = client.get(f"/verify/{code}/")

        assert response.status_code == 404
        assert "没有这个事件" in text_of(response)

    def test_takes_the_hash_with_the_blanks_of_the_receipt(self, client, numbered):
        digest = self.hash_of(numbered)
        grouped = " ".join(digest[start : start + 8] for start in range(0, 64, 8)).upper()

        assert client.post("/verify/", {"code": grouped}).url == f"/verify/{digest}/"

    def test_says_what_a_hash_looks_like(self, client, db):
        assert "64 个字符" in text_of(client.post("/verify/", {"code": "12"}))

    def test_limits_how_often_one_address_asks(self, client, founded):
        limit = progress.RECEIPTS_PER_ADDRESS
        for _ in range(limit.times):
            limits.take("verify.address", "127.0.0.1", limit=limit, now=timezone.now())

        response = client.get(f"/verify/{'0' * 64}/")

        assert (response.status_code, "核验得太频繁" in text_of(response)) == (429, True)


class TestDocument:
    @pytest.fixture
    def handed_in(self, numbered):
        upload = SimpleUploadedFile("竣工报告.pdf", PDF)
        facts = {"kind": "completion_report", "stage": "connect", "channel": "web", "now": timezone.now()}
        return documents.add_document(numbered, upload=upload, actor=numbered.applicant, expected_version=1, **facts)

    def test_is_sent_as_a_download_and_the_reading_is_recorded(self, client, handed_in):
        owner = handed_in.case.applicant
        client.force_login(owner)

        response = client.get(f"/documents/{handed_in.pk}/")

        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Type"] == "application/pdf"
        (view,) = ViewRecord.objects.all()
        assert (view.viewer, view.object_id) == (owner, handed_in.pk)

    def test_is_sent_to_staff_of_its_county_and_to_no_stranger(self, client, handed_in):
        utility = handed_in.case.utility
        clerk = people.staff(Role.COUNTER_CLERK, at=utility)
        elsewhere = people.staff(Role.COUNTER_CLERK, at=utility, territory="370202")

        statuses = []
        for user in (clerk, elsewhere, people.person()):
            client.force_login(user)
            response = client.get(f"/documents/{handed_in.pk}/")
            statuses.append(response.status_code)
            b"".join(response)

        assert statuses == [200, 404, 404]
        assert [view.viewer for view in ViewRecord.objects.all()] == [clerk]

    @pytest.mark.parametrize(("state", "words"), [("pending", "正在安全检查"), ("rejected", "没有通过安全检查")])
    def test_is_held_until_its_scan(self, client, handed_in, state, words):
        scanned_at = None if state == "pending" else timezone.now()
        StoredFile.objects.update(scan_state=state, scanned_at=scanned_at)
        client.force_login(handed_in.case.applicant)

        response = client.get(f"/documents/{handed_in.pk}/")

        assert (response.status_code, words in text_of(response)) == (409, True)
        assert not ViewRecord.objects.exists()
