import dataclasses

import pytest

from support.frame_cases import SAMPLE
from tongdian.case import kinds


class TestRegister:
    def test_refuses_a_second_kind_of_one_name(self):
        with pytest.raises(kinds.DuplicateKind, match="sample"):
            kinds.register(dataclasses.replace(SAMPLE))

    def test_makes_the_kind_known(self):
        assert SAMPLE in kinds.registered()


class TestGet:
    def test_refuses_an_unknown_name_and_lists_the_known(self):
        with pytest.raises(kinds.UnknownKind, match="sample") as unknown:
            kinds.get("nowhere")

        assert unknown.value.name == "nowhere"


class TestCaseKind:
    def test_ends_where_no_transition_leads_on(self):
        assert SAMPLE.ends == {"closed", "withdrawn"}

    def test_takes_its_name_as_policy_prefix(self):
        assert dataclasses.replace(SAMPLE, policy_prefix="").policy_prefix == "sample"

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ({"initial": "lost"}, "status lost"),
            ({"transitions": {"new": {"application.submitted": "lost"}}}, "status lost"),
            ({"transitions": {"new": {"meteor.struck": "closed"}}}, "event meteor.struck"),
            (
                {"statuses": {"new": "新"}, "transitions": {"new": {"application.submitted": "new"}}},
                "no status is an end",
            ),
        ],
    )
    def test_refuses_to_contradict_itself(self, change, problem):
        with pytest.raises(kinds.InvalidKind, match=problem):
            dataclasses.replace(SAMPLE, **change)
