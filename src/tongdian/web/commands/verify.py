"""`tongdian verify`: prove the timeline, or name the first row that is not what was written."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from tongdian.web.database import database_in_use

if TYPE_CHECKING:
    from tongdian.case.queries.verification import Verdict
    from tongdian.kernel.signed_note import Note

BROKEN, UNREADABLE = 1, 2


@click.command(short_help="Prove the timeline, or name the row that was changed.")
@click.option("--case", "number", help="Only the case of this number (or id), and the whole tree.")
@click.option("--checkpoint", "kept", type=click.Path(exists=True, path_type=Path), help="A checkpoint kept elsewhere.")
@click.option("--witness", "witness_url", help="Ask this witness what it saw last, and check that against the tree.")
@click.option("--export", "target", type=click.Path(path_type=Path), help="Then write the timeline for the verifier.")
def command(*, number: str | None, kept: Path | None, witness_url: str | None, target: Path | None) -> None:
    """Recompute every hash of the timeline and of its tree, while people go on working.

    Ends with 0 when everything holds, 1 when a row is not what was written (it is named), 2 when it could not look.
    """
    with database_in_use():
        case_id = _case_id(number) if number else None
        notes = [note for note in (_read(kept), _seen_by(witness_url)) if note is not None]
        for note in notes or [None]:
            verdict = _verify(case_id, note)
            # A claim about a checkpoint from elsewhere, or one case, says nothing about how the whole stands.
            if case_id is None and note is None:
                _keep(verdict)
            _report(verdict)
        if target is not None:
            _export(target, case_id)


def _verify(case_id: UUID | None, note: "Note | None") -> "Verdict":
    from tongdian.case.models import Installation
    from tongdian.case.queries.verification import verify

    try:
        return verify(case_id=case_id, checkpoint=note, on_progress=_Progress())
    except Installation.DoesNotExist as error:
        raise _unreadable("this database has no installation row, so it has no timeline") from error


def _keep(verdict: "Verdict") -> None:
    from django.utils import timezone

    from tongdian.case.operations.verifying import keep_verdict

    keep_verdict(verdict, now=timezone.now())


def _report(verdict: "Verdict") -> None:
    counted = f"{verdict.events} events, {verdict.leaves} leaves, {verdict.checkpoints} checkpoints"
    if verdict.fault is not None:
        click.echo(f"BROKEN: {verdict.fault}\n(after {counted})")
        sys.exit(BROKEN)
    click.echo(f"HOLDS: {counted}")


class _Progress:
    """Prints how far it is, at most twice a second, where a person is watching."""

    def __init__(self) -> None:
        self._shown_at = time.monotonic()

    def __call__(self, stage: str, done: int) -> None:
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._shown_at > 0.5:
            self._shown_at = now
            click.echo(f"\r{stage}: {done:,}", nl=False, err=True)


def _case_id(number: str) -> UUID:
    from tongdian.case.models import Case

    found = Case.objects.filter(number=number).values_list("pk", flat=True).first()
    try:
        return found or UUID(number)
    except ValueError as error:
        raise _unreadable(f"there is no case {number!r}") from error


def _read(path: Path | None) -> "Note | None":
    from tongdian.kernel.signed_note import MalformedNote, Note

    try:
        return Note.parse(path.read_text(encoding="utf-8")) if path else None
    except MalformedNote as error:
        raise _unreadable(f"{path}: {error}") from error


def _seen_by(url: str | None) -> "Note | None":
    from tongdian.case.queries.tree import origin
    from tongdian.gateway.witness import WitnessUnreachable, latest

    if url is None:
        return None
    try:
        note = latest(url, origin=origin())
    except WitnessUnreachable as error:
        raise _unreadable(str(error)) from error
    if note is None:
        raise _unreadable(f"witness {url} has never seen this log")
    return note


def _export(target: Path, case_id: UUID | None) -> None:
    from tongdian.case.queries.export import export_lines
    from tongdian.case.queries.tree import latest_checkpoint, with_cosignatures

    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise _unreadable("nothing has been sealed yet, so there is no checkpoint to export with: run tongdian seal")
    with target.open("w", encoding="utf-8") as file:
        file.writelines(export_lines(case_id=case_id, checkpoint=checkpoint))
    note = target.with_name(target.name + ".checkpoint")
    note.write_text(with_cosignatures(checkpoint), encoding="utf-8")
    click.echo(f"wrote {target} and {note}")


def _unreadable(message: str) -> click.ClickException:
    error = click.ClickException(message)
    error.exit_code = UNREADABLE
    return error
