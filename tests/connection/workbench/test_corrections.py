import pytest
from django.test import Client
from django.urls import reverse

from support import connections, people
from tongdian.case.models import CorrectionProposal, Event
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def proposed(walk: connections.Walk) -> CorrectionProposal:
    answer = signed_in(walk.manager).post(
        reverse("desk_propose", args=[walk.case.pk, 2]),
        {"version": walk.case.version, "change": "void", "reason": "重复登记"},
    )
    assert answer.status_code == 302
    return CorrectionProposal.objects.get(case=walk.case)


def approver(walk: connections.Walk) -> Client:
    return signed_in(people.staff(Role.PROJECT_MANAGER, at=walk.case.utility))


class TestPropose:
    def test_asks_for_what_the_chosen_way_needs(self):
        walk = connections.submitted().accepted()

        page = signed_in(walk.manager).post(
            reverse("desk_propose", args=[walk.case.pk, 2]),
            {"version": walk.case.version, "change": "time", "reason": "补录"},
        )

        assert set(page.context["form"].errors) == {"occurred_at", "evidence_kind", "evidence"}

    def test_refuses_a_time_after_the_record(self):
        walk = connections.submitted().accepted()

        page = signed_in(walk.manager).post(
            reverse("desk_propose", args=[walk.case.pk, 2]),
            {"version": walk.case.version, "change": "time", "reason": "补录", "occurred_at": "2099-01-01T08:00"},
        )

        assert "不能晚于" in str(page.context["form"].errors["occurred_at"])

    def test_tells_a_second_officer_who_was_first(self):
        walk = connections.submitted().accepted()

        page = signed_in(walk.manager).post(
            reverse("desk_propose", args=[walk.case.pk, 2]), {"version": 1, "change": "void", "reason": "重复"}
        )

        assert [change.what for change in page.context["form"].changes] == ["受理"]

    def test_says_that_one_waits_already(self):
        walk = connections.submitted().accepted()
        proposed(walk)

        page = signed_in(walk.manager).post(
            reverse("desk_propose", args=[walk.case.pk, 2]),
            {"version": walk.case.version, "change": "void", "reason": "重复"},
        )

        assert "等待批准" in page.content.decode()

    def test_of_no_such_event_is_not_found(self):
        walk = connections.submitted()

        assert signed_in(walk.manager).get(reverse("desk_propose", args=[walk.case.pk, 9])).status_code == 404


class TestCorrection:
    def test_shows_the_clock_before_and_after(self):
        walk = connections.submitted().accepted()
        proposal = proposed(walk)

        page = approver(walk).get(reverse("desk_correction", args=[walk.case.pk, proposal.pk]))

        changed = {str(line.label) for line in page.context["compared"] if line.differs}
        assert "供电方案答复" in changed
        assert page.context["may_decide"]

    def test_does_not_let_its_author_decide(self):
        walk = connections.submitted().accepted()
        proposal = proposed(walk)

        page = signed_in(walk.manager).get(reverse("desk_correction", args=[walk.case.pk, proposal.pk]))

        assert not page.context["may_decide"]
        assert "须由另一人批准" in page.content.decode()


class TestApprove:
    def test_records_the_correction(self):
        walk = connections.submitted().accepted()
        proposal = proposed(walk)
        url = reverse("desk_correction_approve", args=[walk.case.pk, proposal.pk])

        approver(walk).post(url, {"version": walk.case.version})

        assert Event.objects.filter(case=walk.case).latest("seq").kind == "event.corrected"

    @pytest.mark.parametrize("version", ["", "1", "x"])
    def test_of_an_older_page_asks_to_look_again(self, version):
        walk = connections.submitted().accepted()
        proposal = proposed(walk)
        url = reverse("desk_correction_approve", args=[walk.case.pk, proposal.pk])

        page = approver(walk).post(url, {"version": version}, follow=True)

        assert "请看新的对照" in page.content.decode()
        assert Event.objects.filter(case=walk.case).count() == 2

    def test_twice_says_that_it_is_done(self):
        walk = connections.submitted().accepted()
        proposal = proposed(walk)
        client, url = approver(walk), reverse("desk_correction_approve", args=[walk.case.pk, proposal.pk])
        client.post(url, {"version": walk.case.version})

        page = client.post(url, {"version": walk.case.version + 1}, follow=True)

        assert "已有人处理" in page.content.decode()


class TestRefuse:
    def test_asks_for_a_reason_and_keeps_it(self):
        walk = connections.submitted().accepted()
        proposal = proposed(walk)
        client, url = approver(walk), reverse("desk_correction_refuse", args=[walk.case.pk, proposal.pk])

        assert "refusal" in client.post(url, {"refusal": ""}).context["form"].errors
        page = client.post(url, {"refusal": "原记录无误"}, follow=True)

        assert "原记录无误" in page.content.decode()


class TestPending:
    def test_lists_what_waits_for_a_second_person(self):
        walk = connections.submitted().accepted()
        proposed(walk)

        assert walk.case.number in approver(walk).get(reverse("desk_corrections")).content.decode()
