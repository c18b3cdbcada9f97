from decimal import Decimal

import pytest

from support import connections
from tongdian.case.models import Event
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import reading
from tongdian.case.queries.verification import verify
from tongdian.connection import operations, queries
from tongdian.connection.models import Inspection, Scheme, SupplyContract
from tongdian.connection.operations import DocumentOffList, FindingsMissing, MeterInUse, NotPossible, PauseRefused

pytestmark = pytest.mark.django_db


def kinds_of(case) -> list[str]:
    return list(Event.objects.filter(case=case).order_by("seq").values_list("kind", flat=True))


class TestTheWholeWay:
    def test_of_a_single_source_ends_energised_and_on_time(self):
        case = connections.submitted().energised().case

        assert kinds_of(case) == [
            "application.submitted",
            "application.accepted",
            "scheme.issued",
            "scheme.confirmed",
            "completion.reported",
            "completion.passed",
            "contract.offered",
            "contract.signed",
            "connection.energised",
        ]
        read = reading(case, as_of=installation_now())
        assert (case.status, read.verdict, read.waiting_for) == ("energised", "on_time", "closed")
        assert [stage.stage for stage in read.stages] == ["acceptance", "scheme", "completion_inspection", "connect"]
        assert case.closed_at is not None

    def test_of_a_dual_source_passes_all_six_stages(self):
        walk = connections.submitted(demand={"source_count": 2}).scheme_confirmed()
        for stage in ("design_review", "interim_inspection", "completion_inspection"):
            walk.reviewed(stage)
        operations.energise(walk.contracted().case, meter_number="M-dual", first_reading_kwh=0, acting=walk.by_staff())

        read = reading(walk.case, as_of=installation_now())
        assert [stage.stage for stage in read.stages] == [
            "acceptance",
            "scheme",
            "design_review",
            "interim_inspection",
            "completion_inspection",
            "connect",
        ]
        assert read.verdict == "on_time"

    def test_leaves_a_timeline_that_verifies(self):
        case = connections.submitted().energised().case

        assert verify(case_id=case.pk).events == 9


class TestNotifyDeficiency:
    def test_hands_the_clock_to_the_customer_until_answered(self):
        walk = connections.submitted()
        operations.notify_deficiency(walk.case, items=["equipment_list"], remark="缺设备清单", acting=walk.by_staff())
        assert (walk.case.status, walk.case.waiting_for) == ("incomplete", "customer")

        operations.answer_deficiency(
            walk.case, uploads={"equipment_list": connections.pdf()}, acting=walk.by_customer()
        )

        assert (walk.case.status, walk.case.waiting_for) == ("submitted", "utility")

    def test_refuses_what_the_legal_list_does_not_hold(self):
        walk = connections.submitted()

        with pytest.raises(DocumentOffList) as caught:
            operations.notify_deficiency(walk.case, items=["commitment_letter"], remark="", acting=walk.by_staff())

        assert caught.value.kinds == ("commitment_letter",)
        assert kinds_of(walk.case) == ["application.submitted"]

    def test_refuses_what_a_register_has(self):
        walk = connections.submitted()

        with pytest.raises(DocumentOffList):
            operations.notify_deficiency(walk.case, items=["entity_proof"], remark="", acting=walk.by_staff())

    def test_cannot_be_told_twice(self):
        walk = connections.submitted()
        operations.notify_deficiency(walk.case, items=["equipment_list"], remark="", acting=walk.by_staff())
        operations.answer_deficiency(walk.case, uploads={}, acting=walk.by_customer())

        with pytest.raises(NotPossible):
            operations.notify_deficiency(walk.case, items=["equipment_list"], remark="", acting=walk.by_staff())


class TestHandIn:
    def test_adds_a_document_of_the_list_without_touching_the_clock(self):
        walk = connections.submitted().accepted()
        due = walk.case.next_due_date

        operations.hand_in(walk.case, kind="equipment_list", upload=connections.pdf(), acting=walk.by_customer())

        assert kinds_of(walk.case)[-1] == "document.added"
        assert (walk.case.status, walk.case.next_due_date) == ("accepted", due)
        assert queries.documents_to_follow(walk.case) == []

    def test_refuses_what_the_list_does_not_hold(self):
        walk = connections.submitted()

        with pytest.raises(DocumentOffList):
            operations.hand_in(walk.case, kind="commitment_letter", upload=connections.pdf(), acting=walk.by_customer())

    def test_is_over_with_the_case(self):
        walk = connections.submitted()
        operations.withdraw(walk.case, reason="取消", acting=walk.by_customer())

        with pytest.raises(NotPossible):
            operations.hand_in(walk.case, kind="equipment_list", upload=connections.pdf(), acting=walk.by_customer())


class TestAdvance:
    def test_tells_a_second_writer_who_was_first(self):
        walk = connections.submitted()
        late = walk.by_staff()
        walk.accepted()

        with pytest.raises(StaleCase) as caught:
            operations.accept(walk.case, account_manager=walk.manager, acting=late)

        assert [change.kind for change in caught.value.changes] == ["application.accepted"]

    def test_refuses_an_event_out_of_order_and_says_what_is_possible(self):
        walk = connections.submitted()

        with pytest.raises(NotPossible) as caught:
            operations.confirm_scheme(walk.case, acting=walk.by_customer())

        assert "application.accepted" in caught.value.legal
        assert kinds_of(walk.case) == ["application.submitted"]


class TestScheme:
    def test_is_valid_for_the_months_of_the_policy(self):
        walk = connections.submitted().scheme_issued()

        scheme = Scheme.objects.get(case=walk.case)
        issued = scheme.issued_at.astimezone().date()
        assert (scheme.valid_until.year - issued.year) * 12 + scheme.valid_until.month - issued.month == 12

    def test_leaves_the_customer_to_confirm(self):
        walk = connections.submitted().scheme_issued()

        assert walk.case.waiting_for == "customer"


class TestDecideReview:
    def test_counts_every_attempt(self):
        walk = connections.submitted().scheme_confirmed()
        walk.reviewed("completion_inspection", findings=("接地电阻偏大",)).reviewed("completion_inspection")

        attempts = Inspection.objects.filter(case=walk.case).order_by("attempt")
        assert [(each.attempt, each.outcome) for each in attempts] == [(1, "failed"), (2, "passed")]
        assert reading(walk.case, as_of=installation_now()).attempts("completion_inspection") == 2

    @pytest.mark.parametrize(("is_passed", "findings"), [(True, ("缺标识",)), (False, ())])
    def test_refuses_findings_that_contradict_the_outcome(self, is_passed, findings):
        walk = connections.submitted().scheme_confirmed()
        operations.request_review(walk.case, "completion_inspection", uploads={}, acting=walk.by_customer())

        with pytest.raises(FindingsMissing):
            operations.decide_review(
                walk.case, "completion_inspection", is_passed=is_passed, findings=findings, acting=walk.by_staff()
            )


class TestContract:
    def test_carries_the_hash_of_the_offered_file_when_signed(self):
        walk = connections.submitted().scheme_confirmed().contracted()

        contract = SupplyContract.objects.get(case=walk.case)
        event = Event.objects.get(case=walk.case, kind="contract.signed")
        assert event.evidence_hashes == (contract.document.file_id,)
        assert contract.signed_by == walk.customer

    def test_cannot_be_signed_before_it_is_offered(self):
        walk = connections.submitted().scheme_confirmed()

        with pytest.raises(NotPossible):
            operations.sign_contract(walk.case, acting=walk.by_customer())


class TestEnergise:
    def test_refuses_a_meter_that_is_set_elsewhere(self):
        first, second = connections.submitted(), connections.submitted()
        for walk in (first, second):
            walk.inspected().contracted()
        operations.energise(first.case, meter_number="M-1", first_reading_kwh=Decimal(0), acting=first.by_staff())

        with pytest.raises(MeterInUse):
            operations.energise(second.case, meter_number="M-1", first_reading_kwh=Decimal(0), acting=second.by_staff())

        second.case.refresh_from_db()
        assert second.case.status == "inspected"

    def test_refuses_before_the_contract_is_signed(self):
        walk = connections.submitted().inspected()

        with pytest.raises(NotPossible):
            operations.energise(walk.case, meter_number="M-2", first_reading_kwh=0, acting=walk.by_staff())


class TestPause:
    def test_by_the_customer_stops_the_utilitys_clock(self):
        walk = connections.submitted().accepted()

        operations.pause(
            walk.case,
            reason="customer_request",
            evidence={"customer_request": connections.pdf()},
            acting=walk.by_customer(),
        )
        assert walk.case.waiting_for == "customer"
        operations.resume(walk.case, acting=walk.by_customer())

        assert walk.case.waiting_for == "utility"

    @pytest.mark.parametrize(
        ("reason", "evidence", "problem"),
        [
            ("too_busy", {"customer_request": True}, "reason"),
            ("customer_request", {}, "evidence"),
            ("customer_request", {"customer_request": True}, "customer"),
        ],
    )
    def test_by_staff_is_refused_outside_the_white_list(self, reason, evidence, problem):
        walk = connections.submitted().accepted()
        uploads = {kind: connections.pdf() for kind in evidence}

        with pytest.raises(PauseRefused) as caught:
            operations.pause(walk.case, reason=reason, evidence=uploads, acting=walk.by_staff())

        assert caught.value.problem == problem

    @pytest.mark.parametrize(("voltage_kv", "is_offered"), [("10", False), ("35", False), ("110", True)])
    def test_for_an_access_system_design_is_for_110_kv_and_above(self, voltage_kv, is_offered):
        case = connections.submitted(demand={"voltage_kv": voltage_kv}).accepted().case

        reasons = queries.pause_reasons(case, on=case.judged_date)

        assert ("access_system_design" in {each.id for each in reasons}) is is_offered

    def test_by_staff_is_allowed_for_force_majeure(self):
        walk = connections.submitted().accepted()

        operations.pause(
            walk.case, reason="force_majeure", evidence={"public_notice": connections.pdf()}, acting=walk.by_staff()
        )

        assert walk.case.waiting_for == "force_majeure"


class TestWithdraw:
    def test_ends_the_case_by_the_customers_word(self):
        walk = connections.submitted()

        operations.withdraw(walk.case, reason="项目取消", acting=walk.by_customer())

        assert walk.case.status == "withdrawn"
        assert walk.case.closed_at is not None
