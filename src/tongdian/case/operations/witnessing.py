"""Show checkpoints to outside witnesses and keep their answers."""

from collections.abc import Iterable

from tongdian.case.models import Checkpoint, WitnessAnswer
from tongdian.case.queries.tree import consistency, latest_checkpoint
from tongdian.gateway import witness as protocol
from tongdian.gateway.witness import Witness, WitnessHasAnother, WitnessRefused, WitnessUnreachable
from tongdian.kernel.signed_note import Note


def present(witnesses: Iterable[Witness]) -> list[WitnessAnswer]:
    """Show the latest checkpoint to each witness that has not answered to it, and return the new answers.

    Makes HTTP requests: not inside a transaction. A refusal is an answer and is kept; it means that the witness
    has seen another history, and is for people to explain. Doing it again asks only those still missing.

    Raises WitnessUnreachable when a witness gives no usable answer; only after all others were asked.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        return []
    answered = set(checkpoint.answers.values_list("witness", flat=True))
    answers: list[WitnessAnswer] = []
    silent: list[WitnessUnreachable] = []
    for witness in witnesses:
        if str(witness.key) in answered:
            continue
        try:
            answers.append(_ask(witness, checkpoint))
        except WitnessUnreachable as error:
            silent.append(error)
    if silent:
        raise silent[0]
    return answers


def _ask(witness: Witness, checkpoint: Checkpoint) -> WitnessAnswer:
    try:
        line = _submit(witness, checkpoint)
    except WitnessRefused as refusal:
        return _keep(witness, checkpoint, WitnessAnswer.Outcome.REFUSED, str(refusal))
    return _keep(witness, checkpoint, WitnessAnswer.Outcome.COSIGNED, line)


def _submit(witness: Witness, checkpoint: Checkpoint) -> str:
    note = Note.parse(checkpoint.note)
    old_size = _last_cosigned(witness)
    try:
        return protocol.submit(witness, note, old_size=old_size, proof=consistency(old_size, checkpoint.size))
    except WitnessHasAnother as another:
        # Our own memory is behind the witness's when an answer was lost; a larger tree is one we no longer have.
        old_size = another.size
    if old_size > checkpoint.size:
        raise WitnessRefused(
            witness.url, 409, f"it has seen {old_size} leaves, this log has {checkpoint.size}: the tail is missing"
        )
    try:
        return protocol.submit(witness, note, old_size=old_size, proof=consistency(old_size, checkpoint.size))
    except WitnessHasAnother as another:
        raise WitnessUnreachable(witness.url, "another sealer was quicker; ask again") from another


def _last_cosigned(witness: Witness) -> int:
    cosigned = WitnessAnswer.objects.filter(witness=str(witness.key), outcome=WitnessAnswer.Outcome.COSIGNED)
    return cosigned.order_by("-checkpoint__size").values_list("checkpoint__size", flat=True).first() or 0


def _keep(witness: Witness, checkpoint: Checkpoint, outcome: WitnessAnswer.Outcome, line: str) -> WitnessAnswer:
    return WitnessAnswer.objects.create(checkpoint=checkpoint, witness=str(witness.key), outcome=outcome, line=line)
