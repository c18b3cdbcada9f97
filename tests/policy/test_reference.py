"""The reference page."""

from pathlib import Path

from tongdian.policy import packaged_book
from tongdian.policy.reference import as_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "policy.md"


class TestAsMarkdown:
    def test_is_what_the_documentation_holds(self) -> None:
        assert PAGE.read_text(encoding="utf-8") == as_markdown(packaged_book()), "run `tongdian policy docs`"

    def test_has_every_entry_and_the_digest(self) -> None:
        text = as_markdown(packaged_book())

        assert all(f"### `{entry.id}`" in text for entry in packaged_book().items())
        assert packaged_book().digest in text

    def test_keeps_each_value_on_one_row_of_seven_cells(self) -> None:
        rows = [line for line in as_markdown(packaged_book()).splitlines() if line.startswith("| ")]

        assert rows
        assert {row.replace("\\|", "").count("|") for row in rows} == {8}
