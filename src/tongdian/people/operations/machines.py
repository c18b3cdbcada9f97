"""Open an account for another system, with what it may reach."""

from datetime import datetime

from django.db import transaction

from tongdian.people.models import Organisation, User
from tongdian.people.operations.accounts import create_machine
from tongdian.people.operations.grants import grant
from tongdian.people.rules import Role


def open_machine(*, username: str, organisation: Organisation, territory_code: str, actor: User, now: datetime) -> User:
    """Create a machine account and grant it the role of one, for its organisation in a territory.

    Raises UsernameTaken; GrantNotPossible when the organisation cannot have one; InvalidTerritory.
    """
    with transaction.atomic():
        user = create_machine(username=username, organisation=organisation)
        grant(
            user,
            role=Role.MACHINE,
            organisation=organisation,
            territory_code=territory_code,
            actor=actor,
            reason="machine account opened",
            now=now,
        )
    return user
