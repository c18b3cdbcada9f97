"""Read the alert rules and hours in force from the policy book."""

from datetime import date
from functools import lru_cache
from typing import Any

from tongdian.oversight import rules
from tongdian.people.rules import STAFF_ROLES
from tongdian.policy import current_book

PREFIX = "alert.rule."
AUDIENCES = frozenset({rules.ASSIGNEE, rules.APPLICANT, *(str(role) for role in STAFF_ROLES)})


def alert_rules(on: date) -> tuple[rules.AlertRule, ...]:
    """Return the rules in force on a day, in the order of the book.

    Raises rules.InvalidRule when one of them cannot be carried out.
    """
    return _read(current_book().digest, on)


def title(name: str, language: str) -> str:
    """Return the title of a rule as the book has it, of a rule no longer in it the name itself."""
    entries = current_book().entries
    entry = entries.get(PREFIX + name)
    return entry.title.in_language(language) if entry else name


def hours(on: date) -> rules.Hours:
    """Return the hours of digest and quiet in force on a day."""

    def hour(policy_id: str) -> Any:
        return rules.hour_of_day(current_book().lookup(policy_id, on=on).value)

    return rules.Hours(hour("alert.digest.hour"), hour("alert.quiet.from_hour"), hour("alert.quiet.until_hour"))


def news_hours(on: date) -> int:
    """Return for how many hours an event is news."""
    return int(current_book().lookup("alert.news.hours", on=on).value)


def most_urgent(on: date) -> int:
    """Return how many cases a digest names."""
    return int(current_book().lookup("alert.digest.most_urgent", on=on).value)


def chain(on: date) -> tuple[str, ...]:
    """Return the roles from the case upwards; where nobody holds one, the next is told."""
    return tuple(current_book().lookup("alert.chain", on=on).value)


# The digest stands for the book, which a test or a new overlay may replace.
@lru_cache(maxsize=16)
def _read(_digest: str, on: date) -> tuple[rules.AlertRule, ...]:
    book = current_book()
    found = []
    for policy_id, entry in book.entries.items():
        if not policy_id.startswith(PREFIX) or not any(ruling.holds_on(on) for ruling in entry.rulings):
            continue
        words = {"zh": entry.title.zh, "en": entry.title.en}
        value = book.lookup(policy_id, on=on).value
        name = policy_id.removeprefix(PREFIX)
        found.append(rules.alert_rule(name, title=words, value=value, known=AUDIENCES))
    return tuple(found)
