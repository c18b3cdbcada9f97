from pathlib import Path

import pytest
from click.testing import CliRunner

from tongdian.web.commands.messages import SOURCE, command
from tongdian.web.messages import (
    CATALOGUE,
    Finding,
    compile_catalogue,
    contradictions,
    findings,
    packages,
    read_catalogue,
    update_catalogue,
    write_catalogue,
)

CODE = 'from django.utils.translation import gettext as _\n\nDONE = _("已完成")\n'
TEMPLATE = """{% load i18n %}
  <p>{% translate "待办" %} {% crumb _("首页") %}</p>
    {% blocktranslate count n=days %}{{ n }} 天{% plural %}{{ n }} 天{% endblocktranslate %}
 {% blocktranslate with who=actor.name %}{{ who }} 办理{% endblocktranslate %}
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with a module, a template and a migration."""
    root = tmp_path / "matter"
    for path, text in (
        ("__init__.py", ""),
        ("words.py", CODE),
        ("templates/matter/page.html", TEMPLATE),
        ("migrations/0001_initial.py", '_("迁移")'),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def translate(package: Path, **strings: str | tuple[str, str]) -> None:
    catalogue = read_catalogue(package)
    for entry in catalogue:
        key = entry.id if isinstance(entry.id, str) else entry.id[0]
        entry.string = strings.get(key, entry.string)
    write_catalogue(package, catalogue)


def complete(package: Path) -> None:
    update_catalogue(package)
    words = {"已完成": "Done", "待办": "To do", "首页": "Home", "%(who)s 办理": "%(who)s acts"}
    translate(package, **words, **{"%(n)s 天": ("one day", "%(n)s days")})


class TestUpdateCatalogue:
    def test_finds_the_messages_of_modules_and_templates(self, package: Path) -> None:
        found = {entry.id for entry in update_catalogue(package) if entry.id}

        assert found == {"已完成", "待办", "首页", ("%(n)s 天", "%(n)s 天"), "%(who)s 办理"}

    def test_keeps_translations_and_drops_what_is_no_longer_said(self, package: Path) -> None:
        complete(package)
        (package / "words.py").write_text("")

        update_catalogue(package)

        text = (package / CATALOGUE).read_text()
        assert '"To do"' in text
        assert "Done" not in text

    def test_changes_nothing_when_no_message_changed(self, package: Path) -> None:
        complete(package)
        before = (package / CATALOGUE).read_bytes()

        update_catalogue(package)

        assert (package / CATALOGUE).read_bytes() == before


class TestFindings:
    def test_are_none_for_a_complete_catalogue(self, package: Path) -> None:
        complete(package)

        assert findings(package) == []

    def test_name_a_message_without_english(self, package: Path) -> None:
        complete(package)
        translate(package, 已完成="")

        assert findings(package) == [Finding("matter", "已完成", "no English string")]

    def test_name_a_message_that_was_never_extracted(self, package: Path) -> None:
        complete(package)
        (package / "words.py").write_text('_("新词")')

        assert findings(package) == [Finding("matter", "新词", "no English string")]

    @pytest.mark.parametrize("english", ["acts", "%(whom)s acts", "%(who)s acts for %(who_else)s"])
    def test_name_differing_placeholders(self, package: Path, english: str) -> None:
        complete(package)
        translate(package, **{"%(who)s 办理": english})

        assert findings(package) == [Finding("matter", "%(who)s 办理", "placeholders differ")]

    def test_name_a_plural_without_its_number(self, package: Path) -> None:
        complete(package)
        translate(package, **{"%(n)s 天": ("a day", "days")})

        assert findings(package) == [Finding("matter", "%(n)s 天", "placeholders differ")]

    def test_name_a_fuzzy_message(self, package: Path) -> None:
        complete(package)
        path = package / CATALOGUE
        path.write_text(path.read_text().replace('msgid "待办"', '#, fuzzy\nmsgid "待办"'))

        assert findings(package) == [Finding("matter", "待办", "fuzzy")]

    def test_read_as_a_sentence(self) -> None:
        assert str(Finding("ui", "待办", "fuzzy")) == "ui: fuzzy: '待办'"


class TestContradictions:
    def test_name_the_second_of_two_packages_that_differ(self, package: Path, tmp_path: Path) -> None:
        complete(package)
        other = tmp_path / "other"
        other.mkdir()
        (other / "__init__.py").write_text('_("待办")')
        update_catalogue(other)
        translate(other, 待办="Pending")

        found = contradictions([package, other])

        assert [(finding.package, finding.msgid) for finding in found] == [("other", "待办")]


class TestCompileCatalogue:
    def test_writes_what_django_reads(self, package: Path) -> None:
        complete(package)

        compiled = compile_catalogue(package)

        assert compiled.name == "django.mo"
        assert b"To do" in compiled.read_bytes()


class TestPackages:
    def test_are_those_with_messages(self, package: Path, tmp_path: Path) -> None:
        (tmp_path / "silent").mkdir()
        (tmp_path / "silent" / "__init__.py").write_text("")

        assert packages(tmp_path) == [package]


class TestEnglish:
    """The shipped catalogues: every message has its English string, and packages agree."""

    @pytest.mark.parametrize("name", [package.name for package in packages(SOURCE)])
    def test_is_complete(self, name: str) -> None:
        assert [str(finding) for finding in findings(SOURCE / name)] == []

    def test_is_the_same_in_every_package(self) -> None:
        assert [str(finding) for finding in contradictions(packages(SOURCE))] == []


class TestCommand:
    def test_checks_the_packages_named(self) -> None:
        assert CliRunner().invoke(command, ["check", "ui"]).exit_code == 0

    def test_refuses_a_package_without_messages(self) -> None:
        result = CliRunner().invoke(command, ["check", "kernel"])

        assert result.exit_code == 2
        assert "no messages in kernel" in result.output
