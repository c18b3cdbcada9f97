"""The job that keeps the reminders up to date."""

from django.utils import timezone

from tongdian.case.queries import installation_now
from tongdian.gateway import jobs
from tongdian.oversight.operations.sweeping import sweep


@jobs.task("oversight.sweep_alerts", every="*/5 * * * *")
def sweep_alerts() -> None:
    """Raise, settle and tell; sweeps at once take turns."""
    sweep(as_of=installation_now(), now=timezone.now())
