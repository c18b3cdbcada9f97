"""Reads of people, one module per topic."""

from tongdian.people.queries.absences import cover_of, covers_of
from tongdian.people.queries.scope import (
    NoUtility,
    Right,
    Scope,
    ScopeNeedsField,
    full_names,
    holds_staff_role,
    in_force,
    rights,
    scope,
    sessions_of,
    utility_for,
)

__all__ = [
    "NoUtility",
    "Right",
    "Scope",
    "ScopeNeedsField",
    "cover_of",
    "covers_of",
    "full_names",
    "holds_staff_role",
    "in_force",
    "rights",
    "scope",
    "sessions_of",
    "utility_for",
]
