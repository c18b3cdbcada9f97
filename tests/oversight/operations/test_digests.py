import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from support.alerts import at, running_case, supervisor, swept, told, working_days_after
from support.alerts import manager as new_manager
from tongdian.gateway.models import Message
from tongdian.kernel.calendar import packaged_calendar
from tongdian.oversight.models import Digest
from tongdian.oversight.operations.digests import write_digests
from tongdian.oversight.operations.notices import set_preference
from tongdian.people.operations import set_preferences

pytestmark = pytest.mark.django_db
PHONE = "13800001234"
CALENDAR = packaged_calendar()


def reachable(user, **wishes):
    facts = {"wants_digest": True, "work_phone": PHONE} | wishes
    set_preference(user, **facts, now=at(CALENDAR.first))
    return user


def digests(user) -> list[Digest]:
    return list(Digest.objects.filter(recipient=user))


class TestWriteDigests:
    def test_counts_cases_by_rule_and_names_the_most_urgent(self, manager):
        late, now = running_case(manager), running_case(manager)
        swept(working_days_after(now.next_due_date, 1))

        (digest,) = digests(manager)
        assert digest.counts == {"overdue": 2}
        assert [each["number"] for each in digest.urgent] == [str(case) for case in _by_key(late, now)]
        assert {each["rule"] for each in digest.urgent} == {"overdue"}

    def test_writes_one_a_day_however_often_the_sweep_runs(self, case, manager):
        for hour in (9, 10, 15):
            swept(case.next_due_date, hour=hour)

        assert len(digests(manager)) == 1

    def test_writes_another_the_next_working_day(self, case, manager):
        swept(case.next_due_date)
        swept(working_days_after(case.next_due_date, 1))

        assert len(digests(manager)) == 2

    def test_waits_for_its_hour(self, case, manager):
        swept(case.next_due_date, hour=8)

        assert told(manager, "due_today")
        assert not digests(manager)

    def test_leaves_days_off_alone(self, case, manager):
        sunday = _next_day_off(case.next_due_date)

        swept(sunday)

        assert told(manager, "overdue")
        assert not digests(manager)

    def test_respects_who_wants_none(self, case, manager):
        reachable(manager, wants_digest=False)

        swept(case.next_due_date)

        assert not digests(manager)

    def test_leaves_out_the_public_and_what_is_settled(self, case, manager):
        swept(case.next_due_date, hour=8)
        case.applicant.refresh_from_db()
        run = swept(working_days_after(case.next_due_date, 1))

        assert run.digests == 1
        assert not digests(case.applicant)
        assert digests(manager)[0].counts == {"overdue": 1}

    def test_sends_one_message_with_counts(self, manager):
        reachable(manager)
        case = running_case(manager)

        run = swept(working_days_after(case.next_due_date, 1))

        message = Message.objects.get(template="oversight.digest")
        facts = json.loads(message.parameters)
        assert run.messages == 1
        assert message.address == PHONE
        assert message.key.startswith("digest:")
        assert (facts["total"], facts["counts"]) == ("1", "已超期 1")
        assert str(case) in facts["urgent"]

    def test_writes_the_message_in_the_readers_language(self, case, manager):
        reachable(manager)
        set_preferences(manager, **_account(manager) | {"language": "en"})

        swept(working_days_after(case.next_due_date, 1))

        message = Message.objects.get(template="oversight.digest")
        assert json.loads(message.parameters)["counts"] == "Overdue 1"

    def test_sends_none_to_who_looks_only_here(self, case, manager):
        reachable(manager)
        set_preferences(manager, **_account(manager) | {"contact_by": "site"})

        swept(case.next_due_date)

        assert digests(manager)
        assert not Message.objects.exists()

    def test_costs_the_same_queries_for_any_number_of_people(self, db):
        case = running_case(new_manager())
        counts = []
        for people in (1, 4):
            for _ in range(people):
                running_case(reachable(new_manager()))
            swept(case.next_due_date, hour=8)
            Digest.objects.all().delete()
            with CaptureQueriesContext(connection) as captured:
                write_digests(as_of=at(case.next_due_date), now=at(case.next_due_date), calendar=CALENDAR)
            counts.append(len(captured))

        assert counts[0] == counts[1]

    def test_reaches_supervisors_as_well(self, case):
        county = supervisor()

        swept(working_days_after(case.next_due_date, 2))

        assert digests(county)[0].counts == {"overdue": 1}


def _account(user) -> dict[str, object]:
    fields = ("display_name", "language", "has_large_type", "contact_by", "has_quiet_hours")
    return {name: getattr(user, name) for name in fields}


def _by_key(*cases):
    return sorted(cases, key=lambda case: case.pk)


def _next_day_off(day):
    while CALENDAR.is_working(day):
        day += timedelta(days=1)
    return day
