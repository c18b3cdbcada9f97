from click.testing import CliRunner

from tongdian.people.roles_page import render
from tongdian.web.commands.roles import command


class TestRoles:
    def test_prints_the_page(self):
        assert CliRunner().invoke(command, []).output == render()

    def test_writes_the_page(self, tmp_path):
        file = tmp_path / "roles.md"

        CliRunner().invoke(command, ["--write", str(file)])

        assert file.read_text(encoding="utf-8") == render()
