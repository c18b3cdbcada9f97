"""Exports: who may have which cases, what is in the file in each form, and that every step leaves a row."""

import csv
import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from support import connections, people
from support.frame_cases import new_case, new_user
from tongdian.case.models import Case, Export, ExportFetch, Party
from tongdian.case.operations import exports
from tongdian.case.queries import clock, installation_now
from tongdian.case.queries.clock import timeline_of
from tongdian.engine.clock.zones import instant
from tongdian.engine.conformance import judge, mapping_from
from tongdian.engine.formats import LogColumns, LogFormat, read_event_log
from tongdian.kernel.calendar import packaged_calendar
from tongdian.people.models import Grant
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
SECRETS = ("示例联系人", "13800001111", "91370100MA0000000W", "示例路 1 号")
XES = LogFormat(
    LogColumns(
        *("case:concept:name", "concept:name", "time:timestamp"),
        recorded="recorded_at",
        resource="org:group",
        end="case:closed_at",
    ),
    zone="Asia/Shanghai",
)


def asked(format_: str, *cases: Case, user=None, language: str = "zh-hans") -> Export:
    user = user or people.staff(Role.ACCOUNT_MANAGER, at=cases[0].utility)
    ids = [case.pk for case in cases]
    return exports.ask(user, case_ids=ids, format=format_, language=language, now=installation_now())


def content(export: Export) -> bytes:
    return b"".join(exports.fetch(export, reader=export.requested_by, now=installation_now()))


def sheets(export: Export) -> list[list[list]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content(export)))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


class TestAsk:
    def test_makes_a_small_export_at_once(self) -> None:
        export = asked("csv", connections.submitted().case)

        assert (export.state, export.wanted, export.written) == ("ready", 1, 1)
        assert export.size_bytes == len(content(export))

    def test_leaves_a_large_one_to_a_job(self, monkeypatch) -> None:
        case = connections.submitted().case
        small = exports.Limits(at_once_max_cases=0, max_cases=10, kept_days=7)
        monkeypatch.setattr(exports, "export_limits", lambda *, now: small)

        export = asked("csv", case)

        assert export.state == "waiting"
        with connection.cursor() as cursor:
            cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'case.make_export'")
            assert [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()] == [
                {"export_id": str(export.pk)}
            ]
        with pytest.raises(exports.StillMaking):
            asked("xes", case, user=export.requested_by)

    def test_refuses_an_empty_set(self) -> None:
        with pytest.raises(exports.NothingToExport):
            exports.ask(new_user(), case_ids=[], format="csv", language="zh-hans", now=timezone.now())

    def test_refuses_more_than_an_export_may_hold(self, monkeypatch) -> None:
        small = exports.Limits(at_once_max_cases=1, max_cases=1, kept_days=7)
        monkeypatch.setattr(exports, "export_limits", lambda *, now: small)

        with pytest.raises(exports.TooManyCases) as caught:
            exports.ask(new_user(), case_ids=[uuid4(), uuid4()], format="csv", language="zh-hans", now=timezone.now())

        assert (caught.value.wanted, caught.value.most) == (2, 1)

    def test_refuses_a_form_that_is_none(self) -> None:
        with pytest.raises(ValueError, match="pdf"):
            asked("pdf", connections.submitted().case)


class TestMake:
    def test_leaves_out_cases_out_of_reach(self) -> None:
        near = connections.submitted().case
        far = new_case(county_code="370202", kind="connection", customer_class="hv10_single")

        export = asked("csv", near, far)

        assert (export.wanted, export.written) == (2, 1)
        assert near.number.encode() in content(export)

    def test_leaves_out_everything_once_the_right_has_gone(self, monkeypatch) -> None:
        case = connections.submitted().case
        small = exports.Limits(at_once_max_cases=0, max_cases=10, kept_days=7)
        monkeypatch.setattr(exports, "export_limits", lambda *, now: small)
        export = asked("csv", case)
        Grant.objects.filter(user=export.requested_by).update(valid_until=timezone.now() - timedelta(minutes=1))

        made = exports.make(export.pk, now=installation_now())

        assert (made.state, made.written) == ("ready", 0)

    def test_keeps_the_order_that_was_asked_for(self) -> None:
        cases = [connections.submitted().case for _ in range(3)]
        chosen = [cases[2], cases[0], cases[1]]

        rows = list(csv.DictReader(io.StringIO(content(asked("csv", *chosen)).decode("utf-8-sig"))))

        assert [row["number"] for row in rows] == [case.number for case in chosen]

    def test_is_done_once(self) -> None:
        export = asked("csv", connections.submitted().case)

        with pytest.raises(exports.AlreadyMade, match="ready"):
            exports.make(export.pk, now=installation_now())

    def test_begins_anew_after_a_run_that_was_cut_off(self) -> None:
        export = asked("csv", connections.submitted().case)
        Export.objects.filter(pk=export.pk).update(state="running")

        again = exports.make(export.pk, now=export.as_of)

        assert again.sha256 == export.sha256

    def test_says_so_when_it_fails(self, monkeypatch) -> None:
        case = connections.submitted().case
        monkeypatch.setattr(exports, "write", lambda *_: (_ for _ in ()).throw(OSError("disk full")))

        with pytest.raises(OSError, match="disk full"):
            asked("csv", case)

        assert Export.objects.get().state == "failed"

    def test_takes_as_many_statements_for_five_cases_as_for_one(self, django_assert_max_num_queries) -> None:
        cases = [connections.submitted().case for _ in range(5)]
        user = people.staff(Role.ACCOUNT_MANAGER, at=cases[0].utility)
        asked("csv", cases[0], user=user)

        with django_assert_max_num_queries(22):
            asked("ocel", *cases, user=user)

    @pytest.mark.parametrize("format_", ["csv", "xlsx", "xes", "ocel"])
    def test_lets_no_person_out(self, format_: str) -> None:
        export = asked(format_, connections.submitted().scheme_issued().case)

        text = (
            json.dumps(sheets(export), default=str, ensure_ascii=False)
            if format_ == "xlsx"
            else content(export).decode()
        )
        assert [secret for secret in SECRETS if secret in text] == []

    @pytest.mark.parametrize("format_", ["csv", "xlsx"])
    def test_names_a_firm_in_tables_and_never_a_person(self, format_: str) -> None:
        firm, person = connections.submitted().case, connections.submitted().case
        Party.objects.filter(case=person, role=Party.Role.APPLICANT).update(kind=Party.Kind.PERSON)
        Case.objects.filter(pk=person.pk).update(title="示例某人")

        export = asked(format_, firm, person)

        text = (
            json.dumps(sheets(export), default=str, ensure_ascii=False)
            if format_ == "xlsx"
            else content(export).decode()
        )
        assert firm.title in text
        assert "示例某人" not in text

    @pytest.mark.parametrize("format_", ["csv", "xlsx", "xes", "ocel"])
    @pytest.mark.parametrize(("language", "mark"), [("zh-hans", "测试数据"), ("en", "Test data")])
    def test_marks_what_is_not_real(self, format_: str, language: str, mark: str) -> None:
        export = asked(format_, connections.submitted().case, language=language)

        text = (
            json.dumps(sheets(export), default=str, ensure_ascii=False)
            if format_ == "xlsx"
            else content(export).decode()
        )
        assert mark in text

    @pytest.mark.parametrize("format_", ["csv", "xlsx", "xes", "ocel"])
    def test_gives_the_same_bytes_for_the_same_cases_and_moment(self, format_: str) -> None:
        case = connections.submitted().energised().case
        first = asked(format_, case)
        Export.objects.filter(pk=first.pk).update(state="running")

        again = exports.make(first.pk, now=first.as_of)

        assert again.sha256 == first.sha256


class TestXes:
    def test_holds_every_event_with_its_time(self, tmp_path) -> None:
        case = connections.submitted().energised().case
        path = tmp_path / "log.xes"
        path.write_bytes(content(asked("xes", case)))

        log = read_event_log(path, XES)

        events = timeline_of(case)
        assert log.cases == (case.number,)
        assert [log.activities[each] for each in log.activity] == [event.kind for event in events]
        assert [instant(int(at)) for at in log.recorded_us] == [event.recorded_at for event in events]

    def test_is_judged_as_the_clock_judges(self, tmp_path) -> None:
        case = connections.submitted().energised().case
        path = tmp_path / "log.xes"
        path.write_bytes(content(asked("xes", case)))
        standard = clock.standard(case, on=case.judged_date)
        rules = {rule.id: rule for rule in standard.definition.stages}
        stages = [
            {"id": name, "start": [start], "stop": sorted(rules[name].stop_any), "limit_days": standard.limits[name]}
            for name, start in (("scheme", "application.accepted"), ("completion_inspection", "completion.reported"))
        ]
        mapping = mapping_from(
            {
                "columns": {
                    "case": "case:concept:name",
                    "activity": "concept:name",
                    "time": "time:timestamp",
                    "end": "case:closed_at",
                },
                "calendar": "national",
                "zone": "Asia/Shanghai",
                "stages": stages,
            }
        )

        judged = judge(read_event_log(path, mapping.layout), mapping, packaged_calendar())

        reading = clock.reading(case, as_of=installation_now())
        expected = {each.stage: each.verdict for each in reading.stages}
        assert {stage.id: "on_time" if len(stage.on_time) else "late" for stage in judged.stages} == {
            name: expected[name] for name in ("scheme", "completion_inspection")
        }


class TestOcel:
    def test_relates_every_object_to_an_event_or_a_case(self) -> None:
        case = connections.submitted().energised().case

        log = json.loads(content(asked("ocel", case)))

        kinds = {each["type"] for each in log["objects"]}
        named = {each["objectId"] for event in log["events"] for each in event["relationships"]}
        assert kinds == {"case", "stage", "document", "organisation"}
        assert len(log["events"]) == case.version
        assert {each["id"] for each in log["objects"] if each["type"] != "document"} <= named
        ids = {each["id"] for each in log["objects"]}
        assert named <= ids

    def test_starts_and_ends_each_stage(self) -> None:
        case = connections.submitted().energised().case

        log = json.loads(content(asked("ocel", case)))

        told = [each["qualifier"] for event in log["events"] for each in event["relationships"]]
        stages = sum(each["type"] == "stage" for each in log["objects"])
        assert stages > 2
        assert (told.count("starts"), told.count("ends")) == (stages, stages)


class TestWorkbook:
    def test_has_lists_of_cases_stages_and_events_in_words(self) -> None:
        case = connections.submitted().energised().case

        cases, stages, events, about = sheets(asked("xlsx", case, language="en"))

        assert len(cases) == 2
        assert len(stages) > 3
        assert len(events) == 1 + case.version
        assert "Energised" in cases[1]
        assert {"95598", "12398"} <= {row[1] for row in about}


class TestFetch:
    def test_records_every_time(self) -> None:
        export = asked("csv", connections.submitted().case)

        content(export)
        content(export)

        assert ExportFetch.objects.filter(export=export, fetched_by=export.requested_by).count() == 2

    def test_refuses_everybody_else(self) -> None:
        export = asked("csv", connections.submitted().case)

        with pytest.raises(exports.NotFetchable):
            exports.fetch(export, reader=people.staff(Role.ACCOUNT_MANAGER), now=installation_now())

    def test_refuses_after_its_time_even_before_the_file_is_deleted(self) -> None:
        export = asked("csv", connections.submitted().case)

        with pytest.raises(exports.NotFetchable, match="expired"):
            exports.fetch(export, reader=export.requested_by, now=export.expires_at)


class TestExpire:
    def test_deletes_the_file_and_keeps_the_row(self) -> None:
        export = asked("csv", connections.submitted().case)

        assert exports.expire(now=export.expires_at - timedelta(seconds=1)) == 0
        assert exports.expire(now=export.expires_at) == 1
        assert not default_storage.exists(export.storage_name)
        assert Export.objects.get(pk=export.pk).state == "expired"


class TestRows:
    def test_of_exports_and_fetches_are_not_deleted(self) -> None:
        export = asked("csv", connections.submitted().case)
        content(export)

        for row in (ExportFetch.objects.get(export=export), export):
            with pytest.raises(DatabaseError), transaction.atomic():
                row.delete()
