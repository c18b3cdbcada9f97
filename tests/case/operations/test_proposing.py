from datetime import timedelta

import pytest

from support import connections, people
from tongdian.case.content import RefusedUpload
from tongdian.case.models import CorrectionProposal, Event
from tongdian.case.operations import proposing
from tongdian.case.operations.correcting import CannotCorrect
from tongdian.case.operations.frame import StaleCase
from tongdian.case.operations.proposing import AlreadyDecided, AlreadyProposed, Change, SamePerson
from tongdian.case.queries import corrections, installation_now
from tongdian.case.queries.clock import reading
from tongdian.case.queries.verification import verify
from tongdian.case.timeline.personal import PersonalData
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db

VOID = Change("void", "重复登记")


def propose(walk: connections.Walk, change: Change = VOID, *, seq: int = 2, **fields) -> CorrectionProposal:
    facts = {
        "actor": walk.manager,
        "role": Role.ACCOUNT_MANAGER,
        "expected_version": walk.case.version,
        "now": installation_now(),
    }
    return proposing.propose(walk.case, seq=seq, change=change, **(facts | fields))


def second(walk: connections.Walk):
    return people.staff(Role.PROJECT_MANAGER, at=walk.case.utility)


def approve(walk: connections.Walk, proposal: CorrectionProposal, **fields) -> Event:
    facts = {"actor": second(walk), "channel": "desk", "expected_version": walk.case.version, "now": installation_now()}
    return proposing.approve(proposal, **(facts | fields))


class TestPropose:
    def test_leaves_the_timeline_as_it_is(self):
        walk = connections.submitted().accepted()

        proposal = propose(walk)

        assert proposal.outcome == "pending"
        assert Event.objects.filter(case=walk.case).count() == 2

    @pytest.mark.parametrize(
        ("change", "seq"),
        [
            (VOID, 99),
            (Change("void", " "), 2),
            (Change("kind", "登记错误", kind="application.accepted"), 2),
            (Change("kind", "登记错误", kind="no.such"), 2),
            (Change("time", "补录"), 2),
        ],
        ids=["no event", "no reason", "same kind", "unknown kind", "no evidence"],
    )
    def test_refuses_what_cannot_be_corrected_so(self, change, seq):
        walk = connections.submitted().accepted()

        with pytest.raises(CannotCorrect):
            propose(walk, change, seq=seq)

    def test_refuses_to_correct_a_correction(self):
        walk = connections.submitted().accepted()
        event = approve(walk, propose(walk))
        walk.case.refresh_from_db()

        with pytest.raises(CannotCorrect):
            propose(walk, seq=event.seq)

    def test_refuses_a_second_proposal_for_one_event(self):
        walk = connections.submitted().accepted()
        propose(walk)

        with pytest.raises(AlreadyProposed):
            propose(walk)

    def test_refuses_an_older_page(self):
        walk = connections.submitted().accepted()

        with pytest.raises(StaleCase):
            propose(walk, expected_version=1)

    def test_keeps_personal_data_out_of_the_reason(self):
        walk = connections.submitted().accepted()

        with pytest.raises(PersonalData):
            propose(walk, Change("void", "客户电话 13800001111"))

    def test_refuses_evidence_that_is_no_document(self):
        walk = connections.submitted().accepted()
        broken = connections.ContentFile(b"no pdf", name="x.pdf")
        at = installation_now()

        with pytest.raises(RefusedUpload):
            propose(walk, Change("time", "补录", occurred_at=at, evidence_kind="device_receipt", evidence=broken))


class TestApprove:
    def test_records_who_proposed_and_who_agreed(self):
        walk = connections.submitted().accepted()
        proposal, approver = propose(walk), second(walk)

        event = approve(walk, proposal, actor=approver)

        assert (event.actor, event.facts["approver"], event.facts["corrects_seq"]) == (walk.manager, approver.pk, 2)
        proposal.refresh_from_db()
        assert (proposal.outcome, proposal.event_seq) == ("approved", event.seq)
        assert verify(case_id=walk.case.pk).events == 3

    def test_lets_the_clock_follow(self):
        walk = connections.submitted().accepted()
        assert walk.case.next_stage == "scheme"

        approve(walk, propose(walk))

        walk.case.refresh_from_db()
        assert (walk.case.next_stage, walk.case.accepted_at) == ("acceptance", None)

    def test_counts_an_earlier_time_with_its_evidence(self):
        walk = connections.submitted().accepted()
        at = walk.case.opened_at + timedelta(microseconds=1)
        change = Change(
            "time", "设备回执先到", occurred_at=at, evidence_kind="device_receipt", evidence=connections.pdf()
        )

        event = approve(walk, propose(walk, change))

        assert event.evidence_hashes == (walk.case.documents.get(kind=proposing.EVIDENCE).file_id,)
        assert reading(walk.case, as_of=installation_now()).accepted_at == at

    def test_is_not_for_who_proposed(self):
        walk = connections.submitted().accepted()

        with pytest.raises(SamePerson):
            approve(walk, propose(walk), actor=walk.manager)

    def test_is_done_once(self):
        walk = connections.submitted().accepted()
        proposal = propose(walk)
        approve(walk, proposal)
        walk.case.refresh_from_db()

        with pytest.raises(AlreadyDecided):
            approve(walk, proposal)

    def test_asks_to_look_again_when_the_case_went_on(self):
        walk = connections.submitted().accepted()
        proposal = propose(walk)
        seen = walk.case.version
        connections.operations.issue_scheme(walk.case, scheme=connections.scheme(), acting=walk.by_staff())

        with pytest.raises(StaleCase):
            approve(walk, proposal, expected_version=seen)

        proposal.refresh_from_db()
        assert proposal.outcome == "pending"


class TestRefuse:
    def test_tells_the_author_why(self):
        walk = connections.submitted().accepted()

        refused = proposing.refuse(propose(walk), reason="原记录无误", actor=second(walk), now=installation_now())

        assert (refused.outcome, refused.refusal) == ("refused", "原记录无误")
        assert Event.objects.filter(case=walk.case).count() == 2

    def test_needs_a_reason(self):
        walk = connections.submitted().accepted()

        with pytest.raises(ValueError, match="reason"):
            proposing.refuse(propose(walk), reason=" ", actor=second(walk), now=installation_now())

    def test_leaves_room_for_another_proposal(self):
        walk = connections.submitted().accepted()
        proposing.refuse(propose(walk), reason="原记录无误", actor=second(walk), now=installation_now())

        assert propose(walk).outcome == "pending"


class TestPreview:
    def test_says_what_approval_will_make_of_the_clock(self):
        walk = connections.submitted().accepted()
        proposal = propose(walk)

        seen = corrections.preview(proposal, now=installation_now())
        approve(walk, proposal)

        read = reading(walk.case, as_of=installation_now())
        assert seen.before.current("scheme") is not None
        assert seen.after.current("scheme") is None
        assert [each.due for each in seen.after.stages] == [each.due for each in read.stages]
