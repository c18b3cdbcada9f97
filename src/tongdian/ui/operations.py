"""Seals stored personal data again, and digests its look-ups again, after a new key was put in front of a ring.

Tables are found by their fields, histories included. What is done is seen in the values themselves, so a rotation that
was cut short is simply started again.
"""

from collections.abc import Callable
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, Q

from tongdian.ui import sealing
from tongdian.ui.fields import EncryptedTextField, LookupField, Sealed

BATCH = 500
Progress = Callable[[str, int], None]


class SealedKey(models.Func):
    """The id of the key a sealed value names in its header."""

    template = (
        "CASE WHEN octet_length(%(expressions)s) > 2"
        " THEN convert_from(substring(%(expressions)s FROM 3 FOR get_byte(%(expressions)s, 1)), 'LATIN1') END"
    )
    output_field = models.CharField()


class DigestKey(models.Func):
    """The id of the key a digest names at its end; of a digest without one, the first key."""

    template = (
        "CASE WHEN octet_length(%(expressions)s) > 32"
        " THEN convert_from(substring(%(expressions)s FROM 33), 'LATIN1')"
        f" WHEN %(expressions)s IS NOT NULL THEN '{sealing.FIRST_KEY}' END"
    )
    output_field = models.CharField()


def reseal_all(*, on_progress: Progress | None = None) -> dict[str, int]:
    """Bring every value of every table under the current keys; return the rows changed per table.

    `on_progress` is called after each batch with the table and the rows done so far. Run by the database's owner:
    histories are append-only for the application.

    Raises UnknownKey when a row is sealed with a key that is no longer in the ring.
    """
    return {model._meta.label: reseal(model, on_progress=on_progress) for model in sealed_models()}


def reseal(model: type[models.Model], *, on_progress: Progress | None = None) -> int:
    """Bring the values of one table under the current keys, in transactions of 500 rows; return the rows changed.

    Can be stopped and started again: rows already done are not looked at. Writers meanwhile lose nothing, the rows
    of a batch are locked. No history is written of it: the data itself does not change.

    Raises UnknownKey when a row is sealed with a key that is no longer in the ring.
    """
    stale, changed, last = _stale(model), 0, None
    while batch := _next_batch(stale, last):
        with transaction.atomic(), pgtrigger.ignore():
            rows = model._base_manager.select_for_update(of=("self",)).filter(pk__in=batch).order_by("pk")
            changed += sum(_reseal_row(row) for row in rows)
        last = batch[-1]
        if on_progress:
            on_progress(model._meta.label, changed)
    return changed


def count_keys() -> dict[tuple[str, str], int]:
    """Count the values per (table and column, key id) of all tables; one query per column, each reads its table."""
    return {
        (f"{model._meta.label}.{field.name}", key_id): values
        for model in sealed_models()
        for field in _fields(model)
        for key_id, values in _counted(model, field)
    }


def sealed_models() -> list[type[models.Model]]:
    """List the models that hold sealed values, the histories that copy them too, in order of their names."""
    ours = [model for model in apps.get_models() if model._meta.managed and _fields(model)]
    return sorted(ours, key=lambda model: model._meta.label)


def _counted(model: type[models.Model], field: EncryptedTextField | LookupField) -> list[tuple[str, int]]:
    rows = model._base_manager.order_by().annotate(sealed_under=_key_of(field)).exclude(sealed_under=None)
    return list(rows.values_list("sealed_under").annotate(value_count=Count("*")).order_by("sealed_under"))


def _stale(model: type[models.Model]) -> models.QuerySet[Any]:
    rows, wanted = model._base_manager.order_by("pk"), Q(pk__in=[])
    for number, field in enumerate(_fields(model)):
        rows = rows.alias(**{f"sealed_under_{number}": _key_of(field)})
        wanted |= Q(**{f"sealed_under_{number}__isnull": False}) & ~Q(**{f"sealed_under_{number}": _current(field)})
    return rows.filter(wanted)


def _next_batch(stale: models.QuerySet[Any], after: object) -> list[object]:
    return list((stale.filter(pk__gt=after) if after is not None else stale).values_list("pk", flat=True)[:BATCH])


def _reseal_row(row: models.Model) -> bool:
    current: dict[str, object] = {}
    for field in _fields(type(row)):
        value = row.__dict__[field.attname]
        if isinstance(field, EncryptedTextField) and isinstance(value, Sealed) and value.key_id != _current(field):
            bound_to = field.row_of(row)
            current[field.name] = field.seal(value.open(bound_to), bound_to)
        elif isinstance(field, LookupField) and value is not None:
            text = getattr(row, field.of)
            digested = field.digest(text) if text else None
            current |= {} if digested == bytes(value) else {field.name: digested}
    return bool(current) and bool(type(row)._base_manager.filter(pk=row.pk).update(**current))


def _key_of(field: EncryptedTextField | LookupField) -> models.Func:
    column = models.F(field.attname)
    return SealedKey(column) if isinstance(field, EncryptedTextField) else DigestKey(column)


def _current(field: EncryptedTextField | LookupField) -> str:
    is_sealed = isinstance(field, EncryptedTextField)
    return sealing.current_key_id() if is_sealed else sealing.current_lookup_key_id()


def _fields(model: type[models.Model]) -> list[EncryptedTextField | LookupField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, (EncryptedTextField, LookupField))]
