"""Rows for the timeline's cases: cases to write in and many events, appended by the trigger."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongdian.case.models import Case


def new_case() -> "Case":
    """Add a case in Shizhong district of Jinan."""
    from django.utils import timezone

    from tongdian.case.models import Case
    from tongdian.people.models import Organisation, User

    utility, _ = Organisation.objects.get_or_create(
        code="bench-grid", defaults={"kind": "utility", "name": "示例供电", "territory_code": "370000"}
    )
    user, _ = User.objects.get_or_create(username="bench")
    return Case.objects.create(
        kind="connection",
        status="open",
        county_code="370103",
        utility=utility,
        opened_by=user,
        opened_at=timezone.now(),
    )


def fill(events: int, *, cases: int) -> None:
    """Append events to cases in turn, with bodies of a realistic size, and seal them."""
    from django.db import connection

    from tongdian.case.operations.sealing import seal
    from tongdian.gateway.log_keys import signing_keys

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO case_event (case_id, kind, actor_id, role, organisation_id, channel, evidence, body)"
            " SELECT (%(cases)s::uuid[])[1 + n %% %(count)s], 'document.added', (SELECT min(id) FROM people_user),"
            " 'applicant', (SELECT min(id) FROM people_organisation), 'portal', sha256(int8send(n)),"
            " '\\x01'::bytea || convert_to(format('{\"document_id\":%%s,\"stage\":\"acceptance\"}', n), 'UTF8')"
            " FROM generate_series(1, %(events)s) n",
            {"cases": [str(new_case().pk) for _ in range(cases)], "count": cases, "events": events},
        )
    seal(signing_keys())
