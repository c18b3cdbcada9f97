import itertools

import pytest
from django.utils import timezone

from tongdian.case.models import Case
from tongdian.people.models import Organisation, User

numbers = itertools.count(1)


def new_user() -> User:
    return User.objects.create(username=f"timeline-{next(numbers)}")


def new_case(opened_by: User | None = None) -> Case:
    utility, _ = Organisation.objects.get_or_create(
        code="timeline-grid", defaults={"kind": "utility", "name": "示例供电"}
    )
    return Case.objects.create(
        kind="connection",
        status="open",
        county_code="370102",
        utility=utility,
        opened_by=opened_by or new_user(),
        opened_at=timezone.now(),
    )


@pytest.fixture
def case(db):
    return new_case()


@pytest.fixture
def other_case(db):
    return new_case()
