"""Appending: what the trigger writes, what Python recomputes, what the database refuses."""

import itertools
import threading
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from tongdian.case.models import Case, Event, Installation, Node, WitnessAnswer
from tongdian.case.operations import Entry, Source, append, append_many, correct, set_clock
from tongdian.case.operations.correcting import CannotCorrect
from tongdian.case.operations.sealing import seal
from tongdian.case.operations.timeline import InvalidEvidence, NotInTransaction, SourceEventExists
from tongdian.case.queries import event_by_hash, events
from tongdian.case.timeline.canonical import NotCanonical
from tongdian.case.timeline.hashing import HASHED_COLUMNS, EventFields, event_hash, genesis_hash
from tongdian.case.timeline.personal import PersonalData

from .conftest import KEY, PROTECTED, attacker, new_case, new_user, note, notes

DIGEST = "ab" * 32
EARLIEST, LATEST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - hypothesis adds the zone
INSTANTS = st.datetimes(min_value=EARLIEST, max_value=LATEST, timezones=st.just(UTC))


def recomputed(event: Event) -> bytes:
    fresh = Event.objects.get(pk=event.pk)
    return event_hash(EventFields(**{name: getattr(fresh, name) for name in HASHED_COLUMNS}))


def fill_every_table(case: Case) -> None:
    """Row triggers fire only on rows: every protected table needs one."""
    note(case)
    set_clock(timedelta(hours=1), reason="test")
    Node.objects.create(level=1, index=0, hash=b"x")
    checkpoint = seal([KEY])
    WitnessAnswer.objects.create(checkpoint=checkpoint, witness="w", outcome="cosigned", line="l")
    connection.check_constraints()


class TestAppend:
    def test_numbers_and_chains_the_events_of_a_case(self, case: Case) -> None:
        first, second = notes(case, 2)

        assert (first.seq, second.seq) == (1, 2)
        assert second.prev_hash == first.hash
        assert second.recorded_at >= first.recorded_at

    def test_starts_each_case_from_the_installation(self, case: Case, other_case: Case) -> None:
        genesis = bytes(Installation.objects.get().genesis_hash)

        assert bytes(note(case).prev_hash) == bytes(note(other_case).prev_hash) == genesis

    def test_gives_the_hash_that_python_computes_with_every_column_set(self, case: Case) -> None:
        event = append(
            case,
            kind="application.submitted",
            actor=case.opened_by,
            channel="portal",
            role="applicant",
            organisation=case.utility,
            body={"text": "申请新装用电——一二三", "empty": "", "list": [1, None, True, {"a": -5}]},
            occurred_at=datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=timezone(timedelta(hours=8))),
            evidence=[DIGEST, "00" * 32],
            source=Source("营销系统", "工单-1", datetime(2026, 1, 1, tzinfo=UTC)),
        )

        assert recomputed(event) == bytes(event.hash)
        assert event.evidence_hashes == (DIGEST, "00" * 32)
        assert event.facts["text"] == "申请新装用电——一二三"

    def test_gives_the_hash_that_python_computes_with_every_optional_column_empty(self, case: Case) -> None:
        event = append(case, kind="", actor=None, channel="", body={})

        assert recomputed(event) == bytes(event.hash)
        assert event.claimed_at == event.recorded_at

    def test_overwrites_what_the_writer_says_the_database_knows(self, case: Case) -> None:
        event = Event.objects.create(
            case=case, kind="x", channel="desk", body=b"\x01{}", seq=99, hash=b"no", recorded_at="2001-01-01T00:00Z"
        )
        event.refresh_from_db()

        assert event.seq == 1
        assert event.recorded_at.year > 2001
        assert recomputed(event) == bytes(event.hash)

    def test_takes_the_organisation_of_the_actor_when_none_is_given(self, case: Case) -> None:
        actor = new_user()
        actor.organisation = case.utility
        actor.save()

        assert append(case, kind="x", actor=actor, channel="desk", body={}).organisation_id == case.utility_id

    def test_finds_an_event_again_by_its_hash(self, case: Case) -> None:
        event = note(case)

        assert event_by_hash(event.hash_hex) == event
        assert event_by_hash("00" * 32) is None
        assert event_by_hash("not a hash") is None

    def test_lists_a_case_in_order(self, case: Case, other_case: Case) -> None:
        expected = notes(case, 3)
        note(other_case)

        assert list(events(case.pk)) == expected

    def test_refuses_personal_data(self, case: Case) -> None:
        with pytest.raises(PersonalData, match="applicant_name"):
            note(case, applicant_name="x")

    def test_refuses_a_body_without_an_exact_form(self, case: Case) -> None:
        with pytest.raises(NotCanonical, match="load_kw"):
            note(case, load_kw=1.5)

    @pytest.mark.parametrize("value", ["", "ab", "AB" * 32, "zz" * 32])
    def test_refuses_evidence_that_is_no_hash(self, case: Case, value: str) -> None:
        with pytest.raises(InvalidEvidence):
            append(case, kind="x", actor=None, channel="desk", body={}, evidence=[value])

    def test_refuses_an_event_imported_before_by_name_and_lets_the_import_go_on(self, case: Case) -> None:
        source = Source("pms", "7")
        append(case, kind="x", actor=None, channel="import", body={}, source=source)

        with pytest.raises(SourceEventExists, match="'7' of 'pms'"):
            append(case, kind="x", actor=None, channel="import", body={}, source=source)

        assert note(case).seq == 2

    def test_passes_on_any_other_refusal_of_the_database(self, case: Case) -> None:
        half_a_source = Source("pms", None)

        with pytest.raises(IntegrityError, match="case_event_source_whole"):
            append(case, kind="x", actor=None, channel="import", body={}, source=half_a_source)


class TestAppendOutsideATransaction:
    def test_is_refused(self, own_database: str) -> None:
        case = new_case()

        with pytest.raises(NotInTransaction, match=r"note\.added"):
            note(case)


class TestAppendMany:
    def test_appends_in_order_with_one_statement(
        self, case: Case, other_case: Case, django_assert_num_queries: object
    ) -> None:
        entries = [Entry(each, "x", None, "import", {"n": n}) for n in range(50) for each in (case, other_case)]

        with django_assert_num_queries(2):
            added = append_many(entries)

        assert [event.seq for event in added] == [seq for seq in range(1, 51) for _ in range(2)]
        assert [event.facts["n"] for event in events(other_case.pk)] == list(range(50))
        assert recomputed(added[-1]) == bytes(added[-1].hash)


class TestTheDatabase:
    @pytest.mark.parametrize("table", PROTECTED)
    @pytest.mark.parametrize(
        "deed", ["UPDATE case_{0} SET id = id", "DELETE FROM case_{0}", "TRUNCATE case_{0} CASCADE"]
    )
    def test_refuses_to_change_rows_even_for_the_owner(self, case: Case, table: str, deed: str) -> None:
        fill_every_table(case)
        statement = deed.format(table).replace("SET id = id", "SET hash = hash" if table == "leaf" else "SET id = id")

        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize("deed", ["UPDATE case_event SET seq = 1", "DELETE FROM case_event", "TRUNCATE case_event"])
    def test_does_not_even_let_the_application_try(self, app_connection: psycopg.Connection, deed: str) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            app_connection.execute(deed)

    def test_does_not_let_the_application_switch_the_triggers_off(self, app_connection: psycopg.Connection) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_connection.execute("ALTER TABLE case_event DISABLE TRIGGER USER")

    @pytest.mark.parametrize(
        ("column", "value"),
        [("body", b""), ("body", b"\x02{}"), ("evidence", b"short"), ("occurred_at", "infinity")],
    )
    def test_refuses_rows_that_could_be_read_in_two_ways(self, case: Case, column: str, value: object) -> None:
        row = {"case_id": case.pk, "kind": "x", "role": "", "channel": "", "evidence": b"", "body": b"\x01{}"}
        row[column] = value
        places = ", ".join(["%s"] * len(row))

        with pytest.raises(DatabaseError, match="case_event_"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO case_event ({', '.join(row)}) VALUES ({places})", list(row.values()))  # noqa: S608

    def test_refuses_to_append_before_it_is_founded(self, case: Case) -> None:
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_installation")

        with pytest.raises(DatabaseError, match="no installation row"), transaction.atomic():
            note(case)

    def test_refuses_to_append_with_a_clock_that_was_set_back(self, case: Case) -> None:
        event = note(case)
        with attacker() as cursor:
            cursor.execute(
                "UPDATE case_event SET recorded_at = recorded_at + interval '1 hour' WHERE id = %s", [event.pk]
            )

        with pytest.raises(DatabaseError, match="set the clock right"), transaction.atomic():
            note(case)

    def test_repeats_the_instant_when_the_clock_slews_back_a_moment(self, case: Case) -> None:
        event = note(case)
        with attacker() as cursor:
            cursor.execute(
                "UPDATE case_event SET recorded_at = recorded_at + interval '3 seconds' WHERE id = %s", [event.pk]
            )
        event.refresh_from_db()

        assert note(case).recorded_at == event.recorded_at


class TestConcurrentWriters:
    def test_leave_one_unbroken_chain(self, own_database: str) -> None:
        case, writers, each = new_case(), 4, 15
        barrier = threading.Barrier(writers)
        failures: list[BaseException] = []

        def write() -> None:
            try:
                barrier.wait(timeout=30)
                for _ in range(each):
                    with transaction.atomic():
                        note(case)
            except BaseException as error:  # shown by the assertion below
                failures.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=write) for _ in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

        chain = list(events(case.pk))
        assert failures == []
        assert [event.seq for event in chain] == list(range(1, writers * each + 1))
        assert all(after.prev_hash == before.hash for before, after in itertools.pairwise(chain))
        assert all(recomputed(event) == bytes(event.hash) for event in chain)


class TestCorrect:
    def test_names_the_old_event_the_reason_and_the_approver(self, case: Case) -> None:
        author, approver, old = new_user(), new_user(), note(case)

        event = correct(
            case,
            seq=old.seq,
            reason="录入错误",
            replacement={"occurred_at": datetime(2026, 1, 2, tzinfo=UTC)},
            actor=author,
            approver=approver,
            channel="desk",
        )

        assert event.kind == "event.corrected"
        assert event.facts == {
            "corrects_seq": 1,
            "reason": "录入错误",
            "approver": approver.pk,
            "replacement": {"occurred_at": "2026-01-02T00:00:00.000000Z"},
        }

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"seq": 9}, "no such event"),
            ({"seq": 2}, "it is a correction"),
            ({"reason": " "}, "no reason"),
            ({"approver": "author"}, "second person"),
            ({"replacement": {"recorded_at": 1}}, "recorded_at cannot be replaced"),
        ],
    )
    def test_refuses_what_would_not_be_a_correction(self, case: Case, change: dict[str, object], message: str) -> None:
        author, approver = new_user(), new_user()
        note(case)
        asked = {"seq": 1, "reason": "x", "replacement": {}, "actor": author, "approver": approver, "channel": "desk"}
        correct(case, **asked)
        if change.get("approver"):
            change = {"approver": author}

        with pytest.raises(CannotCorrect, match=message):
            correct(case, **(asked | change))


class TestEncodings(HypothesisTestCase):
    """The trigger and Python agree on any text, number and instant a column can hold."""

    @settings(max_examples=40, deadline=None)
    @given(
        kind=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=64),
        claimed=st.none() | INSTANTS,
        body=st.dictionaries(st.from_regex(r"[b-d][0-9_]{0,5}", fullmatch=True), st.integers(-9, 9) | st.none()),
        source=st.none() | st.builds(Source, st.just("系统"), st.uuids().map(str), st.none()),
    )
    def test_agree(self, kind: str, claimed: datetime | None, body: dict[str, object], source: Source | None) -> None:
        event = append(new_case(), kind=kind, actor=None, channel="", body=body, occurred_at=claimed, source=source)

        assert recomputed(event) == bytes(event.hash)


class TestInstallation:
    def test_has_the_genesis_hash_that_python_computes(self, db: None) -> None:
        row = Installation.objects.get()

        assert bytes(row.genesis_hash) == genesis_hash(
            id=row.id, kind=row.kind, clock_offset_s=row.clock_offset_s, created_at=row.created_at
        )
