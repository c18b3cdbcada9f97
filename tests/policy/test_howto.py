"""The how-to page works as written."""

import re
from datetime import date
from pathlib import Path

from tongdian.policy import load_book

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "change-a-policy-value.md"
SINGLE = "connection.total_limit.hv10_single"
DAYS = (date(2026, 12, 31), date(2027, 1, 1))


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def overlay(folder: Path, rule: str) -> Path:
    (folder / "zibo.yaml").write_text(rule, encoding="utf-8")
    (folder / "sources.yaml").write_text(blocks()[1], encoding="utf-8")
    return folder


class TestChangeAPolicyValue:
    def test_shortens_the_limit_in_one_city(self, tmp_path: Path) -> None:
        book = load_book([overlay(tmp_path, blocks()[0])])

        assert [book.lookup(SINGLE, on=day, place="370302").value for day in DAYS] == [11, 9]
        assert [book.lookup(SINGLE, on=day, place="370402").value for day in DAYS] == [11, 11]

    def test_ends_an_open_value(self, tmp_path: Path) -> None:
        rule, _, ending = blocks()
        book = load_book([overlay(tmp_path, rule[: rule.index("      - ")] + ending)])

        assert [book.lookup(SINGLE, on=day, place="370402").value for day in DAYS] == [11, 9]
