"""Jobs of the case frame: seal the timeline every few minutes and show each checkpoint to the witnesses."""

from tongdian.case.operations.sealing import seal
from tongdian.case.operations.witnessing import present
from tongdian.case.queries.tree import origin
from tongdian.gateway import jobs
from tongdian.gateway.log_keys import signing_keys, witnesses


@jobs.task("case.seal_timeline", every="*/3 * * * *")
def seal_timeline() -> None:
    """Seal what is pending, then ask every witness that has not answered to the latest checkpoint."""
    seal(signing_keys())
    present(witnesses(origin()))
