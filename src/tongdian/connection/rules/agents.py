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


def allowed_events(scopes: Iterable[str]) -> frozenset[str]:
    """Return the events an authority with these scopes covers; what is not in any scope, none does."""
    return frozenset().union(*(SCOPES[scope] for scope in scopes))
