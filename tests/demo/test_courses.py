from random import Random

import pytest

from tongdian.connection.rules import TRANSITIONS, Progress, legal_events
from tongdian.demo.courses import OPENED_BY, SHARE_LATE, Course, course

SINGLE = {"acceptance": 1, "scheme": 4, "completion_inspection": 3, "connect": 2}
DUAL = {
    "acceptance": 1,
    "scheme": 6,
    "design_review": 3,
    "interim_inspection": 2,
    "completion_inspection": 3,
    "connect": 2,
}
WHOLE, NEXT_DAY, SIGNED_UP = {"lv_whole": 7}, {"lv_whole": 1}, {"acceptance": 1, "scheme": 1, "connect": 1}
DESIGNED = {"in_design_review", "design_approved", "in_interim_inspection", "interim_passed"}
STATUSES = [status for status in TRANSITIONS if status not in {"new", "in_works", "works_finished"}]
WAYS = [
    (WHOLE, ["submitted", "accepted", "in_works", "works_finished", "energised", "withdrawn"]),
    (NEXT_DAY, ["submitted", "accepted", "energised", "withdrawn"]),
    (SIGNED_UP, ["submitted", "accepted", "scheme_issued", "scheme_confirmed", "energised", "withdrawn"]),
]
SEEDS = range(60)


def make(status: str, seed: int, *, limits: dict[str, int] = DUAL, **wishes) -> Course:
    return course(status, customer_class="hv10_dual", limits=limits, rng=Random(seed), **wishes)


def walk(made: Course, limits: dict[str, int]) -> str:
    """Follow a course by the rules of the matter; fail where a step is not legal."""
    is_low = "completion_inspection" not in limits
    status, is_paused, offered, signed = "new", False, False, False
    for step in made.steps:
        progress = Progress(status, frozenset(limits), offered, signed, is_paused)
        assert step.event in legal_events(progress), (status, step)
        is_paused = (is_paused or step.event == "clock.paused") and step.event != "clock.resumed"
        offered = offered or step.event == "contract.offered"
        # Low voltage signs in the moment of the application.
        signed = signed or step.event == ("application.submitted" if is_low else "contract.signed")
        status = TRANSITIONS[status].get(step.event, status)
    return status


class TestCourse:
    @pytest.mark.parametrize("status", STATUSES)
    def test_leads_to_its_status_by_legal_steps_only(self, status: str) -> None:
        assert {walk(make(status, seed), DUAL) for seed in SEEDS} == {status}

    @pytest.mark.parametrize("status", [each for each in STATUSES if each not in DESIGNED])
    def test_leaves_out_the_stages_a_class_does_not_have(self, status: str) -> None:
        assert {walk(make(status, seed, limits=SINGLE), SINGLE) for seed in SEEDS} == {status}

    @pytest.mark.parametrize(("limits", "status"), [(limits, each) for limits, found in WAYS for each in found])
    def test_leads_low_voltage_to_its_status_too(self, limits: dict[str, int], status: str) -> None:
        assert {walk(make(status, seed, limits=limits), limits) for seed in SEEDS} == {status}

    def test_shows_the_utilitys_works_now_and_then_but_never_next_day(self) -> None:
        def works(limits: dict[str, int]) -> set[bool]:
            made = (make("energised", seed, limits=limits) for seed in SEEDS)
            return {"works.started" in {step.event for step in each.steps} for each in made}

        assert works(WHOLE) == {True, False}
        assert works(NEXT_DAY) == {False}

    def test_is_late_as_often_as_asked(self) -> None:
        def late(share_late: float) -> int:
            made = (make("energised", seed, limits=WHOLE, share_late=share_late) for seed in range(300))
            return sum(sum(step.waits_days for step in each.steps if step.stage == "lv_whole") > 7 for each in made)

        assert late(0.05) * 2 < late(0.3)

    def test_keeps_every_limit_on_a_plain_way(self) -> None:
        for seed in SEEDS:
            for step in make("energised", seed, is_plain=True).steps:
                assert not step.stage or step.waits_days <= DUAL[step.stage]

    def test_is_late_now_and_then(self) -> None:
        late = sum(
            any(step.stage and step.waits_days > DUAL[step.stage] for step in make("energised", seed).steps)
            for seed in range(400)
        )

        assert SHARE_LATE / 2 < late / 400 < SHARE_LATE * 2

    @pytest.mark.parametrize("event", ["clock.paused", "completion.failed", "application.deficiency_notified"])
    def test_meets_every_trouble_now_and_then(self, event: str) -> None:
        assert any(event in {step.event for step in make("energised", seed).steps} for seed in SEEDS)

    @pytest.mark.parametrize(("lamp", "left"), [("due_today", {0}), ("due_soon", {1}), ("overdue", {-1, -2, -3})])
    def test_stands_as_near_its_deadline_as_asked(self, lamp: str, left: set[int]) -> None:
        for seed in SEEDS:
            made = make("in_completion_inspection", seed, lamp=lamp, is_plain=True)

            assert made.steps[-1].event in OPENED_BY["completion_inspection"]
            assert DUAL["completion_inspection"] - made.idle_days in left

    @pytest.mark.parametrize("status", ["energised", "withdrawn"])
    def test_of_a_closed_case_ends_anywhere_in_the_past(self, status: str) -> None:
        assert make(status, 1).idle_days is None

    def test_is_the_same_for_the_same_seed(self) -> None:
        assert make("energised", 7) == make("energised", 7)
        assert make("energised", 7) != make("energised", 8)
