"""Which cases a rule finds, by its condition; the reading itself is `case.queries.alerts`."""

from datetime import datetime

from tongdian.case.queries import alerts
from tongdian.oversight.rules import AlertRule, Condition


def rows_of(rule: AlertRule, *, since: datetime | None = None) -> alerts.Rows:
    """Return the rows a rule looks at, with their day still to be compared.

    Raises ValueError for a rule about events without `since`: news of all times is nobody's news.
    """
    match rule.condition:
        case Condition.DUE | Condition.OVERDUE:
            return alerts.running_deadlines()
        case Condition.OPEN_SINCE:
            return alerts.open_since(rule.events, settled_by=rule.settled_by, is_unassigned=rule.is_for_unassigned)
        case Condition.EVENT:
            if since is None:
                raise ValueError(f"rule {rule.name!r} tells of events: say since when")
            return alerts.happened(rule.events, since=since)
