import json
import threading
from datetime import timedelta

import pytest
from django.db import connection

from support import people
from tongdian.gateway.limits import LimitReached
from tongdian.gateway.models import Counter, Message
from tongdian.people import operations
from tongdian.people.models import PhoneCode
from tongdian.people.operations.codes import LIFETIME, MAX_ATTEMPTS
from tongdian.people.rules import InvalidPhone

NOW = people.NOW
PHONE = "13800001234"
SIGN_IN = PhoneCode.Purpose.SIGN_IN


def issue(**changes) -> PhoneCode:
    return operations.issue_code(**{"phone": PHONE, "purpose": SIGN_IN, "language": "zh-hans", "now": NOW} | changes)


def sent(code: PhoneCode) -> str:
    message = Message.objects.get(key=f"people.phone_code:{code.pk}")
    return json.loads(message.parameters)["code"]


def confirm(code: str, **changes) -> PhoneCode:
    return operations.confirm_code(**{"phone": PHONE, "purpose": SIGN_IN, "code": code, "now": NOW} | changes)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.mark.django_db
class TestIssueCode:
    def test_sends_six_digits_that_the_row_does_not_reveal(self):
        code = issue()

        digits = sent(code)
        assert len(digits) == 6
        assert digits.isdigit()
        assert digits.encode() not in bytes(code.code_digest)
        assert PHONE.encode() not in bytes(code.phone_digest)

    def test_does_not_let_the_message_out_after_the_code_has_expired(self):
        assert Message.objects.get(key=f"people.phone_code:{issue().pk}").expires_at == NOW + LIFETIME

    @pytest.mark.parametrize(("after_s", "is_open"), [(59, False), (60, True)])
    def test_waits_a_minute_between_codes(self, after_s, is_open):
        issue()
        later = NOW + timedelta(seconds=after_s)

        if is_open:
            issue(now=later)
        else:
            with pytest.raises(LimitReached):
                issue(now=later)

    def test_sends_six_within_an_hour_at_most(self):
        for minute in range(6):
            issue(now=NOW + timedelta(minutes=minute))

        with pytest.raises(LimitReached):
            issue(now=NOW + timedelta(minutes=59))

    def test_counts_one_number_however_it_is_written(self):
        issue()

        with pytest.raises(LimitReached):
            issue(phone="+86 138-0000-1234")

    def test_refuses_what_is_no_mobile_number(self):
        with pytest.raises(InvalidPhone):
            issue(phone="12345")


@pytest.mark.django_db
class TestConfirmCode:
    def test_accepts_the_right_digits_once(self):
        code = issue()

        assert confirm(sent(code)).used_at == NOW
        with pytest.raises(operations.CodeBurned):
            confirm(sent(code))

    def test_ignores_blanks_around_the_digits(self):
        assert confirm(f" {sent(issue())} ").used_at == NOW

    @pytest.mark.parametrize(("after", "is_open"), [(LIFETIME - timedelta(seconds=1), True), (LIFETIME, False)])
    def test_holds_five_minutes(self, after, is_open):
        digits = sent(issue())

        if is_open:
            confirm(digits, now=NOW + after)
        else:
            with pytest.raises(operations.CodeBurned):
                confirm(digits, now=NOW + after)

    def test_counts_down_and_burns_the_code_after_five_attempts(self):
        digits = sent(issue())
        left = []
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(operations.WrongCode) as caught:
                confirm(wrong(digits))
            left.append(caught.value.attempts_left)

        assert left == [4, 3, 2, 1, 0]
        with pytest.raises(operations.CodeBurned):
            confirm(digits)

    def test_accepts_only_the_newest_code(self):
        older = sent(issue())
        newer = sent(issue(now=NOW + timedelta(minutes=1)))

        if older != newer:
            with pytest.raises(operations.WrongCode):
                confirm(older, now=NOW + timedelta(minutes=1))
        confirm(newer, now=NOW + timedelta(minutes=1))

    def test_accepts_a_code_only_for_its_purpose_and_phone(self):
        digits = sent(issue())

        with pytest.raises(operations.CodeBurned):
            confirm(digits, purpose=PhoneCode.Purpose.LOOK_UP)
        with pytest.raises(operations.CodeBurned):
            confirm(digits, phone="13900000000")

    def test_answers_an_unknown_phone_like_a_burned_code(self):
        with pytest.raises(operations.CodeBurned):
            confirm("000000", phone="13900000000")

    def test_refuses_what_is_no_mobile_number(self):
        with pytest.raises(InvalidPhone):
            confirm("000000", phone="1")


class TestConfirmCodeAtTheSameMoment:
    def test_never_compares_more_than_five_times(self, django_db_setup, django_db_blocker):
        with django_db_blocker.unblock():
            phone = "13700000002"
            digits = sent(issue(phone=phone))
            start, outcomes = threading.Barrier(6), []

            def guess() -> None:
                start.wait()
                for _ in range(3):
                    try:
                        confirm(wrong(digits), phone=phone)
                    except (operations.WrongCode, operations.CodeBurned) as error:
                        outcomes.append(type(error).__name__)
                connection.close()

            threads = [threading.Thread(target=guess) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            PhoneCode.objects.all().delete()
            Message.objects.all().delete()
            Counter.objects.all().delete()
            connection.close()

        assert (outcomes.count("WrongCode"), outcomes.count("CodeBurned")) == (5, 13)
