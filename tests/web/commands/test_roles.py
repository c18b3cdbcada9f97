from click.testing import CliRunner

from tongdian.web.commands.roles import command
from tongdian.web.roles_page import render


class TestRoles:
    def test_prints_the_page(self):
        assert CliRunner().invoke(command, []).output == render()

    def test_writes_the_page(self, tmp_path):
        file = tmp_path / "roles.md"

        CliRunner().invoke(command, ["--write", str(file)])

        assert file.read_text(encoding="utf-8") == render()
