import pytest

from tongdian.case.operations import found_installation
from tongdian.demo.state import NotADemonstration, contents


class TestContents:
    @pytest.mark.django_db
    def test_refuses_a_test_installation(self) -> None:
        with pytest.raises(NotADemonstration, match="test") as refused:
            contents()

        assert refused.value.kind == "test"

    @pytest.mark.usefixtures("unfounded")
    def test_refuses_a_production_installation(self) -> None:
        found_installation(kind="production")

        with pytest.raises(NotADemonstration, match="production"):
            contents()

    @pytest.mark.usefixtures("unfounded")
    def test_finds_nothing_in_a_demonstration_nobody_has_loaded(self) -> None:
        found_installation(kind="demonstration")

        assert contents() is None

    @pytest.mark.usefixtures("unfounded")
    def test_finds_nothing_in_a_database_nobody_has_founded(self) -> None:

        assert contents() is None
