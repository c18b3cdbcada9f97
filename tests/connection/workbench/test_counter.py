import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.case.conftest import committed  # noqa: F401 - a fixture

from support import connections, people
from tongdian.case.models import Case, Event, Party
from tongdian.case.operations.contacts import log_contact
from tongdian.case.queries import installation_now
from tongdian.case.queries.paper_codes import paper_code
from tongdian.connection import operations
from tongdian.connection.models import CounterVisit, Draft, SupplyContract
from tongdian.connection.operations.counter import ConsentMissing, VisitOver, close_visit, open_visit
from tongdian.gateway.models import Message
from tongdian.people.models import User
from tongdian.people.operations import person_for_phone, person_known_by
from tongdian.people.rules import Role

PHONE = "13800004444"


def answers_of(kind: str) -> dict[str, dict]:
    """Return the answers of a class in the order of the form."""
    given = connections.ANSWERS[kind] | {"site": connections.SITE}
    return {step: given[step] for step in ("customer", "who", "site", "demand", "supply") if step in given}


def clerk() -> User:
    return people.staff(Role.COUNTER_CLERK, at=connections.utility())


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def visit(by: User, *, phone: str | None = PHONE, has_code: bool = False, **changes) -> CounterVisit:
    wanted = {"seen": "resident", "language": "zh-hans", "now": timezone.now()}
    return open_visit(by, organisation=by.organisation, phone=phone, has_code=has_code, **wanted | changes)


def answered(desk: Client, at: CounterVisit, kind: str = "hv10_single", **changes) -> Draft:
    """Answer every question at the counter; return the draft."""
    begun = desk.post(reverse("counter_begin", args=[at.pk])).url
    draft_id = begun.split("/")[-3]
    for step, answers in answers_of(kind).items():
        draft = Draft.objects.get(pk=draft_id)
        given = {name: value for name, value in answers.items() if value is not None} | changes.get(step, {})
        page = desk.post(reverse("counter_step", args=[at.pk, draft_id, step]), given | {"version": draft.version})
        assert page.status_code == 302, page.context["form"].errors
    return Draft.objects.get(pk=draft_id)


def submitted(desk: Client, at: CounterVisit, draft: Draft, **given) -> Case:
    page = desk.post(reverse("counter_check", args=[at.pk, draft.pk]), {"version": draft.version, **given})
    assert page.status_code == 302, page.context["form"].errors
    return Case.objects.get(pk=page.url.rstrip("/").split("/")[-1])


@pytest.mark.django_db
class TestOpenVisit:
    def test_makes_the_account_the_customer_signs_in_to_later(self):
        customer = visit(clerk()).customer

        assert person_for_phone(PHONE, language="zh-hans", now=timezone.now()) == customer

    def test_does_not_count_the_phone_as_proven(self):
        customer = visit(clerk()).customer
        was_proven = customer.phone_verified_at

        person_for_phone(PHONE, language="zh-hans", now=timezone.now())

        customer.refresh_from_db()
        assert was_proven is None
        assert customer.phone_verified_at

    def test_needs_a_document_or_a_code(self):
        with pytest.raises(ConsentMissing):
            visit(clerk(), seen="none")

        assert visit(clerk(), seen="none", has_code=True).consent == "code"

    def test_serves_who_has_no_phone(self):
        assert visit(clerk(), phone=None).customer.phone is None

    def test_ends_when_it_is_closed_and_only_once(self):
        at = visit(clerk())

        close_visit(at, now=timezone.now())

        with pytest.raises(VisitOver):
            close_visit(at, now=timezone.now())


@pytest.mark.django_db
class TestCounter:
    def test_opens_a_visit_by_a_document(self):
        page = signed_in(clerk()).post(reverse("counter"), {"phone": PHONE, "seen": "resident"})

        assert page.url == reverse("counter_visit", args=[CounterVisit.objects.get().pk])

    def test_opens_a_visit_by_the_code_the_customer_tells(self):
        desk = signed_in(clerk())
        desk.post(reverse("counter"), {"phone": PHONE, "seen": "none", "code": "1"})
        code = json.loads(Message.objects.get().parameters)["code"]

        desk.post(reverse("counter_code"), {"code": "000000" if code != "000000" else "111111"})
        none_yet = CounterVisit.objects.count()
        desk.post(reverse("counter_code"), {"code": code})

        assert none_yet == 0
        assert CounterVisit.objects.get().consent == "code"

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"seen": "none", "phone": PHONE}, "seen"),
            ({"seen": "none", "phone": "", "code": "1"}, "phone"),
            ({"seen": "resident", "phone": "12"}, "phone"),
            ({"seen": "resident", "number": "370102-2026-000001-1"}, "number"),
        ],
    )
    def test_says_what_is_missing(self, given, field):
        page = signed_in(clerk()).post(reverse("counter"), given)

        assert page.context["form"].errors[field]

    def test_shows_earlier_contacts_from_that_phone(self):
        by, now = clerk(), installation_now()
        for phone in (PHONE, "13800005555"):
            log_contact(
                kind="call",
                channel="phone",
                topic="other",
                county_code=connections.COUNTY,
                utility_id=by.organisation_id,
                by=by,
                now=now,
                phone=phone,
            )

        page = signed_in(by).get(reverse("counter_visit", args=[visit(by).pk]))

        assert [contact.phone for contact in page.context["contacts"]] == [PHONE]

    def test_leads_nowhere_once_the_visit_is_over(self):
        by = clerk()
        at = visit(by)
        CounterVisit.objects.filter(pk=at.pk).update(
            opened_at=timezone.now() - timedelta(hours=3), closes_at=timezone.now() - timedelta(hours=1)
        )

        assert signed_in(by).get(reverse("counter_visit", args=[at.pk])).status_code == 404


@pytest.mark.django_db
class TestSubmit:
    def test_makes_the_same_case_through_another_channel(self):
        by = clerk()
        at, desk = visit(by), signed_in(by)

        case = submitted(desk, at, answered(desk, at))

        event = Event.objects.get(case=case)
        assert (case.applicant, event.actor, event.channel, event.role) == (at.customer, by, "counter", "counter_clerk")
        assert event.facts["on_behalf_of_user_id"] == at.customer.pk
        assert (event.facts["counter_visit_id"], event.facts["consent_kind"]) == (str(at.pk), "present")
        assert case.waiting_for == "utility"

    def test_lets_the_customer_sign_in_and_see_the_case(self):
        by = clerk()
        at, desk = visit(by), signed_in(by)
        case = submitted(desk, at, answered(desk, at))

        mine = signed_in(at.customer).get(reverse("my_case", args=[case.pk]))

        assert case.number in mine.content.decode()

    def test_goes_on_with_what_was_begun_on_the_web(self):
        begun, by = connections.draft(person_for_phone(PHONE, language="zh-hans", now=timezone.now())), clerk()
        at, desk = visit(by), signed_in(by)

        assert submitted(desk, at, begun).applicant == begun.owner

    def test_leaves_for_the_web_what_was_begun_here(self):
        by = clerk()
        at, desk = visit(by), signed_in(by)
        draft = answered(desk, at)

        page = signed_in(at.customer).post(reverse("apply_check", args=[draft.pk]), {"version": draft.version})

        event = Event.objects.get(case=Case.objects.get())
        assert page.status_code == 302
        assert (event.channel, event.role) == ("web", "applicant")

    def test_tells_when_the_customer_changed_the_draft_meanwhile(self):
        by = clerk()
        at, desk = visit(by), signed_in(by)
        draft = answered(desk, at)
        operations.save_answers(
            draft.pk,
            owner=draft.owner,
            step="site",
            answers=answers_of("hv10_single")["site"] | {"address": "另一条路"},
            expected_version=draft.version,
            now=timezone.now(),
        )

        page = desk.post(reverse("counter_check", args=[at.pk, draft.pk]), {"version": draft.version})

        assert "刚在另一处改动过" in page.content.decode()
        assert "另一条路" in page.content.decode()

    def test_prints_the_receipt(self):
        by = clerk()
        at, desk = visit(by), signed_in(by)
        case = submitted(desk, at, answered(desk, at))

        receipt = desk.get(reverse("counter_receipt", args=[at.pk, case.pk]))

        assert receipt.content.startswith(b"%PDF")

    def test_signs_the_low_voltage_contract_by_the_customers_code(self):
        by = clerk()
        at, desk = visit(by, has_code=True), signed_in(by)

        case = submitted(desk, at, answered(desk, at, "lv_three_zero"), has_read="on")

        assert SupplyContract.objects.get(case=case).signed_by == at.customer

    def test_keeps_the_contract_signed_on_paper(self):
        by = clerk()
        at, desk = visit(by), signed_in(by)

        case = submitted(desk, at, answered(desk, at, "lv_three_zero"), signed=connections.pdf("signed.pdf"))

        assert SupplyContract.objects.get(case=case).document.name == "signed.pdf"

    def test_leaves_the_contract_to_be_signed_later(self):
        by = clerk()
        at, desk = visit(by), signed_in(by)

        case = submitted(desk, at, answered(desk, at, "lv_three_zero"))

        assert not SupplyContract.objects.filter(case=case).exists()


@pytest.mark.django_db
class TestWithoutPhone:
    @pytest.fixture
    def served(self):
        by = clerk()
        at, desk = visit(by, phone=None), signed_in(by)
        draft = answered(desk, at, who={"contact_phone": ""})
        return desk, at, submitted(desk, at, draft)

    def test_applies_with_no_number_at_all(self, served):
        _desk, _at, case = served

        assert not Party.objects.filter(case=case, phone_lookup__isnull=False).exists()

    def test_looks_the_case_up_by_the_code_on_the_receipt(self, served):
        desk, at, case = served
        client = Client()

        shown = paper_code(case) in desk.get(reverse("counter_case", args=[at.pk, case.pk])).content.decode()
        page = client.post(
            reverse("progress_paper"), {"number": case.number, "code": paper_code(case).lower()}, follow=True
        )

        assert shown
        assert case.number in page.content.decode()

    @pytest.mark.parametrize("code", ["AAAAA-AAAAA", "x", "    "])
    def test_shows_nothing_for_another_code(self, served, code):
        page = Client().post(reverse("progress_paper"), {"number": served[2].number, "code": code})

        assert page.context["form"].errors["code"]

    def test_is_found_again_by_the_number(self, served):
        desk, at, case = served

        desk.post(reverse("counter"), {"number": case.number, "seen": "resident"})

        assert {each.customer for each in CounterVisit.objects.all()} == {at.customer}

    def test_has_no_code_when_there_is_a_phone(self):
        walk = connections.submitted()

        page = Client().post(reverse("progress_paper"), {"number": walk.case.number, "code": "AAAAA-AAAAA"})

        assert paper_code(walk.case) == ""
        assert page.context["form"].errors["code"]


@pytest.mark.django_db
class TestCaseAct:
    @pytest.mark.parametrize(("has_code", "is_offered"), [(True, True), (False, False)])
    def test_confirms_the_scheme_only_by_the_customers_code(self, has_code, is_offered):
        walk, by = connections.submitted().scheme_issued(), clerk()
        at = visit(by, phone=walk.customer.phone, has_code=has_code)

        signed_in(by).post(
            reverse("counter_act", args=[at.pk, walk.case.pk, "confirm-scheme"]), {"version": walk.case.version}
        )

        walk.case.refresh_from_db()
        assert (walk.case.status == "scheme_confirmed") is is_offered
        event = Event.objects.filter(case=walk.case).last()
        assert (event.channel == "counter") is is_offered

    def test_reaches_no_case_of_somebody_else(self):
        walk, by = connections.submitted(), clerk()
        at = visit(by)

        page = signed_in(by).get(reverse("counter_case", args=[at.pk, walk.case.pk]))

        assert page.status_code == 404

    def test_shows_the_clerk_and_the_customer_on_the_timeline(self):
        walk, by = connections.submitted().scheme_issued(), clerk()
        at = visit(by, phone=walk.customer.phone, has_code=True)
        signed_in(by).post(
            reverse("counter_act", args=[at.pk, walk.case.pk, "confirm-scheme"]), {"version": walk.case.version}
        )

        page = signed_in(walk.manager).get(reverse("desk_case", args=[walk.case.pk])).content.decode()

        assert f"{by.get_full_name()}（代{walk.customer.get_full_name()}）" in page


class TestAtOnce:
    def test_two_clerks_serve_one_account(self, committed):  # noqa: F811 - pytest's way of asking for it
        found, start = [], threading.Barrier(4)

        def serve() -> None:
            start.wait(timeout=10)
            try:
                found.append(person_known_by(PHONE, language="zh-hans").pk)
            finally:
                connection.close()

        threads = [threading.Thread(target=serve) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

        assert len(found) == 4
        assert len(set(found)) == 1

    def test_two_clerks_submit_one_draft_once(self, committed):  # noqa: F811 - pytest's way of asking for it
        begun, clerks = connections.draft(), [clerk(), clerk()]
        outcomes, start = [], threading.Barrier(2)

        def submit(by: User) -> None:
            start.wait(timeout=10)
            try:
                operations.submit(
                    begun.pk,
                    owner=begun.owner,
                    actor=by,
                    role=Role.COUNTER_CLERK,
                    channel="counter",
                    expected_version=begun.version,
                    now=timezone.now(),
                )
                outcomes.append("submitted")
            except operations.AlreadySubmitted:
                outcomes.append("already")
            finally:
                connection.close()

        threads = [threading.Thread(target=submit, args=(by,)) for by in clerks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

        assert sorted(outcomes) == ["already", "submitted"]
        assert Case.objects.count() == 1
