"""Backup and restore, drilled on a small demonstration that is really committed."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from django.conf import settings as django_settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.test import Client

from support.demo_databases import unfounded_copy
from tongdian.case.models import Case, Event
from tongdian.case.operations.sealing import seal
from tongdian.demo.loading import load
from tongdian.demo.plan import FEWEST
from tongdian.gateway.log_keys import signing_keys
from tongdian.people.models import User
from tongdian.web import backup, postgres_programs, restore
from tongdian.web.commands.restore import command as restore_command
from tongdian.web.commands.run import OWNERS_ONLY
from tongdian.web.commands.verify import command as verify_command

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Drill:
    """A running demonstration, its documents, and a backup of both."""

    home: Path
    made: backup.Backup

    def copy_of(self, target: Path) -> Path:
        return Path(shutil.copy(self.made.path, target))


@pytest.fixture(scope="module")
def drill(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Drill]:
    assert connection.settings_dict["NAME"].startswith("test_")
    home = tmp_path_factory.mktemp("home")
    usual, django_settings.HOME = django_settings.HOME, home
    with django_db_blocker.unblock(), unfounded_copy("drill"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(default_storage, "_wrapped", FileSystemStorage(home / "documents"))
        load(FEWEST, seed=1, now=datetime.now(UTC), home=home, on_progress=lambda _progress: None)
        seal(signing_keys())
        yield Drill(home, backup.write_backup(home / "backups", now=NOW))
    django_settings.HOME = usual


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def page(path: str, user: User) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200
    # What differs between two visits of any page: the form's token and the exact moment of the visit.
    return re.sub(r'datetime="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())


def tables(name: str, *, schema: str = "public") -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s AND tablename = %s", [schema, name])
        return cursor.fetchone()[0]


def restored(path: Path, manifest: backup.Manifest | None = None, **options: Any) -> restore.Restored:
    named = {"storage": default_storage, "app_role": django_settings.DATABASE_APP_ROLE} | options
    return restore.restore(path, manifest or restore.read_manifest(path), **named)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(restore_command, [str(argument) for argument in arguments])


@contextmanager
def emptied() -> Iterator[None]:
    """The same database without anything in it; what was there comes back afterwards."""
    sql("ALTER SCHEMA public RENAME TO kept; CREATE SCHEMA public AUTHORIZATION pg_database_owner")
    try:
        yield
    finally:
        connection.close()
        sql("DROP SCHEMA public CASCADE; ALTER SCHEMA kept RENAME TO public")


def one_case() -> Case:
    return Case.objects.exclude(number=None).order_by("number")[:1].get()


@pytest.mark.django_db
def test_the_drill_needs_a_test_database() -> None:
    """Without one marked test pytest-django makes no test database, and the drill would work on the real one."""
    assert connection.settings_dict["NAME"].startswith("test_")


class TestWriteBackup:
    def test_names_all_that_is_inside(self, drill: Drill) -> None:
        manifest = drill.made.manifest

        assert drill.made.path.name.startswith("tongdian-demonstration-")
        assert manifest.timeline["events"] == manifest.timeline["leaves"] > 0
        assert manifest.documents == list(backup.stored_names(default_storage)) != []
        with zipfile.ZipFile(drill.made.path) as archive:
            assert {*manifest.files, backup.MANIFEST} == set(archive.namelist())

    def test_holds_no_secret_and_is_readable_by_its_owner_only(self, drill: Drill) -> None:
        content = drill.made.path.read_bytes()

        assert drill.made.path.stat().st_mode & 0o777 == 0o600
        for secret in (django_settings.FIELD_KEYS, django_settings.LOOKUP_KEY, django_settings.LOG_KEY):
            assert secret.encode() not in content

    def test_puts_the_secrets_in_when_asked(self, drill: Drill, tmp_path: Path) -> None:
        made = backup.write_backup(tmp_path, now=NOW, has_keys=True)

        with zipfile.ZipFile(made.path) as archive:
            assert f"TONGDIAN_LOOKUP_KEY={django_settings.LOOKUP_KEY}" in archive.read(backup.KEYS).decode()

    def test_refuses_a_second_one_of_the_same_second(self, drill: Drill) -> None:
        with pytest.raises(backup.BackupExists):
            backup.write_backup(drill.home / "backups", now=NOW)

    def test_leaves_nothing_when_it_is_interrupted(self, drill: Drill, tmp_path: Path) -> None:
        def interrupt(_part: str, _done: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            backup.write_backup(tmp_path, now=NOW, on_progress=interrupt)

        assert list(tmp_path.iterdir()) == []

    def test_is_remembered_for_the_health_page(self, drill: Drill, tmp_path: Path) -> None:
        made = backup.write_backup(tmp_path, now=NOW)

        assert backup.last_backup() == (NOW, made.path.name)

    def test_needs_no_more_than_the_application_may_read(self, drill: Drill, tmp_path: Path) -> None:
        url = urlsplit(django_settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        inherited = {name: value for name, value in os.environ.items() if name not in OWNERS_ONLY}

        done = subprocess.run(
            [sys.executable, "-m", "tongdian.web.cli", "backup", tmp_path],
            env=inherited | {"DATABASE_URL": url, "TONGDIAN_HOME": str(drill.home)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        assert "the keys are not inside" in done.stdout
        assert len(list(tmp_path.glob("tongdian-*.zip"))) == 1


class TestRestore:
    def test_brings_back_a_timeline_that_holds_and_the_same_pages(self, drill: Drill) -> None:
        case, user = one_case(), one_case().opened_by
        before = page(f"/my/{case.pk}/", user)

        with emptied():
            answer = run(drill.made.path)
            proven = CliRunner().invoke(verify_command, [])
            after = page(f"/my/{case.pk}/", user)

        assert answer.exit_code == 0, answer.output
        assert "WARNING" not in answer.output
        assert proven.exit_code == 0
        assert proven.output.startswith("HOLDS: ")
        assert after == before
        assert case.title in after

    def test_makes_another_database_beside_the_running_one(self, drill: Drill, tmp_path: Path) -> None:
        name = f"{connection.settings_dict['NAME']}_beside"
        usual = connection.settings_dict["NAME"]

        try:
            answer = run(drill.made.path, "--into", name, "--documents", tmp_path)
            again = run(drill.made.path, "--into", name)
            assert connection.settings_dict["NAME"] == usual
        finally:
            sql(f'DROP DATABASE IF EXISTS "{name}"')

        assert "HOLDS" in answer.output, answer.output
        assert list(backup.stored_names(FileSystemStorage(tmp_path))) == drill.made.manifest.documents
        assert again.exit_code == 1
        assert "choose another name" in again.output

    def test_refuses_a_database_that_is_not_empty_unless_forced(self, drill: Drill) -> None:
        sql("CREATE TABLE left_over (id int)")

        refused, forced = run(drill.made.path), run(drill.made.path, "--force")

        assert refused.exit_code == 1
        assert "is not empty" in refused.output
        assert forced.exit_code == 0, forced.output
        assert not tables("left_over")

    def test_refuses_while_somebody_works(self, drill: Drill) -> None:
        with connection.copy().cursor() as other:
            other.execute("SELECT 1")

            refused = run(drill.made.path, "--force")

            other.connection.close()
        assert "1 other sessions" in refused.output

    def test_puts_everything_back_when_it_is_interrupted(self, drill: Drill) -> None:
        events = drill.made.manifest.timeline["events"]

        def interrupt(part: str, _done: int) -> None:
            if part == "documents checked":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            restored(drill.made.path, replaces=True, on_progress=interrupt)

        assert Event.objects.count() == events
        assert not tables("case_event", schema=restore.ASIDE)

    def test_begins_with_what_a_killed_one_had_put_aside(self, drill: Drill) -> None:
        sql(f"ALTER SCHEMA public RENAME TO {restore.ASIDE}; CREATE SCHEMA public; CREATE TABLE public.half (id int)")
        connection.close()

        with pytest.raises(restore.NotEmpty):
            restored(drill.made.path)

        assert Event.objects.exists()
        assert not tables("half")

    def test_says_when_the_keys_here_are_not_those_of_the_backup(self, drill: Drill, settings) -> None:
        settings.LOOKUP_KEY = "another look-up key, which is long enough"

        answer = run(drill.made.path, "--force")

        assert answer.exit_code == 0
        assert "TONGDIAN_LOOKUP_KEY here lacks k1" in answer.output

    def test_refuses_a_backup_of_a_newer_release(self, drill: Drill) -> None:
        newer = replace(drill.made.manifest, migrations=(*drill.made.manifest.migrations, "case.9999_later"))

        with pytest.raises(restore.NewerRelease, match="9999_later"):
            restored(drill.made.path, newer)

    def test_refuses_a_backup_of_a_newer_server(self, drill: Drill) -> None:
        newer = replace(drill.made.manifest, server_version=990001)

        with pytest.raises(restore.NewerServer, match="99"):
            restored(drill.made.path, newer)

    def test_refuses_a_checkpoint_the_timeline_does_not_continue(self, drill: Drill, tmp_path: Path) -> None:
        kept = tmp_path / "checkpoint"
        kept.write_text(drill.made.manifest.timeline["checkpoint"].replace("tongdian/", "elsewhere/", 1))

        answer = run(drill.made.path, "--force", "--checkpoint", kept)

        assert answer.exit_code == 1
        assert "belongs to the log" in answer.output
        assert Event.objects.exists()


class TestTampering:
    def test_of_a_byte_of_the_dump_is_found_before_anything_is_touched(self, drill: Drill, tmp_path: Path) -> None:
        copy = drill.copy_of(tmp_path / "changed.zip")
        content = bytearray(copy.read_bytes())
        content[len(content) // 2] ^= 1
        copy.write_bytes(content)

        answer = run(copy, "--force")

        assert answer.exit_code == 1
        assert "was changed or cut" in answer.output
        assert Event.objects.exists()

    def test_of_a_row_before_the_dump_is_found_by_its_chain(self, drill: Drill, tmp_path: Path) -> None:
        sql("ALTER TABLE case_event DISABLE TRIGGER USER")
        sql("UPDATE case_event SET channel = 'counter' WHERE id = (SELECT min(id) FROM case_event)")
        forged = backup.write_backup(tmp_path, now=NOW)
        sql("UPDATE case_event SET channel = 'web' WHERE id = (SELECT min(id) FROM case_event)")
        sql("ALTER TABLE case_event ENABLE TRIGGER USER")

        answer = run(forged.path, "--force")

        assert answer.exit_code == 1
        assert "does not hold: case_event" in answer.output
        assert Event.objects.count() == drill.made.manifest.timeline["events"]

    def test_of_events_cut_off_is_found_by_the_head(self, drill: Drill) -> None:
        manifest = drill.made.manifest
        more = replace(manifest, timeline={**manifest.timeline, "events": manifest.timeline["events"] + 1})

        with pytest.raises(restore.DoesNotHold, match="the manifest names"):
            restored(drill.made.path, more, replaces=True)

    def test_of_a_document_is_found(self, drill: Drill, tmp_path: Path) -> None:
        storage = FileSystemStorage(tmp_path)
        name = drill.made.manifest.documents[0]
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("something else")

        with pytest.raises(restore.DoesNotHold, match="another content"):
            restored(drill.made.path, storage=storage, replaces=True)

    def test_of_a_document_that_is_gone_is_found(self, drill: Drill, tmp_path: Path) -> None:
        manifest = drill.made.manifest
        fewer = {name: member for name, member in manifest.files.items() if name == backup.DUMP}

        with pytest.raises(restore.DoesNotHold, match="is missing"):
            restored(
                drill.made.path, replace(manifest, files=fewer), storage=FileSystemStorage(tmp_path), replaces=True
            )


class TestReadManifest:
    def test_refuses_what_is_no_archive(self, tmp_path: Path) -> None:
        (tmp_path / "x.zip").write_text("no archive")

        with pytest.raises(restore.NotABackup):
            restore.read_manifest(tmp_path / "x.zip")

    def test_refuses_an_archive_of_another_form(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr(backup.MANIFEST, json.dumps({"format": "other"}))

        with pytest.raises(restore.NotABackup, match="'other'"):
            restore.read_manifest(tmp_path / "x.zip")


class TestCheckFile:
    def test_passes_what_was_written(self, drill: Drill) -> None:
        assert run("--check", drill.made.path).exit_code == 0

    def test_names_a_member_that_is_missing(self, drill: Drill) -> None:
        more = {**drill.made.manifest.files, "documents/aa": backup.Member(1, "00")}

        with pytest.raises(restore.Damaged, match="documents/aa: is missing"):
            restore.check_file(drill.made.path, replace(drill.made.manifest, files=more))


class TestProgram:
    def test_is_of_the_servers_version(self, drill: Drill) -> None:
        major = postgres_programs.server_version() // 10000

        assert postgres_programs.program("pg_dump", major=major).exists()

    def test_is_missed_by_name_when_no_folder_has_it(self) -> None:
        with pytest.raises(postgres_programs.ProgramMissing, match="postgresql-client-99"):
            postgres_programs.program("pg_dump", major=99)

    def test_that_fails_says_why(self, drill: Drill) -> None:
        with (
            pytest.raises(postgres_programs.ProgramRefused, match="no matching tables"),
            postgres_programs.output_of("pg_dump", ["--table=nowhere"]) as output,
        ):
            output.read()
