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


class TestRows:
    navigation = registered(
        NavigationEntry("办件工作台", "desk_queue", permission="case.view"),
        NavigationEntry("影子监测", "desk_shadow", permission="source.view"),
        NavigationEntry("查进度", "progress", summary="看办到哪一步。"),
    )

    def test_keep_the_desk_apart_from_what_is_for_the_public(self) -> None:
        rows = self.navigation.rows(lambda _: True, path="/")

        assert [[link.label for link in row] for row in rows] == [["办件工作台", "影子监测"], ["查进度"]]

    def test_are_one_row_for_the_public(self) -> None:
        rows = self.navigation.rows(lambda permission: permission == "public", path="/")

        assert [[link.label for link in row] for row in rows] == [["查进度"]]

    @pytest.mark.parametrize(
        ("path", "marks"),
        [("/desk/shadow/", ["", "page"]), ("/desk/shadow/x/", ["", "true"]), ("/desk/x/", ["true", ""])],
    )
    def test_mark_the_entry_that_reaches_furthest(self, path: str, marks: list[str]) -> None:
        desk, _ = self.navigation.rows(lambda _: True, path=path)

        assert [link.current for link in desk] == marks
