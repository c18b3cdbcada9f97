"""Jobs of connections: read the systems that are mirrored."""

from tongdian.case.queries import installation_now
from tongdian.connection.operations import mirroring
from tongdian.connection.queries.mirroring import active_systems
from tongdian.gateway import jobs


@jobs.task("connection.read_sources", every="*/5 * * * *")
def read_sources() -> None:
    """Let every mirrored system be read, each in a job of its own: one that hangs keeps no other waiting."""
    for system_id in active_systems():
        jobs.enqueue("connection.read_source", lock=f"source {system_id}", system_id=system_id)


@jobs.task("connection.read_source")
def read_source(system_id: int) -> None:
    """Read what one system changed since the last time."""
    mirroring.read_source(system_id, now=installation_now())
