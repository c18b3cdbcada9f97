"""The API as another system meets it: through its own description, fuzzed, and by what it refuses."""

import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from support import people
from support.frame_cases import happen, new_case
from tongdian.case import operations
from tongdian.case.models import Case, Installation
from tongdian.case.operations.sealing import seal
from tongdian.gateway import limits
from tongdian.people import api
from tongdian.people.models import AccessToken, TokenScope, User
from tongdian.people.operations import create_machine
from tongdian.people.operations.tokens import revoke_token
from tongdian.web.api import described
from tongdian.web.wsgi import application

DAY = "2026-03-02"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"a key of the machine's, 32 bytes")
PROVES = bool(os.environ.get("TONGDIAN_PROVE"))
MOST = 200 if PROVES else 15


@pytest.fixture
def secret(db) -> str:
    """A token that reaches one case with a running clock."""
    if not Installation.objects.exists():
        operations.found_installation(kind="test")
    utility = people.organisation()
    case = new_case(utility=utility)
    happen(case, "application.submitted")
    happen(case, "application.accepted")
    return people.token(people.machine(at=utility))


def calling(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def one_connection():
    """Let the requests of the real WSGI application stay inside the test's transaction."""
    closing = (signals.request_started, signals.request_finished)
    for signal in closing:
        signal.disconnect(close_old_connections)
    yield
    for signal in closing:
        signal.connect(close_old_connections)


SCHEMA = schemathesis.openapi.from_dict(described())
SCHEMA.app = application
ROUTES = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.mark.django_db
class TestDescribed:
    @pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
    def test_is_kept_by_every_route(self, route, secret, one_connection):
        @settings(max_examples=MOST, deadline=None, derandomize=not PROVES, suppress_health_check=list(HealthCheck))
        @given(case=route.as_strategy())
        def keeps_it(case):
            case.call_and_validate(headers={"Authorization": f"Bearer {secret}"})

        keeps_it()

    def test_is_told_in_the_language_of_the_reader(self):
        english = Client(headers={"Accept-Language": "en"}).get("/api/v1/openapi.json").json()

        assert english["openapi"].startswith("3.1")
        assert english["paths"]["/api/v1/cases"]["get"]["summary"].isascii()


@pytest.mark.django_db
class TestRefusals:
    def test_ask_for_a_token(self):
        response = Client().get("/api/v1/cases")

        assert (response.status_code, response.json()["error"]) == (401, "token_invalid")

    def test_name_the_scope_a_token_lacks(self, secret):
        machine = AccessToken.objects.get().user

        response = calling(people.token(machine, TokenScope.EVENTS)).get("/api/v1/cases")

        assert (response.status_code, response.json()["error"]) == (403, "token_scope_missing")

    def test_tell_an_account_without_a_grant_so(self, secret):
        lonely = create_machine(username="lonely", organisation=people.organisation())

        response = calling(people.token(lonely)).get("/api/v1/cases")

        assert (response.status_code, response.json()["error"]) == (403, "grant_missing")

    def test_name_the_parameter_its_value_and_the_reason(self, secret):
        problem = calling(secret).get("/api/v1/cases?limit=0").json()

        assert (problem["field"], problem["value"]) == ("limit", "0")
        assert "1" in problem["detail"]

    @pytest.mark.parametrize("cursor", ["nonsense", "W10=", "WyIyMDI2LTAzLTAyIiwgIngiXQ=="])
    def test_send_an_unknown_cursor_back_to_the_first_page(self, secret, cursor):
        response = calling(secret).get("/api/v1/cases", {"cursor": cursor})

        assert (response.status_code, response.json()["error"]) == (404, "cursor_unknown")

    def test_ask_for_the_time_zone(self, secret):
        response = calling(secret).get("/api/v1/cases?opened_from=2026-03-02T09:00:00")

        assert (response.status_code, response.json()["error"]) == (422, "time_zone_missing")

    def test_say_when_to_come_again(self, secret, monkeypatch):
        monkeypatch.setattr(api, "CALLS_PER_TOKEN", limits.Limit(1, timedelta(minutes=1)))
        client = calling(secret)
        client.get("/api/v1/cases")

        response = client.get("/api/v1/cases")

        assert (response.status_code, response["Retry-After"]) == (429, "60")

    def test_hide_a_case_out_of_reach_like_one_that_does_not_exist(self, secret):
        hidden = new_case(utility=people.organisation("other-grid"))

        assert calling(secret).get(f"/api/v1/cases/{hidden.pk}").status_code == 404
        assert calling(secret).get(f"/api/v1/cases/{uuid4()}").status_code == 404

    def test_send_who_asks_for_an_unknown_rule_to_the_list(self):
        response = Client().get(f"/api/v1/policy/no.such?on={DAY}")

        assert (response.status_code, response.json()["error"]) == (404, "not_found")

    def test_say_that_nothing_held_on_a_day(self):
        response = Client().get("/api/v1/policy/connection.total_limit.lv_resident?on=1999-01-01")

        assert (response.status_code, response.json()["error"]) == (404, "no_ruling")


@pytest.mark.django_db
class TestToken:
    def test_ends_when_it_is_revoked(self, secret):
        revoke_token(AccessToken.objects.get(), now=timezone.now())

        assert calling(secret).get("/api/v1/cases").status_code == 401

    def test_ends_on_its_day(self, secret, time_machine):
        time_machine.move_to(datetime(2100, 1, 2, tzinfo=UTC))

        assert calling(secret).get("/api/v1/cases").status_code == 401

    def test_ends_with_its_account(self, secret):
        User.objects.filter(kind="machine").update(is_active=False)

        assert calling(secret).get("/api/v1/cases").status_code == 401

    def test_keeps_when_it_was_last_used(self, secret):
        calling(secret).get("/api/v1/cases")

        assert AccessToken.objects.get().use.used_at <= timezone.now()


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize("route", ["cases", "deadlines"])
    def test_give_every_case_once(self, secret, route):
        utility = people.organisation()
        for _ in range(4):
            case = new_case(utility=utility)
            happen(case, "application.submitted")
            happen(case, "application.accepted")
        client, seen, cursor = calling(secret), [], ""

        while cursor is not None:
            page = client.get(f"/api/v1/{route}", {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
            seen += [each.get("id") or each["case_id"] for each in page["items"]]
            cursor = page["next"]

        assert len(seen) == len(set(seen)) == 5

    def test_follow_the_sealed_log_without_a_gap(self, secret):
        client = calling(secret)
        assert client.get("/api/v1/events").json() == {"items": [], "next": -1, "has_more": False}
        hidden = new_case(utility=people.organisation("other-grid"))
        happen(hidden, "application.submitted")
        seal([LOG_KEY])

        first = client.get("/api/v1/events?limit=1").json()
        rest = client.get("/api/v1/events", {"after": first["next"]}).json()

        assert [each["kind"] for each in first["items"] + rest["items"]] == [
            "application.submitted",
            "application.accepted",
        ]
        assert (first["has_more"], rest["has_more"], rest["next"]) == (True, False, 2)

    def test_cost_the_same_queries_however_many_rows(self, secret, django_assert_num_queries):
        client = calling(secret)
        for _ in range(3):
            happen(new_case(utility=people.organisation()), "application.submitted")

        with django_assert_num_queries(5):
            client.get("/api/v1/cases")


@pytest.mark.django_db
class TestCase:
    def test_is_the_clock_of_the_pages(self, secret):
        case = Case.objects.get()
        client = calling(secret)

        clock = client.get(f"/api/v1/cases/{case.pk}/stages").json()
        deadlines = client.get(f"/api/v1/cases/{case.pk}/deadlines").json()

        scheme = next(each for each in clock["stages"] if each["stage"] == "scheme")
        assert scheme["due_date"] == str(case.next_due_date) == deadlines[-1]["due_date"]
        assert clock["unit"] == "workday"

    def test_chains_its_events(self, secret):
        events = calling(secret).get(f"/api/v1/cases/{Case.objects.get().pk}/events").json()

        assert events[1]["prev_hash"] == events[0]["hash"]

    def test_names_nobody(self, secret):
        row = calling(secret).get(f"/api/v1/cases/{Case.objects.get().pk}").json()

        assert not {"title", "address", "applicant"} & row.keys()
