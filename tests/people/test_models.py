import pytest

from support import people
from tongdian.people import operations


@pytest.mark.django_db
class TestUser:
    def test_is_called_by_name_then_masked_phone_then_user_name(self):
        person, clerk = people.person("13800001234"), people.staff()
        assert (person.get_full_name(), clerk.get_full_name()) == ("138****1234", clerk.username)

        assert operations.set_preferences(person, display_name="张三").get_full_name() == "张三"

    def test_prints_nothing_personal(self):
        assert str(people.person("13800001234")).startswith("u")

    def test_tells_staff_from_the_public(self):
        assert (people.person().is_staff, people.staff().is_staff) == (False, True)


@pytest.mark.django_db
class TestOrganisation:
    def test_prints_its_name(self):
        assert str(people.organisation("grid")) == "示例单位 grid"
