"""The page about the public file cannot lag behind the file."""

from pathlib import Path

from tongdian.disclosure.queries.months import columns_of
from tongdian.disclosure.rules.columns import Column
from tongdian.disclosure.rules.months import Month

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "public-month.md"


def clause_of(column: Column) -> str:
    return f" ({column.clause.en})" if column.clause else ""


COLUMNS = columns_of(Month.parse("2026-10"))
EXPECTED = [f"| `{each.name}` | {each.type} | {each.unit} | {each.meaning.en}{clause_of(each)} |" for each in COLUMNS]


class TestReference:
    def test_lists_the_columns_in_their_order_with_what_they_mean(self) -> None:
        lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

        assert lines[-len(EXPECTED) :] == EXPECTED
