import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tongdian.gateway import limits
from tongdian.gateway.models import Counter

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
THREE = limits.Limit(3, timedelta(minutes=5))


@pytest.mark.django_db
class TestTake:
    def test_counts_down_and_then_refuses_with_the_time_to_come_back(self):
        left = [limits.take("t", "me", limit=THREE, now=NOW + timedelta(seconds=second)) for second in range(3)]
        assert left == [2, 1, 0]

        with pytest.raises(limits.LimitReached) as caught:
            limits.take("t", "me", limit=THREE, now=NOW + timedelta(seconds=4))

        assert caught.value.retry_at == NOW + timedelta(minutes=5)

    @pytest.mark.parametrize(("after_s", "is_open"), [(299, False), (300, True), (301, True)])
    def test_opens_again_when_the_window_is_over(self, after_s, is_open):
        for _ in range(3):
            limits.take("t", "me", limit=THREE, now=NOW)
        later = NOW + timedelta(seconds=after_s)

        if is_open:
            assert limits.take("t", "me", limit=THREE, now=later) == 2
        else:
            with pytest.raises(limits.LimitReached):
                limits.take("t", "me", limit=THREE, now=later)

    def test_counts_each_matter_and_each_person_apart(self):
        for _ in range(3):
            limits.take("t", "me", limit=THREE, now=NOW)

        assert limits.take("t", "you", limit=THREE, now=NOW) == 2
        assert limits.take("u", "me", limit=THREE, now=NOW) == 2

    def test_reads_the_clock_of_the_database_when_none_is_given(self):
        for _ in range(3):
            limits.take("t", "me", limit=THREE)

        with pytest.raises(limits.LimitReached) as caught:
            limits.take("t", "me", limit=THREE)
        assert caught.value.retry_at - Counter.objects.get().window_started_at == THREE.window

    def test_does_not_store_who(self):
        limits.take("t", "13800001234", limit=THREE, now=NOW)

        assert b"1380000" not in bytes(Counter.objects.get().key)


class TestTakeByManyThreads:
    def test_lets_exactly_the_limit_through_when_threads_race(self, committed):
        start = threading.Barrier(8)
        passed: list[bool] = []

        def race() -> None:
            start.wait()
            for _ in range(5):
                try:
                    limits.take("race", "me", limit=limits.Limit(17, timedelta(minutes=5)), now=NOW)
                    passed.append(True)
                except limits.LimitReached:
                    passed.append(False)
            connection.close()

        threads = [threading.Thread(target=race) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (passed.count(True), passed.count(False)) == (17, 23)


@pytest.mark.django_db
class TestRelease:
    def test_forgets_the_counts_of_one_person(self):
        for who in ("me", "you"):
            limits.take("t", who, limit=THREE, now=NOW)

        limits.release("t", "me")

        assert limits.take("t", "me", limit=THREE, now=NOW) == 2
        assert limits.take("t", "you", limit=THREE, now=NOW) == 1


@pytest.mark.django_db
class TestForgetBefore:
    def test_deletes_only_windows_that_began_before(self):
        limits.take("old", "me", limit=THREE, now=NOW - timedelta(days=3))
        limits.take("new", "me", limit=THREE, now=NOW)

        assert limits.forget_before(NOW - timedelta(days=2)) == 1
        assert limits.take("new", "me", limit=THREE, now=NOW) == 1
