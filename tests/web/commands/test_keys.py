import os
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from click.testing import CliRunner, Result

from support import people
from tongdian.people.models import User
from tongdian.ui import sealing
from tongdian.web.commands.keys import command

OLD, NEW = f"k1:{'a' * 40}", f"k2:{'b' * 40}"


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def run(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def files(settings, tmp_path: Path, monkeypatch) -> Path:
    """Rings kept in files, as an installation makes them."""
    settings.HOME = tmp_path
    for name in ("TONGDIAN_FIELD_KEYS", "TONGDIAN_LOOKUP_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "tongdian_field_keys").write_text("a" * 40)
    (tmp_path / "secrets" / "tongdian_lookup_key").write_text("c" * 40)
    settings.FIELD_KEYS, settings.LOOKUP_KEY = "a" * 40, "c" * 40
    return tmp_path / "secrets"


class TestShow:
    def test_names_the_key_that_seals_and_those_that_only_open(self, settings):
        settings.FIELD_KEYS, settings.LOOKUP_KEY = f"{NEW},{OLD}", OLD

        assert run("show").split("\n")[:3] == ["k2  seals", "k1  opens", "k1  digests"]


class TestCommand:
    def test_works_from_a_bare_shell(self, tmp_path):
        bare = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "TONGDIAN_"))}

        shown = subprocess.run(
            [sys.executable, "-m", "tongdian.web.cli", "keys", "show"],
            env=bare | {"TONGDIAN_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert shown.stdout.splitlines() == ["k1  seals", "k1  digests"], shown.stderr


class TestAdd:
    def test_puts_a_new_key_in_front_of_the_file(self, files):
        run("add", "field", "k2")

        ring = sealing.ring((files / "tongdian_field_keys").read_text())
        assert list(ring) == ["k2", "k1"]
        assert ring["k1"] == "a" * 40
        assert (files / "tongdian_field_keys").stat().st_mode & 0o777 == 0o600

    def test_can_put_it_last_where_other_hosts_must_know_it_first(self, files):
        run("add", "lookup", "k2", "--last")

        assert list(sealing.ring((files / "tongdian_lookup_key").read_text())) == ["k1", "k2"]

    def test_prints_a_ring_that_stands_in_the_environment(self, files, monkeypatch):
        monkeypatch.setenv("TONGDIAN_FIELD_KEYS", OLD)

        assert "TONGDIAN_FIELD_KEYS=k2:" in run("add", "field", "k2")
        assert (files / "tongdian_field_keys").read_text() == "a" * 40

    def test_refuses_an_id_that_is_there(self, files):
        assert "already" in invoke("add", "field", "k1").output


@pytest.mark.django_db
class TestRemove:
    def test_takes_an_unneeded_key_out(self, files, settings):
        run("add", "lookup", "k2")

        run("remove", "lookup", "k1")

        assert list(sealing.ring((files / "tongdian_lookup_key").read_text())) == ["k2"]

    def test_refuses_while_a_value_needs_it(self, files):
        people.person("13800001234")
        run("add", "field", "k2")

        refused = invoke("remove", "field", "k1")

        assert refused.exit_code == 1
        assert "1 in people.User.phone" in refused.output

    @pytest.mark.parametrize(("key_id", "why"), [("k9", "holds no key"), ("k1", "only key")])
    def test_refuses(self, files, key_id, why):
        assert why in invoke("remove", "field", key_id).output


@pytest.mark.django_db
class TestRotate:
    def test_seals_and_digests_again_and_says_how_many_rows(self, settings):
        settings.FIELD_KEYS, settings.LOOKUP_KEY = OLD, OLD
        people.person("13800001234")
        TOTP.activate(people.staff(), generate_totp_secret())
        settings.FIELD_KEYS, settings.LOOKUP_KEY = f"{NEW},{OLD}", f"{NEW},{OLD}"

        output = run("rotate")

        # The member of staff has a display name, if an empty one.
        assert "people.User: 2" in output
        assert "mfa.Authenticator: 1" in output
        settings.FIELD_KEYS, settings.LOOKUP_KEY = NEW, NEW
        assert User.objects.get(phone_lookup="13800001234").phone == "13800001234"


@pytest.mark.django_db
class TestStatus:
    def test_counts_what_lies_under_each_key(self, settings):
        settings.FIELD_KEYS, settings.LOOKUP_KEY = OLD, OLD
        people.person("13800001234")
        TOTP.activate(people.staff(), generate_totp_secret())
        settings.FIELD_KEYS, settings.LOOKUP_KEY = f"{NEW},{OLD}", f"{NEW},{OLD}"

        lines = [line.split() for line in run("status").splitlines()]

        assert ["people.User.phone", "k1", "1", "to", "rotate"] in lines
        assert ["people.User.phone_lookup", "k1", "1", "to", "rotate"] in lines
        assert ["mfa.Authenticator.data", "k1", "1", "to", "rotate"] in lines
