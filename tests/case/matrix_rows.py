"""Rows of the permission matrix for the public pages of a case and its documents."""

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from support import people
from support.frame_cases import happen, new_case
from support.matrix import COLLEAGUE, EVERYONE, OWNER, Cast, Row
from tongdian.case import operations
from tongdian.case.models import Case, Document, Installation
from tongdian.case.operations import documents
from tongdian.case.operations.sealing import seal
from tongdian.people.rules import Role

LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"a key of the matrix, 32 bytes :)")
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n29\n%%EOF\n"


def public() -> Cast:
    """Three members of the public."""
    return Cast(people.person(), people.person(), people.person())


def case_with_document() -> Cast:
    """The applicant, the clerk of the case's utility, and the clerk of another county."""
    if not Installation.objects.exists():
        operations.found_installation(kind="test")
    applicant, utility = people.person(), people.organisation()
    case = new_case(applicant, utility=utility)
    upload = SimpleUploadedFile("report.pdf", PDF)
    document = documents.receive(upload, kind="site_record", actor=applicant, now=timezone.now())
    documents.attach(document, case=case)
    stranger = people.staff(Role.COUNTER_CLERK, at=utility, territory="370202")
    return Cast(applicant, people.staff(Role.COUNTER_CLERK, at=utility), stranger, {"id": document.pk})


def receipt() -> Cast:
    """Three members of the public, and the hash of a recorded event."""
    if not Installation.objects.exists():
        operations.found_installation(kind="test")
    event = happen(new_case(), "application.submitted")
    return Cast(people.person(), people.person(), people.person(), {"code": event.hash_hex})


def sealed_log() -> Cast:
    """Three members of the public, and a log with two checkpoints."""
    if not Installation.objects.exists():
        operations.found_installation(kind="test")
    case = new_case()
    event = happen(case, "application.submitted")
    older = seal([LOG_KEY])
    happen(case, "application.accepted")
    newer = seal([LOG_KEY])
    things = {"old_size": older.size, "size": newer.size, "digest": event.hash_hex}
    return Cast(people.person(), people.person(), people.person(), things)


def viewed() -> Cast:
    """An auditor, the supervisor of the county, the supervisor of another; a clerk looked at a document there."""
    cast = case_with_document()
    document = Document.objects.select_related("case", "file").get(pk=cast.things["id"])
    documents.open_document(document, viewer=cast.colleague, purpose="document", now=timezone.now())
    bureau = people.organisation("bureau", kind="bureau")
    return Cast(
        people.staff(Role.AUDITOR, at=bureau, territory="370000"),
        people.staff(Role.SUPERVISOR_COUNTY, at=bureau),
        people.staff(Role.SUPERVISOR_COUNTY, at=bureau, territory="370202"),
        {"viewer": cast.colleague.username},
    )


def id_of(things: dict[str, UUID]) -> dict[str, UUID]:
    return {"document_id": things["id"]}


def sizes_of(things: dict[str, int]) -> dict[str, int]:
    return {"old_size": things["old_size"], "size": things["size"]}


def machines() -> Cast:
    """Machine accounts: of the case's utility, of the bureau above it, of another utility; and a sealed case."""
    if not Installation.objects.exists():
        operations.found_installation(kind="test")
    utility = people.organisation()
    case = new_case(utility=utility)
    happen(case, "application.submitted")
    happen(case, "application.accepted")
    seal([LOG_KEY])
    bureau = people.organisation("bureau", "bureau")
    return Cast(
        owner=people.machine(at=utility),
        colleague=people.machine(at=bureau, territory="370000"),
        stranger=people.machine(at=people.organisation("other-grid")),
        things={"case": case},
    )


def case_of(things: dict[str, Case]) -> dict[str, UUID]:
    return {"case_id": things["case"].pk}


def name_of(things: dict[str, Case]) -> str:
    return str(things["case"].pk)


ROWS = [
    Row("audit_views", viewed, allowed=OWNER | COLLEAGUE, kind="list", shows=lambda t: t["viewer"]),
    Row(
        "audit_views",
        viewed,
        allowed=OWNER | COLLEAGUE,
        kind="search",
        query="?matter=document",
        shows=lambda t: t["viewer"],
    ),
    Row(
        "audit_views",
        viewed,
        allowed=OWNER | COLLEAGUE,
        kind="export",
        query="?format=csv",
        shows=lambda t: t["viewer"],
    ),
    Row("progress", public, allowed=EVERYONE, kind="form"),
    Row("progress", public, allowed=EVERYONE, kind="search", method="post"),
    Row("progress_code", public, allowed=EVERYONE, kind="form"),
    Row("progress_paper", public, allowed=EVERYONE, kind="detail"),
    Row("progress_shown", public, allowed=EVERYONE, kind="detail"),
    Row("verify_home", public, allowed=EVERYONE, kind="form"),
    Row("verify", receipt, allowed=EVERYONE, kind="detail", kwargs=dict),
    Row("timeline_log", sealed_log, allowed=EVERYONE, kind="list"),
    Row("timeline_log", sealed_log, allowed=EVERYONE, kind="search", query="?hash=00"),
    Row("timeline_latest", sealed_log, allowed=EVERYONE, kind="file"),
    Row("timeline_checkpoint", sealed_log, allowed=EVERYONE, kind="file", kwargs=lambda t: {"size": t["size"]}),
    Row("timeline_consistency", sealed_log, allowed=EVERYONE, kind="file", kwargs=sizes_of),
    Row("timeline_receipt", sealed_log, allowed=EVERYONE, kind="file", kwargs=lambda t: {"digest": t["digest"]}),
    Row("timeline_verifier", public, allowed=EVERYONE, kind="file"),
    Row("document", case_with_document, allowed=OWNER | COLLEAGUE, kind="file", kwargs=id_of),
    *(
        Row(route, machines, allowed=OWNER | COLLEAGUE, kind="list", shows=name_of, by_token=True)
        for route in ("api_cases", "api_deadlines", "api_events")
    ),
    Row(
        "api_cases",
        machines,
        allowed=OWNER | COLLEAGUE,
        kind="search",
        query="?county_code=370102&is_open=true",
        shows=name_of,
        by_token=True,
    ),
    *(
        Row(route, machines, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=case_of, by_token=True)
        for route in ("api_case", "api_case_stages", "api_case_deadlines", "api_case_events")
    ),
]
