"""`tongdian policy`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from support.policy_files import book_dir, value
from tongdian.policy import current_book
from tongdian.web.commands.policy import command

SINGLE = "connection.total_limit.hv10_single"
ZIBO = "'370300'"
HEAD = """
matter: connection_limit
defaults: {from: 2020-12-31, source: local, certainty: verified, checked_on: 2026-11-23}
"""
SOURCES = """
matter: local_sources
title: {zh: 本地文件, en: Local instruments}
sources:
  local: {title: {zh: 淄博市规定, en: A rule of Zibo}}
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    entry = f"{SINGLE}:\n  values: [{value(9, place=ZIBO)}]"
    return book_dir(tmp_path / "zibo", entry, head=HEAD, sources=SOURCES)


class TestShow:
    def test_answers_by_the_book_the_site_runs_with(self, overlay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TONGDIAN_POLICY", str(overlay))
        current_book.cache_clear()

        told = run("show", SINGLE, "--on", "2026-11-23", "--in", "370300").output
        current_book.cache_clear()

        assert "9 working days" in told

    def test_tells_value_clause_certainty_and_the_other_layers(self) -> None:
        told = run("show", SINGLE, "--on", "2026-11-23", "--in", "370102").output

        assert "11 working days" in told
        assert "Annex 1, row 2" in told
        assert "verified in the text, checked 2026-11-23" in told
        assert "22 working days" in told

    def test_tells_one_layer_when_asked(self) -> None:
        told = run("show", SINGLE, "--on", "2026-11-23", "--layer", "national").output

        assert "22 working days" in told
        assert "11 working days" not in told

    @pytest.mark.parametrize("place", ["济南市", "济南", "jinan", "370100"])
    def test_takes_a_place_by_name(self, place: str) -> None:
        told = run("show", "reliability.saidi_target.centre", "--on", "2026-11-23", "--in", place).output

        assert "0.9 hours" in told
        assert "370100 Jinan" in told

    def test_speaks_chinese_when_asked(self) -> None:
        told = run("show", SINGLE, "--on", "2026-11-23", "--language", "zh").output

        assert "11 个工作日" in told
        assert "附件1 第2行" in told

    def test_takes_a_zone(self) -> None:
        told = run("show", "connection.step_limit.hv", "--in", "济南", "--zone", "urban_planned_area").output

        assert "3 steps" in told
        assert "planned urban area" in told

    def test_lays_an_overlay_over_the_book(self, overlay: Path) -> None:
        told = run("show", SINGLE, "--in", "淄博", "--overlay", overlay).output

        assert "9 working days" in told
        assert "A rule of Zibo" in told

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((SINGLE, "--on", "2019-01-01"), "The nearest known dates are 2020-12-31 – open"),
            (("connection.total",), "no entry 'connection.total'"),
            ((SINGLE, "--in", "市中区"), "370103 市中区, 370402 市中区"),
            ((SINGLE, "--in", "桃源"), "no division of Shandong has this name"),
            ((SINGLE, "--in", "37"), "is not a division code"),
            ((SINGLE, "--overlay", "/nowhere"), "there is no such directory"),
        ],
    )
    def test_fails_with_the_reason(self, arguments: tuple[str, ...], message: str) -> None:
        result = run("show", *arguments)

        assert result.exit_code != 0
        assert message in result.output


class TestList:
    def test_lists_what_holds_every_word(self) -> None:
        told = run("list", "TOTAL_limit", "dual").output.splitlines()

        assert [line.split()[0] for line in told] == [
            "connection.total_limit.hv10_dual",
            "connection.total_limit.hv35_dual",
        ]

    def test_finds_chinese_titles(self) -> None:
        assert "hotline.regulator" in run("list", "监管热线", "--language", "zh").output


class TestCheck:
    def test_counts_what_an_overlay_says(self, overlay: Path) -> None:
        result = run("check", overlay)

        assert result.exit_code == 0
        assert "Good: 1 values from the overlays, 0 new rules." in result.output

    def test_fails_with_file_line_and_reason(self, overlay: Path) -> None:
        path = overlay / "sample.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("value: 9", "value: nine"), encoding="utf-8")

        result = run("check", overlay)

        assert result.exit_code == 1
        assert f"{path}, line 6" in result.output
        assert "'nine': the unit workday needs a whole number" in result.output


class TestDocs:
    def test_writes_a_page_that_then_passes_the_check(self, tmp_path: Path) -> None:
        page = tmp_path / "policy.md"

        assert run("docs", page).exit_code == 0
        assert run("docs", "--check", page).exit_code == 0

    @pytest.mark.parametrize("content", [None, "old"])
    def test_fails_the_check_of_a_page_that_is_missing_or_old(self, tmp_path: Path, content: str | None) -> None:
        page = tmp_path / "policy.md"
        if content:
            page.write_text(content, encoding="utf-8")

        result = run("docs", "--check", page)

        assert result.exit_code == 1
        assert "run `tongdian policy docs`" in result.output
