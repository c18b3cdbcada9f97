import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from support import connections, people
from support.alerts import COUNTY, supervisor
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
UNASSIGNED = "?rule=waiting_unassigned"


@pytest.fixture
def county():
    return supervisor()


@pytest.fixture
def case(db):
    return connections.submitted().case


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestAlertsPage:
    def test_counts_by_county_and_rule(self, case, county):
        shown = signed_in(county).get(reverse("alerts")).content.decode()

        assert "历下区" in shown
        assert f"rule=waiting_unassigned&amp;county_code={COUNTY}" in shown

    def test_leaves_out_news_and_what_only_the_applicant_is_told(self, case, county):
        shown = signed_in(county).get(reverse("alerts")).content.decode()

        assert "一个环节已办完" not in shown
        assert "需要您办理" not in shown

    def test_says_that_there_is_nothing(self, county):
        assert "辖区内没有在办的办件" in signed_in(county).get(reverse("alerts")).content.decode()

    def test_costs_the_same_queries_for_any_number_of_cases(self, case, county):
        client, counts = signed_in(county), []
        for _ in range(2):
            connections.submitted()
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("alerts"))
            counts.append(len(captured))

        assert counts[0] == counts[1]

    def test_gives_the_counts_as_csv(self, case, county):
        response = signed_in(county).get(reverse("alerts") + "?format=csv")
        header, row, *_ = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()

        assert "尚无人负责" in header
        assert "历下区" in row


class TestAlertCases:
    def test_lists_the_cases_behind_a_number(self, case, county):
        shown = signed_in(county).get(reverse("alert_cases") + UNASSIGNED).content.decode()

        assert case.number in shown
        assert reverse("desk_case", args=[case.pk]) in shown

    def test_narrows_to_a_place(self, case):
        city = supervisor(Role.SUPERVISOR_CITY, "370100")
        client = signed_in(city)

        here = client.get(f"{reverse('alert_cases')}{UNASSIGNED}&county_code={COUNTY}&utility={case.utility_id}")
        of_city = client.get(f"{reverse('alert_cases')}{UNASSIGNED}&county_code=370100")

        assert case.number in here.content.decode()
        assert case.number in of_city.content.decode()

    def test_refuses_a_place_without_cases(self, case, county):
        shown = signed_in(county).get(f"{reverse('alert_cases')}{UNASSIGNED}&county_code=370202").content.decode()

        assert "is-invalid" in shown or "error" in shown

    def test_takes_the_first_rule_when_none_is_asked_for(self, case, county):
        assert "今天到期" in signed_in(county).get(reverse("alert_cases")).content.decode()

    def test_marks_what_is_not_real_in_the_csv(self, case, county):
        response = signed_in(county).get(f"{reverse('alert_cases')}{UNASSIGNED}&format=csv")
        lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()

        assert any(case.number in line for line in lines)
        assert "测试" in lines[-1]

    def test_tells_staff_of_another_utility_nothing(self, case):
        other = people.staff(Role.PROJECT_MANAGER, at=people.organisation("other-grid"), territory=COUNTY)

        assert case.number not in signed_in(other).get(reverse("alert_cases") + UNASSIGNED).content.decode()
