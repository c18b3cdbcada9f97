import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from support.demo_databases import unfounded_copy
from tongdian.case.models import Case, Event
from tongdian.case.queries.verification import verify
from tongdian.demo.acts import Folder
from tongdian.demo.courses import Step
from tongdian.demo.plan import FEWEST
from tongdian.demo.replay import Happening, ProcessFailed, _require_success, _shares

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
CASES = FEWEST + 12


def happening(serial: int, county_code: str, minute: int = 0) -> Happening:
    folder = Folder(
        serial=serial,
        answers={"site": {"county_code": county_code}},
        applicant=None,
        team=None,
        rng=Random(serial),
        prints_contract=False,
        hands_in_all=True,
    )
    return Happening(NOW - timedelta(days=1) + timedelta(minutes=minute), folder, Step("scheme.confirmed", 1))


def rows() -> list[tuple[object, ...]]:
    columns = ("number", "title", "status", "version", "next_stage", "waiting_for", "customer_class")
    return list(Case.objects.order_by("number").values_list(*columns))


@dataclass(frozen=True)
class Both:
    """The cases one process has written, and what two have said; theirs are still there to look at."""

    alone: list[tuple[object, ...]]
    told: str


def loaded(home: Path, processes: int) -> str:
    """Load as an operator does: the fork wants a process of its own, in which nothing has been printed yet."""
    address = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    arguments = ["demo", "--cases", str(CASES), "--seed", "3", "--processes", str(processes)]
    ended = subprocess.run(
        [sys.executable, "-m", "tongdian.web.cli", *arguments],
        env={**os.environ, "DATABASE_URL": address, "TONGDIAN_HOME": str(home), "TONGDIAN_AS_OWNER": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="class")
def both(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Both]:
    with django_db_blocker.unblock():
        with unfounded_copy("alone"):
            loaded(tmp_path_factory.mktemp("home"), 1)
            alone = rows()
        with unfounded_copy("together"):
            yield Both(alone, loaded(tmp_path_factory.mktemp("home"), 2))


class TestShares:
    def test_keep_a_city_together_and_the_order_of_time(self) -> None:
        agenda = [happening(n, ("370102", "370211", "370103", "371302")[n % 4], n) for n in range(40)]

        shares = _shares(agenda, 2)

        cities = [{each.folder.answers["site"]["county_code"][:4] for each in share} for share in shares]
        assert cities[0] & cities[1] == set()
        assert [len(share) for share in shares] == [20, 20]
        assert all(earlier.at < later.at for share in shares for earlier, later in pairwise(share))

    def test_give_each_share_papers_of_its_own(self) -> None:
        shares = _shares([happening(1, "370102"), happening(2, "370211")], 3)

        assert [{each.folder.copy for each in share} for share in shares] == [{1}, {2}]
        assert shares[0][0].folder.paper("site_record").content != shares[1][0].folder.paper("site_record").content


@pytest.mark.django_db
class TestReplay:
    def test_writes_the_same_cases_in_two_processes_as_in_one(self, both: Both) -> None:
        assert len(both.alone) == CASES
        assert rows() == both.alone

    def test_tells_how_far_all_processes_are(self, both: Both) -> None:
        done, total = re.findall(r"([\d,]+) / ([\d,]+) 个步骤 steps", both.told)[-1]

        assert done == total

    @pytest.mark.usefixtures("both")
    def test_lets_each_process_live_in_a_time_of_its_own(self) -> None:
        assert verify().fault is None
        assert not Event.objects.filter(recorded_at__gt=datetime.now(UTC)).exists()
        for case in Case.objects.all():
            moments = list(Event.objects.filter(case=case).order_by("seq").values_list("recorded_at", flat=True))
            assert moments == sorted(moments)

    def test_says_that_a_process_failed(self) -> None:
        with pytest.raises(ProcessFailed, match="code 7"):
            _require_success(ended_with(7))


def ended_with(code: int) -> BaseProcess:
    worker = get_context("fork").Process(target=os._exit, args=(code,))
    worker.start()
    return worker
