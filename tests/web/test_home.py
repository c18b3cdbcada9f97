from datetime import date

import pytest
from django.test import Client

from tongdian.policy import NoRuling, packaged_book
from tongdian.web.home import CLASSES, Promise, promises, source_title

TODAY = date(2026, 11, 23)


def of_class(customer_class: str, language: str = "zh-hans") -> Promise:
    return promises(packaged_book(), on=TODAY, language=language)[CLASSES.index(customer_class)]


class TestPromises:
    @pytest.mark.parametrize(
        ("customer_class", "total"),
        [
            ("lv_no_works", 1),
            ("lv_resident", 3),
            ("lv_three_zero", 7),
            ("lv_other", 3),
            ("hv10_single", 11),
            ("hv10_dual", 18),
            ("hv35_single", 22),
            ("hv35_dual", 32),
        ],
    )
    def test_are_the_totals_of_the_book(self, customer_class: str, total: int) -> None:
        assert of_class(customer_class).total == total

    @pytest.mark.parametrize("customer_class", ["lv_other", "hv10_single", "hv10_dual", "hv35_single", "hv35_dual"])
    def test_have_stages_that_sum_to_the_total(self, customer_class: str) -> None:
        promise = of_class(customer_class)

        assert sum(days for _stage, _title, days in promise.stages) == promise.total

    def test_of_one_whole_stage_list_no_stages(self) -> None:
        assert of_class("lv_resident").stages == ()

    def test_of_the_next_day_connection_count_calendar_days(self) -> None:
        assert of_class("lv_no_works").unit == "calendar_day"

    def test_cite_the_clause_without_repeating_the_instrument(self) -> None:
        promise = of_class("hv10_single", language="en")

        assert promise.clause == "Annex 1, row 2"
        assert "Shandong" in source_title(packaged_book(), on=TODAY, language="en")

    def test_are_not_made_up_for_a_day_before_the_plan(self) -> None:
        with pytest.raises(NoRuling):
            promises(packaged_book(), on=date(2019, 1, 1), language="zh-hans")


@pytest.mark.django_db
class TestHome:
    def test_shows_the_limits_with_their_clause(self, client: Client) -> None:
        page = client.get("/").content.decode()

        assert "10千伏单电源用户" in page
        assert "附件1 第2行" in page
