import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from support import mirrors, people
from support.mirrors import days_ago, record, taken
from tongdian.case.models import Case
from tongdian.connection.models import SourceConflict
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def source():
    return mirrors.system()


@pytest.fixture
def manager(source) -> Client:
    return signed_in(people.staff(Role.ACCOUNT_MANAGER, at=source.utility))


class TestShadow:
    def test_shows_what_will_be_late_next_week_from_the_first_day(self, source, manager):
        taken(source, record("submit", id="r1", at=days_ago(30)), record("accept", id="r2", at=days_ago(30)))

        page = manager.get(reverse("desk_shadow"))

        assert [case.title for case in page.context["table"].page.object_list] == ["示例食品厂"]
        assert page.context["figures"][2].value == 1

    def test_leaves_out_what_waits_for_nobody_next_week(self, source, manager):
        taken(source, record("submit", id="r1", at=days_ago(9)), record("power", id="r2", at=days_ago(8)))

        counts = [
            manager.get(reverse("desk_shadow"), {"show": show}).context["table"].page.paginator.count
            for show in ("breaching", "open", "all")
        ]

        assert counts == [0, 0, 1]

    def test_costs_the_same_queries_however_many_rows(self, source, manager, django_assert_max_num_queries):
        for number in range(5):
            taken(source, record("submit", id=f"r{number}", at=days_ago(30), case_id=f"A{number}"))

        with django_assert_max_num_queries(16):
            manager.get(reverse("desk_shadow"))

    def test_exports_only_for_those_who_may(self, source, manager):
        assert manager.get(reverse("desk_shadow"), {"format": "xlsx"}).status_code == 200


class TestShadowCase:
    def test_shows_the_clock_and_the_place_in_the_other_system(self, source, manager):
        taken(source, record("submit", id="r1", at=days_ago(3)), record("accept", id="r2", at=days_ago(2)))

        page = manager.get(reverse("desk_shadow_case", args=[Case.objects.get().pk]))

        assert "A1" in page.text
        assert page.context["clock"].due_date == Case.objects.get().next_due_date


class TestSettle:
    def disputed(self, source) -> SourceConflict:
        taken(source, record("submit", id="r1", at=days_ago(9)))
        taken(source, record("accept", id="r2", at=days_ago(8), title="另一名称"))
        return SourceConflict.objects.get()

    def post(self, client, conflict, **answers):
        url = reverse("desk_shadow_settle", args=[conflict.case_id, conflict.pk])
        given = {"resolution": "theirs", "reason": "核对合同", "version": conflict.case.version}
        return client.post(url, given | answers)

    def test_takes_over_what_was_chosen(self, source, manager):
        self.post(manager, self.disputed(source))

        assert Case.objects.get().title == "另一名称"

    def test_is_content_when_somebody_else_was_quicker(self, source, manager):
        conflict = self.disputed(source)
        self.post(manager, conflict)
        case = Case.objects.get()

        response = self.post(manager, conflict, resolution="ours", version=case.version)

        assert response.status_code == 302
        assert Case.objects.get().title == "另一名称"

    def test_keeps_a_phone_out_of_the_timeline(self, source, manager):
        response = self.post(manager, self.disputed(source), reason="电话 13800001111")

        assert "reason" in response.context["form"].errors

    def test_shows_that_the_case_has_changed(self, source, manager):
        response = self.post(manager, self.disputed(source), version=1)

        assert response.context["form"].non_field_errors()

    def test_says_what_cannot_be_taken_over(self, source, manager):
        conflict = self.disputed(source)
        SourceConflict.objects.update(field="county_code")

        assert "resolution" in self.post(manager, conflict).context["form"].errors

    def test_knows_no_conflict_of_another_case(self, source, manager):
        conflict = self.disputed(source)

        assert manager.get(reverse("desk_shadow_settle", args=[conflict.case_id, conflict.pk + 1])).status_code == 404


class TestReadNow:
    def test_lets_a_system_be_read_once(self, source):
        administrator = signed_in(people.staff(Role.ADMINISTRATOR, at=source.utility))

        for _ in range(2):
            administrator.post(reverse("desk_shadow_read", args=["yx"]))

        assert ProcrastinateJob.objects.filter(task_name="connection.read_source").count() == 1
