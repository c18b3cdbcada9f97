"""The only sequences allowed, as an automaton of allowed transitions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.integer]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Automaton:
    """Which activity may follow which. `allowed`: [k + 1, k + 1], row before, column after; k is start and end."""

    activities: tuple[str, ...]
    allowed: Flags

    def departures(self, activity: Codes, bounds: Ints) -> Flags:
        """Mark the cases that depart from every allowed sequence.

        activity: [n] codes, cases one after the other in order of time; bounds: [cases + 1] where each begins.
        A case without events departs. Cost: two passes. Transitions have no memory: a case that joins the front of one
        path to the back of another through an activity both have is not marked.
        """
        edge = len(self.activities)
        starts, ends = bounds[:-1], bounds[1:]
        departed: Flags = ends == starts
        if not len(activity):
            return departed
        wrong = np.empty(len(activity), bool)
        wrong[1:] = ~self.allowed.ravel()[activity[:-1].astype(np.int32) * (edge + 1) + activity[1:]]
        filled = np.flatnonzero(~departed)
        first, last = starts[filled], ends[filled] - 1
        wrong[first] = ~self.allowed[edge, activity[first]]
        wrong[last] |= ~self.allowed[activity[last], edge]
        departed[filled] = np.logical_or.reduceat(wrong, first)
        return departed


def automaton_of(paths: Sequence[Sequence[str]], activities: Sequence[str]) -> Automaton:
    """Build the automaton of the allowed paths.

    activities: the log's, in the order of its codes; one that no path has is allowed nowhere.
    """
    code = {name: place for place, name in enumerate(activities)}
    edge = len(activities)
    allowed = np.zeros((edge + 1, edge + 1), bool)
    for path in paths:
        # An activity the log never has cannot be met, so the path cannot be walked to its end.
        if not all(name in code for name in path):
            continue
        way = [edge, *(code[name] for name in path), edge]
        allowed[way[:-1], way[1:]] = True
    return Automaton(tuple(activities), allowed)
