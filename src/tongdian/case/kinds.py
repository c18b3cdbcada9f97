"""The registry of case kinds: how a matter above tells the frame its words, its transitions and its pages.

A matter registers its kind once, in its AppConfig; the frame never names a matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# A text or a lazy translation; this module stays free of Django so that rules can import it.
Words = object


class DuplicateKind(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(f"case kind {name!r} is registered already; give the second one a name of its own")
        self.name = name


class UnknownKind(LookupError):
    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"case kind {name!r} is not registered; known: {', '.join(known) or 'none'}")
        self.name, self.known = name, known


class InvalidKind(ValueError):
    """A kind contradicts itself; `problem` says how."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"case kind {name!r}: {problem}")
        self.name, self.problem = name, problem


@dataclass(frozen=True)
class CaseKind:
    """What the frame knows of a kind of case.

    `transitions` maps status → event kind → next status; a status without any is an end. `stages` and `events` give the
    titles of timed stages and event kinds. The policy ids of its clock and limits start with `policy_prefix`, its name
    where none is given. `applicant_url` and `staff_url` name routes that take the case's id.
    """

    name: str
    label: Words
    initial: str
    statuses: Mapping[str, Words]
    transitions: Mapping[str, Mapping[str, str]]
    stages: Mapping[str, Words]
    events: Mapping[str, Words]
    applicant_url: str = ""
    staff_url: str = ""
    policy_prefix: str = ""
    ends: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Raise InvalidKind when a transition names an unknown status or event, or no status can end the case."""
        object.__setattr__(self, "ends", frozenset(each for each in self.statuses if not self.transitions.get(each)))
        object.__setattr__(self, "policy_prefix", self.policy_prefix or self.name)
        named = {self.initial, *self.transitions, *(to for legal in self.transitions.values() for to in legal.values())}
        if unknown := named - set(self.statuses):
            raise InvalidKind(self.name, f"status {', '.join(sorted(unknown))} has no title in `statuses`")
        kinds = {kind for legal in self.transitions.values() for kind in legal}
        if untitled := kinds - set(self.events):
            raise InvalidKind(self.name, f"event {', '.join(sorted(untitled))} has no title in `events`")
        if not self.ends:
            raise InvalidKind(self.name, "no status is an end: every one has transitions")

    def is_end(self, status: str) -> bool:
        """Whether a case in that status is closed."""
        return status in self.ends


_KINDS: dict[str, CaseKind] = {}


def register(kind: CaseKind) -> None:
    """Make a kind known.

    Raises DuplicateKind when another one has its name.
    """
    if kind.name in _KINDS:
        raise DuplicateKind(kind.name)
    _KINDS[kind.name] = kind


def get(name: str) -> CaseKind:
    """Return the kind of that name.

    Raises UnknownKind when none is registered.
    """
    try:
        return _KINDS[name]
    except KeyError:
        raise UnknownKind(name, tuple(_KINDS)) from None


def registered() -> tuple[CaseKind, ...]:
    """Return every kind, in the order of registration."""
    return tuple(_KINDS.values())
