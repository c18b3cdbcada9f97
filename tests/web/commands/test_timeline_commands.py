"""`tongdian installation`, `seal` and `verify`, called as a person calls them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection, transaction
from django.utils import timezone

from tongdian.case.models import Case, Checkpoint, Installation
from tongdian.case.operations import append
from tongdian.case.queries.tree import origin
from tongdian.case.timeline import verifier
from tongdian.gateway.log_keys import signing_keys
from tongdian.gateway.standin import witness as standin
from tongdian.kernel.signed_note import verifier_key
from tongdian.people.models import Organisation, User
from tongdian.web.commands import installation, seal, verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db: None) -> Case:
    utility = Organisation.objects.create(code="commands", kind="utility", name="x", territory_code="370000")
    case = Case.objects.create(
        kind="connection",
        status="open",
        number="370102-2026-000001-5",
        county_code="370102",
        utility=utility,
        opened_by=User.objects.create(username="commands"),
        opened_at=timezone.now(),
    )
    for number in range(3):
        append(case, kind="note.added", actor=None, channel="desk", body={"number": number})
    return case


@pytest.fixture
def witness(tmp_path: Path, settings: object) -> standin.Server:
    with standin.running(tmp_path / "witness") as server:
        settings.WITNESSES = [server.url]
        yield server


def run(module: object, *arguments: object) -> Result:
    return CliRunner().invoke(module.command, [str(argument) for argument in arguments])


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE case_event DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE case_event ENABLE TRIGGER USER")


class TestSeal:
    def test_seals_and_asks_the_witnesses_once(self, case: Case, witness: standin.Server) -> None:
        first, second = run(seal), run(seal)

        assert "sealed 3 " in first.output
        assert "cosigned: — witness.standin" in first.output
        assert second.output == "nothing new to seal\n"
        assert (first.exit_code, second.exit_code) == (0, 0)

    def test_needs_no_witness(self, case: Case) -> None:
        assert run(seal, "--no-witness").exit_code == 0

    def test_fails_when_the_witness_has_seen_another_history(self, case: Case, witness: standin.Server) -> None:
        before = transaction.savepoint()
        append(case, kind="one history", actor=None, channel="desk", body={})
        run(seal)
        transaction.savepoint_rollback(before)
        append(case, kind="another history", actor=None, channel="desk", body={})

        result = run(seal)

        assert result.exit_code == 1
        assert "it has seen another history" in result.output

    def test_fails_when_a_waiting_event_was_changed(self, case: Case) -> None:
        tamper("UPDATE case_event SET kind = 'x' WHERE seq = 2")

        assert "nothing was sealed" in run(seal).output

    def test_fails_when_the_witness_does_not_answer(self, case: Case, settings: object) -> None:
        settings.WITNESSES = ["http://127.0.0.1:1"]

        assert "gave no usable answer" in run(seal).output


class TestVerify:
    def test_says_that_everything_holds(self, case: Case) -> None:
        run(seal, "--no-witness")

        result = run(verify)

        assert (result.exit_code, result.output) == (0, "HOLDS: 3 events, 3 leaves, 1 checkpoints\n")

    def test_names_the_row_that_was_changed(self, case: Case) -> None:
        run(seal, "--no-witness")
        tamper("UPDATE case_event SET kind = 'x' WHERE seq = 2")

        result = run(verify, "--case", "370102-2026-000001-5")

        assert result.exit_code == 1
        assert f"BROKEN: case_event (case {case.pk}, seq 2), hash" in result.output

    def test_compares_with_a_checkpoint_and_a_witness(
        self, case: Case, witness: standin.Server, tmp_path: Path
    ) -> None:
        run(seal)
        kept = tmp_path / "kept.txt"
        kept.write_text(Checkpoint.objects.get().note, encoding="utf-8")

        result = run(verify, "--checkpoint", kept, "--witness", witness.url)

        assert (result.exit_code, result.output.count("HOLDS")) == (0, 2)

    def test_finds_a_restored_backup_by_what_the_witness_saw(self, case: Case, witness: standin.Server) -> None:
        backup = transaction.savepoint()
        append(case, kind="x", actor=None, channel="desk", body={})
        run(seal)
        transaction.savepoint_rollback(backup)
        run(seal, "--no-witness")

        result = run(verify, "--witness", witness.url)

        assert result.exit_code == 1
        assert "the tail was cut off" in result.output

    def test_exports_what_the_verifier_reads(self, case: Case, tmp_path: Path) -> None:
        run(seal, "--no-witness")
        target = tmp_path / "timeline.jsonl"

        result = run(verify, "--case", case.pk, "--export", target)

        key = str(verifier_key(origin(), signing_keys()[0]))
        assert result.exit_code == 0
        assert verifier.main([str(target), f"{target}.checkpoint", "--key", key]) == 0

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--case", "370102-2026-000009-1"], "there is no case"),
            (["--witness", "http://127.0.0.1:1"], "gave no usable answer"),
            (["--export", "unwritten.jsonl"], "nothing has been sealed yet"),
        ],
    )
    def test_ends_with_2_when_it_cannot_look(self, case: Case, arguments: list[str], message: str) -> None:
        result = run(verify, *arguments)

        assert result.exit_code == 2
        assert message in result.output

    def test_ends_with_2_when_the_witness_never_saw_the_log(self, case: Case, witness: standin.Server) -> None:
        assert run(verify, "--witness", witness.url).exit_code == 2

    def test_ends_with_2_when_the_checkpoint_is_none(self, case: Case, tmp_path: Path) -> None:
        (tmp_path / "x").write_text("x")

        assert run(verify, "--checkpoint", tmp_path / "x").exit_code == 2

    def test_ends_with_2_before_the_database_is_founded(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE case_installation DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM case_installation")

        assert run(verify).exit_code == 2
        assert run(installation, "show").exit_code == 1
        assert "founded" in run(installation, "found", "demonstration").output
        assert Installation.objects.get().kind == "demonstration"


class TestInstallation:
    def test_shows_kind_clock_and_key(self, db: None) -> None:
        result = run(installation, "show")

        assert result.exit_code == 0
        assert "(test)" in result.output
        assert "offset +0 s" in result.output
        assert str(verifier_key(origin(), signing_keys()[0])) in result.output

    def test_is_founded_once(self, db: None) -> None:
        assert "already founded" in run(installation, "found", "test").output


class TestSigningKeys:
    def test_include_the_previous_one_while_it_is_rotated(self, settings: object) -> None:
        settings.LOG_KEY_PREVIOUS = "old secret"

        assert len(signing_keys()) == 2
