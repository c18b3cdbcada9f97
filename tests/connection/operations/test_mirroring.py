import json

import pytest

from support import mirrors, people
from support.mirrors import days_ago, record, taken
from tongdian.case.models import Case, Event
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import installation_now, reading
from tongdian.connection.models import MirroredCase, SourceConflict, SourceRecord, SourceSystem
from tongdian.connection.operations.acting import Acting
from tongdian.connection.operations.mirroring import (
    AlreadySettled,
    NotTakenOver,
    SourceExists,
    add_source,
    change_mapping,
    read_source,
    settle_conflict,
)
from tongdian.connection.rules.mirroring import MappingInvalid
from tongdian.gateway.marketing import FolderMarketing
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
Resolution = SourceConflict.Resolution


def acting(case: Case, *, version: int | None = None) -> Acting:
    seen = case.version if version is None else version
    return Acting(people.staff(Role.ACCOUNT_MANAGER), Role.ACCOUNT_MANAGER, "desk", seen, installation_now())


@pytest.fixture
def source():
    return mirrors.system()


@pytest.fixture
def disputed(source) -> SourceConflict:
    """A conflict over a class decided here and told otherwise there."""
    source.mapping = mirrors.MAPPING | {"masters": {"customer_class": "here"}}
    taken(source, record("submit", id="r1", at=days_ago(9)))
    taken(source, record("accept", id="r2", at=days_ago(8), **{"class": "04"}))
    return SourceConflict.objects.get()


class TestAddSource:
    def test_makes_an_account_that_never_signs_in(self, source):
        assert source.reader.username == "reader-yx"
        assert not source.reader.has_usable_password()

    def test_refuses_a_code_twice(self, source):
        with pytest.raises(SourceExists):
            mirrors.system()

    def test_refuses_a_mapping_it_cannot_use(self):
        with pytest.raises(MappingInvalid):
            add_source(
                code="x",
                name="x",
                utility=people.organisation(),
                transport=SourceSystem.Transport.FOLDER,
                place="/",
                mapping={},
            )


class TestTake:
    def test_starts_the_clock_when_the_source_recorded_it(self, source):
        accepted = days_ago(20)

        taken(source, record("submit", id="r1", at=days_ago(21)), record("accept", id="r2", at=accepted))

        case = MirroredCase.objects.get(source_case_id="A1").case
        assert (case.accepted_at, case.next_stage) == (accepted, "scheme")
        assert case.next_due_date < installation_now().date()
        assert reading(case, as_of=installation_now()).verdict == "late"
        assert Event.objects.filter(case=case, channel="import", source_system="yx").count() == 2

    def test_takes_every_record_once(self, source):
        submitted = record("submit", id="r1", at=days_ago(2))

        counts = [(done.applied, done.known) for done in (taken(source, submitted), taken(source, submitted))]

        assert counts == [(1, 0), (0, 1)]
        assert Event.objects.filter(source_event_id="r1").count() == 1

    def test_lists_a_record_that_is_told_otherwise_later(self, source):
        taken(source, record("submit", id="r1", at=days_ago(2)))

        taken(source, record("submit", id="r1", at=days_ago(1)))

        assert SourceConflict.objects.get().field == "record"
        assert Event.objects.count() == 1

    def test_keeps_what_it_cannot_read_and_goes_on(self, source):
        done = taken(source, {"record_id": "r0"}, "junk", record("submit", id="r1", at=days_ago(2)))

        assert (done.applied, [place for place, _ in done.faults]) == (1, [0, 1])
        assert SourceRecord.objects.filter(state="refused").count() == 2

    @pytest.mark.parametrize("facts", [{"county_code": "999999"}, {"county_code": ""}, {"class": ""}])
    def test_opens_no_case_whose_clock_is_unknown(self, source, facts):
        done = taken(source, record("submit", id="r1", at=days_ago(2), **facts))

        assert len(done.faults) == 1
        assert not Case.objects.exists()

    def test_lets_nothing_follow_the_end(self, source):
        taken(source, record("submit", id="r1", at=days_ago(5)), record("power", id="r2", at=days_ago(2)))

        done = taken(source, record("accept", id="r3", at=days_ago(1)))

        assert "has ended" in done.faults[0][1]
        assert Case.objects.get().closed_at is not None

    def test_lets_each_field_be_decided_by_its_master(self, source):
        taken(source, record("submit", id="r1", at=days_ago(5)))

        taken(source, record("accept", id="r2", at=days_ago(4), title="另一名称", address="新址", **{"class": "04"}))

        case = Case.objects.get()
        assert (case.title, case.address, case.customer_class) == ("示例食品厂", "新址", "hv10_dual")
        assert SourceConflict.objects.get().theirs == "另一名称"

    def test_keeps_one_open_conflict_a_field(self, source):
        taken(source, record("submit", id="r1", at=days_ago(5)))
        for number in (2, 3):
            taken(source, record("accept", id=f"r{number}", at=days_ago(4), title=f"名称{number}"))

        assert SourceConflict.objects.get().theirs == "名称3"

    def test_names_no_resident(self, source):
        taken(source, record("submit", id="r1", at=days_ago(5), address="示例路 1 号", **{"class": "01"}))

        case = Case.objects.get()
        assert (case.title, case.address) == ("营销系统 A1", "")


class TestChangeMapping:
    def test_reads_again_what_could_not_be_read(self, source):
        taken(source, record("S7", id="r1", at=days_ago(5)))

        done = change_mapping(
            source,
            mirrors.MAPPING | {"kinds": mirrors.MAPPING["kinds"] | {"S7": "application.submitted"}},
            now=installation_now(),
        )

        row = SourceRecord.objects.get()
        assert (done.applied, row.state, row.sent) == (1, "applied", "")

    def test_changes_nothing_when_it_cannot_be_used(self, source):
        with pytest.raises(MappingInvalid):
            change_mapping(source, {"kinds": {}}, now=installation_now())

        source.refresh_from_db()
        assert source.mapping == mirrors.MAPPING


class TestReadSource:
    def test_reads_every_file_and_moves_it_away(self, tmp_path):
        source = mirrors.system(place=str(tmp_path))
        first, second = record("submit", id="r1", at=days_ago(5)), record("accept", id="r2", at=days_ago(4))
        (tmp_path / "1.ndjson").write_text(json.dumps(first))
        (tmp_path / "2.ndjson").write_text(json.dumps(second))

        done = read_source(source.pk, now=installation_now())

        source.refresh_from_db()
        assert (done.applied, source.cursor, source.trouble) == (2, "2.ndjson", "")

    def test_keeps_what_troubles_it_and_takes_nothing(self, source):
        read_source(source.pk, now=installation_now())

        source.refresh_from_db()
        assert (source.read_at, "/nowhere" in source.trouble) == (None, True)

    def test_leaves_a_page_to_a_reader_that_was_quicker(self, tmp_path, monkeypatch):
        source = mirrors.system(place=str(tmp_path))
        (tmp_path / "1.ndjson").write_text(json.dumps(record("submit", id="r1", at=days_ago(5))))
        before = FolderMarketing.changes

        def while_another_reads(self, after):
            SourceSystem.objects.update(cursor="1.ndjson")
            return before(self, after)

        monkeypatch.setattr(FolderMarketing, "changes", while_another_reads)

        assert read_source(source.pk, now=installation_now()).applied == 0
        assert (tmp_path / "1.ndjson").exists()

    def test_leaves_a_system_alone_that_is_switched_off(self, tmp_path):
        source = mirrors.system(place=str(tmp_path))
        (tmp_path / "1.ndjson").write_text(json.dumps(record("submit", id="r1", at=days_ago(5))))
        SourceSystem.objects.update(is_active=False)

        assert read_source(source.pk, now=installation_now()).applied == 0
        assert (tmp_path / "1.ndjson").exists()


class TestSettleConflict:
    def test_takes_theirs_over_on_the_timeline(self, disputed):
        settle_conflict(disputed, resolution=Resolution.THEIRS, reason="核对合同", acting=acting(disputed.case))

        case = Case.objects.get()
        assert case.customer_class == "hv10_dual"
        assert Event.objects.filter(case=case, kind="source.settled").count() == 1

    def test_keeps_ours_and_the_reason(self, disputed):
        settled = settle_conflict(disputed, resolution=Resolution.OURS, reason="核对", acting=acting(disputed.case))

        assert (Case.objects.get().customer_class, settled.reason) == ("hv10_single", "核对")

    def test_decides_once(self, disputed):
        settle_conflict(disputed, resolution=Resolution.OURS, reason="核对", acting=acting(disputed.case))

        with pytest.raises(AlreadySettled):
            settle_conflict(disputed, resolution=Resolution.THEIRS, reason="核对", acting=acting(disputed.case))

    def test_refuses_theirs_for_a_field_that_is_fixed(self, source):
        taken(source, record("submit", id="r1", at=days_ago(5)))
        taken(source, record("accept", id="r2", at=days_ago(4), county_code="370103"))
        conflict = SourceConflict.objects.get()

        with pytest.raises(NotTakenOver, match="fixed"):
            settle_conflict(conflict, resolution=Resolution.THEIRS, reason="核对", acting=acting(conflict.case))

    def test_refuses_theirs_once_the_case_has_ended(self, disputed, source):
        taken(source, record("power", id="r3", at=days_ago(1), **{"class": "03"}))
        case = Case.objects.get()

        with pytest.raises(NotTakenOver, match="ended"):
            settle_conflict(disputed, resolution=Resolution.THEIRS, reason="核对", acting=acting(case))

        settle_conflict(disputed, resolution=Resolution.OURS, reason="核对", acting=acting(case))

    def test_tells_who_looked_too_early(self, disputed):
        with pytest.raises(StaleCase):
            settle_conflict(
                disputed, resolution=Resolution.OURS, reason="核对", acting=acting(disputed.case, version=1)
            )
