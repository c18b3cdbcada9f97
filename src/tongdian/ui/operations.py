"""Seals stored personal data again after a new key was put in front of the ring."""

from django.apps import apps
from django.db import models, transaction

from tongdian.ui import sealing
from tongdian.ui.fields import EncryptedTextField, Sealed

BATCH = 500


def reseal_all() -> dict[str, int]:
    """Seal every value of every table that is not sealed with the current key; return the rows changed per table."""
    tables = [model for model in apps.get_models() if model._meta.managed and _sealed_fields(model)]
    return {model._meta.label: reseal(model) for model in tables}


def reseal(model: type[models.Model]) -> int:
    """Seal the values of one table with the current key, in batches of 500 rows, and return how many rows changed.

    Can be stopped and started again: rows already done are left alone. Writers meanwhile lose nothing, the rows of a
    batch are locked.

    Raises UnknownKey when a row is sealed with a key that is no longer in the ring.
    """
    changed, last = 0, None
    while batch := _next_batch(model, last):
        with transaction.atomic():
            rows = model._default_manager.select_for_update().filter(pk__in=batch).order_by("pk")
            changed += sum(_reseal_row(row) for row in rows)
        last = batch[-1]
    return changed


def _next_batch(model: type[models.Model], after: object) -> list[object]:
    rows = model._default_manager.order_by("pk")
    return list((rows.filter(pk__gt=after) if after is not None else rows).values_list("pk", flat=True)[:BATCH])


def _reseal_row(row: models.Model) -> bool:
    current = sealing.current_key_id()
    stale = [
        field.name
        for field in _sealed_fields(type(row))
        if isinstance(value := row.__dict__[field.attname], Sealed) and value.key_id != current
    ]
    for name in stale:
        setattr(row, name, getattr(row, name))
    if stale:
        row.save(update_fields=stale)
    return bool(stale)


def _sealed_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
