"""Sealing: idempotent, safe beside other sealers and when killed, signed by old and new key; and its proofs."""

import threading
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from tongdian.case.models import Case, Checkpoint, Event, Leaf, LogKey, Node, Pending
from tongdian.case.operations import set_clock
from tongdian.case.operations.sealing import seal
from tongdian.case.queries import receipt_proof
from tongdian.case.queries.tree import TreeDamaged, consistency, origin, read_hashes, tree_size, with_cosignatures
from tongdian.case.queries.verification import verify
from tongdian.kernel.merkle import is_consistent, is_included, leaf_hash
from tongdian.kernel.signed_note import Head, Note, is_signed_by, verifier_key

from .conftest import KEY, attacker, new_case, note, notes


@pytest.mark.django_db
class TestSeal:
    def test_signs_what_the_tree_has_become(self, case: Case) -> None:
        notes(case, 3)

        checkpoint = seal([KEY])

        signed = Note.parse(checkpoint.note)
        head = Head.parse(signed.text)
        assert (head.origin, head.size, head.root) == (origin(), 3, bytes(checkpoint.root))
        assert is_signed_by(signed, verifier_key(origin(), KEY))

    def test_prints_installation_genesis_offset_and_time(self, case: Case) -> None:
        set_clock(timedelta(days=-1), reason="history")
        note(case)

        extensions = Head.parse(Note.parse(seal([KEY]).note).text).extensions

        assert [line.split(" ")[0] for line in extensions] == ["installation", "genesis", "clock-offset", "time"]
        assert extensions[0].endswith(" test")
        assert extensions[2] == "clock-offset -86400"

    def test_does_nothing_when_nothing_waits(self, case: Case) -> None:
        note(case)
        seal([KEY])

        assert seal([KEY]) is None
        assert Checkpoint.objects.count() == 1

    def test_orders_the_leaves_of_a_case_by_seq(self, case: Case, other_case: Case) -> None:
        for _ in range(5):
            note(case)
            note(other_case)
        seal([KEY])

        in_tree = Leaf.objects.filter(event__case=case).order_by("index").values_list("event__seq", flat=True)

        assert list(in_tree) == [1, 2, 3, 4, 5]

    def test_adds_nodes_for_full_tiles_only(self, case: Case) -> None:
        notes(case, 255)
        seal([KEY])
        before = Node.objects.count()
        notes(case, 258)
        seal([KEY])

        assert before == 0
        assert list(Node.objects.order_by("id").values_list("level", "index")) == [(1, 0), (1, 1)]

    def test_signs_with_both_keys_while_one_is_rotated(self, case: Case) -> None:
        new = Ed25519PrivateKey.generate()
        note(case)
        seal([KEY])
        note(case)

        signed = Note.parse(seal([new, KEY]).note)

        assert all(is_signed_by(signed, verifier_key(origin(), key)) for key in (new, KEY))
        assert LogKey.objects.count() == 2
        assert verify().fault is None

    def test_needs_a_key(self) -> None:
        with pytest.raises(ValueError, match="TONGDIAN_LOG_KEY"):
            seal([])

    def test_leaves_everything_as_it_was_when_it_is_killed(self, case: Case) -> None:
        notes(case, 3)
        killed = transaction.savepoint()
        seal([KEY])
        transaction.savepoint_rollback(killed)

        assert (Leaf.objects.count(), Pending.objects.count()) == (0, 3)
        assert seal([KEY]).size == 3


class TestConcurrentSealers:
    def test_seal_each_event_once(self, own_database: str) -> None:
        case, sealers = new_case(), 3
        with transaction.atomic():
            notes(case, 20)
        barrier = threading.Barrier(sealers + 1)
        sizes: list[int | None] = []

        def work() -> None:
            try:
                barrier.wait(timeout=30)
                checkpoint = seal([KEY])
                sizes.append(checkpoint and checkpoint.size)
            finally:
                connection.close()

        def write() -> None:
            try:
                barrier.wait(timeout=30)
                for _ in range(10):
                    with transaction.atomic():
                        note(case)
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(sealers)] + [threading.Thread(target=write)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        seal([KEY])

        assert len(sizes) == sealers
        assert tree_size() == Event.objects.count() == 30
        assert verify().fault is None


@pytest.mark.django_db
class TestReceiptProof:
    def test_proves_the_event_in_the_latest_checkpoint(self, case: Case) -> None:
        events = notes(case, 10)
        seal([KEY])

        proof = receipt_proof(events[6])

        head = Head.parse(Note.parse(proof.checkpoint).text)
        assert is_included(
            leaf_hash(bytes.fromhex(proof.event_hash)),
            index=proof.leaf_index,
            size=head.size,
            proof=[bytes.fromhex(step) for step in proof.proof],
            root=head.root,
        )
        assert proof.as_mapping()["seq"] == 7

    def test_is_none_until_the_event_is_sealed(self, case: Case) -> None:
        assert receipt_proof(note(case)) is None


@pytest.mark.django_db
class TestConsistency:
    def test_holds_between_any_two_checkpoints(self, case: Case) -> None:
        checkpoints = []
        for count in (1, 4, 300, 7):
            notes(case, count)
            checkpoints.append(seal([KEY]))

        for old in checkpoints:
            for new in checkpoints[checkpoints.index(old) :]:
                assert is_consistent(
                    old_size=old.size,
                    old_root=bytes(old.root),
                    size=new.size,
                    root=bytes(new.root),
                    proof=consistency(old.size, new.size),
                )

    def test_says_what_is_missing(self, case: Case) -> None:
        notes(case, 4)
        seal([KEY])
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_leaf WHERE index = 1")

        with pytest.raises(TreeDamaged, match="0 of the hashes 1–1"):
            read_hashes(0, 1, 2)


@pytest.mark.django_db
class TestWithCosignatures:
    def test_is_the_signed_note_when_nobody_has_cosigned(self, case: Case) -> None:
        note(case)
        checkpoint = seal([KEY])

        assert with_cosignatures(checkpoint) == checkpoint.note
