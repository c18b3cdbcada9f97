"""The one-file verifier: a second implementation that must agree with the first, alone with the standard library."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tongdian.case.models import Case
from tongdian.case.operations import Source, append
from tongdian.case.operations.sealing import seal
from tongdian.case.operations.witnessing import present
from tongdian.case.queries import receipt_proof
from tongdian.case.queries.export import export_lines
from tongdian.case.queries.tree import latest_checkpoint, origin, with_cosignatures
from tongdian.case.timeline import verifier
from tongdian.gateway.standin import witness as standin
from tongdian.gateway.witness import Witness
from tongdian.kernel import merkle
from tongdian.kernel.signed_note import verifier_key

from .conftest import KEY, note, notes

Deed = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
SEEDS = st.binary(min_size=32, max_size=32)


class Files:
    """A timeline or receipt on disk, as its holder has it."""

    def __init__(self, folder: Path) -> None:
        self.timeline, self.checkpoint = folder / "timeline.jsonl", folder / "checkpoint.txt"

    def write(self, case: Case | None = None) -> None:
        self.timeline.write_text("".join(export_lines(case_id=case and case.pk)), encoding="utf-8")
        self.checkpoint.write_text(with_cosignatures(latest_checkpoint()), encoding="utf-8")

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.timeline.read_text(encoding="utf-8").splitlines()]

    def rewrite(self, rows: list[dict[str, Any]]) -> None:
        self.timeline.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def check(self, *keys: str) -> int:
        return verifier.main([str(self.timeline), str(self.checkpoint), *keys])


@pytest.fixture
def exported(case: Case, other_case: Case, tmp_path: Path) -> Files:
    notes(other_case, 3)
    append(
        case,
        kind="application.submitted",
        actor=case.opened_by,
        channel="portal",
        role="applicant",
        organisation=case.utility,
        body={"text": "申请", "list": [1, None]},
        evidence=["ab" * 32],
        source=Source("pms", "1", case.opened_at),
        occurred_at=case.opened_at,
    )
    notes(case, 4)
    seal([KEY])
    files = Files(tmp_path)
    files.write()
    return files


def log_key() -> list[str]:
    return ["--key", str(verifier_key(origin(), KEY))]


@pytest.mark.django_db
class TestATimeline:
    def test_of_all_cases_holds(self, exported: Files, capsys: pytest.CaptureFixture[str]) -> None:
        assert exported.check(*log_key()) == 0
        assert "HOLDS   8 events hold\n" in capsys.readouterr().out

    def test_of_one_case_holds_and_tells_what_is_not_sealed_yet(
        self, exported: Files, case: Case, capsys: pytest.CaptureFixture[str]
    ) -> None:
        note(case)
        exported.write(case)

        assert exported.check(*log_key()) == 0
        assert "6 events hold; 1 not in this checkpoint yet" in capsys.readouterr().out

    def test_tells_kind_and_offset_and_that_no_key_was_given(
        self, exported: Files, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert exported.check() == 0
        shown = capsys.readouterr().out
        assert " test, clock-offset 0, time 20" in shown
        assert "NO KEY GIVEN" in shown

    def test_runs_alone_without_the_platform(self, exported: Files, tmp_path: Path) -> None:
        alone = tmp_path / "verifier.py"
        alone.write_bytes(Path(verifier.__file__).read_bytes())

        run = subprocess.run(
            [sys.executable, "-I", "-S", alone, exported.timeline, exported.checkpoint, *log_key()],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip

        assert (run.returncode, run.stderr) == (0, "")

    @pytest.mark.parametrize(
        ("field", "value"),
        [("kind", "x"), ("body", "{}"), ("occurred_at", None), ("role", "crew"), ("evidence", ""), ("actor_id", None)],
    )
    def test_names_the_row_that_was_changed(
        self, exported: Files, case: Case, capsys: pytest.CaptureFixture[str], field: str, value: object
    ) -> None:
        exported.write(case)
        rows = exported.rows()
        rows[1][field] = value
        exported.rewrite(rows)

        assert exported.check(*log_key()) == 1
        assert f"BROKEN  case {case.pk}, seq 1, hash" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("deed", "message"),
        [
            (lambda rows: rows[:1] + rows[2:], "seq: expected 1"),
            (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], "seq: expected 1"),
            (lambda rows: rows[:-1], "tree: 7 of the checkpoint's 8 leaves are here"),
        ],
    )
    def test_of_all_cases_tells_what_is_missing(
        self, exported: Files, capsys: pytest.CaptureFixture[str], deed: Deed, message: str
    ) -> None:
        exported.rewrite(deed(exported.rows()))

        assert exported.check(*log_key()) == 1
        assert message in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("deed", "message"),
        [
            (lambda rows: [rows[0], *(row | {"leaf_index": 0} for row in rows[1:])], "proof: the event is not"),
            (lambda rows: [rows[0], *(row | {"proof": []} for row in rows[1:])], "proof: the event is not"),
            (lambda rows: [rows[0] | {"installation": rows[0]["installation"] | {"kind": "production"}}], "another"),
        ],
    )
    def test_of_one_case_tells_what_does_not_belong(
        self, exported: Files, case: Case, capsys: pytest.CaptureFixture[str], *, deed: Deed, message: str
    ) -> None:
        exported.write(case)
        exported.rewrite(deed(exported.rows()))

        assert exported.check(*log_key()) == 1
        assert message in capsys.readouterr().out

    def test_names_a_link_that_was_rehashed(
        self, exported: Files, case: Case, capsys: pytest.CaptureFixture[str]
    ) -> None:
        exported.write(case)
        rows = exported.rows()
        rows[2]["prev_hash"] = "00" * 32
        rows[2]["hash"] = verifier.hash_of(verifier.EVENT_TAG, rows[2], verifier.EVENT_FIELDS).hex()
        exported.rewrite(rows)

        assert exported.check(*log_key()) == 1
        assert "seq 2, prev_hash" in capsys.readouterr().out

    def test_is_refused_under_another_key(self, exported: Files, capsys: pytest.CaptureFixture[str]) -> None:
        stranger = str(verifier_key(origin(), Ed25519PrivateKey.generate()))

        assert exported.check("--key", stranger) == 1
        assert "no valid signature" in capsys.readouterr().out

    def test_is_checked_against_the_witness(
        self, exported: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with standin.running(tmp_path / "w", logs=[verifier_key(origin(), KEY)]) as server:
            key = str(server.memory.verifier_key)
            without = exported.check("--witness-key", key)
            present([Witness(server.url, server.memory.verifier_key)])
        exported.write()

        assert (without, exported.check(*log_key(), "--witness-key", key)) == (1, 0)

    @pytest.mark.parametrize("content", ["", "{}\n", "not json\n", '{"format": "tongdian-timeline-1"}\n'])
    def test_says_when_it_cannot_read(self, exported: Files, content: str) -> None:
        exported.timeline.write_text(content)

        assert exported.check() == 2

    def test_says_when_the_key_or_a_file_is_no_good(self, exported: Files) -> None:
        assert exported.check("--key", "nonsense") == 2
        exported.checkpoint.write_text("nonsense")
        assert exported.check() == 2
        exported.checkpoint.unlink()
        assert exported.check() == 2


@pytest.mark.django_db
class TestAReceipt:
    def test_holds_for_the_event_it_names_and_no_other(
        self, case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second, *_ = notes(case, 5)
        seal([KEY])
        file = tmp_path / "receipt.json"
        mapping = receipt_proof(first).as_mapping()
        file.write_text(json.dumps(mapping))
        held = verifier.main([str(file), *log_key()])
        file.write_text(json.dumps(mapping | {"event_hash": second.hash_hex}))

        assert (held, verifier.main([str(file), *log_key()])) == (0, 1)


class TestIsSignature:
    @settings(max_examples=15, deadline=None)
    @given(SEEDS, st.binary(max_size=80), st.integers(0, 511))
    def test_agrees_with_the_library(self, seed: bytes, message: bytes, flipped: int) -> None:
        key = Ed25519PrivateKey.from_private_bytes(seed)
        public, signature = key.public_key().public_bytes_raw(), key.sign(message)
        broken = bytearray(signature)
        broken[flipped // 8] ^= 1 << flipped % 8

        assert verifier.is_signature(public, signature, message)
        assert not verifier.is_signature(public, bytes(broken), message)
        assert not verifier.is_signature(public, signature, message + b"x")

    def test_gives_the_known_answer_of_rfc_8032(self) -> None:
        # RFC 8032 §7.1, test 3.
        public = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
        signature = bytes.fromhex(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        )

        assert verifier.is_signature(public, signature, bytes.fromhex("af82"))

    @pytest.mark.parametrize(
        ("public", "signature"),
        [
            (b"short", bytes(64)),
            (bytes(32), b"short"),
            (b"\xff" * 32, bytes(64)),
            (bytes(32), b"\xff" * 64),
            (b"\x02" + bytes(31), bytes(64)),
            (b"\x01" + bytes(30) + b"\x80", bytes(64)),
        ],
    )
    def test_refuses_what_is_no_key_or_no_signature(self, public: bytes, signature: bytes) -> None:
        assert not verifier.is_signature(public, signature, b"")


class TestTheTree:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, 600), st.data())
    def test_agrees_with_the_platform(self, size: int, data: st.DataObject) -> None:
        leaves = [merkle.leaf_hash(bytes([number % 256, number // 256])) for number in range(size)]
        index, read = data.draw(st.integers(0, size - 1)), merkle.reader(leaves)
        root, proof = merkle.root(size, read), merkle.inclusion_proof(index, size, read)

        assert verifier.root_of(bytearray(b"".join(leaves))) == root
        assert verifier.root_from_proof(leaves[index], index=index, size=size, proof=proof) == root
        assert verifier.root_from_proof(leaves[index], index=index, size=size, proof=[*proof, root]) is None

    def test_of_nothing_is_the_hash_of_nothing(self) -> None:
        assert verifier.root_of(bytearray()) == merkle.EMPTY_ROOT


class TestTheFile:
    def test_imports_nothing_but_the_standard_library(self) -> None:
        tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"))
        imported = {node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)}
        imported |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

        assert imported <= sys.stdlib_module_names

    def test_is_python_3_9(self) -> None:
        source = Path(verifier.__file__).read_text(encoding="utf-8")

        assert ast.parse(source, feature_version=(3, 9))
