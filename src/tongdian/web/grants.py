"""What the application's role may do: read and write rows, never change a table, never rewrite history."""

import pghistory.models
from django.apps import apps
from django.db import connection, models, transaction

# Arbitrary but fixed: two migrations of one database take turns on it.
MIGRATION_LOCK = 0x746F6E67


def apply_grants(app_role: str) -> None:
    """Give the application's role exactly its rights on every table there is now, and on those to come.

    Run by the owner after each migration; running it again changes nothing.
    """
    statements = [*_schema_grants(), *_table_grants(), *_append_only_grants()]
    quoted = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(app=quoted(app_role), database=quoted(connection.settings_dict["NAME"])))


def append_only_tables() -> list[str]:
    """Return the tables whose rows are only ever added: models that say `append_only = True`, and kept histories."""
    return sorted(
        model._meta.db_table for model in apps.get_models(include_auto_created=True) if _is_append_only(model)
    )


def _is_append_only(model: type[models.Model]) -> bool:
    return bool(getattr(model, "append_only", False)) or issubclass(model, pghistory.models.Event)


def _schema_grants() -> list[str]:
    return [
        "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC, {app}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {app}",
        "GRANT USAGE ON SCHEMA public TO {app}",
    ]


def _table_grants() -> list[str]:
    return [
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
        "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {app}",
    ]


def _append_only_grants() -> list[str]:
    return [
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {connection.ops.quote_name(table)} FROM {{app}}"
        for table in append_only_tables()
    ]
