import pytest

from tongdian.case.queries.installation import installation_kind


@pytest.mark.django_db
class TestInstallationKind:
    def test_says_what_the_database_is_for(self) -> None:
        assert installation_kind() == "test"
