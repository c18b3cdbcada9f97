"""Jobs of the case frame: seal, prove and show the timeline, scan uploads, recompute deadlines."""

from uuid import UUID

from django.utils import timezone

from tongdian.case.operations import bulk, contacts, documents, exports, recomputation
from tongdian.case.operations.sealing import seal
from tongdian.case.operations.verifying import verify_and_keep
from tongdian.case.operations.witnessing import present
from tongdian.case.queries.timeline import installation_now
from tongdian.case.queries.tree import origin
from tongdian.gateway import jobs
from tongdian.gateway.log_keys import signing_keys, witnesses
from tongdian.gateway.scan import configured_scanner


@jobs.task("case.seal_timeline", every="*/3 * * * *")
def seal_timeline() -> None:
    """Seal what is pending, then ask every witness that has not answered to the latest checkpoint."""
    seal(signing_keys())
    present(witnesses(origin()))


@jobs.task("case.verify_timeline", queue="heavy", every="40 2 * * *")
def verify_timeline() -> None:
    """Prove the whole timeline every night; the health page shows what was found."""
    verify_and_keep(now=timezone.now())


@jobs.task("case.scan_file", retry=jobs.Retry(attempts=10, wait_s=30))
def scan_file(sha256: str) -> None:
    """Scan one stored upload; tried again while the scanner gives no verdict."""
    documents.scan(sha256, scanner=configured_scanner(), now=installation_now())


@jobs.task("case.recompute_deadlines", queue="heavy")
def recompute_deadlines() -> None:
    """Recompute the deadlines of all open cases after a notice came into force."""
    recomputation.recompute_open_cases(actor=None, now=installation_now())


@jobs.task("case.make_export", queue="heavy")
def make_export(export_id: str) -> None:
    """Make the file of a large export; run again from its beginning when a worker died over it."""
    exports.make(UUID(export_id), now=installation_now())


@jobs.task("case.expire_exports", every="23 * * * *")
def expire_exports() -> None:
    """Delete the files of exports that have been kept long enough."""
    exports.expire(now=installation_now())


@jobs.task("case.forget_phones", every="10 3 * * *")
def forget_phones() -> None:
    """Erase the phones of calls and visits nothing came of."""
    contacts.forget_phones(now=installation_now())


@jobs.task("case.work_bulk", queue="heavy")
def work_bulk(run_id: str) -> None:
    """Do a large bulk act case by case; run again, it goes on where it was."""
    bulk.work(UUID(run_id), now=installation_now())
