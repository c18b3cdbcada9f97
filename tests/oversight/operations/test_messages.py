import json
from datetime import date

import pytest

from support import people
from support.alerts import at, running_case, swept, told, working_days_after
from support.frame_cases import happen
from tongdian.gateway import wording
from tongdian.gateway.models import Message
from tongdian.oversight.models import Reminder
from tongdian.oversight.operations.notices import set_preference
from tongdian.people.models import User
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
PHONE = "13800001234"
NOW = at(date(2026, 11, 23))


def messages(template: str = "") -> list[Message]:
    found = Message.objects.filter(template__startswith=f"oversight.{template}").exclude(template="oversight.digest")
    return list(found.order_by("id"))


def with_phone(user, *, wants_digest: bool = True):
    set_preference(user, wants_digest=wants_digest, work_phone=PHONE, now=NOW)
    return user


class TestQueueImmediate:
    def test_tells_the_applicant_by_the_phone_of_the_account(self, case):
        happen(case, "application.deficiency_notified")

        swept(case.opened_at.date())

        (message,) = messages("applicant")
        (reminder,) = told(case.applicant, "your_turn")
        assert message.key == reminder.identity
        assert message.address == case.applicant.phone

    def test_says_both_hotlines_to_the_public(self, case):
        happen(case, "application.deficiency_notified")
        swept(case.opened_at.date())

        (message,) = messages("applicant")
        text = wording.render(message.template, json.loads(message.parameters), language=message.language)
        assert "95598" in text
        assert "12398" in text
        assert str(case) in text

    def test_leaves_alone_who_looks_only_here(self, case):
        User.objects.filter(pk=case.applicant.pk).update(contact_by="site")
        happen(case, "application.deficiency_notified")

        swept(case.opened_at.date())

        assert told(case.applicant, "your_turn")
        assert not messages()

    @pytest.mark.parametrize(("hour", "expected_hour"), [(7, 8), (10, 10), (22, 8)])
    def test_waits_for_the_end_of_the_quiet_hours(self, case, hour, expected_hour):
        happen(case, "application.deficiency_notified")
        day = case.opened_at.date()

        swept(day, hour=hour)

        (message,) = messages("applicant")
        assert message.not_before.astimezone(at(day).tzinfo).hour == expected_hour

    def test_goes_at_night_to_who_wants_it(self, case):
        User.objects.filter(pk=case.applicant.pk).update(has_quiet_hours=False)
        happen(case, "application.deficiency_notified")
        day = case.opened_at.date()

        swept(day, hour=23)

        assert messages("applicant")[0].not_before == at(day, 23)

    def test_tells_staff_at_once_during_the_working_day(self, manager):
        with_phone(manager)
        case = running_case(manager)
        swept(working_days_after(case.next_due_date, 1), hour=9)
        late = running_case(manager)

        swept(working_days_after(case.next_due_date, 1), hour=10)

        assert [str(late) in message.parameters for message in messages()] == [True]

    def test_does_not_repeat_what_the_digest_of_the_same_sweep_says(self, manager):
        with_phone(manager)
        case = running_case(manager)

        swept(case.next_due_date, hour=10)

        assert told(manager, "due_today")
        assert not messages()

    def test_names_the_day_a_case_is_due(self, manager):
        with_phone(manager, wants_digest=False)
        case = running_case(manager)

        swept(case.next_due_date, hour=10)

        assert [message.template for message in messages()] == ["oversight.staff_due"]

    def test_leaves_it_to_the_digest_before_the_working_day(self, manager):
        with_phone(manager)
        case = running_case(manager)

        swept(case.next_due_date, hour=6)

        assert told(manager, "due_today")
        assert not messages()

    def test_waits_for_the_morning_where_there_is_no_digest(self, manager):
        with_phone(manager, wants_digest=False)
        case = running_case(manager)

        swept(case.next_due_date, hour=6)

        assert [message.not_before for message in messages()] == [at(case.next_due_date, 8)]

    def test_leaves_alone_staff_without_a_phone(self, case, manager):
        swept(case.next_due_date)

        assert told(manager, "due_today")
        assert not messages()

    def test_sends_nothing_twice(self, case):
        happen(case, "application.deficiency_notified")
        for hour in (9, 10):
            swept(case.opened_at.date(), hour=hour)

        assert len(messages()) == 1

    def test_tells_agents_what_the_applicant_is_told(self, case):
        agent = people.person()
        firm = people.organisation("agents", "firm")
        people.give(agent, Role.AGENT, at=firm, territory=case.county_code, case_id=case.pk)
        happen(case, "application.deficiency_notified")

        swept(case.opened_at.date())

        assert [each.audience for each in told(agent)] == ["applicant"]

    def test_makes_keys_that_fit_the_outbox(self, case):
        longest = Reminder(
            case=case,
            rule="r" * 28,
            stage="completion_inspection",
            instance=12,
            revision=12,
            step=9,
            recipient_id=10**9,
        )

        assert len(longest.identity) <= Message._meta.get_field("key").max_length
