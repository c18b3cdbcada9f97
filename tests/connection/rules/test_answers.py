import pytest

from support.connections import ANSWERS, RESIDENT, SHOP, SITE, WHO
from tongdian.connection import rules

# What form 1 kept: who applies beside the names, transformer and sources beside the load.
FORM_1 = {
    "who": {"customer": "unproven"} | WHO,
    "site": SITE,
    "demand": {
        "load_kw": "630",
        "transformer_kva": "800",
        "voltage_kv": "10",
        "source_count": 1,
        "use": "industry",
        "wanted_on": None,
    },
}


class TestUpgraded:
    def test_reads_every_answer_of_the_older_form(self) -> None:
        found = rules.upgraded(FORM_1)

        assert found["customer"] == {"customer": "unproven"}
        assert found["who"] == WHO
        assert found["supply"] == {"transformer_kva": "800", "source_count": 1}
        assert rules.missing_steps(found) == ()

    def test_asks_a_household_of_the_older_form_who_they_are(self) -> None:
        found = rules.upgraded({"who": {"customer": "resident"} | WHO, "site": SITE})

        assert rules.missing_steps(found) == ("who", "demand")
        assert found["site"] == SITE

    def test_asks_again_who_is_no_longer_a_firm(self) -> None:
        assert "who" not in rules.upgraded({"customer": {"customer": "resident"}, "who": WHO})
        assert "who" not in rules.upgraded({"customer": {"customer": "unproven"}, "who": RESIDENT})
        assert "who" in rules.upgraded({"customer": {"customer": "sole_trader"}, "who": SHOP})

    @pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
    def test_leaves_answers_of_the_present_form_alone(self, answers: rules.Answers) -> None:
        assert rules.upgraded(rules.upgraded(answers)) == answers


class TestMissingSteps:
    def test_asks_only_high_voltage_for_transformer_and_sources(self) -> None:
        assert "supply" not in rules.asked_steps(ANSWERS["lv_other"])
        assert "supply" in rules.asked_steps(ANSWERS["hv10_single"])

    def test_counts_half_an_answer_as_none(self) -> None:
        answers = ANSWERS["lv_resident"] | {"site": {"county_code": "370102", "zone": ""}}

        assert rules.missing_steps(answers) == ("site",)


class TestDemandOf:
    def test_never_gives_a_household_high_voltage(self) -> None:
        answers = ANSWERS["lv_resident"] | {"demand": {"load_kw": "8", "voltage_kv": "10"}}

        assert rules.demand_of(answers).voltage_kv < 1

    @pytest.mark.parametrize(("said", "known"), [("yes", True), ("no", False), ("", None)])
    def test_reads_whether_works_are_needed(self, said: str, known: bool | None) -> None:
        answers = ANSWERS["lv_resident"] | {"demand": {"load_kw": "8", "needs_works": said}}

        assert rules.demand_of(answers).needs_works is known
