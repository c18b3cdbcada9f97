"""`tongdian seal`: put new events into the tree, sign a checkpoint, show it to the witnesses."""

import click

from tongdian.web.database import database_in_use


@click.command(short_help="Sign a checkpoint of the timeline now.")
@click.option("--witness/--no-witness", "asks_witnesses", default=True, help="Show the checkpoint to the witnesses.")
def command(*, asks_witnesses: bool) -> None:
    """Seal the timeline now instead of waiting for the worker (every 3 minutes).

    Safe to run at any time and beside other sealers. Ends with 1 when nothing may be sealed or a witness refuses.
    """
    with database_in_use():
        from tongdian.case.operations.sealing import SealRefused, seal
        from tongdian.case.queries.timeline import NotFounded
        from tongdian.gateway.log_keys import signing_keys

        try:
            checkpoint = seal(signing_keys())
        except (SealRefused, NotFounded) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"sealed {checkpoint}" if checkpoint else "nothing new to seal")
        if asks_witnesses:
            _ask_witnesses()


def _ask_witnesses() -> None:
    from tongdian.case.operations.witnessing import present
    from tongdian.case.queries.tree import origin
    from tongdian.gateway.log_keys import witnesses
    from tongdian.gateway.witness import WitnessRefused, WitnessUnreachable

    try:
        answers = present(witnesses(origin()))
    except (WitnessRefused, WitnessUnreachable) as error:
        raise click.ClickException(str(error)) from error
    for answer in answers:
        click.echo(f"{answer.outcome}: {answer.line.strip()}")
    if any(answer.outcome == answer.Outcome.REFUSED for answer in answers):
        raise click.ClickException("a witness refused the checkpoint: it has seen another history")
