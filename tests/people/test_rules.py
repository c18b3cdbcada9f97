import pytest

from tongdian.people.rules import (
    CASE_ROLES,
    ORGANISATION_KINDS,
    STAFF_ROLES,
    InvalidPhone,
    InvalidTerritory,
    Role,
    Territory,
    normalise_phone,
)


class TestTerritory:
    @pytest.mark.parametrize(
        ("code", "inside", "outside"),
        [
            ("370000", ["370000", "370100", "371702"], ["410000", "360102"]),
            ("370100", ["370100", "370102", "370181"], ["370200", "370000", "371001"]),
            ("370102", ["370102"], ["370103", "370100"]),
        ],
    )
    def test_covers_itself_and_what_is_below(self, code, inside, outside):
        territory = Territory(code)

        assert all(territory.covers(county) for county in inside)
        assert not any(territory.covers(county) for county in outside)

    @pytest.mark.parametrize("code", ["", "37", "37010", "3701022", "07010a", "370102 ", "０７０１０２"])
    def test_refuses_what_is_no_code(self, code):
        with pytest.raises(InvalidTerritory):
            Territory(code)


class TestNormalisePhone:
    @pytest.mark.parametrize(
        "text", ["13800001234", "138 0000 1234", "138-0000-1234", "+8613800001234", "008613800001234", "8613800001234"]
    )
    def test_leaves_eleven_digits(self, text):
        assert normalise_phone(text) == "13800001234"

    @pytest.mark.parametrize(
        "text", ["", "1380000123", "138000012345", "12800001234", "0531-88888888", "１３８00001234"]
    )
    def test_refuses_what_is_no_mobile_number(self, text):
        with pytest.raises(InvalidPhone):
            normalise_phone(text)

    def test_keeps_the_number_out_of_the_message(self):
        with pytest.raises(InvalidPhone) as caught:
            normalise_phone("1380000123")

        assert "1380000123" not in str(caught.value)


class TestRole:
    def test_divides_into_applicant_case_roles_staff_and_machine(self):
        assert STAFF_ROLES | CASE_ROLES | {Role.APPLICANT, Role.MACHINE} == set(Role)
        assert not STAFF_ROLES & CASE_ROLES

    def test_says_for_every_granted_role_which_organisations_may_have_it(self):
        assert set(ORGANISATION_KINDS) == set(Role) - {Role.APPLICANT}
