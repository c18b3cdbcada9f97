from random import Random

import pytest

from tongdian.demo import identities
from tongdian.kernel.identifiers import check_uscc
from tongdian.people.rules import normalise_phone


class TestCreditCode:
    @pytest.mark.parametrize("serial", [1, 37, 9999])
    def test_is_valid_and_of_its_county(self, serial: int) -> None:
        code = identities.credit_code(serial, county_code="370283")

        assert check_uscc(code).region_code == "370283"
        assert code[8:11] == "DEM"


class TestPhone:
    def test_counts_up_from_the_first_of_the_block(self) -> None:
        assert [identities.phone(person) for person in (1, 2, 160)] == ["13000000001", "13000000002", "13000000160"]

    def test_is_a_mobile_number(self) -> None:
        assert normalise_phone(identities.phone(1)) == identities.phone(1)


class TestFirmName:
    def test_says_that_it_is_a_demonstration(self) -> None:
        assert identities.firm_name(1) == "演示企业0001"


class TestAddress:
    def test_says_that_it_is_a_demonstration(self) -> None:
        assert all(identities.address(Random(seed)).startswith("演示") for seed in range(20))
