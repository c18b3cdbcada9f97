"""The public page of the log and its downloads."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tongdian.case.models import Case, Checkpoint
from tongdian.case.operations import set_clock
from tongdian.case.operations.sealing import seal
from tongdian.case.operations.witnessing import present
from tongdian.case.queries.tree import origin
from tongdian.gateway.standin import witness as standin
from tongdian.gateway.witness import Witness
from tongdian.kernel.merkle import is_consistent
from tongdian.kernel.signed_note import Head, Note, verifier_key

from .conftest import KEY, attacker, note, notes

pytestmark = pytest.mark.django_db


class TestLog:
    def test_shows_checkpoints_witnesses_kind_and_offset(self, client: Client, case: Case, tmp_path: Path) -> None:
        set_clock(timedelta(days=-30), reason="demonstration history")
        notes(case, 3)
        seal([KEY])
        with standin.running(tmp_path, logs=[verifier_key(origin(), KEY)]) as server:
            present([Witness(server.url, server.memory.verifier_key)])
        note(case)
        seal([KEY])

        page = client.get(reverse("timeline_log")).content.decode()

        assert "测试环境" in page
        assert "-2592000 秒" in page
        assert "witness.standin" in page
        assert str(verifier_key(origin(), KEY)) in page
        assert reverse("timeline_consistency", args=[3, 4]) in page

    def test_has_a_fixed_number_of_queries(
        self, client: Client, case: Case, django_assert_max_num_queries: object
    ) -> None:
        for _ in range(5):
            note(case)
            seal([KEY])

        with django_assert_max_num_queries(12):
            client.get(reverse("timeline_log"))

    def test_says_so_before_anything_was_sealed(self, client: Client) -> None:
        assert "还没有检查点" in client.get(reverse("timeline_log")).content.decode()

    def test_says_so_before_the_database_is_founded(self, client: Client, db: None) -> None:
        with attacker() as cursor:
            cursor.execute("DELETE FROM case_installation")

        assert "日志尚未启用" in client.get(reverse("timeline_log")).content.decode()

    def test_finds_an_event_by_its_hash(self, client: Client, case: Case) -> None:
        event = note(case)
        waiting = client.get(reverse("timeline_log"), {"hash": event.hash_hex}).content.decode()
        seal([KEY])
        sealed = client.get(reverse("timeline_log"), {"hash": event.hash_hex.upper()}).content.decode()
        unknown = client.get(reverse("timeline_log"), {"hash": "00" * 32}).content.decode()

        assert "等待下一次封存（" in waiting
        assert reverse("timeline_receipt", args=[event.hash_hex]) in sealed
        assert "日志中没有这个事件哈希" in unknown
        assert "12398" in unknown


class TestDownloads:
    def test_give_a_receipt_that_the_downloaded_verifier_accepts(
        self, client: Client, case: Case, tmp_path: Path
    ) -> None:
        event = notes(case, 5)[2]
        seal([KEY])
        receipt, program = tmp_path / "receipt.json", tmp_path / "verifier.py"
        receipt.write_bytes(client.get(reverse("timeline_receipt", args=[event.hash_hex])).content)
        program.write_bytes(client.get(reverse("timeline_verifier")).content)

        run = subprocess.run(
            [sys.executable, "-I", "-S", program, receipt, "--key", str(verifier_key(origin(), KEY))],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert run.stdout.startswith(f"HOLDS   case {case.pk}, event 3 was recorded")
        assert run.returncode == 0

    def test_give_checkpoints_and_the_proof_between_them(self, client: Client, case: Case) -> None:
        notes(case, 3)
        seal([KEY])
        notes(case, 4)
        seal([KEY])
        old = Head.parse(Note.parse(client.get(reverse("timeline_checkpoint", args=[3])).content.decode()).text)
        new = Head.parse(Note.parse(client.get(reverse("timeline_latest")).content.decode()).text)

        proof = json.loads(client.get(reverse("timeline_consistency", args=[3, 7])).content)["proof"]

        assert is_consistent(
            old_size=3, old_root=old.root, size=7, root=new.root, proof=[bytes.fromhex(step) for step in proof]
        )

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("timeline_latest", []),
            ("timeline_checkpoint", [5]),
            ("timeline_consistency", [0, 5]),
            ("timeline_receipt", ["00" * 32]),
            ("timeline_receipt", ["zz"]),
        ],
    )
    def test_are_not_found_when_there_is_nothing(self, client: Client, name: str, arguments: list[object]) -> None:
        assert client.get(reverse(name, args=arguments)).status_code == 404

    def test_give_no_receipt_before_the_event_is_sealed(self, client: Client, case: Case) -> None:
        assert client.get(reverse("timeline_receipt", args=[note(case).hash_hex])).status_code == 404

    def test_give_no_proof_backwards(self, client: Client, case: Case) -> None:
        notes(case, 3)
        seal([KEY])
        note(case)
        seal([KEY])

        assert client.get(reverse("timeline_consistency", args=[4, 3])).status_code == 404
        assert Checkpoint.objects.count() == 2
