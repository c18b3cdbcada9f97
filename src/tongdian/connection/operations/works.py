"""From the supply scheme, or the utility's own works, to the meter that turns."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Max

from tongdian.case.models import Case
from tongdian.case.operations.documents import Upload
from tongdian.case.queries.clock import local_date
from tongdian.connection import queries, rules
from tongdian.connection.models import Inspection, MeterInstallation, Scheme, SupportingWorks
from tongdian.connection.operations.acting import Acting, advance, take


class MeterInUse(ValueError):
    """The meter is set at another case already."""

    def __init__(self, meter_number: str) -> None:
        super().__init__(f"meter {meter_number} is set at another service already; check the number on its plate")
        self.meter_number = meter_number


class FindingsMissing(ValueError):
    """A failed review must say what is to be mended, a passed one must not."""

    def __init__(self, number: str, *, is_passed: bool) -> None:
        super().__init__(f"case {number}: " + ("a passed review has findings" if is_passed else "findings are missing"))
        self.number, self.is_passed = number, is_passed


def issue_scheme(case: Case, *, scheme: Scheme, acting: Acting) -> Scheme:
    """Answer the supply scheme to the customer; its validity follows the policy of the day.

    `scheme` carries the technical fields; case, issue, dates and author are set here.
    Raises NotPossible when the case does not await a scheme.
    """
    with transaction.atomic():
        event = advance(case, "scheme.issued", acting=acting, body=_scheme_facts(scheme))
        issued_on = local_date(event.recorded_at)
        months = queries.scheme_months(case.customer_class, on=issued_on)
        scheme.case, scheme.issue = case, _next_issue(case)
        scheme.prepared_by, scheme.issued_at = acting.actor, event.recorded_at
        scheme.valid_until = rules.scheme_valid_until(issued_on, months=months)
        scheme.save(force_insert=True)
        return scheme


def _scheme_facts(scheme: Scheme) -> dict[str, object]:
    return {
        "substation": scheme.substation,
        "feeder": scheme.feeder,
        "access_point": scheme.access_point,
        "voltage_kv": str(scheme.voltage_kv),
        "receiving_kva": None if scheme.receiving_kva is None else str(scheme.receiving_kva),
        "metering": scheme.metering,
        "property_boundary": scheme.property_boundary,
    }


def _next_issue(case: Case) -> int:
    last: int | None = Scheme.objects.filter(case=case).aggregate(last=Max("issue"))["last"]
    return (last or 0) + 1


def confirm_scheme(case: Case, *, acting: Acting) -> Scheme:
    """Confirm the scheme as its customer.

    Raises NotPossible when no scheme awaits confirmation.
    """
    with transaction.atomic():
        event = advance(case, "scheme.confirmed", acting=acting, body={})
        scheme = Scheme.objects.select_for_update().filter(case=case).latest("issue")
        scheme.confirmed_at = event.recorded_at
        scheme.save(update_fields=["confirmed_at"])
        return scheme


def request_review(case: Case, stage: str, *, uploads: Mapping[str, Upload | None], acting: Acting) -> Inspection:
    """Hand in the documents of a review stage and ask for it; every request opens a new attempt.

    Raises NotPossible when the stage cannot be asked for now; RefusedUpload.
    """
    with transaction.atomic():
        documents = take(case, uploads, stage=stage, acting=acting)
        event = advance(case, rules.REVIEWS[stage].request, acting=acting, body={}, documents=documents)
        attempts = Inspection.objects.filter(case=case, stage=stage).count()
        return Inspection.objects.create(case=case, stage=stage, attempt=attempts + 1, requested_at=event.recorded_at)


def decide_review(case: Case, stage: str, *, is_passed: bool, findings: Sequence[str], acting: Acting) -> Inspection:
    """Answer a review: passed, or every finding in one list.

    Raises FindingsMissing when a failure has no findings or a pass has some; NotPossible when none is pending.
    """
    if is_passed == bool(findings):
        raise FindingsMissing(str(case), is_passed=is_passed)
    review = rules.REVIEWS[stage]
    with transaction.atomic():
        kind = review.passed if is_passed else review.failed
        event = advance(case, kind, acting=acting, body={"findings": list(findings)})
        inspection = Inspection.objects.select_for_update().filter(case=case, stage=stage).latest("attempt")
        inspection.outcome = Inspection.Outcome.PASSED if is_passed else Inspection.Outcome.FAILED
        inspection.findings, inspection.decided_at = list(findings), event.recorded_at
        inspection.inspector = acting.actor
        inspection.save(update_fields=["outcome", "findings", "decided_at", "inspector"])
        return inspection


def start_works(
    case: Case, *, scope: str, needs_permit: bool = False, planned_finish_date: date | None = None, acting: Acting
) -> SupportingWorks:
    """Start the utility's own works for a low-voltage case; its clock goes on, everybody sees what happens.

    `scope` is one of SupportingWorks.Scope; `needs_permit` says that a road or green-land permit is asked for first.
    Raises NotPossible before acceptance, when they were started before, and for classes whose works are not inside
    the clock.
    """
    with transaction.atomic():
        body = {"scope": scope, "needs_permit": needs_permit, "planned_finish_date": _iso(planned_finish_date)}
        event = advance(case, "works.started", acting=acting, body=body)
        return SupportingWorks.objects.create(
            case=case,
            scope=scope,
            needs_permit=needs_permit,
            planned_finish_date=planned_finish_date,
            started_at=event.recorded_at,
            started_by=acting.actor,
        )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def finish_works(case: Case, *, acting: Acting) -> SupportingWorks:
    """Finish the utility's own works; the meter can be set.

    Raises NotPossible when none are under way.
    """
    with transaction.atomic():
        event = advance(case, "works.finished", acting=acting, body={})
        works = SupportingWorks.objects.select_for_update().get(case=case)
        works.finished_at = event.recorded_at
        works.save(update_fields=["finished_at"])
        return works


def energise(
    case: Case,
    *,
    meter_number: str,
    first_reading_kwh: Decimal,
    occurred_at: datetime | None = None,
    photo: Upload | None = None,
    acting: Acting,
) -> MeterInstallation:
    """Set the meter and switch on; ends the case.

    `occurred_at` is a claim and does not stop the clock; `photo` shows the meter in place. Raises MeterInUse when the
    meter is set elsewhere; NotPossible before works, inspection and contract are done; RefusedUpload.
    """
    try:
        with transaction.atomic():
            body = {"meter_number": meter_number, "first_reading_kwh": str(first_reading_kwh)}
            photos = take(case, {"meter_photo": photo}, stage=str(case.next_stage), acting=acting)
            event = advance(
                case, "connection.energised", acting=acting, body=body, documents=photos, occurred_at=occurred_at
            )
            return MeterInstallation.objects.create(
                case=case,
                meter_number=meter_number,
                first_reading_kwh=first_reading_kwh,
                energised_at=event.recorded_at,
                installed_by=acting.actor,
            )
    except IntegrityError as error:
        raise MeterInUse(meter_number) from error
