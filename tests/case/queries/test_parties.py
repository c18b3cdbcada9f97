from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from support import frame_cases
from tongdian.case.models import Case, Party
from tongdian.case.operations.parties import PartyFacts, add_party, erase_party, view_party
from tongdian.case.queries.parties import masked_parties, party_of, party_views

pytestmark = pytest.mark.django_db


def entered(case: Case, *, role: str = "contact", kind: str = "person", name: str = "王小明") -> Party:
    facts = PartyFacts(name, "credit_code", "91370100MA0000000W", "13800001111", "历下区")
    with transaction.atomic():
        return add_party(case, role=role, kind=kind, facts=facts)


class TestMaskedParties:
    def test_hides_what_would_let_a_stranger_reach_a_person(self):
        case = frame_cases.new_case()
        entered(case)

        [party] = masked_parties(case)

        assert (party.name, party.id_number, party.phone) == ("王**", "9137**********000W", "138****1111")

    def test_names_an_organisation(self):
        case = frame_cases.new_case()
        entered(case, role="applicant", kind="organisation", name="示例食品厂")

        assert masked_parties(case)[0].name == "示例食品厂"

    def test_leaves_nothing_of_an_erased_party(self):
        case = frame_cases.new_case()
        party = entered(case)
        erase_party(party, reason="本人要求", actor=case.opened_by, channel="desk", now=timezone.now())

        [masked] = masked_parties(case)

        assert (masked.name, masked.id_number, masked.phone) == ("", "", "")
        assert masked.erased_at is not None


class TestPartyOf:
    def test_finds_a_party_of_the_case(self):
        case = frame_cases.new_case()
        party = entered(case)

        assert party_of(case, party.pk) == party

    def test_refuses_a_party_of_another_case(self):
        party = entered(frame_cases.new_case())

        with pytest.raises(Party.DoesNotExist):
            party_of(frame_cases.new_case(), party.pk)


class TestPartyViews:
    def test_lists_the_latest_look_first_and_no_other_case(self):
        case, other = frame_cases.new_case(), frame_cases.new_case()
        party, elsewhere, now = entered(case), entered(other), timezone.now()
        first, second = frame_cases.new_user(), frame_cases.new_user()
        for seen, viewer, at in (
            (party, first, now),
            (party, second, now + timedelta(hours=1)),
            (elsewhere, first, now),
        ):
            view_party(seen, viewer=viewer, purpose="test", now=at)

        assert [view.viewer for view in party_views(case)] == [second, first]
