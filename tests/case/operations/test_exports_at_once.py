"""A large export asked for twice at the same moment, on committed rows; and one made by the worker."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from django.db import connections as databases
from tests.case.conftest import committed  # noqa: F401 - a fixture

from support import people
from tongdian.case.models import Export
from tongdian.case.operations import exports
from tongdian.case.queries import installation_now
from tongdian.gateway import jobs
from tongdian.people.rules import Role

MANY = exports.Limits(at_once_max_cases=300, max_cases=200_000, kept_days=7).at_once_max_cases + 1


def ask(user, form: str = "csv") -> Export:
    ids = [uuid4() for _ in range(MANY)]
    return exports.ask(user, case_ids=ids, format=form, language="zh-hans", now=installation_now())


class TestAskAtOnce:
    def test_lets_one_through(self, committed):  # noqa: F811 - pytest's way of asking for it
        user, start = people.staff(Role.ACCOUNT_MANAGER), threading.Barrier(3)

        def press(_):
            try:
                start.wait(timeout=10)
                return str(ask(user).state)
            except exports.StillMaking:
                return "still making"
            finally:
                databases.close_all()

        with ThreadPoolExecutor(3) as pool:
            told = list(pool.map(press, range(3)))

        assert sorted(told) == ["still making", "still making", "waiting"]

    def test_is_made_by_the_worker(self, committed):  # noqa: F811
        export = ask(people.staff(Role.ACCOUNT_MANAGER))

        jobs.run_worker(["heavy"], is_draining=True)

        export.refresh_from_db()
        # None of the cases exists, so none is in reach: the file says so by being empty.
        assert (export.state, export.wanted, export.written) == ("ready", MANY, 0)
