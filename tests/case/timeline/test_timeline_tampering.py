"""What an owner of the database can do to it, and how each deed is found and named."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from tongdian.case.models import Case, Checkpoint, Event, Leaf
from tongdian.case.operations.sealing import SealRefused, seal
from tongdian.case.operations.witnessing import present
from tongdian.case.queries.tree import origin
from tongdian.case.queries.verification import Fault, verify
from tongdian.gateway.standin import witness as standin
from tongdian.gateway.witness import Witness, latest
from tongdian.kernel.signed_note import Head, Note, sign, verifier_key

from .conftest import KEY, attacker, new_case, notes

pytestmark = pytest.mark.django_db
EVENTS = 1_000_000 if os.environ.get("TONGDIAN_PROVE") else 20_000
COLUMNS = {
    "case_id": "(SELECT id FROM case_case WHERE id <> case_id LIMIT 1)",
    "kind": "kind || ' '",
    "actor_id": "(SELECT min(id) FROM people_user)",
    "role": "'crew'",
    "organisation_id": "(SELECT min(id) FROM people_organisation)",
    "channel": "'portal'",
    "occurred_at": "recorded_at",
    "recorded_at": "recorded_at - interval '1 microsecond'",
    "clock_offset_s": "1",
    "source_system": "'', source_event_id = ''",
    "evidence": "sha256('')",
    "body": "body || ' '",
    "hash": "sha256(hash)",
}
RECOMPUTE = """
DO $$
DECLARE e record; previous bytea; genesis bytea; number bigint := 0; chain uuid;
BEGIN
    SELECT genesis_hash INTO genesis FROM case_installation;
    FOR e IN SELECT id, case_id FROM case_event ORDER BY case_id, seq LOOP
        IF chain IS DISTINCT FROM e.case_id THEN chain := e.case_id; previous := genesis; END IF;
        UPDATE case_event SET prev_hash = previous WHERE id = e.id;
        UPDATE case_event SET hash = case_event_hash(case_event) WHERE id = e.id RETURNING hash INTO previous;
        UPDATE case_leaf SET hash = sha256('\\x00'::bytea || previous) WHERE event_id = e.id;
    END LOOP;
END $$
"""


@pytest.fixture
def sealed(case: Case, other_case: Case) -> Case:
    """A case of five events among others, all sealed."""
    notes(other_case, 3)
    notes(case, 5)
    seal([KEY])
    return case


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    with standin.running(tmp_path / "one", logs=[verifier_key(origin(), KEY)]) as server:
        yield Witness(server.url, server.memory.verifier_key)


@pytest.fixture
def other_witness(tmp_path: Path) -> Iterator[Witness]:
    with standin.running(tmp_path / "two", name="second.standin", logs=[verifier_key(origin(), KEY)]) as server:
        yield Witness(server.url, server.memory.verifier_key)


def found(**kept: Note) -> Fault:
    fault = verify(**kept).fault
    assert fault is not None
    return fault


def named(fault: Fault) -> tuple[object, ...]:
    return fault.table, fault.case_id, fault.seq, fault.field


class TestAnHonestTimeline:
    def test_holds(self, sealed: Case) -> None:
        notes(sealed, 2)

        verdict = verify()

        assert verdict.fault is None
        assert (verdict.events, verdict.leaves, verdict.checkpoints) == (10, 8, 1)

    def test_holds_for_one_case(self, sealed: Case) -> None:
        assert verify(case_id=sealed.pk).events == 5

    def test_holds_against_a_checkpoint_kept_elsewhere(self, sealed: Case) -> None:
        kept = Note.parse(Checkpoint.objects.get().note)
        notes(sealed, 1)
        seal([KEY])

        assert verify(checkpoint=kept).fault is None


class TestAChangedColumn:
    @pytest.mark.parametrize("column", COLUMNS)
    def test_is_named_with_its_row(self, sealed: Case, column: str) -> None:
        target = Event.objects.get(case=sealed, seq=3)
        with attacker() as cursor:
            cursor.execute("ALTER TABLE case_event DROP CONSTRAINT case_event_seq")
            cursor.execute(f"UPDATE case_event SET {column} = {COLUMNS[column]} WHERE id = %s", [target.pk])  # noqa: S608

        fault = found()

        assert (fault.table, fault.field) in {("case_event", "hash"), ("case_event", "seq")}
        assert column == "case_id" or (fault.case_id, fault.seq) == (sealed.pk, 3)

    def test_is_named_when_its_own_hash_was_computed_anew(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("UPDATE case_event SET kind = 'y' WHERE case_id = %s AND seq = 3", [sealed.pk])
            cursor.execute(
                "UPDATE case_event e SET hash = case_event_hash(e) WHERE case_id = %s AND seq = 3", [sealed.pk]
            )

        assert named(found()) == ("case_event", sealed.pk, 3, "hash")

    def test_is_named_when_the_case_is_hashed_anew(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("UPDATE case_event SET kind = 'y' WHERE case_id = %s AND seq = 5", [sealed.pk])
            cursor.execute(
                "UPDATE case_event e SET hash = case_event_hash(e) WHERE case_id = %s AND seq = 5", [sealed.pk]
            )

        assert named(found()) == ("case_leaf", sealed.pk, 5, "hash")

    def test_breaks_the_checkpoint_when_everything_is_hashed_anew(self, sealed: Case) -> None:
        notes(sealed, 2)
        seal([KEY])
        with attacker() as cursor:
            cursor.execute("UPDATE case_event SET kind = 'y' WHERE case_id = %s AND seq = 6", [sealed.pk])
            cursor.execute(RECOMPUTE)

        fault = found()

        assert (fault.table, fault.field) == ("case_checkpoint", "root")
        assert "leaves 8–9" in fault.reason


def remove(case: Case, seq: int) -> None:
    with attacker() as cursor:
        cursor.execute(
            "DELETE FROM case_leaf USING case_event e WHERE e.id = event_id AND case_id = %s AND seq = %s",
            [case.pk, seq],
        )
        cursor.execute("DELETE FROM case_event WHERE case_id = %s AND seq = %s", [case.pk, seq])


class TestRemovedEvents:
    def test_are_found_by_the_gap_they_leave(self, sealed: Case) -> None:
        remove(sealed, 3)

        fault = found()

        assert named(fault) == ("case_event", sealed.pk, 4, "seq")
        assert "expected 3" in fault.reason

    def test_are_found_by_the_tree_when_the_rest_is_renumbered(self, sealed: Case) -> None:
        remove(sealed, 3)
        with attacker() as cursor:
            cursor.execute("UPDATE case_event SET seq = seq - 1 WHERE case_id = %s AND seq > 3", [sealed.pk])
            cursor.execute(RECOMPUTE)

        assert (found().table, found().field) == ("case_leaf", "index")

    def test_are_found_by_the_leaf_that_lost_its_event(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'case_leaf'::regclass AND contype = 'f'")
            cursor.execute(f'ALTER TABLE case_leaf DROP CONSTRAINT "{cursor.fetchone()[0]}"')
            cursor.execute("DELETE FROM case_event WHERE case_id = %s AND seq = 5", [sealed.pk])

        assert (found().table, found().field) == ("case_leaf", "event_id")

    def test_stop_the_sealer_when_they_were_still_waiting(self, sealed: Case) -> None:
        waiting = notes(sealed, 2)
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_event WHERE id = %s", [waiting[1].pk])

        with pytest.raises(SealRefused, match=str(waiting[1].pk)):
            seal([KEY])

    def test_are_found_when_they_were_kept_from_the_sealer(self, sealed: Case) -> None:
        hidden = notes(sealed, 1)[0]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM case_pending WHERE event_id = %s", [hidden.pk])

        assert named(found()) == ("case_leaf", sealed.pk, 6, "event_id")


class TestAnInsertedEvent:
    def test_is_named(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("ALTER TABLE case_event DROP CONSTRAINT case_event_seq")
            cursor.execute("UPDATE case_event SET seq = seq + 1 WHERE case_id = %s AND seq >= 3", [sealed.pk])
            cursor.execute(
                "INSERT INTO case_event (case_id, seq, kind, role, channel, recorded_at, clock_offset_s, evidence,"
                " body, prev_hash, hash) SELECT case_id, 3, 'forged', '', 'desk', recorded_at, 0, ''::bytea, body,"
                " hash, sha256(hash) FROM case_event WHERE case_id = %s AND seq = 2",
                [sealed.pk],
            )

        assert named(found()) == ("case_event", sealed.pk, 3, "hash")


class TestReorderedEvents:
    def test_are_named(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("ALTER TABLE case_event DROP CONSTRAINT case_event_seq")
            cursor.execute("UPDATE case_event SET seq = 5 - seq WHERE case_id = %s AND seq IN (2, 3)", [sealed.pk])

        assert named(found()) == ("case_event", sealed.pk, 2, "hash")


class TestTwoCasesSwapped:
    def test_are_named(self, sealed: Case, other_case: Case) -> None:
        with attacker() as cursor:
            cursor.execute("ALTER TABLE case_event DROP CONSTRAINT case_event_seq")
            cursor.execute(
                "UPDATE case_event SET case_id = CASE WHEN case_id = %(a)s THEN %(b)s::uuid ELSE %(a)s::uuid END"
                " WHERE case_id IN (%(a)s, %(b)s)",
                {"a": sealed.pk, "b": other_case.pk},
            )

        fault = found()

        assert fault.case_id in {sealed.pk, other_case.pk}
        assert (fault.table, fault.seq, fault.field) == ("case_event", 1, "hash")


class TestASequenceGap:
    def test_is_named(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("UPDATE case_event SET seq = 7 WHERE case_id = %s AND seq = 5", [sealed.pk])

        fault = found()

        assert named(fault) == ("case_event", sealed.pk, 7, "seq")
        assert "expected 5" in fault.reason


class TestATailCutOff:
    @pytest.fixture
    def kept(self, sealed: Case) -> Note:
        """The checkpoint that a receipt still has; its tree is gone from the database without a trace."""
        notes(sealed, 2)
        note = Note.parse(str(seal([KEY]).note))
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_checkpoint WHERE size > 8")
            cursor.execute("DELETE FROM case_leaf WHERE index >= 8")
            cursor.execute("DELETE FROM case_event WHERE case_id = %s AND seq > 5", [sealed.pk])
        return note

    def test_cannot_be_seen_from_inside(self, kept: Note) -> None:
        assert verify().fault is None

    def test_is_seen_by_whoever_kept_a_checkpoint(self, kept: Note) -> None:
        fault = found(checkpoint=kept)

        assert (fault.table, fault.field) == ("the checkpoint given", "size")
        assert "the tail was cut off" in fault.reason

    def test_is_seen_when_only_leaves_are_gone(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_leaf WHERE index >= 6 RETURNING event_id")
            ids = [row[0] for row in cursor.fetchall()]
            cursor.execute("INSERT INTO case_pending SELECT unnest(%s)", [ids])

        assert (found().table, found().field) == ("case_checkpoint", "size")


class TestAReplacedCheckpoint:
    def rewrite(self, key: Ed25519PrivateKey) -> None:
        row = Checkpoint.objects.get()
        head = Head.parse(Note.parse(row.note).text)
        text = str(Head(head.origin, head.size, sha256(b"other").digest(), head.extensions))
        with attacker() as cursor:
            cursor.execute(
                "UPDATE case_checkpoint SET root = sha256('other'), note = %s",
                [str(Note(text, (sign(text, name=head.origin, key=key),)))],
            )

    def test_is_found_by_its_signature(self, sealed: Case) -> None:
        self.rewrite(Ed25519PrivateKey.generate())

        assert (found().table, found().field) == ("case_checkpoint of 8 leaves", "signature")

    def test_is_found_by_the_events_when_signed_with_the_stolen_key(self, sealed: Case) -> None:
        self.rewrite(KEY)

        assert (found().table, found().field) == ("case_checkpoint", "root")

    def test_is_found_by_the_original_kept_elsewhere(self, sealed: Case) -> None:
        original = Note.parse(Checkpoint.objects.get().note)
        self.rewrite(KEY)

        assert named(found(checkpoint=original)) == ("the checkpoint given", None, None, "root")

    def test_is_found_when_its_columns_differ_from_its_text(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("UPDATE case_checkpoint SET size = 7")

        assert (found().table, found().field) == ("case_checkpoint of 7 leaves", "note")

    def test_is_found_when_its_text_is_broken(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("UPDATE case_checkpoint SET note = 'x'")

        assert found().field == "note"

    def test_of_another_log_is_found(self, sealed: Case) -> None:
        text = str(Head("tongdian/other", 8, bytes(32)))
        foreign = Note(text, (sign(text, name="tongdian/other", key=KEY),))

        assert found(checkpoint=foreign).field == "origin"


class TestTheTreeItself:
    def test_is_checked_node_by_node(self, case: Case) -> None:
        notes(case, 300)
        seal([KEY])
        with attacker() as cursor:
            cursor.execute("UPDATE case_node SET hash = sha256(hash)")

        assert (found().table, found().field) == ("case_node", "hash")

    def test_may_hold_no_node_beyond_its_leaves(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("INSERT INTO case_node (level, index, hash) VALUES (1, 5, sha256(''))")

        assert (found().table, found().field) == ("case_node", "index")

    def test_may_hold_no_leaf_beyond_the_last_checkpoint(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_checkpoint")

        assert (found().table, found().field) == ("case_leaf", "index")

    def test_stops_the_sealer_when_a_leaf_was_changed(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("UPDATE case_leaf SET hash = sha256(hash) WHERE index = 2")

        with pytest.raises(SealRefused, match="do not give the root"):
            seal([KEY])

    def test_stops_the_sealer_when_the_checkpoint_is_gone(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_checkpoint")

        with pytest.raises(SealRefused, match="the last checkpoint 0"):
            seal([KEY])


class TestTheInstallation:
    def test_cannot_be_turned_into_another_kind(self, sealed: Case) -> None:
        with attacker() as cursor:
            cursor.execute("UPDATE case_installation SET kind = 'production'")

        assert (found().table, found().field) == ("case_installation", "genesis_hash")


class TestTwoViews:
    def test_shown_to_two_witnesses_are_told_apart(
        self, sealed: Case, witness: Witness, other_witness: Witness
    ) -> None:
        branch = transaction.savepoint()
        notes(sealed, 1)
        first = seal([KEY])
        shown_to_one = present([witness])[0].outcome
        transaction.savepoint_rollback(branch)
        Event.objects.create(case=sealed, kind="other history", channel="desk", body=b"\x01{}")
        second = seal([KEY])

        shown_to_other = present([other_witness])[0].outcome
        shown_to_both = present([witness])[0]

        assert (first.size, shown_to_one, shown_to_other) == (second.size, "cosigned", "cosigned")
        assert shown_to_both.outcome == "refused"
        assert "forked" in shown_to_both.line
        seen = [latest(each.url, origin=origin()) for each in (witness, other_witness)]
        assert Head.parse(seen[0].text).root != Head.parse(seen[1].text).root
        assert found(checkpoint=seen[0]).field == "root"

    def test_cannot_be_joined_again_by_growing(self, sealed: Case, witness: Witness) -> None:
        branch = transaction.savepoint()
        notes(sealed, 1)
        seal([KEY])
        present([witness])
        transaction.savepoint_rollback(branch)
        Event.objects.create(case=sealed, kind="other history", channel="desk", body=b"\x01{}")
        notes(sealed, 4)
        seal([KEY])

        refused = present([witness])[0]

        assert refused.outcome == "refused"
        assert "does not continue" in refused.line


class TestAnOldBackup:
    def test_is_refused_by_the_witness_when_restored(self, sealed: Case, witness: Witness) -> None:
        backup = transaction.savepoint()
        notes(sealed, 3)
        seal([KEY])
        present([witness])
        transaction.savepoint_rollback(backup)

        refused = present([witness])[0]

        assert refused.outcome == "refused"
        assert "the tail is missing" in refused.line
        assert present([witness]) == []

    def test_is_found_with_what_the_witness_saw_last(self, sealed: Case, witness: Witness) -> None:
        backup = transaction.savepoint()
        notes(sealed, 3)
        seal([KEY])
        present([witness])
        transaction.savepoint_rollback(backup)

        assert "the tail was cut off" in found(checkpoint=latest(witness.url, origin=origin())).reason


class TestALargeTimeline:
    def test_is_sealed_verified_and_one_changed_row_is_named(self, db: None) -> None:
        cases = [new_case() for _ in range(20)]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO case_event (case_id, kind, role, channel, evidence, body)"
                " SELECT (%(cases)s::uuid[])[1 + n %% 20], 'note.added', '', 'import', ''::bytea,"
                " '\\x01'::bytea || convert_to(format('{\"n\":%%s}', n), 'UTF8') FROM generate_series(1, %(events)s) n",
                {"cases": [str(case.pk) for case in cases], "events": EVENTS},
            )
            # Autovacuum would do it between two transactions; here the plans of an empty table would be kept.
            cursor.execute("ANALYZE")
        checkpoint = seal([KEY])
        untouched = verify()
        target = Event.objects.get(leaf__index=EVENTS * 3 // 4)
        with attacker() as cursor:
            cursor.execute("UPDATE case_event SET channel = 'desk' WHERE id = %s", [target.pk])

        assert (checkpoint.size, untouched.events, untouched.fault) == (EVENTS, EVENTS, None)
        assert named(found()) == ("case_event", target.case_id, target.seq, "hash")
        assert Leaf.objects.count() == EVENTS
