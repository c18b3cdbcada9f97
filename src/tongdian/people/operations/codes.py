"""Codes sent to a phone to prove that somebody holds it."""

import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from tongdian.gateway import limits
from tongdian.gateway.models import Message
from tongdian.gateway.operations import queue_message
from tongdian.people.models import PhoneCode
from tongdian.people.rules import normalise_phone
from tongdian.ui import sealing

LIFETIME = timedelta(minutes=5)
MAX_ATTEMPTS = 5
PAUSE_BETWEEN = limits.Limit(1, timedelta(seconds=60))
PER_HOUR = limits.Limit(6, timedelta(hours=1))


class WrongCode(ValueError):
    def __init__(self, attempts_left: int) -> None:
        super().__init__(f"the code is wrong; {attempts_left} more attempts before it is burned")
        self.attempts_left = attempts_left


class CodeBurned(ValueError):
    def __init__(self) -> None:
        super().__init__("no code is open for this phone: it was used, has expired or was tried too often; ask again")


def issue_code(*, phone: str, purpose: PhoneCode.Purpose, language: str, now: datetime) -> PhoneCode:
    """Send a fresh code to a phone; only the newest code of a phone and purpose counts. Not inside a transaction.

    The answer is the same whether or not an account has the phone.

    Raises InvalidPhone when it is not a mobile number; LimitReached after one code of a purpose within a minute or
    six of all within an hour.
    """
    number = normalise_phone(phone)
    # Who has just signed in by a code need not wait to confirm something else by another.
    limits.take("code.pause", f"{purpose}:{number}", limit=PAUSE_BETWEEN, now=now)
    limits.take("code.hour", number, limit=PER_HOUR, now=now)
    digits = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        code = PhoneCode.objects.create(
            phone_digest=_phone_digests(number)[0], purpose=purpose, issued_at=now, expires_at=now + LIFETIME
        )
        code.code_digest = _code_digests(code, digits)[0]
        code.save(update_fields=["code_digest"])
        queue_message(
            key=f"people.phone_code:{code.pk}",
            channel=Message.Channel.SMS,
            address=number,
            template="people.phone_code",
            parameters={"code": digits, "minutes": str(LIFETIME // timedelta(minutes=1))},
            language=language,
            now=now,
            expires_at=code.expires_at,
        )
    return code


def confirm_code(*, phone: str, purpose: PhoneCode.Purpose, code: str, now: datetime) -> PhoneCode:
    """Use up the open code of a phone; causes three queries. Not inside a transaction: a failed attempt must stay.

    Attempts are counted in the row before the code is compared, so that tries at the same moment count too.

    Raises WrongCode when the digits differ; CodeBurned when no code is open any more; InvalidPhone when it
    is not a mobile number.
    """
    sent = PhoneCode.objects.filter(phone_digest__in=_phone_digests(normalise_phone(phone)), purpose=purpose).last()
    if sent is None or not _count_attempt(sent, now):
        raise CodeBurned
    sent.refresh_from_db(fields=["attempts"])
    if not any(hmac.compare_digest(bytes(sent.code_digest), each) for each in _code_digests(sent, code.strip())):
        raise WrongCode(MAX_ATTEMPTS - sent.attempts)
    if not PhoneCode.objects.filter(pk=sent.pk, used_at=None).update(used_at=now):
        raise CodeBurned
    sent.used_at = now
    return sent


def forget_codes(*, before: datetime) -> int:
    """Delete the codes issued before a time, used or not, and return how many."""
    return PhoneCode.objects.filter(issued_at__lt=before).delete()[0]


def _count_attempt(sent: PhoneCode, now: datetime) -> bool:
    still_open = PhoneCode.objects.filter(pk=sent.pk, used_at=None, expires_at__gt=now, attempts__lt=MAX_ATTEMPTS)
    return still_open.update(attempts=F("attempts") + 1) == 1


def _phone_digests(number: str) -> list[bytes]:
    # Under every look-up key, the current one first: a code sent before a new key was set still counts.
    return sealing.digests(number, place="people.phonecode.phone")


def _code_digests(code: PhoneCode, digits: str) -> list[bytes]:
    return sealing.digests(digits, place=f"people.phonecode {code.pk}")
