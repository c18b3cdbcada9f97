"""Values in words."""

from dataclasses import replace
from datetime import date

import pytest

from tongdian.policy import packaged_book
from tongdian.policy.ruling import CERTAINTIES, LAYERS, ZONES
from tongdian.policy.wording import (
    CERTAINTY_WORDS,
    LAYER_WORDS,
    ZONE_WORDS,
    Line,
    in_words,
    is_nested,
    outline,
    place_words,
    validity,
)

BOOK = packaged_book()
TODAY = date(2026, 11, 23)


class TestInWords:
    @pytest.mark.parametrize(
        ("key", "zh", "en"),
        [
            ("connection.total_limit.hv10_single", "11 个工作日", "11 working days"),
            ("reliability.saidi_target.centre", "1.8 小时", "1.8 hours"),
            ("hotline.supply", "95598", "95598"),
            ("connection.evidence.tolerance", "1,440 分钟", "1,440 minutes"),
            ("connection.switch.trigger_day_is_zero", "是", "yes"),
            ("connection.switch.receipt_on_rest_day", "按实际日期", "real date"),
            ("report.city_plan.due", "2021-05-30", "2021-05-30"),
            (
                "fee.amount.high_reliability",
                "未知（无人录入，不等于零）",
                "unknown (nobody has entered it; this is not zero)",
            ),
            (
                "connection.documents.hv10_single.scheme",
                "无（不得索要）",
                "none (nothing may be asked for)",
            ),
            (
                "connection.documents.hv10_single.completion_inspection",
                "工程竣工报告（含竣工图纸）",
                "Completion report, as-built drawings included",
            ),
            (
                "connection.class.hv35_dual",
                "电压等级 35千伏及以上；电压下限（千伏） 35；电源数 2；计时环节 "
                "业务受理、供电方案答复、设计审查、中间检查、竣工检验、装表接电",
                "voltage 35 kV and above; from (kV) 35; supply sources 2; timed stages acceptance, supply scheme, "
                "design review, interim inspection, completion inspection, metering and energising",
            ),
        ],
    )
    def test_says_the_value_on_one_line(self, key: str, zh: str, en: str) -> None:
        ruling = BOOK.lookup(key, on=TODAY)

        assert in_words(ruling, "zh-hans") == zh
        assert in_words(ruling, "en") == en

    @pytest.mark.parametrize("entry", BOOK.items(), ids=lambda entry: entry.id)
    def test_says_something_for_every_value_of_the_book(self, entry) -> None:  # type: ignore[no-untyped-def]
        for ruling in entry.rulings:
            assert in_words(ruling, "zh-hans")
            assert in_words(ruling, "en")
            assert bool(outline(ruling.value, "en")) is is_nested(ruling.value)


class TestValidity:
    def test_names_an_open_start(self) -> None:
        ruling = BOOK.lookup("connection.total_limit.hv10_single", on=TODAY)

        assert (validity(ruling, "zh-hans"), validity(ruling, "en")) == ("2020-12-31 起", "from 2020-12-31")

    def test_names_the_first_day_after_the_end(self) -> None:
        ruling = BOOK.lookup("connection.classification", on=date(2021, 1, 1))

        assert validity(ruling, "en") == "from 2020-12-31, before 2021-06-30"


class TestOutline:
    def test_puts_lines_inside_lines(self) -> None:
        lines = outline(BOOK.lookup("ledger.task.05", on=TODAY).value, "en")

        assert lines == (
            Line("number", "5"),
            Line("category", "goals"),
            Line("bodies", "city energy authorities, other departments"),
            Line("deadline", "", (Line("kind", "dated"), Line("date", "2021-06-30"))),
        )

    def test_numbers_and_names_the_items_of_a_list(self) -> None:
        lines = outline(BOOK.lookup("connection.steps.hv10_single", on=TODAY).value, "zh-hans")

        assert [line.label for line in lines] == ["1. 申请受理", "2. 供电方案答复", "3. 外部工程施工", "4. 装表接电"]
        assert lines[3].inside == (Line("计时环节", "竣工检验、装表接电"),)

    def test_needs_no_lines_inside_an_item_that_only_has_a_name(self) -> None:
        lines = outline(BOOK.lookup("connection.gaps", on=TODAY).value, "en")

        assert lines[-1] == Line("9. Waiting for the customer to sign", "")

    def test_is_empty_for_a_plain_value(self) -> None:
        assert outline(11, "en") == ()


class TestIsNested:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (5, False),
            (("a", "b"), False),
            ((), False),
            ({}, False),
            ({"zh": "一", "en": "one"}, False),
            ({"a": 1}, True),
            (({"a": 1},), True),
        ],
    )
    def test_tells_whether_lines_are_needed(self, value: object, *, expected: bool) -> None:
        assert is_nested(value) is expected


class TestPlaceWords:
    @pytest.mark.parametrize(("code", "zh"), [("370100", "济南市"), ("100000", "全国"), ("990000", "990000")])
    def test_names_the_place_or_gives_its_code(self, code: str, zh: str) -> None:
        ruling = replace(BOOK.lookup("hotline.supply", on=TODAY), place=code)

        assert place_words(ruling).zh == zh


class TestVocabularies:
    def test_have_words_for_every_choice(self) -> None:
        assert set(CERTAINTY_WORDS) == set(CERTAINTIES)
        assert set(LAYER_WORDS) == set(LAYERS)
        assert set(ZONE_WORDS) == set(ZONES)
