"""The benchmark runner: answers are compared before times are kept, and the page shows what was stored."""

import json
from pathlib import Path

import pytest
from benchmarks import report
from benchmarks.__main__ import main
from benchmarks.runner import AnswersDiffer, Ours, Question, Row, UnknownCase, as_json, case_names, run_case


def make_ours(answer: int = 3, *, case: str = "adding", size: str = "small") -> Ours[int]:
    question = Question(case, "full" if size == "full" else "small", "1 sum", uses=("numpy",))
    return Ours(question, seconds=0.5, answer=answer)


def make_rows(case: str = "adding", *, size: str = "small", note: str = "") -> list[Row]:
    return [make_ours(case=case, size=size).alone(note)]


def equal(ours: int, theirs: int) -> bool:
    return ours == theirs


class TestAgainst:
    def test_gives_the_ratio_of_the_peers_time_to_ours(self) -> None:
        row = make_ours().against("peer", needs=("numpy",), build=lambda: lambda: 3, same=equal)

        assert row.peer_s is not None
        assert row.ratio == pytest.approx(row.peer_s / 0.5)
        assert {"python", "numpy"} <= set(row.versions)

    def test_raises_when_the_answers_differ(self) -> None:
        with pytest.raises(AnswersDiffer) as caught:
            make_ours().against("peer", build=lambda: lambda: 4, same=equal)

        assert (caught.value.case, caught.value.peer) == ("adding", "peer")

    def test_marks_a_peer_that_is_known_to_be_wrong(self) -> None:
        row = make_ours().against("peer", build=lambda: lambda: 4, same=equal, wrong_because="it rounds")

        assert row.note == "wrong answers: it rounds"

    def test_raises_when_a_peer_known_to_be_wrong_is_right(self) -> None:
        with pytest.raises(AnswersDiffer, match="different answer"):
            make_ours().against("peer", build=lambda: lambda: 3, same=equal, wrong_because="it rounds")

    def test_scales_a_sample_and_says_so(self) -> None:
        row = make_ours().against("peer", build=lambda: lambda: 3, same=equal, sample=0.01, note="slow")

        assert row.note == "measured on 1.000% of the rows and scaled; slow"

    def test_reports_a_peer_that_is_not_installed_without_building_it(self) -> None:
        row = make_ours().against(
            "peer", needs=("no-such-distribution",), build=lambda: pytest.fail("built"), same=equal
        )

        assert (row.peer_s, row.ratio, row.note) == (None, None, "not installed: no-such-distribution")


class TestMeasure:
    def test_keeps_the_answer_and_the_best_time(self) -> None:
        ours = Question("adding", "small", "1 sum").measure(lambda: 7, repeats=2)

        assert ours.answer == 7
        assert ours.seconds >= 0


class TestRunCase:
    def test_raises_for_an_unknown_case(self) -> None:
        with pytest.raises(UnknownCase, match="working_days"):
            run_case("no_such_case", "small")

    def test_finds_a_module_per_case(self) -> None:
        assert "working_days" in case_names()


class TestStore:
    def test_replaces_the_rows_of_the_same_case_and_size_only(self, tmp_path: Path) -> None:
        report.store([*make_rows("adding"), *make_rows("adding", size="full"), *make_rows("sorting")], tmp_path)

        report.store(make_rows("adding", note="again"), tmp_path)

        stored = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
        assert [(row["case"], row["size"], row["note"]) for row in stored] == [
            ("adding", "full", ""),
            ("adding", "small", "again"),
            ("sorting", "small", ""),
        ]

    def test_renders_the_page_from_all_rows(self, tmp_path: Path) -> None:
        report.store(make_rows("adding"), tmp_path)
        report.store(make_rows("sorting"), tmp_path)

        page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
        assert page.count("\n## ") == 2
        assert "| 1 sum | 500.00 ms | none | — |  |  |" in page


class TestRender:
    def test_shows_the_full_size_where_there_is_one(self) -> None:
        page = report.render(as_json([*make_rows(note="quick"), *make_rows(size="full", note="thorough")]))

        assert "thorough" in page
        assert "quick" not in page

    def test_equals_the_committed_page(self) -> None:
        stored = json.loads((report.DOCS / "benchmarks.json").read_text(encoding="utf-8"))

        assert (report.DOCS / "benchmarks.md").read_text(encoding="utf-8") == report.render(stored)


class TestMain:
    def test_fails_for_an_unknown_case_and_says_which_there_are(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["no_such_case", "--discard", "--json"]) == 1

        printed = capsys.readouterr()
        assert "no_such_case" in printed.err
        assert json.loads(printed.out) == []
