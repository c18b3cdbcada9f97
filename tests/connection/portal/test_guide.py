"""The public guide, asked by GET: questions, answer, classes, what an application begins with."""

import pytest
from django.test import Client

from support import connections, people
from tongdian.case.models import Contact, ContactLink
from tongdian.case.operations.contacts import save_guide_result
from tongdian.case.queries import installation_now
from tongdian.connection import operations, queries, rules
from tongdian.connection.models import Draft

pytestmark = pytest.mark.django_db

WHO = {"who": "shop", "county": "370102", "zone": ""}
LOAD = {"load_kw": "30", "sources": "1", "supply": "near"}
ANSWERS = WHO | {"n_oven": "2"} | LOAD


class TestQuestion:
    def test_asks_without_complaining_first(self, client: Client) -> None:
        page = client.get("/guide/").content.decode()

        assert "谁用电，在哪里用" in page
        assert "field-error" not in page

    def test_goes_on_with_the_answers_in_the_address(self, client: Client) -> None:
        response = client.get("/guide/", WHO | {"asked": "who"})

        assert response["Location"] == "/guide/equipment/?who=shop&county=370102"

    def test_names_what_is_missing(self, client: Client) -> None:
        page = client.get("/guide/", {"asked": "who", "who": "shop"})

        assert "county" in page.context["form"].errors

    def test_leads_back_to_the_first_page_left_out(self, client: Client) -> None:
        assert client.get("/guide/load/", LOAD)["Location"] == "/guide/"

    def test_lists_the_equipment_of_the_asker(self, client: Client) -> None:
        shop = client.get("/guide/equipment/", WHO).content.decode()
        resident = client.get("/guide/equipment/", WHO | {"who": "resident"}).content.decode()

        assert "商用烤箱" in shop
        assert "商用烤箱" not in resident

    def test_estimates_the_load_and_shows_the_working(self, client: Client) -> None:
        page = client.get("/guide/load/", WHO | {"n_oven": "2"})

        assert page.context["form"]["load_kw"].value() == 12
        assert "2 × 9 千瓦 × 0.8 = 14.4" in page.content.decode()

    def test_believes_a_power_that_was_changed(self, client: Client) -> None:
        page = client.get("/guide/load/", WHO | {"n_oven": "2", "p_oven": "20"})

        assert page.context["form"]["load_kw"].value() == 26

    def test_drops_the_old_load_with_the_old_list(self, client: Client) -> None:
        response = client.get("/guide/equipment/", ANSWERS | {"asked": "equipment", "n_oven": "3"})

        assert response["Location"] == "/guide/load/?who=shop&county=370102&n_oven=3"

    def test_refuses_a_count_below_zero(self, client: Client) -> None:
        page = client.get("/guide/equipment/", WHO | {"asked": "equipment", "n_oven": "-1"})

        assert "n_oven" in page.context["form"].errors

    def test_keeps_answers_out_of_search_engines(self, client: Client) -> None:
        assert client.get("/guide/equipment/", WHO)["X-Robots-Tag"] == "noindex, nofollow"
        assert "X-Robots-Tag" not in client.get("/guide/")


class TestAnswer:
    def test_tells_a_shop_first_that_it_costs_nothing(self, client: Client) -> None:
        page = client.get("/guide/answer/", ANSWERS)

        cost, due, papers = page.context["figures"]
        assert page.context["guide"].id == "lv_three_zero"
        assert (cost.value, papers.value) == ("0", "无")
        assert due.value == page.context["dates"][-1][1].due_date.strftime("%Y年%-m月%-d日")

    @pytest.mark.parametrize(
        ("changed", "customer_class"),
        [
            ({"who": "resident", "load_kw": "8", "supply": "here"}, "lv_no_works"),
            ({"who": "resident", "load_kw": "8", "supply": "near"}, "lv_resident"),
            ({"who": "resident", "load_kw": "8", "supply": "unknown"}, "lv_resident"),
            ({"who": "shop", "load_kw": "160", "supply": "here"}, "lv_three_zero"),
            ({"who": "shop", "load_kw": "160.01"}, "hv10_single"),
            ({"who": "firm", "load_kw": "100"}, "lv_other"),
            ({"who": "institution", "load_kw": "600", "sources": "2"}, "hv10_dual"),
            ({"who": "firm", "load_kw": "20000"}, "hv35_single"),
            ({"who": "firm", "load_kw": "20000", "sources": "2"}, "hv35_dual"),
        ],
    )
    def test_finds_every_class(self, client: Client, changed: dict[str, str], customer_class: str) -> None:
        page = client.get("/guide/answer/", ANSWERS | changed)

        assert page.status_code == 200
        assert page.context["guide"].id == customer_class

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_shows_its_trace_in_both_languages(self, client: Client, language: str) -> None:
        client.cookies["django_language"] = language

        page = client.get("/guide/answer/", ANSWERS)

        assert page.context["because"] in page.content.decode()
        assert [failed for _line, failed in page.context["passed_over"]]

    def test_names_likely_permits_and_their_procedure(self, client: Client) -> None:
        near = client.get("/guide/answer/", ANSWERS | {"crosses": ["road", "main_road"]})
        far = client.get("/guide/answer/", ANSWERS | {"crosses": ["road"], "supply": "far"})

        assert [each.procedure for each in near.context["permits"]] == ["filing", "licence"]
        assert [each.procedure for each in far.context["permits"]] == ["licence"]

    def test_draws_the_boundary_at_the_red_line_of_a_planned_area(self, client: Client) -> None:
        firm = ANSWERS | {"who": "firm", "load_kw": "800"}

        inside = client.get("/guide/answer/", firm | {"zone": "urban_planned_area"})
        outside = client.get("/guide/answer/", firm)

        assert inside.context["guide"].boundary.value["boundary"] == "red_line"
        assert outside.context["guide"].boundary.value["boundary"] == "property_boundary"

    @pytest.mark.parametrize("missing", ["who", "county", "load_kw", "supply"])
    def test_asks_again_what_is_missing(self, client: Client, missing: str) -> None:
        response = client.get("/guide/answer/", {key: value for key, value in ANSWERS.items() if key != missing})

        page = client.get(response["Location"])

        assert missing in page.context["form"].errors

    def test_shows_both_hotlines(self, client: Client) -> None:
        page = client.get("/guide/answer/", ANSWERS).content.decode()

        assert page.count("95598") == page.count("12398")

    @pytest.mark.parametrize("count", [1, 20])
    def test_costs_the_same_queries_whatever_is_ticked(
        self, client: Client, count: int, django_assert_num_queries
    ) -> None:
        ticked = {f"n_{each}": str(count) for each in ("oven", "freezer", "lighting")[:count]}

        with django_assert_num_queries(4):
            client.get("/guide/answer/", ANSWERS | ticked)


class TestClasses:
    def test_list_every_class(self, client: Client) -> None:
        page = client.get("/guide/classes/")

        assert [guide.id for guide, _what in page.context["listed"]] == list(rules.CUSTOMER_CLASSES)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("customer_class", rules.CUSTOMER_CLASSES)
class TestOneClass:
    def test_says_every_limit_with_its_rule(self, client: Client, customer_class: str, language: str) -> None:
        client.cookies["django_language"] = language

        page = client.get(f"/guide/{customer_class}/")

        text = page.content.decode()
        assert page.status_code == 200
        for stage in page.context["guide"].stages:
            assert f"/policy/{stage.limit.id}/" in text
        assert f"/policy/connection.documents.{customer_class}.acceptance/" in text
        assert text.count("95598") == text.count("12398")


class TestUnknownClass:
    def test_is_not_found(self, client: Client) -> None:
        assert client.get("/guide/hv99/").status_code == 404


class TestSave:
    def test_keeps_the_answers_and_nobody(self, client: Client) -> None:
        response = client.post("/guide/save/", query_params=ANSWERS)

        kept = Contact.objects.get()
        assert response["Location"] == f"/guide/saved/{kept.code}/"
        assert kept.answers == {"who": ["shop"], "county": ["370102"], "n_oven": ["2"], "load_kw": ["30"],
                                "sources": ["1"], "supply": ["near"]}  # fmt: skip
        assert (kept.kind, kept.by, kept.phone) == ("guide", None, None)

    def test_is_limited_by_address(self, client: Client) -> None:
        answers = [client.post("/guide/save/", query_params=ANSWERS).status_code for _ in range(11)]

        assert answers == [302] * 10 + [429]

    def test_keeps_nothing_of_a_mere_look(self, client: Client) -> None:
        client.get("/guide/answer/", ANSWERS)

        assert client.get("/guide/save/", ANSWERS).status_code == 405
        assert not Contact.objects.exists()

    def test_asks_again_what_is_missing(self, client: Client) -> None:
        assert client.post("/guide/save/", query_params=WHO).status_code == 302
        assert not Contact.objects.exists()


class TestSaved:
    def test_opens_however_the_code_is_written(self, client: Client) -> None:
        kept = saved_result()

        page = client.get("/guide/saved/", {"code": f"{kept.code[:4].lower()} {kept.code[4:]}"}, follow=True)

        assert page.context["guide"].id == "lv_three_zero"
        assert f"{kept.code[:4]}-{kept.code[4:]}" in page.content.decode()

    @pytest.mark.parametrize("path", ["/guide/saved/AAAAAAAA/", "/guide/saved/%20/"])
    def test_says_that_there_is_none(self, client: Client, path: str) -> None:
        page = client.get(path)

        assert page.status_code == 404
        assert "code" in page.context["form"].errors

    def test_asks_for_the_code(self, client: Client) -> None:
        assert client.get("/guide/saved/").status_code == 200
        assert "code" in client.get("/guide/saved/", {"code": "-"}).context["form"].errors

    def test_is_limited_by_address(self, client: Client) -> None:
        answers = {client.get("/guide/saved/AAAAAAAA/").status_code for _ in range(61)}

        assert answers == {404, 429}


def saved_result() -> Contact:
    answers = {key: [value] for key, value in ANSWERS.items()}
    return save_guide_result(answers=answers, county_code="370102", now=installation_now())


class TestApplyWith:
    def test_comes_back_after_signing_in(self, client: Client) -> None:
        response = client.get("/guide/apply/", ANSWERS)

        assert response.status_code == 302
        assert "next=/guide/apply/%3Fwho%3Dshop" in response["Location"]

    def test_begins_an_application_with_the_answers(self, client: Client) -> None:
        owner = people.person()
        client.force_login(owner)

        response = client.post("/guide/apply/", query_params=ANSWERS)

        draft = Draft.objects.get(owner=owner)
        answers = queries.answers(draft)
        assert response["Location"] == f"/apply/{draft.pk}/"
        assert answers["customer"] == {"customer": "small_micro_firm"}
        assert answers["guide"]["demand"] == {"load_kw": "30", "voltage_kv": "0.38", "needs_works": "yes"}

    def test_shows_the_answers_before_it_begins_anything(self, client: Client) -> None:
        client.force_login(people.person())

        page = client.get("/guide/apply/", ANSWERS)

        assert page.status_code == 200
        assert not Draft.objects.exists()

    def test_carries_the_saved_result_to_the_case(self, client: Client) -> None:
        connections.utility()
        owner, kept = people.person(), saved_result()
        client.force_login(owner)
        client.post("/guide/apply/", query_params=ANSWERS | {"code": kept.code})

        draft = Draft.objects.get(owner=owner)
        now = installation_now()
        for step, answers in (("who", connections.WHO), ("site", connections.SITE), ("demand", connections.LOW)):
            draft = operations.save_answers(
                draft.pk, owner=owner, step=step, answers=answers, expected_version=draft.version, now=now
            )
        case = operations.submit(draft.pk, owner=owner, expected_version=draft.version, channel="web", now=now)

        link = ContactLink.objects.get(case=case)
        assert (link.contact, link.how) == (kept, "guide")
