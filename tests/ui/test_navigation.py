import pytest

from tongdian.ui.navigation import EntryTaken, Navigation, NavigationEntry

PUBLIC = NavigationEntry("查进度", "progress", order=20)
DESK = NavigationEntry("工作台", "desk", permission="case.view", order=10)


def registered(*entries: NavigationEntry) -> Navigation:
    navigation = Navigation()
    navigation.register(*entries)
    return navigation


class TestRegister:
    def test_takes_the_same_entry_again(self) -> None:
        assert registered(PUBLIC, PUBLIC).entries == {"progress": PUBLIC}

    def test_refuses_another_entry_under_the_same_url_name(self) -> None:
        with pytest.raises(EntryTaken, match="progress"):
            registered(PUBLIC, NavigationEntry("进度", "progress"))


class TestVisible:
    def test_hides_what_is_not_allowed(self) -> None:
        assert registered(PUBLIC, DESK).visible(lambda permission: permission == "public") == [PUBLIC]

    def test_sorts_by_order(self) -> None:
        assert registered(PUBLIC, DESK).visible(lambda _: True) == [DESK, PUBLIC]
