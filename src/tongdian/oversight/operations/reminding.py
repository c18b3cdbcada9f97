"""Raise and settle the reminders of one rule: two statements, however many cases there are.

What a rule finds today (its *standing* rows) comes from `case.queries.alerts`; who is told from
`queries.recipients`. Both are joined by the database:

    standing = cases the rule finds × steps whose days have come, each with who has the case now
    told     = standing × the case's own managers | applicant and agents | holders of a role where the case lies
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from tongdian.case.queries import alerts
from tongdian.oversight import rules
from tongdian.oversight.models import Reminder, Sweep
from tongdian.oversight.queries.recipients import Directory, Place, Seat, agents

Sql = tuple[str, list[Any]]
VERSION = ("case_id", "stage", "instance", "revision", "event_seq")
# Told by name where the case has them, else by the role at its place.
_OWN_MANAGERS = {rules.ASSIGNEE: rules.ASSIGNEE, rules.PROJECT_MANAGER: rules.LEAD}
_TABLE = Reminder._meta.db_table

# Materialised: the planner takes an array for one row, and would look up every case again for each reminder.
_STANDING = """
standing AS MATERIALIZED (
  SELECT k.*, s.step, s.is_immediate,
    CASE WHEN a.away_id IS NULL THEN k.assignee_id ELSE a.cover_id END AS desk_id,
    CASE WHEN a.cover_id IS NOT NULL THEN a.away_id END AS desk_for_id,
    CASE WHEN l.away_id IS NULL THEN k.project_manager_id ELSE l.cover_id END AS lead_id,
    CASE WHEN l.cover_id IS NOT NULL THEN l.away_id END AS lead_for_id
  FROM ({rows}) k ({columns})
  JOIN unnest(%s::smallint[], %s::date[], %s::date[], %s::boolean[]) s (step, first, last, is_immediate)
    ON k.measured_date BETWEEN s.first AND s.last
  LEFT JOIN unnest(%s::bigint[], %s::bigint[]) a (away_id, cover_id) ON a.away_id = k.assignee_id
  LEFT JOIN unnest(%s::bigint[], %s::bigint[]) l (away_id, cover_id) ON l.away_id = k.project_manager_id
)"""

_RAISE = """
WITH {standing}, told AS (
  SELECT t.*, t.desk_id AS recipient_id, t.desk_for_id AS in_place_of_id, 'assignee' AS audience
    FROM standing t WHERE t.step = ANY(%s) AND t.desk_id IS NOT NULL
  UNION ALL
  SELECT t.*, t.lead_id, t.lead_for_id, 'lead' FROM standing t WHERE t.step = ANY(%s) AND t.lead_id IS NOT NULL
  UNION ALL
  SELECT t.*, t.applicant_id, NULL, 'applicant' FROM standing t WHERE t.step = ANY(%s) AND t.applicant_id IS NOT NULL
  UNION ALL
  SELECT t.*, g.user_id, NULL, 'applicant' FROM standing t JOIN ({agents}) g (of_case_id, user_id)
    ON g.of_case_id = t.case_id WHERE t.step = ANY(%s)
  UNION ALL
  SELECT t.*, p.user_id, p.in_place_of_id, p.role FROM standing t
    JOIN unnest(%s::smallint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
      p (step, county_code, utility_id, user_id, in_place_of_id, role, stands_in_for)
      ON p.step = t.step AND p.county_code = t.county_code AND p.utility_id = t.utility_id
    WHERE CASE p.stands_in_for WHEN 'assignee' THEN t.desk_id IS NULL WHEN 'lead' THEN t.lead_id IS NULL ELSE TRUE END
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
ORDER BY case_id, stage, instance, revision, event_seq, recipient_id, step DESC, in_place_of_id NULLS FIRST, audience
ON CONFLICT DO NOTHING
"""

_SETTLE = """
WITH {standing}, over AS MATERIALIZED (
  SELECT o.id, o.case_id, o.stage, o.instance, o.revision, t.case_id IS NOT NULL AS stands
  FROM (SELECT * FROM {table} WHERE rule = %s AND settled_at IS NULL) o FULL JOIN standing t ON {same}
  -- A full join that nothing the planner sees through reduces is hashed or merged: a left join would be nested before
  -- the table has statistics, each reminder against each case.
  WHERE COALESCE(o.id, 0) <> 0 AND (
    t.case_id IS NULL
    OR o.audience = 'assignee' AND t.assignee_id IS DISTINCT FROM COALESCE(o.in_place_of_id, o.recipient_id)
    OR o.audience = 'lead' AND t.project_manager_id IS DISTINCT FROM COALESCE(o.in_place_of_id, o.recipient_id)
  )
)
UPDATE {table} r SET settled_at = %s, settled_because = CASE
    WHEN o.stands THEN 'reassigned'
    WHEN c.closed_at IS NOT NULL THEN 'closed'
    WHEN d.superseded_at IS NOT NULL THEN 'deadline_moved'
    WHEN d.id IS NOT NULL AND d.stage = c.next_stage AND d.due_date = c.next_due_date THEN 'lapsed'
    ELSE 'moved_on' END
FROM over o
JOIN case_case c ON c.id = o.case_id
LEFT JOIN case_deadline d
  ON d.case_id = o.case_id AND d.stage = o.stage AND d.instance = o.instance AND d.revision = o.revision
WHERE r.id = o.id
"""


def settle(rule: rules.AlertRule, rows: alerts.Rows, *, windows: Sequence[rules.Window], now: datetime) -> int:
    """Settle the open reminders of a rule whose reason is gone, each with what happened; return how many."""
    standing, values = _standing(rows, windows, {})
    same = " AND ".join(f"t.{column} = o.{column}" for column in (*VERSION, "step"))
    statement = _SETTLE.format(standing=standing, table=_TABLE, same=same)
    return _carry_out(statement, [*values, rule.name, now])


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
    authorised, of_agents = agents().query.sql_with_params()
    statement = _RAISE.format(standing=standing, agents=authorised, table=_TABLE, same=same)
    seats = list(_seats(rule, directory, chain, places))
    to_applicant = _steps_telling(rule, rules.APPLICANT)
    return _carry_out(
        statement,
        [
            *values,
            _steps_telling(rule, rules.ASSIGNEE),
            _steps_telling(rule, rules.PROJECT_MANAGER),
            to_applicant,
            *of_agents,
            to_applicant,
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
    return statement, [*parameters, steps, firsts, lasts, are_immediate, away, covers, away, covers]


def _steps_telling(rule: rules.AlertRule, audience: str) -> list[int]:
    return [step.number for step in rule.steps if audience in step.audiences]


def _seats(
    rule: rules.AlertRule, directory: Directory, chain: Sequence[str], places: Sequence[Place]
) -> Iterator[tuple[int, Seat, str]]:
    """Yield step, person, and for which of the case's own managers they are told when it has none ("": always)."""
    for step in rule.steps:
        for audience in step.audiences:
            stands_in_for = _OWN_MANAGERS.get(audience, "")
            if audience == rules.APPLICANT or (stands_in_for and rule.is_news):
                continue
            role = chain[0] if audience == rules.ASSIGNEE else audience
            for place in places:
                for seat in directory.told(role, place, chain=chain):
                    yield step.number, seat, stands_in_for


def _seat_columns(seats: Sequence[tuple[int, Seat, str]]) -> list[list[Any]]:
    return [
        [step for step, _, _ in seats],
        [seat.county_code for _, seat, _ in seats],
        [seat.utility_id for _, seat, _ in seats],
        [seat.user_id for _, seat, _ in seats],
        [seat.in_place_of for _, seat, _ in seats],
        [seat.role for _, seat, _ in seats],
        [stands_in_for for _, _, stands_in_for in seats],
    ]


def _carry_out(statement: str, values: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
