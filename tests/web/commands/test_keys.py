import pytest
from click.testing import CliRunner

from support import people
from tongdian.people.models import User
from tongdian.web.commands.keys import command


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return result.output


class TestShow:
    def test_names_the_key_that_seals_and_those_that_only_open(self, settings):
        settings.FIELD_KEYS = f"k2:{'b' * 40},k1:{'a' * 40}"

        assert run("show").split("\n")[:2] == ["k2  seals", "k1  opens"]


@pytest.mark.django_db
class TestRotate:
    def test_seals_again_and_says_how_many_rows(self, settings):
        settings.FIELD_KEYS = f"k1:{'a' * 40}"
        people.person("13800001234")
        settings.FIELD_KEYS = f"k2:{'b' * 40},k1:{'a' * 40}"

        assert "people.User: 1" in run("rotate")

        settings.FIELD_KEYS = f"k2:{'b' * 40}"
        assert User.objects.get(phone_lookup="13800001234").phone == "13800001234"
