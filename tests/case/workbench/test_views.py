"""Who looked at whose data: within reach, filtered, exported, and unusual days marked."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from support import people
from support.frame_cases import new_case
from tongdian.case.models import Case, ViewRecord
from tongdian.people.models import User
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PERIOD = {"since": "2026-11-01", "until": "2026-11-23"}


@pytest.fixture
def case() -> Case:
    return new_case(people.person(), utility=people.organisation())


@pytest.fixture
def auditor() -> Client:
    client = Client()
    client.force_login(people.staff(Role.AUDITOR, at=people.organisation("bureau", kind="bureau"), territory="370000"))
    return client


def view(case: Case, viewer: User, *, at: datetime = DAY, matter: str = "party", times: int = 1) -> None:
    for _ in range(times):
        ViewRecord.objects.create(
            viewer=viewer, viewed_at=at, case=case, matter=matter, object_id=case.pk, purpose="desk.party"
        )


def page(client: Client, **query: str) -> str:
    return client.get(reverse("audit_views"), PERIOD | query).content.decode()


class TestViews:
    def test_say_who_looked_at_what_when_and_why(self, auditor, case):
        clerk = people.staff()
        view(case, clerk)

        shown = page(auditor)

        for text in (clerk.username, "查看当事人联系方式", "当事人信息", "2026-11-20T09:00", "示例单位 grid"):
            assert text in shown

    def test_can_be_narrowed(self, auditor, case):
        one, other = people.staff(), people.staff()
        view(case, one)
        view(case, other, matter="document", at=datetime(2026, 11, 2, 1, 0, tzinfo=UTC))

        assert one.username in page(auditor, viewer=one.username.upper())
        assert other.username not in page(auditor, viewer=one.username)
        assert one.username not in page(auditor, matter="document")
        assert other.username not in page(auditor, since="2026-11-10")
        assert one.username not in page(auditor, number="none such")

    def test_leave_out_what_people_see_of_their_own_unless_asked(self, auditor, case):
        view(case, case.applicant)

        assert case.applicant.username not in page(auditor)
        assert case.applicant.username in page(auditor, public="on")

    def test_mark_a_day_on_which_somebody_looked_often(self, auditor, case):
        busy, quiet = people.staff(), people.staff()
        view(case, busy, times=40)
        view(case, quiet, times=39)

        shown = page(auditor, unusual="on")

        assert "当日 40 次" in shown
        assert quiet.username not in shown
        assert "单日查看达到 40 次" in shown

    def test_count_a_day_by_the_wall_clock(self, auditor, case):
        clerk = people.staff()
        view(case, clerk, at=datetime(2026, 11, 20, 15, 59, tzinfo=UTC), times=20)
        view(case, clerk, at=datetime(2026, 11, 20, 16, 1, tzinfo=UTC), times=20)

        assert "当日" not in page(auditor, unusual="on").split("<table")[-1]

    def test_cause_a_fixed_number_of_queries(self, auditor, case, django_assert_max_num_queries):
        view(case, people.staff(), times=3)
        page(auditor)
        view(case, people.staff(), times=20)

        with django_assert_max_num_queries(9):
            page(auditor)

    def test_come_as_a_spreadsheet_and_as_csv(self, auditor, case):
        clerk = people.staff()
        view(case, clerk)

        sheet = load_workbook(BytesIO(auditor.get(reverse("audit_views"), PERIOD | {"format": "xlsx"}).content)).active
        text = auditor.get(reverse("audit_views"), PERIOD | {"format": "csv"}).content.decode("utf-8-sig")

        assert clerk.username in [cell.value for row in sheet.iter_rows() for cell in row]
        assert text.splitlines()[0].startswith("查看时间,查看人,用户名")
        assert clerk.username in text.splitlines()[1]
