from datetime import date

import pytest
from django.utils import translation

from support import connections
from tongdian.connection import forms


def firm(**changes) -> forms.FirmForm:
    return forms.FirmForm(connections.WHO | {"version": 0} | changes)


def resident(**changes) -> forms.ResidentForm:
    return forms.ResidentForm(connections.RESIDENT | {"version": 0} | changes)


class TestFirmForm:
    def test_keeps_code_and_phone_in_their_plain_form(self):
        form = firm(credit_code=" 91370100ma0000000w ", contact_phone="+86 138-0000-1111")

        assert form.is_valid()
        assert form.cleaned_data["credit_code"] == "91370100MA0000000W"
        assert form.cleaned_data["contact_phone"] == "13800001111"

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("91370100MA0000000", "18 位"),
            ("91370100MA000000OW", "第 17 位“O”"),
            ("91370100MA0000000X", "应为“W”"),
        ],
    )
    def test_names_the_wrong_character_of_a_code(self, code, said):
        form = firm(credit_code=code)

        assert not form.is_valid()
        assert said in str(form.errors["credit_code"])

    def test_says_it_in_english_too(self):
        with translation.override("en"):
            form = firm(credit_code="91370100MA0000000X")

            assert "call for “W”" in str(form.errors["credit_code"])

    def test_refuses_what_is_no_mobile_number(self):
        assert "contact_phone" in firm(contact_phone="0531-1234567").errors

    def test_names_the_character_a_contract_cannot_show(self):
        assert "“𠮷”" in str(firm(organisation_name="𠮷野食品厂").errors["organisation_name"])


class TestResidentForm:
    def test_asks_for_no_credit_code(self):
        assert set(resident().fields) == {"version", "person_name", "identity_number", "contact_phone"}

    def test_keeps_the_number_in_its_plain_form(self):
        form = resident(identity_number="37010219900101001x")

        assert form.is_valid()
        assert form.cleaned_data["identity_number"] == "37010219900101001X"

    @pytest.mark.parametrize(
        ("number", "said"),
        [
            ("370102199001010018", "应为“X”"),
            ("37010219901301001X", "出生日期"),
            ("99010219900101001X", "行政区划"),
            ("3701021990", "18 位"),
        ],
    )
    def test_names_what_is_wrong_with_a_number(self, number, said):
        assert said in str(resident(identity_number=number).errors["identity_number"])


class TestShopForm:
    def test_does_without_a_name_of_the_shop(self):
        form = forms.ShopForm(connections.SHOP | {"organisation_name": "", "version": 0})

        assert form.is_valid()


class TestSiteForm:
    def test_groups_the_counties_of_the_day_by_city(self):
        form = forms.SiteForm(today=date(2026, 11, 23))
        groups = dict(form.fields["county_code"].choices)

        assert len(groups) == 16
        assert sum(len(counties) for counties in groups.values()) == 136


class TestStepForm:
    @pytest.mark.parametrize(
        ("customer", "who", "demand"),
        [
            ("resident", forms.ResidentForm, forms.HouseholdForm),
            ("sole_trader", forms.ShopForm, forms.DemandForm),
            ("unproven", forms.FirmForm, forms.DemandForm),
        ],
    )
    def test_asks_each_customer_only_what_concerns_them(self, customer, who, demand):
        answers = {"customer": {"customer": customer}}

        assert forms.step_form("who", answers) is who
        assert forms.step_form("demand", answers) is demand

    def test_takes_low_voltage_for_granted(self):
        assert forms.DemandForm().fields["voltage_kv"].initial == "0.38"
        assert not {"voltage_kv", "source_count", "transformer_kva"} & set(forms.HouseholdForm().fields)
