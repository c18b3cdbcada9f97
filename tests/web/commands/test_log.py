"""`tongdian log judge`, run as a command on generated logs."""

import html.parser
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from support.permit_logs import FRONT, PermitLog, permit_log
from tongdian.web.commands.log import command
from tongdian.web.log_words import FIGURES, RATES, WORDS

MAPPING = Path(__file__).resolve().parents[3] / "docs" / "reference" / "mappings" / "receipt_wabo.yaml"
EVIL = '=HYPERLINK("http://evil.example")<script>alert(1)</script>'


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["judge", *(str(each) for each in arguments)])


@pytest.fixture
def made() -> PermitLog:
    return permit_log(120, seed=9)


@pytest.fixture
def log(made: PermitLog, tmp_path: Path) -> Path:
    return made.write(tmp_path / "permits.csv")


class _Tags(html.parser.HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


class TestJudge:
    def test_prints_both_rates_with_their_counts(self, made: PermitLog, log: Path) -> None:
        result = run(log, "--mapping", MAPPING, "--lang", "en")

        kept, closed = len(made.closed) - len(made.late), len(made.closed)
        assert result.exit_code == 0, result.output
        assert f"On time, of closed cases: {kept} / {closed}" in result.output
        assert f"On time, open overdue cases counted: {kept} / {closed + len(made.overdue)}" in result.output
        assert f"{kept / closed:.1%}".replace("%", " %") in result.output

    def test_speaks_chinese_by_default(self, log: Path) -> None:
        result = run(log, "--mapping", MAPPING)

        assert "按期率（仅已办结）" in result.output
        assert "逾期未办结" in result.output

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_writes_a_page_without_scripts_styles_in_tags_or_outside_links(
        self, log: Path, tmp_path: Path, language: str
    ) -> None:
        run(log, "--mapping", MAPPING, "--out", tmp_path / "out", "--lang", language)

        text, page = (tmp_path / "out" / "permits.html").read_text(encoding="utf-8"), _Tags()
        page.feed(text)
        assert not page.tags & {"script", "link", "img", "iframe"}
        assert not page.attributes & {"style", "onclick", "src"}
        assert "http" not in text

    def test_lists_the_cases_behind_every_number_in_the_workbook(
        self, made: PermitLog, log: Path, tmp_path: Path
    ) -> None:
        run(log, "--mapping", MAPPING, "--out", tmp_path / "out", "--lang", "en")

        book = CalamineWorkbook.from_path(tmp_path / "out" / "permits.xlsx")
        evidence = book.get_sheet_by_name("Evidence").to_python()
        assert {row[1] for row in evidence if row[0] == "closed late"} == made.late
        assert {row[1] for row in evidence if row[0] == "open and overdue"} == made.overdue
        assert book.sheet_names == [
            "Summary",
            "By month",
            "Durations",
            "Steps",
            "Cases",
            "Evidence",
            "Findings on steps",
            "Rows with problems",
            "Provenance and versions",
        ]

    def test_lets_nothing_in_a_log_become_a_formula_or_a_tag(self, made: PermitLog, tmp_path: Path) -> None:
        made.rows[0] = {**made.rows[0], "concept:name": EVIL, "case:concept:name": EVIL}
        log = made.write(tmp_path / "evil.csv")

        result = run(log, "--mapping", MAPPING, "--out", tmp_path, "--lang", "en")

        assert result.exit_code == 0, result.output
        assert "<script>" not in (tmp_path / "evil.html").read_text(encoding="utf-8")
        book = CalamineWorkbook.from_path(tmp_path / "evil.xlsx")
        cells = {cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row}
        assert EVIL in cells
        with ZipFile(tmp_path / "evil.xlsx") as parts:
            sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
        assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)

    def test_counts_and_lists_rows_it_cannot_use(self, made: PermitLog, tmp_path: Path) -> None:
        made.rows[3] = {**made.rows[3], "time:timestamp": "yesterday"}
        log = made.write(tmp_path / "bad.csv")

        result = run(log, "--mapping", MAPPING, "--out", tmp_path, "--lang", "en")

        assert "Rows left out: 1" in result.output
        sheet = CalamineWorkbook.from_path(tmp_path / "bad.xlsx").get_sheet_by_name("Rows with problems").to_python()
        assert sheet[1] == [5.0, "time:timestamp", "yesterday", "not a time", "yes"]
        assert "yesterday" in (tmp_path / "bad.html").read_text(encoding="utf-8")

    def test_names_an_unknown_key_of_the_mapping(self, log: Path, tmp_path: Path) -> None:
        mapping = tmp_path / "wrong.yaml"
        mapping.write_text(MAPPING.read_text(encoding="utf-8") + "\ncolours: {}\n", encoding="utf-8")

        result = run(log, "--mapping", mapping)

        assert result.exit_code == 1
        assert "colours: unknown key; valid here: as_of, calendar" in result.output

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("zone: Asia/Shanghai\nzone: Asia/Urumqi\n", "zone: is written twice, the second time in line 2"),
            ("columns: [", "is not readable as YAML"),
        ],
    )
    def test_refuses_a_mapping_that_is_not_plain_yaml(self, log: Path, tmp_path: Path, text: str, problem: str) -> None:
        mapping = tmp_path / "wrong.yaml"
        mapping.write_text(text, encoding="utf-8")

        result = run(log, "--mapping", mapping)

        assert result.exit_code == 1
        assert problem in result.output

    def test_advises_another_calendar_for_years_ours_does_not_cover(self, log: Path, tmp_path: Path) -> None:
        mapping = tmp_path / "national.yaml"
        written = yaml.safe_load(MAPPING.read_text(encoding="utf-8")) | {"calendar": "national"}
        mapping.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")

        result = run(log, "--mapping", mapping)

        assert result.exit_code == 1
        assert "weekdays_only" in result.output

    def test_refuses_a_file_that_is_no_log(self, tmp_path: Path) -> None:
        path = tmp_path / "log.csv"
        path.write_text("a,b\n", encoding="utf-8")

        result = run(path, "--mapping", MAPPING)

        assert result.exit_code == 1
        assert "has no column" in result.output

    def test_refuses_a_log_without_events(self, tmp_path: Path) -> None:
        result = run(PermitLog().write(tmp_path / "log.csv"), "--mapping", MAPPING)

        assert result.exit_code == 1
        assert "no usable event" in result.output

    def test_names_steps_of_the_mapping_that_the_log_never_has(self, log: Path) -> None:
        result = run(log, "--mapping", MAPPING, "--lang", "en")

        assert "T15 Print document X request unlicensed" in result.output
        assert FRONT[0] not in result.output.partition("never has: ")[2].partition("\n")[0]


class TestWords:
    def test_are_there_in_both_languages(self) -> None:
        pairs = [*WORDS.values(), *(pair for each in (*FIGURES.values(), *RATES.values()) for pair in each)]

        assert all(chinese and english and chinese != english for chinese, english in pairs)
