import psycopg
import pytest
from django.db import connection
from psycopg import sql

from tongdian.web.grants import append_only_tables, apply_grants

pytestmark = pytest.mark.django_db

DDL = [
    "CREATE TABLE mine (n int)",
    "CREATE TEMPORARY TABLE mine (n int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA mine",
    "ALTER TABLE case_event ADD COLUMN mine int",
    "ALTER TABLE case_event DISABLE TRIGGER ALL",
    "DROP TABLE case_event",
    "DROP TRIGGER case_event_append ON case_event",
    "CREATE TRIGGER mine BEFORE INSERT ON case_event EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "TRUNCATE case_case",
    "SET session_replication_role = replica",
    "SET ROLE tongdian_owner",
    "COPY people_user TO PROGRAM 'cat'",
]


class TestApplicationRole:
    @pytest.mark.parametrize("statement", DDL)
    def test_is_refused_what_only_the_owner_does(self, app_connection: psycopg.Connection, statement: str) -> None:
        # "must be owner of", "permission denied": either way it is the role that may not.
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject)):
            app_connection.execute(statement.encode())

    def test_may_read_and_write_ordinary_rows(self, app_connection: psycopg.Connection) -> None:
        rights = _rights(app_connection, "people_user")

        assert rights == {"SELECT", "INSERT", "UPDATE", "DELETE"}

    def test_may_only_add_to_the_timeline(self, app_connection: psycopg.Connection) -> None:
        assert _rights(app_connection, "case_event") == {"SELECT", "INSERT"}

    @pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
    def test_is_refused_a_change_of_the_timeline(self, app_connection: psycopg.Connection, statement: str) -> None:
        names = [sql.Identifier(name) for name in ("case_event", "seq", "seq")]

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_connection.execute(sql.SQL(statement).format(*names))

    def test_may_only_add_to_every_append_only_table(self, app_connection: psycopg.Connection) -> None:
        wrong = {
            table: rights
            for table in append_only_tables()
            if not (rights := _rights(app_connection, table)) <= {"SELECT", "INSERT"}
        }

        assert "case_event" in append_only_tables()
        assert not wrong

    def test_may_not_pretend_a_migration_was_applied(self, app_connection: psycopg.Connection) -> None:
        assert _rights(app_connection, "django_migrations") == {"SELECT"}

    def test_may_use_sequences(self, app_connection: psycopg.Connection) -> None:
        (sequence,) = app_connection.execute("SELECT pg_get_serial_sequence('people_user', 'id')").fetchone() or ("",)

        assert app_connection.execute("SELECT has_sequence_privilege(%s, 'USAGE')", [sequence]).fetchone() == (True,)


class TestApplyGrants:
    def test_changes_nothing_the_second_time(self) -> None:
        before = _privileges()

        apply_grants("tongdian_app")

        assert _privileges() == before

    def test_covers_tables_made_later(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE made_later (n int)")
            cursor.execute("SELECT has_table_privilege('tongdian_app', 'made_later', 'INSERT')")
            assert cursor.fetchone() == (True,)


def _rights(app_connection: psycopg.Connection, table: str) -> set[str]:
    kinds = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    return {
        kind
        for kind in kinds
        if app_connection.execute("SELECT has_table_privilege(%s, %s)", [table, kind]).fetchone() == (True,)
    }


def _privileges() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text, relacl::text FROM pg_class WHERE relkind IN ('r', 'S') ORDER BY oid"
        )
        return cursor.fetchall()
