import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from tongdian.case.terms import RUN, normalised, number_terms, terms_of, wanted, wanted_of_number

ADDRESS = "济南市历下区经十路9999号A座"
characters = st.text("山东济南历下黄河路经十纬二号院区县示例食品厂长重庆女绿行", min_size=1, max_size=6)
addresses = st.text("黄河路经十九号座楼ABCsoho0123456789-（） 　，壹贰〇", min_size=2, max_size=30)


def finds(question: str, text: str = ADDRESS) -> bool:
    return bool(asked := wanted(question)) and asked.is_met(terms_of(text))


class TestTermsOf:
    @pytest.mark.parametrize(
        "question",
        [
            "历下",
            "历下区",
            "经十路",
            "路9999",
            "区",
            "9",
            "9999",
            "999",
            "lixia",
            "LX",
            "lxq",
            "jing shi",
            "历下 9999",
            "９９９９",
            "a",
            "l",
        ],
    )
    def test_finds_a_text_by_its_characters_figures_and_pinyin(self, question):
        assert finds(question)

    @pytest.mark.parametrize("question", ["历城", "下历", "99990", "lixi", "b", "shengli", "十路8"])
    def test_does_not_find_what_is_not_there(self, question):
        assert not finds(question)

    @pytest.mark.parametrize(
        "question", ["黄河路12号", "hhl", "huanghelu", "huanghl", "hhlu", "hhelu", "黄河lu12号", "黄hl", "路１２", "12"]
    )
    def test_finds_a_street_however_it_is_typed(self, question):
        assert finds(question, "示例市黄河路12号")

    @pytest.mark.parametrize(
        ("question", "text"),
        [
            ("12号", "黄河路十二号"),
            ("十二号", "黄河路12号"),
            ("壹佰贰拾号", "黄河路120号"),
            ("一〇二室", "示例楼102室"),
            ("105号", "经十路一百零五号"),
            ("zhongshan", "中山路"),
            ("zs", "中山路"),
            ("zhsl", "中山路"),
            ("xian", "西安路"),
            ("lv", "绿地中心"),
            ("lü", "绿地中心"),
            ("soho", "示例SOHO大厦"),
            ("oh", "示例SOHO大厦"),
        ],
    )
    def test_finds_figures_and_readings_either_way(self, question, text):
        assert finds(question, text)

    @given(addresses, st.data())
    def test_finds_an_address_by_any_part_of_it(self, address, data):
        start = data.draw(st.integers(0, len(address) - 2))
        part = address[start : data.draw(st.integers(start + 2, len(address)))]

        assert finds(part, address) is bool(RUN.search(normalised(part)))

    @given(characters, st.data())
    def test_finds_characters_by_their_pinyin_mixed_with_initials(self, text, data):
        typed = "".join(syllable if data.draw(st.booleans()) else syllable[0] for syllable in lazy_pinyin(text))

        whole, initials = "".join(lazy_pinyin(text)), "".join(syllable[0] for syllable in lazy_pinyin(text))
        assert finds(whole, text)
        assert finds(initials, text)
        assert len(text) > 3 or finds(typed, text)


class TestWanted:
    @pytest.mark.parametrize("question", ["", "  ", "，。！", "%_"])
    def test_is_empty_when_the_question_says_nothing(self, question):
        assert not wanted(question)

    def test_looks_at_no_flood_of_letters(self):
        assert all(len(way) <= 40 for way in wanted("a" * 5000).choices[0])


class TestWantedOfNumber:
    NUMBER = "370102-2026-000123-4"

    @pytest.mark.parametrize("part", ["123", "000123", "0123-4", "1234", "370102-2026", "2026-000123", "20260001"])
    def test_finds_a_number_by_a_part_of_it(self, part):
        digits, terms = wanted_of_number(part)

        assert digits in self.NUMBER.replace("-", "")
        assert number_terms(self.NUMBER).issuperset(terms)

    def test_means_the_serial_when_there_are_few_digits(self):
        _digits, terms = wanted_of_number("2026")

        assert not number_terms(self.NUMBER).issuperset(terms)

    @pytest.mark.parametrize("text", ["12", "历下", "12号", "", "---", "１２号"])
    def test_is_none_for_what_is_no_part_of_a_number(self, text):
        assert wanted_of_number(text) is None
