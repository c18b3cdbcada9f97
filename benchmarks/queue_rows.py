"""Rows for the queue's case: a province of open cases, written set-based, and three people who look at their queues.

The queue reads no events, so none are written. Names, streets and firms are made up of a few words each.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from tongdian.people.models import Organisation, User

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
COUNTY, CITY, PROVINCE = "370102", "370100", "370000"
STATES = (
    ("submitted", "acceptance", "utility"),
    ("accepted", "scheme", "utility"),
    ("scheme_issued", "", "customer"),
    ("in_design_review", "design_review", "utility"),
    ("design_approved", "", "customer"),
    ("in_completion_inspection", "completion_inspection", "utility"),
    ("inspected", "connect", "utility"),
)
CLASSES = ("lv_resident", "lv_three_zero", "lv_other", "hv10_single", "hv10_dual", "hv35_single")
STREETS = ("黄河路", "经十路", "解放路", "建设大街", "工业北路", "泉城路", "人民路", "长江路")
FIRMS = ("食品厂", "纺织厂", "机械厂", "商店", "幼儿园", "数据中心", "养殖场", "酒店")
COLUMNS = (
    *("id", "kind", "number", "status", "customer_class", "title", "address", "county_code", "zone", "utility_id"),
    *("opened_by_id", "opened_at", "assignee_id", "version", "accepted_at", "judged_date", "policy_digest"),
    *("calendar_version", "next_due_date", "next_is_provisional", "next_stage", "waiting_for", "has_been_late"),
)


def fill(cases: int) -> "dict[str, User]":
    """Write the cases, their search terms and their managers; return the people who read: by county, city, province."""
    from django.db import connection

    from tongdian.case.models import Case
    from tongdian.kernel.divisions import divisions
    from tongdian.people.models import Organisation, User

    random = Random(11)  # noqa: S311 - reproducible rows, no secret
    grid = Organisation.objects.create(code="bench", kind="utility", name="示例供电", territory_code=PROVINCE)
    codes = [each.code for each in divisions(TODAY, level="county")]
    managers = [
        (code, user)
        for code in codes
        for user in User.objects.bulk_create(
            User(username=f"m{code}{n}", kind="staff", display_name=f"示例经理{n}", organisation=grid) for n in range(3)
        )
    ]
    _copy(_CASE, COLUMNS, _cases(cases, managers, grid, random))
    # Read before the copying begins: it keeps the connection to itself.
    _copy(_TERMS, ("case_id", "terms"), _terms(list(Case.objects.values_list("pk", "number", "title", "address"))))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {code: _reader(code, grid) for code in (COUNTY, CITY, PROVINCE)}


_CASE, _TERMS = "case_case", "case_caseterms"


def _cases(
    cases: int, managers: "list[tuple[str, User]]", grid: "Organisation", random: Random
) -> Iterator[tuple[Any, ...]]:
    from tongdian.kernel.identifiers import case_number

    for n in range(cases):
        code, manager = managers[n % len(managers)]
        status, stage, waiting_for = STATES[random.randrange(len(STATES))]
        opened_at = NOW - timedelta(minutes=random.randrange(60 * 24 * 90))
        due = TODAY + timedelta(days=random.randrange(-6, 40)) if stage else None
        yield (
            *(UUID(int=random.getrandbits(128), version=4), "connection"),
            *(case_number(code, 2026, n // len(managers) + 1 + 1000 * (n % 3)), status, random.choice(CLASSES)),
            *(
                f"示例{random.choice(FIRMS)}{n % 977}",
                f"{random.choice(STREETS)}{random.randrange(1, 999)}号",
                code,
                "",
            ),
            *(grid.pk, manager.pk, opened_at, manager.pk if n % 10 else None, 3, opened_at, opened_at.date(), "", ""),
            *(due, False, stage, waiting_for, False),
        )


def _terms(rows: list[tuple[UUID, str, str, str]]) -> Iterator[tuple[UUID, list[str]]]:
    from functools import lru_cache

    from tongdian.case.terms import number_terms, terms_of

    cut = lru_cache(maxsize=None)(terms_of)
    for key, number, title, address in rows:
        yield key, sorted(cut(title) | cut(address) | number_terms(number))


def _copy(table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    from django.db import connection

    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,  # type: ignore[attr-defined]
    ):
        for row in rows:
            copy.write_row(row)


def _reader(code: str, grid: "Organisation") -> "User":
    from tongdian.people.models import Grant, User

    user = User.objects.create(username=f"reader{code}", kind="staff", display_name="示例读者", organisation=grid)
    Grant.objects.create(
        user=user, role="account_manager", organisation=grid, territory_code=code, valid_from=NOW - timedelta(days=900)
    )
    return user
