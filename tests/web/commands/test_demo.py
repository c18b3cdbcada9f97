from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from support.demo_databases import unfound
from tongdian.case.operations import found_installation
from tongdian.demo.plan import FEWEST
from tongdian.demo.sign_ins import kept
from tongdian.web.commands.demo import command


@pytest.fixture
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["--cases", str(FEWEST), "--processes", "1", *arguments])


@pytest.mark.django_db
class TestCommand:
    def test_fills_an_empty_database_once_and_then_says_what_is_there(self, home: Path) -> None:
        unfound()

        first, second = run(), run("--quiet")

        assert first.exit_code == second.exit_code == 0
        assert "个步骤 steps\n" in first.output
        assert f"demonstration: {FEWEST} 件 cases, {FEWEST - 1} 件在办 open" in first.output
        assert second.output.startswith(f"演示数据已存在 · the demonstration is here already: {FEWEST} 件 cases")
        assert {each.login for each in kept(home=home)} >= {"demo_account_manager", "13000000001"}

    def test_refuses_a_production_installation(self, home: Path) -> None:
        unfound()
        found_installation(kind="production")

        refused = run()

        assert refused.exit_code == 1
        assert "founded as production" in refused.output
        assert kept(home=home) == ()

    def test_refuses_fewer_cases_than_the_story_needs(self) -> None:
        refused = CliRunner().invoke(command, ["--cases", str(FEWEST - 1)])

        assert refused.exit_code == 2
