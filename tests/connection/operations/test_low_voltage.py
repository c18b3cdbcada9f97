from datetime import date, timedelta

import pytest

from support import connections
from tongdian.case.models import Deadline, Event
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date, reading
from tongdian.case.queries.verification import verify
from tongdian.connection import operations, queries
from tongdian.connection.models import Application, MeterInstallation, SupplyContract, SupportingWorks
from tongdian.connection.operations import NotPossible, SameClass
from tongdian.connection.rules import Customer

pytestmark = pytest.mark.django_db

SIGNED_UP = ["application.submitted", "contract.signed", "application.accepted"]
WORKS = ["works.started", "works.finished"]


def kinds_of(case) -> list[str]:
    return list(Event.objects.filter(case=case).order_by("seq").values_list("kind", flat=True))


class TestTheWholeWay:
    @pytest.mark.parametrize(
        ("customer_class", "between", "limit"),
        [
            ("lv_resident", WORKS, 3),
            ("lv_three_zero", WORKS, 7),
            ("lv_no_works", [], 1),
            ("lv_other", ["scheme.issued", "scheme.confirmed"], 3),
        ],
    )
    def test_of_each_class_ends_energised_and_on_time(self, customer_class, between, limit):
        case = connections.submitted(customer_class=customer_class).energised().case

        assert kinds_of(case) == [*SIGNED_UP, *between, "connection.energised"]
        read = reading(case, as_of=installation_now())
        assert (case.status, read.verdict, read.waiting_for) == ("energised", "on_time", "closed")
        assert read.total_limit_days == limit
        assert verify(case_id=case.pk).events == len(between) + 4

    @pytest.mark.parametrize("customer_class", ["lv_resident", "lv_three_zero"])
    def test_counts_one_piece_from_acceptance_works_included(self, customer_class):
        walk = connections.submitted(customer_class=customer_class).works_started()

        read = reading(walk.case, as_of=installation_now())
        assert [(each.stage, each.is_held) for each in read.stages] == [("lv_whole", False)]
        assert read.started_at == read.accepted_at

    def test_of_the_next_day_product_counts_from_submission_by_the_calendar(self):
        case = connections.submitted(customer_class="lv_no_works").case

        due = reading(case, as_of=installation_now()).stages[0].due
        assert (due.unit, (case.next_due_date - case.opened_at.astimezone().date()).days) == ("calendar_day", 1)
        assert due.beside_date >= due.date

    def test_never_waits_for_the_customer_after_acceptance(self):
        walk = connections.submitted(customer_class="lv_three_zero")
        assert walk.case.waiting_for == "utility"

        for step in (walk.accepted, lambda: operations.start_works(walk.case, scope="lv_line", acting=walk.by_staff())):
            step()
            assert walk.case.waiting_for == "utility"


class TestSignStandardContract:
    def test_is_asked_of_the_customer_before_anybody_accepts(self):
        walk = connections.submitted(customer_class="lv_resident", is_signed=False)

        with pytest.raises(NotPossible) as caught:
            walk.accepted()

        assert "contract.signed" in caught.value.legal

    def test_lets_acceptance_sign_for_the_utility(self):
        walk = connections.submitted(customer_class="lv_resident", is_signed=False)
        operations.sign_standard_contract(walk.case, upload=connections.pdf(), acting=walk.by_customer())
        assert SupplyContract.objects.get(case=walk.case).offered_at is None

        walk.accepted()

        contract = SupplyContract.objects.get(case=walk.case)
        assert contract.signed_at < contract.offered_at == walk.case.accepted_at
        accepted = Event.objects.get(case=walk.case, kind="application.accepted")
        assert accepted.evidence_hashes == (contract.document.file_id,)

    @pytest.mark.parametrize("customer_class", ["lv_resident", "lv_three_zero", "lv_no_works"])
    def test_is_waited_for_in_the_customers_time(self, customer_class):
        walk = connections.submitted(customer_class=customer_class, is_signed=False)
        before = walk.case.waiting_for, walk.case.next_due_date

        operations.sign_standard_contract(walk.case, upload=connections.pdf(), acting=walk.by_customer())

        assert before == ("customer", None)
        assert walk.case.waiting_for == "utility"

    def test_starts_the_day_of_the_next_day_product(self):
        walk = connections.submitted(customer_class="lv_no_works", is_signed=False)

        signed = operations.sign_standard_contract(walk.case, upload=connections.pdf(), acting=walk.by_customer())

        assert walk.case.next_due_date == local_date(signed.signed_at) + timedelta(days=1)

    def test_is_refused_twice(self):
        walk = connections.submitted(customer_class="lv_resident")

        with pytest.raises(NotPossible):
            operations.sign_standard_contract(walk.case, upload=connections.pdf(), acting=walk.by_customer())

    def test_is_refused_for_high_voltage(self):
        walk = connections.submitted()

        with pytest.raises(NotPossible):
            operations.sign_standard_contract(walk.case, upload=connections.pdf(), acting=walk.by_customer())


class TestReclassify:
    def test_says_what_and_why_and_gives_the_new_clock(self):
        walk = connections.submitted(customer_class="lv_three_zero")

        operations.reclassify(
            walk.case,
            customer=Customer.SOLE_TRADER,
            needs_works=False,
            reason="现场已有表位，不需要配套工程",
            acting=walk.by_staff(),
        )

        assert (walk.case.customer_class, walk.case.status) == ("lv_no_works", "submitted")
        event = Event.objects.get(case=walk.case, kind="application.reclassified")
        assert (event.facts["from"], event.facts["customer_class"]) == ("lv_three_zero", "lv_no_works")
        application = Application.objects.get(case=walk.case)
        assert (application.needs_works, application.class_trace[-1]["customer_class"]) == (False, "lv_no_works")
        assert (walk.case.next_due_date - walk.case.opened_at.astimezone().date()).days == 1

    def test_leaves_no_deadline_of_the_old_class_in_force(self):
        walk = connections.submitted(customer_class="lv_other")

        operations.reclassify(
            walk.case,
            customer=Customer.SMALL_MICRO_FIRM,
            needs_works=True,
            reason="登记为小微企业",
            acting=walk.by_staff(),
        )
        assert not Deadline.objects.filter(case=walk.case, superseded_at=None).exists()
        walk.accepted()

        (due,) = Deadline.objects.filter(case=walk.case, superseded_at=None)
        assert (due.stage, due.limit_days, walk.case.total_limit_days) == ("lv_whole", 7, 7)

    def test_gives_the_limit_of_the_new_class_on_the_day_of_acceptance(self):
        walk = connections.submitted(customer_class="lv_no_works")

        operations.reclassify(
            walk.case, customer=Customer.RESIDENT, needs_works=True, reason="需要新立表箱", acting=walk.by_staff()
        )
        walk.accepted()

        (due,) = Deadline.objects.filter(case=walk.case, superseded_at=None)
        assert (walk.case.customer_class, due.limit_days) == ("lv_resident", 3)

    def test_refuses_facts_that_change_nothing(self):
        walk = connections.submitted(customer_class="lv_three_zero")

        with pytest.raises(SameClass):
            operations.reclassify(
                walk.case, customer=Customer.UNPROVEN, needs_works=True, reason="登记未查到", acting=walk.by_staff()
            )

        assert kinds_of(walk.case) == SIGNED_UP[:2]

    @pytest.mark.parametrize("customer_class", ["lv_three_zero", "hv10_single"])
    def test_is_over_with_acceptance_and_never_for_high_voltage(self, customer_class):
        walk = connections.submitted(customer_class=customer_class)
        if walk.is_low_voltage:
            walk.accepted()

        with pytest.raises((NotPossible, SameClass)):
            operations.reclassify(
                walk.case, customer=Customer.OTHER_FIRM, needs_works=False, reason="更正", acting=walk.by_staff()
            )


class TestStartWorks:
    def test_shows_what_is_built_and_whether_a_permit_is_asked_for(self):
        walk = connections.submitted(customer_class="lv_three_zero")

        walk.works_started(scope="lv_line", needs_permit=True, planned_finish_date=date(2026, 11, 27))

        works = queries.supporting_works(walk.case)
        assert (works.scope, works.needs_permit, walk.case.status) == ("lv_line", True, "in_works")
        assert Event.objects.filter(case=walk.case).latest("seq").facts["planned_finish_date"] == "2026-11-27"

    @pytest.mark.parametrize("customer_class", ["lv_other", "hv10_single"])
    def test_is_refused_where_works_are_not_inside_the_clock(self, customer_class):
        walk = connections.submitted(customer_class=customer_class).accepted()

        with pytest.raises(NotPossible):
            operations.start_works(walk.case, scope="meter_box", acting=walk.by_staff())

    def test_is_refused_twice(self):
        walk = connections.submitted(customer_class="lv_resident").works_started()

        with pytest.raises(NotPossible):
            operations.start_works(walk.case, scope="meter_box", acting=walk.by_staff())


class TestFinishWorks:
    def test_lets_the_meter_be_set(self):
        walk = connections.submitted(customer_class="lv_resident").works_started()
        with pytest.raises(NotPossible):
            operations.energise(walk.case, meter_number="M-early", first_reading_kwh=0, acting=walk.by_staff())

        operations.finish_works(walk.case, acting=walk.by_staff())

        works = SupportingWorks.objects.get(case=walk.case)
        assert works.finished_at >= works.started_at
        assert walk.case.status == "works_finished"

    def test_is_refused_when_none_are_under_way(self):
        walk = connections.submitted(customer_class="lv_resident").accepted()

        with pytest.raises(NotPossible):
            operations.finish_works(walk.case, acting=walk.by_staff())


class TestEnergise:
    def test_keeps_a_photo_of_the_meter_as_evidence(self):
        walk = connections.submitted(customer_class="lv_no_works").accepted()

        operations.energise(
            walk.case,
            meter_number="M-photo",
            first_reading_kwh=0,
            photo=connections.pdf("meter.pdf"),
            acting=walk.by_staff(),
        )

        photo = walk.case.documents.get(kind="meter_photo")
        assert Event.objects.filter(case=walk.case).latest("seq").evidence_hashes == (photo.file_id,)
        assert MeterInstallation.objects.get(case=walk.case).meter_number == "M-photo"
