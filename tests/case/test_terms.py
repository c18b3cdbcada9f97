import pytest

from tongdian.case.terms import terms_of, wanted_terms

ADDRESS = "济南市历下区经十路9999号A座"


class TestTermsOf:
    @pytest.mark.parametrize(
        "query",
        [
            "历下",
            "历下区",
            "经十路",
            "区",
            "9999",
            "999",
            "lixia",
            "LX",
            "lxq",
            "jing shi",
            "历下 9999",
            "９９９９",
            "a",
        ],
    )
    def test_finds_a_text_by_its_characters_words_and_pinyin(self, query):
        assert set(wanted_terms(query)) <= terms_of(ADDRESS)

    @pytest.mark.parametrize("query", ["历城", "下历", "99990", "lixi", "b"])
    def test_does_not_find_what_is_not_there(self, query):
        assert not set(wanted_terms(query)) <= terms_of(ADDRESS)


class TestWantedTerms:
    @pytest.mark.parametrize("query", ["", "  ", "，。！", "%_"])
    def test_is_empty_when_the_query_says_nothing(self, query):
        assert wanted_terms(query) == []
