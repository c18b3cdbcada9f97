"""What an applicant can let an agent do, and which events each of it is."""

from collections.abc import Iterable, Mapping

SCOPES: Mapping[str, frozenset[str]] = {
    "apply": frozenset({"application.submitted"}),
    "hand_in": frozenset(
        {
            "application.completed",
            "document.added",
            "design.submitted",
            "interim.requested",
            "completion.reported",
        }
    ),
    "decide": frozenset({"scheme.confirmed", "clock.paused", "clock.resumed"}),
    "sign": frozenset({"contract.signed"}),
    "withdraw": frozenset({"case.withdrawn"}),
}


# What cannot be undone waits until staff have read the paper it rests on.
BEFORE_CHECK = frozenset({"apply", "hand_in"})


def allowed_events(scopes: Iterable[str], *, is_checked: bool = True) -> frozenset[str]:
    """Return the events an authority with these scopes covers; what is not in any scope, none does.

    is_checked: whether it was proven by a code, or staff have read it.
    """
    counting = (scope for scope in scopes if is_checked or scope in BEFORE_CHECK)
    return frozenset().union(*(SCOPES[scope] for scope in counting))
