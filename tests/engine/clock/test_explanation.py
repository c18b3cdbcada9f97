"""docs/explanation/clock.md names every verdict and every finding there is."""

import re
from pathlib import Path

import tongdian.engine.clock as package
from tongdian.engine.clock import VERDICTS
from tongdian.engine.clock.trace import BLOCKING

PAGE = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "clock.md"
SOURCES = [path.read_text(encoding="utf-8") for path in Path(package.__path__[0]).glob("*.py")]
CODES = {
    code
    for source in SOURCES
    for code in re.findall(r'(?:_find|Finding)\(\s*"(\w+)"|code = "(\w+)" if .* else "(\w+)"', source)
    for code in code
    if code
}


class TestExplanationOfTheClock:
    def test_names_every_verdict(self) -> None:
        page = PAGE.read_text(encoding="utf-8")

        assert [verdict for verdict in VERDICTS if f"| `{verdict}` |" not in page] == []

    def test_names_every_finding_and_says_which_ones_block(self) -> None:
        rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
        blocking = {code for row in rows if row.endswith("| yes |") for code in re.findall(r"`(\w+)`", row)}

        assert len(CODES) > 12
        assert {code for code in CODES if not any(f"`{code}`" in row for row in rows)} == set()
        assert blocking == BLOCKING
