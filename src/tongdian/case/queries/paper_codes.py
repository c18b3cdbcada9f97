"""The look-up code on the receipt of somebody without a phone: derived from the case, kept nowhere."""

import base64
import hmac

from tongdian.case.models import Case
from tongdian.ui import sealing

PLACE = "case.paper_code"
CHARACTERS = 10


def paper_code(case: Case) -> str:
    """Return the code by which an applicant without a phone looks a case up; "" for everybody else.

    Ten characters in two groups. An older code stays valid while its key is in the look-up ring.
    """
    if case.applicant is None or case.applicant.phone:
        return ""
    return _codes(case)[0]


def case_of_number_and_code(number: str, code: str) -> Case | None:
    """Return the case of a number if the code is that of its receipt; None also where the applicant has a phone."""
    case = Case.objects.select_related("applicant").filter(number=number, applicant__phone_lookup=None).first()
    if case is None or not paper_code(case):
        return None
    given = code.upper().replace(" ", "").replace("-", "").encode()
    return case if any(hmac.compare_digest(each.replace("-", "").encode(), given) for each in _codes(case)) else None


def _codes(case: Case) -> list[str]:
    return [_written(digest) for digest in sealing.digests(str(case.pk), place=PLACE)]


def _written(digest: bytes) -> str:
    text = base64.b32encode(digest).decode()[:CHARACTERS]
    return f"{text[:5]}-{text[5:]}"
