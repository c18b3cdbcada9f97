import pytest

from tongdian.gateway import wording


@pytest.fixture
def greeting():
    template = wording.Template("test.greeting", "您好 {name}", wording.Delivery.AT_MOST_ONCE)
    wording.register(template)
    yield template
    wording.forget("test.greeting")


class TestRender:
    def test_fills_the_places(self, greeting):
        assert wording.render("test.greeting", {"name": "甲"}, language="zh-hans") == "您好 甲"

    def test_refuses_parameters_that_leave_a_place_open(self, greeting):
        with pytest.raises(KeyError, match="name"):
            wording.render("test.greeting", {}, language="zh-hans")

    def test_refuses_an_unknown_template(self):
        with pytest.raises(wording.UnknownTemplate, match=r"test\.none"):
            wording.render("test.none", {}, language="zh-hans")

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_keeps_the_places_of_every_template_in_both_languages(self, language):
        for template in wording.registered():
            places = wording.places(template)

            text = wording.render(template.id, {place: f"<{place}>" for place in places}, language=language)

            assert all(f"<{place}>" in text for place in places)
