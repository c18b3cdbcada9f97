import re
from pathlib import Path

import pytest

from tongdian.web import environment, settings
from tongdian.web.environment import InvalidSetting, database, flag, items, secret

# What our own processes tell each other.
INTERNAL = {"TONGDIAN_AS_OWNER", "TONGDIAN_COLLECTED"}
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"


class TestFlag:
    @pytest.mark.parametrize(
        ("spelling", "meaning"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False), ("", False)]
    )
    def test_reads_the_usual_spellings(self, monkeypatch: pytest.MonkeyPatch, spelling: str, meaning: bool) -> None:
        monkeypatch.setenv("TONGDIAN_X", spelling)

        assert flag("TONGDIAN_X", default=not meaning) is meaning

    def test_is_the_default_when_not_set(self) -> None:
        assert flag("TONGDIAN_NOT_SET", default=True) is True

    def test_refuses_another_spelling(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TONGDIAN_X", "maybe")

        with pytest.raises(InvalidSetting, match="TONGDIAN_X='maybe': use 1/true/yes/on"):
            flag("TONGDIAN_X", default=False)


class TestItems:
    def test_drops_blanks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TONGDIAN_X", " a, ,b ,")

        assert items("TONGDIAN_X", "") == ["a", "b"]


class TestDatabase:
    @pytest.mark.parametrize(
        ("url", "parts"),
        [
            ("postgresql://app:p%40ss@db:5433/tongdian", ("tongdian", "app", "p@ss", "db", "5433")),
            ("postgres://app@localhost/tongdian", ("tongdian", "app", "", "localhost", "")),
            ("postgresql://app:x@/tongdian?host=/Var/Run&port=5432", ("tongdian", "app", "x", "/Var/Run", "5432")),
        ],
    )
    def test_reads_libpqs_forms(self, url: str, parts: tuple[str, ...]) -> None:
        read = database(url)

        assert tuple(read[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == parts
        assert read["OPTIONS"] == {}

    def test_passes_other_options_on(self) -> None:
        assert database("postgresql://a@b/c?sslmode=verify-full")["OPTIONS"] == {"sslmode": "verify-full"}

    @pytest.mark.parametrize("url", ["mysql://app:secret@db/tongdian", "postgresql://app:secret@db", "tongdian"])
    def test_refuses_another_without_showing_the_password(self, url: str) -> None:
        with pytest.raises(InvalidSetting) as refused:
            database(url)

        assert "secret" not in str(refused.value)


class TestSecret:
    def test_is_made_once_and_kept_from_others(self, tmp_path: Path) -> None:
        made = secret("TONGDIAN_X", home=tmp_path)

        assert secret("TONGDIAN_X", home=tmp_path) == made
        assert (tmp_path / "secrets" / "tongdian_x").stat().st_mode & 0o777 == 0o600

    def test_is_the_variable_when_it_is_set(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("TONGDIAN_X", "said")

        assert secret("TONGDIAN_X", home=tmp_path) == "said"
        assert not list(tmp_path.iterdir())

    def test_is_read_from_the_file_that_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "mounted").write_text("kept elsewhere\n")
        monkeypatch.setenv("TONGDIAN_X_FILE", str(tmp_path / "mounted"))

        assert secret("TONGDIAN_X", home=tmp_path) == "kept elsewhere"


class TestReference:
    def test_lists_every_setting(self) -> None:
        source = Path(settings.__file__).read_text() + Path(environment.__file__).read_text()
        names = set(re.findall(r'"((?:TONGDIAN|DATABASE)_[A-Z_]+)"', source)) - {
            "TONGDIAN_AS_OWNER",
            "TONGDIAN_COLLECTED",
        }
        page = REFERENCE.read_text()

        missing = {name for name in names if f"`{name}`" not in page and f"`…_{name.split('_', 2)[-1]}`" not in page}

        assert names
        assert not missing
