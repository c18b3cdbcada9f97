"""Exports from the desk: the filter's cases, made at once or by a job, fetched by who asked."""

import pytest
from django.test import Client
from django.urls import reverse

from support import connections, people
from tongdian.case.models import Export, ExportFetch
from tongdian.case.operations import exports
from tongdian.case.queries import installation_now
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def one(export: Export) -> str:
    return reverse("desk_export", args=[export.pk])


def waiting(walk: connections.Walk) -> Export:
    return Export.objects.create(
        requested_by=walk.manager,
        requested_at=installation_now(),
        format="xes",
        language="zh-hans",
        case_ids=[walk.case.pk],
        wanted=900,
        written=300,
        state="running",
    )


class TestNew:
    def test_offers_the_cases_of_the_filter(self) -> None:
        walk = connections.submitted()
        connections.submitted().accepted()

        page = signed_in(walk.manager).get(reverse("desk_export_new") + "?stage=scheme").content.decode()

        assert "当前筛选共 1 件" in page

    def test_makes_the_file_of_the_filter(self) -> None:
        walk = connections.submitted()
        accepted = connections.submitted().accepted().case
        client = signed_in(walk.manager)

        answer = client.post(reverse("desk_export_new") + "?stage=scheme", {"format": "csv"})

        export = Export.objects.get()
        assert answer.headers["Location"] == one(export)
        assert export.case_ids == [accepted.pk]
        assert "领取文件" in client.get(one(export)).content.decode()

    def test_says_that_nothing_is_left_to_export(self) -> None:
        walk = connections.submitted()

        page = signed_in(walk.manager).get(reverse("desk_export_new") + "?stage=connect").content.decode()

        assert "没有可导出的办件" in page

    @pytest.mark.parametrize(
        ("problem", "words"),
        [
            (exports.NothingToExport(), "请放宽筛选条件"),
            (exports.TooManyCases(300, 200), "共 300 件，超过单次导出上限 200 件"),
            (exports.StillMaking(), "上一次的导出还在生成"),
        ],
    )
    def test_says_why_it_cannot_be(self, monkeypatch, problem: Exception, words: str) -> None:
        walk = connections.submitted()
        monkeypatch.setattr(exports, "ask", lambda *_, **__: (_ for _ in ()).throw(problem))

        page = signed_in(walk.manager).post(reverse("desk_export_new"), {"format": "csv"}).content.decode()

        assert words in page

    def test_is_closed_to_who_may_only_look(self) -> None:
        walk = connections.submitted()
        planner = people.staff(Role.PLANNER, at=walk.case.utility)

        assert signed_in(planner).get(reverse("desk_export_new")).status_code == 403


class TestOne:
    def test_shows_how_far_it_is_and_polls(self) -> None:
        walk = connections.submitted()
        export = waiting(walk)

        page = signed_in(walk.manager).get(one(export)).content.decode()

        assert f'hx-get="{one(export)}"' in page
        assert 'value="300"' in page
        assert 'http-equiv="refresh"' in page

    def test_answers_a_poll_with_the_progress_and_at_last_with_the_page(self) -> None:
        walk = connections.submitted()
        export, client = waiting(walk), signed_in(walk.manager)
        polled = client.get(one(export), headers={"HX-Request": "true"})

        Export.objects.filter(pk=export.pk).update(state="failed")
        ended = client.get(one(export), headers={"HX-Request": "true"})

        assert "<html" not in polled.content.decode()
        assert ended["HX-Refresh"] == "true"
        assert "生成失败" in ended.content.decode()


class TestFile:
    def test_is_sent_with_its_name_and_length_and_counted(self) -> None:
        walk = connections.submitted()
        client = signed_in(walk.manager)
        client.post(reverse("desk_export_new"), {"format": "ocel"})
        export = Export.objects.get()

        answer = client.get(reverse("desk_export_file", args=[export.pk]))

        sent = b"".join(answer.streaming_content)
        assert len(sent) == int(answer["Content-Length"]) == export.size_bytes
        assert answer["Content-Type"] == "application/json"
        assert answer["Content-Disposition"].startswith('attachment; filename="test-cases-')
        assert ExportFetch.objects.count() == 1

    def test_leads_back_when_it_is_not_ready(self) -> None:
        walk = connections.submitted()
        export = waiting(walk)

        answer = signed_in(walk.manager).get(reverse("desk_export_file", args=[export.pk]), follow=True)

        assert "文件尚未生成" in answer.content.decode()
        assert ExportFetch.objects.count() == 0


class TestListed:
    def test_takes_as_many_statements_for_many_exports_as_for_one(self, django_assert_max_num_queries) -> None:
        walk = connections.submitted()
        client = signed_in(walk.manager)
        for _ in range(4):
            waiting(walk)
        client.get(reverse("desk_exports"))

        with django_assert_max_num_queries(9):
            page = client.get(reverse("desk_exports")).content.decode()

        assert page.count("生成中") == 4
