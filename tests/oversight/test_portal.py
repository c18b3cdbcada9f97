import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from support import people
from support.alerts import running_case, swept, told
from support.frame_cases import happen
from tongdian.oversight.models import NoticePreference
from tongdian.oversight.queries.notices import preference_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def reminded(case, manager):
    swept(case.next_due_date)
    return told(manager, "due_today")[0]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user, query: str = "") -> str:
    return signed_in(user).get(reverse("notices") + query).content.decode()


class TestNotices:
    def test_lists_what_one_was_told(self, reminded, manager):
        shown = page(manager)

        assert str(reminded.case) in shown
        assert "今天到期" in shown

    def test_speaks_the_readers_language(self, reminded, manager):
        client = signed_in(manager)
        client.cookies["django_language"] = "en"

        assert "Due today" in client.get(reverse("notices")).content.decode()

    def test_narrows_to_what_is_unread(self, reminded, manager):
        signed_in(manager).post(reverse("notices_read"))

        assert str(reminded.case) not in _list(page(manager, "?show=unread"))
        assert str(reminded.case) in _list(page(manager, "?show=open"))

    def test_says_how_a_settled_one_ended(self, reminded, manager):
        happen(reminded.case, "case.withdrawn")
        swept(reminded.due_date)

        assert "办件已办结" in page(manager)

    def test_says_that_there_is_nothing(self, db):
        assert "没有通知" in page(people.person())

    def test_costs_the_same_queries_for_any_number_of_rows(self, reminded, manager):
        client, counts = signed_in(manager), []
        for more in (1, 5):
            for _ in range(more):
                running_case(manager)
            swept(reminded.due_date)
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("notices"))
            counts.append(len(captured))

        assert counts[0] == counts[1]


def _list(shown: str) -> str:
    return shown.split('class="notice-list"')[1] if 'class="notice-list"' in shown else ""


class TestReadNotice:
    def test_marks_it_and_returns_to_the_filtered_list(self, reminded, manager):
        response = signed_in(manager).post(reverse("notice_read", args=[reminded.pk]), {"query": "show=open"})

        reminded.refresh_from_db()
        assert response.url == f"{reverse('notices')}?show=open"
        assert not reminded.is_unread

    def test_never_leads_out_of_the_site(self, reminded, manager):
        response = signed_in(manager).post(
            reverse("notice_read", args=[reminded.pk]), {"query": "//example.org/\r\nX: y"}
        )

        assert response.url.startswith(f"{reverse('notices')}?")
        assert "\n" not in response.url

    def test_hides_what_was_told_to_others(self, reminded):
        response = signed_in(people.person()).post(reverse("notice_read", args=[reminded.pk]))

        assert response.status_code == 404

    def test_is_not_done_by_looking(self, reminded, manager):
        assert signed_in(manager).get(reverse("notice_read", args=[reminded.pk])).status_code == 405


class TestReadAll:
    def test_empties_the_count_in_the_header(self, reminded, manager):
        client = signed_in(manager)
        assert "unread-count" in client.get(reverse("notices")).content.decode()

        client.post(reverse("notices_read"))

        assert "unread-count" not in client.get(reverse("notices")).content.decode()


class TestHeader:
    def test_costs_one_query_for_who_is_signed_in_and_none_for_others(self, reminded, manager):
        with CaptureQueriesContext(connection) as signed_out:
            Client().get("/")
        with CaptureQueriesContext(connection) as with_count:
            signed_in(manager).get("/")

        assert not [query for query in signed_out if "oversight_reminder" in query["sql"]]
        assert len([query for query in with_count if "oversight_reminder" in query["sql"]]) == 1

    def test_stops_counting_at_99(self, reminded, manager):
        from tongdian.oversight.models import Reminder  # noqa: PLC0415 - only here

        facts = Reminder.objects.filter(pk=reminded.pk).values().first()
        Reminder.objects.bulk_create(Reminder(**facts | {"id": None, "event_seq": n}) for n in range(1, 120))

        assert "99+" in page(manager)


class TestPreferences:
    def test_keeps_the_phone_as_digits(self, manager):
        signed_in(manager).post(reverse("notice_preferences"), {"work_phone": "138 0000 1234"})

        assert preference_facts(manager) == {"wants_digest": False, "work_phone": "13800001234"}

    def test_names_a_wrong_number(self, manager):
        shown = signed_in(manager).post(reverse("notice_preferences"), {"work_phone": "12"}).content.decode()

        assert "请输入 11 位手机号" in shown
        assert not NoticePreference.objects.exists()

    def test_sends_the_public_to_their_account(self, db):
        response = signed_in(people.person()).get(reverse("notice_preferences"))

        assert response.url == reverse("account_profile")
