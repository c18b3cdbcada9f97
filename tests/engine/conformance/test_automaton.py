"""The automaton of allowed transitions."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tongdian.engine.conformance import automaton_of

NAMES = ("accept", "scheme", "review", "connect")
PATHS = (("accept", "scheme", "connect"), ("accept", "scheme", "review", "connect"))


def departures(*cases: list[int]) -> list[bool]:
    activity = np.array([code for case in cases for code in case], np.int8)
    bounds = np.concatenate([[0], np.cumsum([len(case) for case in cases])]).astype(np.int64)
    return automaton_of(PATHS, NAMES).departures(activity, bounds).tolist()


class TestDepartures:
    def test_lets_every_allowed_path_pass(self) -> None:
        assert departures([0, 1, 3], [0, 1, 2, 3]) == [False, False]

    def test_marks_a_wrong_start_end_and_transition(self) -> None:
        assert departures([1, 3], [0, 1], [0, 3], [0, 1, 1, 3]) == [True] * 4

    def test_marks_a_case_without_events(self) -> None:
        assert departures([], [0, 1, 3], []) == [True, False, True]

    def test_answers_an_empty_log(self) -> None:
        assert departures() == []

    @settings(max_examples=200, deadline=None)
    @given(cases=st.lists(st.lists(st.integers(0, 3), max_size=6), max_size=8))
    def test_agrees_with_a_walk_case_by_case(self, cases: list[list[int]]) -> None:
        pairs = {pair for path in PATHS for pair in zip(("", *path), (*path, ""), strict=True)}
        walks = [["", *(NAMES[code] for code in case), ""] for case in cases]

        expected = [any(pair not in pairs for pair in pairwise(walk)) for walk in walks]

        assert departures(*cases) == expected


class TestAutomatonOf:
    def test_allows_no_path_with_an_activity_the_log_never_has(self) -> None:
        automaton = automaton_of([("accept", "paint", "connect")], NAMES)

        assert not automaton.allowed.any()
