from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.demo_databases import unfound, unfounded_copy
from tongdian.demo.loading import load
from tongdian.demo.plan import FEWEST
from tongdian.demo.state import Contents

CASES = FEWEST + 2


@dataclass(frozen=True)
class Loaded:
    contents: Contents
    home: Path
    now: datetime


@pytest.fixture
def unfounded(db) -> None:
    """A database that is founded for nothing yet, for the length of a test."""
    unfound()


@pytest.fixture(scope="class")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Loaded]:
    """A small demonstration, loaded once for the class; its tests only look."""
    home, now = tmp_path_factory.mktemp("home"), datetime.now(UTC)
    with django_db_blocker.unblock(), unfounded_copy("demonstration"):
        contents = load(CASES, seed=1, now=now, home=home, on_progress=lambda progress: None)
        yield Loaded(contents, home, now)
