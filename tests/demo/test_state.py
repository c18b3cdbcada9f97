import pytest

from support.demo_databases import unfound
from tongdian.case.operations import found_installation
from tongdian.demo.state import NotADemonstration, contents


@pytest.mark.django_db
class TestContents:
    def test_refuses_a_test_installation(self) -> None:
        with pytest.raises(NotADemonstration, match="test") as refused:
            contents()

        assert refused.value.kind == "test"

    def test_refuses_a_production_installation(self) -> None:
        unfound()
        found_installation(kind="production")

        with pytest.raises(NotADemonstration, match="production"):
            contents()

    def test_finds_nothing_in_a_demonstration_nobody_has_loaded(self) -> None:
        unfound()
        found_installation(kind="demonstration")

        assert contents() is None

    def test_finds_nothing_in_a_database_nobody_has_founded(self) -> None:
        unfound()

        assert contents() is None
