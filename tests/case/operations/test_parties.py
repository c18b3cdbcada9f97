from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from support.frame_cases import happen, new_case, new_user
from tongdian.case.models import Case, Event, FirmTerms, Party, ViewRecord
from tongdian.case.operations import parties
from tongdian.case.operations.timeline import NotInTransaction
from tongdian.case.timeline.personal import opens
from tongdian.kernel.identifiers import InvalidIdentifier
from tongdian.people.rules import InvalidPhone

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# Numbers with right check characters that belong to nobody: the codes of the standards' own examples.
FIRM = parties.PartyFacts(name="示例食品有限公司", id_kind="credit_code", id_number="91350100m000100y43")
PERSON = parties.PartyFacts(
    name="张样例", id_kind="resident", id_number="11010519491231002x", phone="+86 138-0000-0000", address="样例路1号"
)


def add(case: Case, facts: parties.PartyFacts, kind: str = "person", role: str = "applicant") -> Party:
    with transaction.atomic():
        return parties.add_party(case, role=role, kind=kind, facts=facts)


class TestAddParty:
    def test_seals_everything_that_names_somebody(self, case):
        party = add(case, PERSON)

        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(p)::text FROM case_party p")
            raw = cursor.fetchone()[0]
        assert "张样例" not in raw
        assert "138" not in bytes.fromhex(raw.split('"phone":"\\\\x')[1].split('"')[0]).decode("latin-1")
        stored = Party.objects.get(pk=party.pk)
        assert (stored.name, stored.id_number, stored.phone) == ("张样例", "11010519491231002X", "13800000000")

    def test_commits_to_the_data_without_revealing_it(self, case):
        party = Party.objects.get(pk=add(case, FIRM, "organisation").pk)

        told = parties.told(party)
        assert set(told) == {"party_id", "party_role_code", "data_commitment"}
        assert opens(
            party.commitment,
            value='{"address":"","id_kind":"credit_code","id_number":"91350100M000100Y43","name":"示例食品有限公司","phone":""}',
            salt=bytes.fromhex(party.salt),
        )

    def test_indexes_organisations_only(self, case):
        add(case, PERSON)
        assert not FirmTerms.objects.exists()

        add(case, FIRM, "organisation")

        assert "食品" in FirmTerms.objects.get(case=case).terms

    @pytest.mark.parametrize(
        ("facts", "error"),
        [
            (parties.PartyFacts("甲", "resident", "110105194912310021"), InvalidIdentifier),
            (parties.PartyFacts("甲", "credit_code", "91350100M000100Y44"), InvalidIdentifier),
            (parties.PartyFacts("甲", phone="12345"), InvalidPhone),
            (parties.PartyFacts("  "), ValueError),
        ],
    )
    def test_refuses_wrong_facts(self, case, facts, error):
        with pytest.raises(error):
            add(case, facts)

    def test_refuses_to_stand_alone(self, committed):
        with pytest.raises(NotInTransaction):
            parties.add_party(new_case(), role="applicant", kind="person", facts=PERSON)


class TestChangeParty:
    def test_records_a_new_commitment_and_no_data(self, submitted):
        party = add(submitted, PERSON)
        changed = parties.PartyFacts(name="李样例")

        event = parties.change_party(
            party, facts=changed, actor=new_user(), channel="desk", expected_version=1, now=NOW
        )

        stored = Party.objects.get(pk=party.pk)
        assert (stored.name, stored.phone) == ("李样例", None)
        assert event.facts["data_commitment"] == stored.commitment != party.commitment
        assert "李样例".encode() not in bytes(event.body)


class TestEraseParty:
    def erase(self, party: Party, version: int = 1) -> Event:
        return parties.erase_party(
            party, reason="本人申请", actor=new_user(), channel="desk", expected_version=version, now=NOW
        )

    def test_empties_the_row_and_keeps_the_chain(self, submitted):
        party = add(submitted, PERSON)
        before = Event.objects.get(case=submitted, seq=1).hash

        event = self.erase(party)

        stored = Party.objects.get(pk=party.pk)
        assert {stored.name, stored.id_number, stored.phone, stored.address, stored.salt} == {None}
        assert {stored.name_lookup, stored.id_number_lookup, stored.phone_lookup} == {None}
        assert stored.erased_at == NOW
        assert (event.kind, event.prev_hash) == ("party.erased", before)
        assert Case.objects.get(pk=submitted.pk).address == ""

    def test_forgets_the_terms_of_an_organisation_and_keeps_the_site(self, submitted):
        self.erase(add(submitted, FIRM, "organisation"))

        assert not FirmTerms.objects.exists()
        assert Case.objects.get(pk=submitted.pk).address != ""

    def test_is_possible_after_the_end(self, submitted):
        party = add(submitted, PERSON)
        happen(submitted, "case.withdrawn")

        assert self.erase(party, version=2).seq == 3

    @pytest.mark.parametrize("write", ["erase", "change", "view"])
    def test_leaves_nothing_to_write_or_see(self, submitted, write):
        party = add(submitted, PERSON)
        self.erase(party)
        party.refresh_from_db()
        facts = {"actor": new_user(), "channel": "desk", "expected_version": 2, "now": NOW}
        writes = {
            "erase": lambda: parties.erase_party(party, reason="再次", **facts),
            "change": lambda: parties.change_party(party, facts=PERSON, **facts),
            "view": lambda: parties.view_party(party, viewer=facts["actor"], purpose="desk", now=NOW),
        }

        with pytest.raises(parties.AlreadyErased):
            writes[write]()


class TestViewParty:
    def test_records_who_looked(self, case):
        party, viewer = add(case, PERSON), new_user()

        facts = parties.view_party(party, viewer=viewer, purpose="desk_case", now=NOW)

        assert facts.phone == "13800000000"
        (view,) = ViewRecord.objects.all()
        assert (view.viewer, view.case, view.object_id, view.purpose) == (viewer, case, party.pk, "desk_case")
