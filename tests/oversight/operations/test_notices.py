from datetime import date

import pytest

from support.alerts import at, running_case, swept, told
from support.alerts import manager as new_manager
from support.frame_cases import happen
from tongdian.oversight.models import Reminder
from tongdian.oversight.operations import notices
from tongdian.oversight.queries.notices import preference_facts, unread_count

pytestmark = pytest.mark.django_db
NOW = at(date(2026, 11, 23))


@pytest.fixture
def reminded(case, manager):
    swept(case.next_due_date)
    return told(manager, "due_today")[0]


class TestMarkRead:
    def test_takes_it_off_the_count(self, reminded, manager):
        notices.mark_read(manager, reminded.pk, now=at(reminded.due_date))

        assert reminded.pk not in [each.pk for each in told(manager) if each.is_unread]

    def test_keeps_the_first_time(self, reminded, manager):
        for hour in (11, 12):
            notices.mark_read(manager, reminded.pk, now=at(reminded.due_date, hour))

        reminded.refresh_from_db()
        assert reminded.read_at == at(reminded.due_date, 11)

    def test_leaves_it_open(self, reminded, manager):
        notices.mark_read(manager, reminded.pk, now=at(reminded.due_date))

        assert told(manager, settled_at=None)

    def test_refuses_what_was_told_to_somebody_else(self, reminded):
        with pytest.raises(Reminder.DoesNotExist):
            notices.mark_read(new_manager(), reminded.pk, now=at(reminded.due_date))


class TestMarkAllRead:
    def test_reads_everything_of_this_person_only(self, reminded, manager):
        other = new_manager()
        running_case(other)
        swept(reminded.due_date)

        assert notices.mark_all_read(manager, now=at(reminded.due_date)) == len(told(manager))
        assert unread_count(manager) == 0
        assert unread_count(other) == len(told(other))


class TestUnreadCount:
    def test_forgets_what_the_case_left_behind_but_not_news(self, case, manager):
        happen(case, "application.deficiency_notified")
        swept(case.opened_at.date())
        happen(case, "application.completed")
        happen(case, "application.accepted")
        swept(case.opened_at.date())

        assert [each.rule for each in told(case.applicant) if each.is_unread] == ["stage_done"]
        assert unread_count(case.applicant) == 1


class TestSetPreference:
    def test_keeps_the_wishes_and_changes_them(self, manager):
        notices.set_preference(manager, wants_digest=False, work_phone="13800001234", now=NOW)
        notices.set_preference(manager, wants_digest=True, work_phone="", now=NOW)

        assert preference_facts(manager) == {"wants_digest": True, "work_phone": ""}

    def test_starts_from_the_defaults(self, manager):
        assert preference_facts(manager) == {"wants_digest": True, "work_phone": ""}
