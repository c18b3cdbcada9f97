import pytest
from django.db import connection

from support import connections, people
from tongdian.case.models import Event, Party
from tongdian.case.queries import installation_now
from tongdian.connection import operations, queries
from tongdian.connection.models import Application, Draft
from tongdian.connection.operations.application import AlreadySubmitted, DraftIncomplete, StaleDraft
from tongdian.people.queries import NoUtility

pytestmark = pytest.mark.django_db


def submit(draft: Draft):
    return operations.submit(
        draft.pk, owner=draft.owner, expected_version=draft.version, channel="web", now=installation_now()
    )


class TestSaveAnswers:
    def test_keeps_each_step_beside_the_others(self):
        draft = connections.draft()

        assert set(queries.answers(draft)) == {"customer", "who", "site", "demand", "supply"}
        assert draft.version == 5

    def test_refuses_an_older_window(self):
        draft = connections.draft()

        with pytest.raises(StaleDraft) as caught:
            operations.save_answers(
                draft.pk, owner=draft.owner, step="who", answers={}, expected_version=1, now=installation_now()
            )

        assert (caught.value.expected, caught.value.version) == (1, 5)

    def test_does_not_find_the_draft_of_somebody_else(self):
        draft = connections.draft()

        with pytest.raises(Draft.DoesNotExist):
            operations.save_answers(
                draft.pk, owner=people.person(), step="who", answers={}, expected_version=5, now=installation_now()
            )

    def test_keeps_answers_unreadable_in_the_database(self):
        draft = connections.draft()
        with connection.cursor() as cursor:
            cursor.execute("SELECT answers FROM connection_draft WHERE id = %s", [draft.pk])
            stored = str(cursor.fetchone()[0])

        assert connections.WHO["organisation_name"] not in stored


class TestAttachToDraft:
    def test_replaces_an_earlier_file_of_its_kind(self):
        draft = connections.draft()
        for name in ("first.pdf", "second.pdf"):
            draft = operations.attach_to_draft(
                draft.pk,
                owner=draft.owner,
                kind="equipment_list",
                upload=connections.pdf(name),
                expected_version=draft.version,
                now=installation_now(),
            )

        assert [each.document.name for each in draft.files.all()] == ["second.pdf"]

    def test_can_be_taken_out_again(self):
        draft = connections.draft()
        draft = operations.attach_to_draft(
            draft.pk,
            owner=draft.owner,
            kind="equipment_list",
            upload=connections.pdf(),
            expected_version=draft.version,
            now=installation_now(),
        )

        operations.remove_from_draft(
            draft.pk, owner=draft.owner, kind="equipment_list", expected_version=draft.version, now=installation_now()
        )

        assert not draft.files.exists()


class TestSubmit:
    def test_opens_a_numbered_case_with_one_event(self):
        draft = connections.draft()

        case = submit(draft)

        assert case.number.startswith("370102-")
        assert (case.status, case.customer_class, case.version) == ("submitted", "hv10_single", 1)
        assert [event.kind for event in Event.objects.filter(case=case)] == ["application.submitted"]
        assert case.next_stage == "acceptance"
        assert case.next_due_date is not None

    def test_enters_the_parties_and_the_demand(self):
        case = submit(connections.draft())

        assert {party.role for party in Party.objects.filter(case=case)} == {"applicant", "contact"}
        application = Application.objects.get(case=case)
        assert application.load_kw == 630
        assert application.class_trace[-1]["customer_class"] == "hv10_single"

    def test_erases_the_answers_of_the_draft(self):
        draft = connections.draft()
        submit(draft)

        draft.refresh_from_db()
        assert draft.answers == "{}"

    def test_puts_no_personal_data_into_the_event(self):
        case = submit(connections.draft())

        body = bytes(Event.objects.get(case=case).body).decode()
        assert connections.WHO["contact_phone"] not in body
        assert connections.WHO["contact_name"] not in body

    def test_refuses_a_draft_with_a_step_open(self):
        connections.utility()
        draft = operations.start_draft(people.person(), now=installation_now())

        with pytest.raises(DraftIncomplete) as caught:
            submit(draft)

        assert caught.value.steps == ("customer", "who", "site", "demand")

    def test_refuses_a_second_submission_and_names_the_case(self):
        draft = connections.draft()
        case = submit(draft)

        with pytest.raises(AlreadySubmitted) as caught:
            submit(draft)

        assert caught.value.case == case

    @pytest.mark.parametrize("customer_class", connections.ANSWERS)
    def test_takes_every_class_of_annex_1_and_the_next_day_product(self, customer_class):
        assert submit(connections.draft(customer_class=customer_class)).customer_class == customer_class

    def test_names_the_place_and_not_the_person_where_a_household_asks(self):
        case = submit(connections.draft(customer_class="lv_resident"))

        assert case.title == "历下区居民用电"
        applicant = Party.objects.get(case=case, role="applicant")
        assert (applicant.kind, applicant.id_kind) == ("person", "resident")
        assert applicant.id_number == connections.RESIDENT["identity_number"]

    def test_names_the_place_where_a_shop_has_no_name_of_its_own(self):
        draft = connections.draft(customer_class="lv_three_zero")
        who = connections.SHOP | {"organisation_name": ""}
        draft = operations.save_answers(
            draft.pk,
            owner=draft.owner,
            step="who",
            answers=who,
            expected_version=draft.version,
            now=installation_now(),
        )

        case = submit(draft)

        assert case.title == "历下区个体工商户用电"
        assert Party.objects.get(case=case, role="applicant").kind == "person"

    def test_signs_the_standard_contract_in_the_same_go(self):
        case = connections.submitted(customer_class="lv_three_zero").case

        kinds = Event.objects.filter(case=case).order_by("seq").values_list("kind", flat=True)
        assert list(kinds) == ["application.submitted", "contract.signed"]

    def test_keeps_nothing_when_a_high_voltage_application_brings_a_contract(self):
        draft = connections.draft()

        with pytest.raises(operations.NotPossible):
            operations.submit(
                draft.pk,
                owner=draft.owner,
                expected_version=draft.version,
                channel="web",
                now=installation_now(),
                contract=connections.pdf(),
            )

        draft.refresh_from_db()
        assert draft.case is None

    def test_refuses_an_address_nobody_supplies(self):
        draft = connections.draft()
        draft = operations.save_answers(
            draft.pk,
            owner=draft.owner,
            step="site",
            answers=connections.SITE | {"county_code": "371702"},
            expected_version=draft.version,
            now=installation_now(),
        )

        with pytest.raises(NoUtility):
            submit(draft)

        draft.refresh_from_db()
        assert draft.case is None

    def test_takes_the_files_along_as_evidence(self):
        draft = connections.draft()
        draft = operations.attach_to_draft(
            draft.pk,
            owner=draft.owner,
            kind="equipment_list",
            upload=connections.pdf(),
            expected_version=draft.version,
            now=installation_now(),
        )

        case = submit(draft)

        event = Event.objects.get(case=case)
        assert event.evidence_hashes == (case.documents.get().file_id,)
