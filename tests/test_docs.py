"""The documentation's promises: no link leads nowhere, no page is out of reach, decisions are numbered."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Read by who writes a decision, linked from the first one.
NOT_IN_THE_INDEX = {DOCS / "index.md", DOCS / "decisions" / "template.md"}


def links(page: Path) -> list[str]:
    """Return the targets of a page's links inside the repository, without anchors."""
    targets = [target.split("#")[0] for target in LINK.findall(page.read_text())]
    return [target for target in targets if target and not target.startswith(("http:", "https:", "mailto:"))]


def dead_links(page: Path) -> list[str]:
    return [target for target in links(page) if not (page.parent / target).exists()]


class TestLinks:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_lead_somewhere(self, page: Path) -> None:
        assert dead_links(page) == []

    def test_that_lead_nowhere_are_found(self, tmp_path: Path) -> None:
        page = tmp_path / "page.md"
        page.write_text("[here](page.md#part) [gone](gone.md) [out](https://example.com)")

        assert dead_links(page) == ["gone.md"]


class TestIndex:
    def test_leads_to_every_page(self) -> None:
        linked = {(DOCS / target).resolve() for target in links(DOCS / "index.md")}

        assert {page for page in DOCS.rglob("*.md") if page not in NOT_IN_THE_INDEX} <= linked


class TestDecisions:
    def test_are_numbered_in_their_name_and_heading_without_a_gap(self) -> None:
        pages = sorted(page for page in (DOCS / "decisions").glob("*.md") if page.stem != "template")

        numbers = [page.name.split("-")[0] for page in pages]

        assert numbers == [f"{n:04d}" for n in range(1, len(pages) + 1)]
        assert all(page.read_text().startswith(f"# {number}. ") for page, number in zip(pages, numbers, strict=True))

    def test_each_say_question_decision_alternatives_and_consequence(self) -> None:
        headings = ("## The question", "## The decision", "## What else was considered", "## What follows")

        for page in (DOCS / "decisions").glob("*.md"):
            assert [heading for heading in headings if heading not in page.read_text()] == [], page
