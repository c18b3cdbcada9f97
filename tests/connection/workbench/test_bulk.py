from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from support import connections, people
from tongdian.case.models import BulkRun, Case, Event
from tongdian.case.operations import bulk
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def begun(client: Client, *cases: Case, act: str = "assign", **fields) -> str:
    answer = client.post(reverse("desk_bulk_begin"), {"act": act, "chosen": [case.pk for case in cases], **fields})
    return answer["Location"]


def previewed(client: Client, address: str, **fields):
    answer = client.post(address, fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return client.get(address)


def told(page) -> list[str]:
    return [row[-1].value for row in page.context["table"].rows]


class TestWay:
    def test_leads_from_the_queue_to_the_result_of_each_case(self):
        walk = connections.submitted()
        other = connections.submitted(walk.customer)
        to = people.staff(Role.ACCOUNT_MANAGER, at=walk.case.utility)
        client = signed_in(walk.manager)

        address = begun(client, walk.case, other.case)
        assert told(client.get(address)) == ["", ""]
        preview = previewed(client, address, column="assignee", assignee=to.pk)
        assert told(preview) == ["将办理", "将办理"]
        other.accepted()
        assert sum("预览之后有变化" in words and "受理" in words for words in told(client.get(address))) == 1
        client.post(f"{address}confirm/")
        result = client.get(address)

        assert sorted(words[:3] for words in told(result)) == ["已办理", "预览之"]
        assert Case.objects.get(pk=walk.case.pk).assignee == to
        assert Event.objects.filter(kind="assignment.changed").count() == 1

    def test_takes_all_that_the_filter_finds(self):
        walk = connections.submitted()
        connections.submitted(walk.customer)
        connections.submitted(walk.customer).accepted()
        client = signed_in(walk.manager)

        begun(client, act="note", everything="1", query="stage=acceptance")

        assert BulkRun.objects.get().rows.count() == 2

    def test_writes_a_note_that_staff_can_read(self):
        walk = connections.submitted()
        client = signed_in(walk.manager)
        address = begun(client, walk.case, act="note")
        previewed(client, address, text="现场条件已核对")

        client.post(f"{address}confirm/")

        assert "现场条件已核对" in client.get(reverse("desk_case", args=[walk.case.pk])).content.decode()
        mine = signed_in(walk.customer).get(reverse("my_case", args=[walk.case.pk])).content.decode()
        assert "现场条件已核对" not in mine

    def test_refuses_a_note_that_looks_like_a_person(self):
        walk = connections.submitted()
        client = signed_in(walk.manager)

        answer = client.post(begun(client, walk.case, act="note"), {"text": "电话 13800000000"})

        assert answer.context["form"].errors["text"]

    def test_says_so_when_confirmed_twice(self):
        walk = connections.submitted()
        to = people.staff(Role.ACCOUNT_MANAGER, at=walk.case.utility)
        client = signed_in(walk.manager)
        address = begun(client, walk.case)
        previewed(client, address, column="assignee", assignee=to.pk)
        client.post(f"{address}confirm/")

        answer = client.post(f"{address}confirm/", follow=True)

        assert "已经确认过" in answer.content.decode()
        assert client.post(address, {"column": "assignee", "assignee": to.pk}).status_code == 302
        assert Event.objects.filter(kind="assignment.changed").count() == 1

    def test_gives_the_results_as_a_workbook(self):
        walk = connections.submitted()
        to = people.staff(Role.ACCOUNT_MANAGER, at=walk.case.utility)
        client = signed_in(walk.manager)
        address = begun(client, walk.case)
        previewed(client, address, column="assignee", assignee=to.pk)
        client.post(f"{address}confirm/")

        sheet = openpyxl.load_workbook(BytesIO(client.get(f"{address}?format=xlsx").content)).active

        assert [sheet.cell(2, column).value for column in (1, 5)] == [walk.case.number, "已办理"]

    def test_shows_how_far_a_large_one_is(self, monkeypatch):
        walk = connections.submitted()
        client = signed_in(walk.manager)
        address = begun(client, walk.case)
        BulkRun.objects.update(state="running", confirmed_at=walk.case.opened_at)

        assert "正在逐件办理" in client.get(address).content.decode()
        part = client.get(address, headers={"HX-Request": "true"})
        assert "<html" not in part.content.decode()
        BulkRun.objects.update(state="done", finished_at=walk.case.opened_at)
        assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


class TestBegin:
    def test_asks_to_choose_something(self):
        walk = connections.submitted()

        answer = signed_in(walk.manager).post(reverse("desk_bulk_begin"), {"act": "assign"}, follow=True)

        assert "请先在列表中勾选办件" in answer.content.decode()

    def test_says_how_many_are_too_many(self, monkeypatch):
        walk = connections.submitted()

        def too_many(*args, **kwargs) -> None:
            raise bulk.TooManyChosen(1)

        monkeypatch.setattr(bulk, "choose", too_many)

        answer = signed_in(walk.manager).post(
            reverse("desk_bulk_begin"), {"act": "assign", "chosen": [walk.case.pk]}, follow=True
        )

        assert "一次最多选择 1 件" in answer.content.decode()

    @pytest.mark.parametrize("data", [{"act": "delete"}, {"act": "note", "chosen": "x"}])
    def test_knows_no_other_act_and_no_other_ids(self, data):
        walk = connections.submitted()

        assert signed_in(walk.manager).post(reverse("desk_bulk_begin"), data).status_code == 404

    def test_lets_a_clerk_note_and_not_assign(self):
        walk = connections.submitted()
        clerk = signed_in(people.staff(Role.COUNTER_CLERK, at=walk.case.utility))

        assert "批量分派" not in clerk.get(reverse("desk_queue")).content.decode()
        chosen = {"chosen": [walk.case.pk]}
        assert clerk.post(reverse("desk_bulk_begin"), {"act": "assign", **chosen}).status_code == 403
        assert clerk.post(reverse("desk_bulk_begin"), {"act": "note", **chosen}).status_code == 302


class TestManagers:
    def test_are_those_of_the_readers_reach_alone(self):
        walk = connections.submitted()
        county = people.staff(Role.PROJECT_MANAGER, at=walk.case.utility)
        city = people.staff(Role.ACCOUNT_MANAGER, at=walk.case.utility, territory="370100")
        people.staff(Role.ACCOUNT_MANAGER, at=walk.case.utility, territory="370200")
        people.staff(Role.ACCOUNT_MANAGER, at=people.organisation("other-grid"))
        people.staff(Role.PLANNER, at=walk.case.utility)
        client = signed_in(walk.manager)

        form = client.get(begun(client, walk.case)).context["form"]

        assert set(form.managers) == {walk.manager.pk, county.pk, city.pk}
