"""Reads of the installation's one row."""

from tongdian.case.models import Installation


def installation_kind() -> str:
    """Return what this database is for (production, demonstration, test), "" before it is founded. Causes a query."""
    return Installation.objects.values_list("kind", flat=True).order_by("pk").first() or ""
