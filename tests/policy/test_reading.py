"""Strict YAML."""

from decimal import Decimal
from pathlib import Path

import pytest

from tongdian.policy import PolicyFileError
from tongdian.policy.reading import read_yaml


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return path


class TestReadYaml:
    def test_remembers_the_line_of_each_key(self, tmp_path: Path) -> None:
        mapping = read_yaml(written(tmp_path, "# head\nmatter: a\n\ntitle: b\n"))

        assert mapping.lines == {"matter": 2, "title": 4}

    def test_reads_a_number_with_a_point_as_a_decimal(self, tmp_path: Path) -> None:
        mapping = read_yaml(written(tmp_path, "hours: 0.9\n"))

        assert mapping["hours"] == Decimal("0.9")
        assert isinstance(mapping["hours"], Decimal)

    @pytest.mark.parametrize(
        ("text", "line", "field", "reason"),
        [
            ("a: 1\nb: 2\na: 3\n", 3, "a", "the key is repeated, first seen in line 1"),
            ("top:\n  a: 1\n  a: 2\n", 3, "a", "the key is repeated"),
            ("base: &b {x: 1}\ntop:\n  <<: *b\n", 3, "<<", "merge keys are not allowed"),
            ("a: 1\nno: 2\n", 2, "False", "a key must be a text"),
            ("1: 2\n", 1, "1", "a key must be a text"),
            ("a: .inf\n", 1, ".inf", "not a plain decimal"),
            ("a: .nan\n", 1, ".nan", "not a plain decimal"),
            ("a: 190:20:30.15\n", 1, "190:20:30.15", "not a plain decimal"),
            ("a: [1\nb: 2\n", 2, "", "cannot be read as YAML"),
            ("a: 1\nb: 2021-02-30\n", 2, "2021-02-30", "not a day of the calendar"),
            ("a: 2021-05-30T08:00:00\n", 1, "2021-05-30T08:00:00", "not a day of the calendar"),
            ("a: 012\n", 1, "012", "not written plainly"),
            ("a: 1:30\n", 1, "1:30", "not written plainly"),
            ("a: 0x1F\n", 1, "0x1F", "not written plainly"),
            ("- a\n- b\n", 1, "", "the top level is not a mapping"),
            ("", 1, "", "the top level is not a mapping"),
            ("a: !!python/name:os.system\n", 1, "", "cannot be read as YAML"),
        ],
    )
    def test_refuses_what_is_not_strict(
        self, tmp_path: Path, text: str, line: int | None, field: str, reason: str
    ) -> None:
        path = written(tmp_path, text)

        with pytest.raises(PolicyFileError) as caught:
            read_yaml(path)

        error = caught.value
        assert (error.file, error.line, error.field) == (path, line, field)
        assert reason in error.reason
        assert error.way_out

    def test_refuses_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(PolicyFileError, match="cannot be read as YAML"):
            read_yaml(tmp_path / "none.yaml")

    def test_refuses_bytes_that_are_not_text(self, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_bytes(b"a: \xff\xfe\n")

        with pytest.raises(PolicyFileError, match="cannot be read as YAML"):
            read_yaml(path)

    def test_says_everything_in_one_message(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a: 1\na: 2\n")

        with pytest.raises(PolicyFileError) as caught:
            read_yaml(path)

        text = f"{path}, line 2: a = 2: the key is repeated, first seen in line 1. Keep one of the two."
        assert str(caught.value) == text

    def test_shortens_a_long_value_in_the_message(self, tmp_path: Path) -> None:
        path = written(tmp_path, f"a: 1\na: {'x' * 500}\n")

        with pytest.raises(PolicyFileError) as caught:
            read_yaml(path)

        assert len(str(caught.value)) < 300
