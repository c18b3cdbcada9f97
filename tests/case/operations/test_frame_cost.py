"""What one event costs in statements: a change that adds one is felt in every step of every case."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from support.frame_cases import happen
from tongdian.case.models import Case
from tongdian.case.queries import clock

pytestmark = pytest.mark.django_db

SAVEPOINT = 2


def statements(case: Case, kind: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        happen(case, kind)
    return [each["sql"] for each in captured.captured_queries]


class TestRecord:
    def test_of_a_writer_who_knows_the_case_takes_lock_append_and_save(self, case) -> None:
        happen(case, "application.submitted")
        happen(case, "application.deficiency_notified")

        found = statements(case, "application.completed")

        assert [sql.split(maxsplit=1)[0] for sql in found if "SAVEPOINT" not in sql] == ["SELECT", "INSERT", "UPDATE"]

    def test_adds_one_for_a_new_deadline(self, case) -> None:
        happen(case, "application.submitted")

        found = statements(case, "application.accepted")

        assert len(found) - SAVEPOINT == 4
        assert "case_deadline" in found[-3]

    def test_reads_events_and_deadlines_where_the_writer_has_just_loaded_the_case(self, case) -> None:
        happen(case, "application.submitted")

        found = statements(Case.objects.select_related("opened_by").get(pk=case.pk), "application.accepted")

        assert len(found) - SAVEPOINT == 6

    def test_grows_with_nothing(self, case) -> None:
        happen(case, "application.submitted")
        first = len(statements(case, "note.added"))
        for _ in range(20):
            happen(case, "note.added")

        assert len(statements(case, "note.added")) == first


class TestHistory:
    def test_is_kept_with_the_object_and_read_once(self, case, django_assert_num_queries) -> None:
        happen(case, "application.submitted")
        loaded = Case.objects.get(pk=case.pk)

        with django_assert_num_queries(2):
            first, second = clock.history(loaded), clock.history(loaded)

        assert first is second
        assert [event.kind for event in first.events] == ["application.submitted"]
        assert [row.stage for row in first.in_force] == ["acceptance"]

    def test_of_a_case_without_events_needs_no_query(self, case, django_assert_num_queries) -> None:
        with django_assert_num_queries(0):
            assert clock.history(case) == clock.History()

    def test_is_the_same_kept_as_read_anew(self, case) -> None:
        for kind in ("application.submitted", "application.accepted", "clock.paused", "clock.resumed", "scheme.issued"):
            happen(case, kind, body={"reason": "customer_request", "owner": "customer"})

        assert clock.history(case) == clock.history(Case.objects.get(pk=case.pk))

    def test_that_was_rolled_back_is_not_believed(self, case) -> None:
        happen(case, "application.submitted")
        with transaction.atomic():
            happen(case, "application.deficiency_notified")
            transaction.set_rollback(True)
        other = Case.objects.get(pk=case.pk)
        happen(other, "note.added")

        happen(case, "application.accepted")

        assert [event.kind for event in clock.history(case).events] == [
            "application.submitted",
            "note.added",
            "application.accepted",
        ]
        assert case.accepted_at is not None
        assert clock.history(case) == clock.history(Case.objects.get(pk=case.pk))
