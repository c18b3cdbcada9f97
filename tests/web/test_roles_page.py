from pathlib import Path

from tongdian.people.permissions import TABLE
from tongdian.people.rules import Role
from tongdian.web.roles_page import render

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "roles.md"


class TestRender:
    def test_is_what_the_documentation_says(self):
        assert render() == PAGE.read_text(encoding="utf-8"), "run: tongdian roles --write docs/reference/roles.md"

    def test_lists_every_role_and_permission(self):
        page = render()

        assert all(f"| `{role}` |" in page for role in Role)
        assert all(f"| `{name}` |" in page for name in TABLE)
