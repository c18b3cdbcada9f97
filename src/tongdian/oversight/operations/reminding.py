"""Raise and settle the reminders of one rule: two statements, however many cases there are.

What a rule finds today (its *standing* rows) comes from `case.queries.alerts`; who is told from
`queries.recipients`. Both are joined by the database:

    standing = cases the rule finds × steps whose days have come, each with who has the case now
    told     = standing × assignee | applicant | holders of a role at the case's county and utility
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from tongdian.case.queries import alerts
from tongdian.oversight import rules
from tongdian.oversight.models import Reminder, Sweep
from tongdian.oversight.queries.recipients import Directory, Place, Seat

Sql = tuple[str, list[Any]]
VERSION = ("case_id", "stage", "instance", "revision", "event_seq")
_TABLE = Reminder._meta.db_table

_STANDING = """
standing AS (
  SELECT k.*, s.step, s.is_immediate,
    CASE WHEN a.away_id IS NULL THEN k.assignee_id ELSE a.cover_id END AS desk_id,
    CASE WHEN a.cover_id IS NOT NULL THEN a.away_id END AS desk_for_id
  FROM ({rows}) k ({columns})
  JOIN unnest(%s::smallint[], %s::date[], %s::date[], %s::boolean[]) s (step, first, last, is_immediate)
    ON k.measured_date BETWEEN s.first AND s.last
  LEFT JOIN unnest(%s::bigint[], %s::bigint[]) a (away_id, cover_id) ON a.away_id = k.assignee_id
)"""

_RAISE = """
WITH {standing}, told AS (
  SELECT t.*, t.desk_id AS recipient_id, t.desk_for_id AS in_place_of_id, 'assignee' AS audience
    FROM standing t WHERE t.step = ANY(%s) AND t.desk_id IS NOT NULL
  UNION ALL
  SELECT t.*, t.applicant_id, NULL, 'applicant' FROM standing t WHERE t.step = ANY(%s) AND t.applicant_id IS NOT NULL
  UNION ALL
  SELECT t.*, p.user_id, p.in_place_of_id, p.role FROM standing t
    JOIN unnest(%s::smallint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::boolean[])
      p (step, county_code, utility_id, user_id, in_place_of_id, role, stands_in)
      ON p.step = t.step AND p.county_code = t.county_code AND p.utility_id = t.utility_id
    WHERE t.desk_id IS NULL OR NOT p.stands_in
)
INSERT INTO {table} (
  case_id, rule, stage, instance, revision, event_seq, step, recipient_id, in_place_of_id, audience, due_date,
  is_immediate, is_news, sweep_id, raised_at, settled_at, settled_because
)
-- Who is reached by several steps at once is told of the last one only.
SELECT DISTINCT ON (case_id, stage, instance, revision, event_seq, recipient_id)
  case_id, %s, stage, instance, revision, event_seq, step, recipient_id, in_place_of_id, audience, due_date,
  is_immediate, %s::boolean, %s, %s, %s::timestamptz, %s
FROM told WHERE NOT EXISTS (
  SELECT 1 FROM {table} r
  WHERE r.rule = %s AND r.recipient_id = told.recipient_id AND r.step >= told.step AND {same}
)
-- In the order of the identity: two sweeps at once wait for each other, never in a circle.
ORDER BY case_id, stage, instance, revision, event_seq, recipient_id, step DESC, in_place_of_id NULLS FIRST
ON CONFLICT DO NOTHING
"""

_SETTLE = """
WITH {standing}
UPDATE {table} r SET settled_at = %s, settled_because = CASE
    WHEN c.closed_at IS NOT NULL THEN 'closed'
    WHEN d.superseded_at IS NOT NULL THEN 'deadline_moved'
    WHEN t.case_id IS NOT NULL THEN 'reassigned'
    WHEN d.id IS NOT NULL AND d.stage = c.next_stage AND d.due_date = c.next_due_date THEN 'lapsed'
    ELSE 'moved_on' END
FROM {table} o
JOIN case_case c ON c.id = o.case_id
LEFT JOIN case_deadline d
  ON d.case_id = o.case_id AND d.stage = o.stage AND d.instance = o.instance AND d.revision = o.revision
LEFT JOIN standing t ON {same}
WHERE o.id = r.id AND o.rule = %s AND o.settled_at IS NULL AND (
  t.case_id IS NULL
  OR o.audience = 'assignee' AND c.assignee_id IS DISTINCT FROM COALESCE(o.in_place_of_id, o.recipient_id)
)
"""


def settle(rule: rules.AlertRule, rows: alerts.Rows, *, windows: Sequence[rules.Window], now: datetime) -> int:
    """Settle the open reminders of a rule whose reason is gone, each with what happened; return how many."""
    standing, values = _standing(rows, windows, {})
    same = " AND ".join(f"t.{column} = o.{column}" for column in (*VERSION, "step"))
    statement = _SETTLE.format(standing=standing, table=_TABLE, same=same)
    return _carry_out(statement, [*values, now, rule.name])


def raise_reminders(
    rule: rules.AlertRule,
    rows: alerts.Rows,
    *,
    windows: Sequence[rules.Window],
    directory: Directory,
    chain: Sequence[str],
    places: Sequence[Place],
    sweep: Sweep,
    now: datetime,
) -> int:
    """Raise what the rule finds and nobody has been told of yet; return how many reminders are new."""
    standing, values = _standing(rows, windows, directory.stand_ins)
    same = " AND ".join(f"r.{column} = told.{column}" for column in VERSION)
    settled = (now, Reminder.Because.NEWS.value) if rule.is_news else (None, "")
    statement = _RAISE.format(standing=standing, table=_TABLE, same=same)
    seats = list(_seats(rule, directory, chain, places))
    return _carry_out(
        statement,
        [
            *values,
            _steps_telling(rule, rules.ASSIGNEE),
            _steps_telling(rule, rules.APPLICANT),
            *_seat_columns(seats),
            rule.name,
            rule.is_news,
            sweep.pk,
            now,
            *settled,
            rule.name,
        ],
    )


def _standing(rows: alerts.Rows, windows: Sequence[rules.Window], stand_ins: Mapping[int, int | None]) -> Sql:
    found, parameters = rows.query.sql_with_params()
    steps = [window.step.number for window in windows]
    firsts = [window.first or date.min for window in windows]
    lasts = [window.last for window in windows]
    are_immediate = [window.step.is_immediate for window in windows]
    statement = _STANDING.format(rows=found, columns=", ".join(alerts.COLUMNS))
    away, covers = list(stand_ins), list(stand_ins.values())
    return statement, [*parameters, steps, firsts, lasts, are_immediate, away, covers]


def _steps_telling(rule: rules.AlertRule, audience: str) -> list[int]:
    return [step.number for step in rule.steps if audience in step.audiences]


def _seats(
    rule: rules.AlertRule, directory: Directory, chain: Sequence[str], places: Sequence[Place]
) -> Iterator[tuple[int, Seat, bool]]:
    """Yield step, person and whether they only stand in for a case nobody has."""
    for step in rule.steps:
        for audience in step.audiences:
            if audience == rules.APPLICANT or (audience == rules.ASSIGNEE and rule.is_news):
                continue
            stands_in = audience == rules.ASSIGNEE
            role = chain[0] if stands_in else audience
            for place in places:
                for seat in directory.told(role, place, chain=chain):
                    yield step.number, seat, stands_in


def _seat_columns(seats: Sequence[tuple[int, Seat, bool]]) -> list[list[Any]]:
    return [
        [step for step, _, _ in seats],
        [seat.county_code for _, seat, _ in seats],
        [seat.utility_id for _, seat, _ in seats],
        [seat.user_id for _, seat, _ in seats],
        [seat.in_place_of for _, seat, _ in seats],
        [seat.role for _, seat, _ in seats],
        [stands_in for _, _, stands_in in seats],
    ]


def _carry_out(statement: str, values: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
