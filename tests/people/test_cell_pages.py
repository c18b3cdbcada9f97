from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from support import people
from tongdian.people.models import CellMember, ServiceCell, User
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
HEADER = "网格编号,网格名称,县代码,地址关键字,区域,客户经理,项目经理\n"


@pytest.fixture
def grid():
    return people.organisation("grid")


@pytest.fixture
def desk(grid):
    client = Client()
    client.force_login(people.staff(Role.ADMINISTRATOR, at=grid))
    return client


def manager(**fields) -> User:
    return people.staff(Role.ACCOUNT_MANAGER, **fields)


def sent(desk: Client, grid, content: str | bytes, name: str = "cells.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return desk.post(
        reverse("desk_cells"),
        {"import": "1", "utility": grid.pk, "valid_from": "2026-01-01", "file": SimpleUploadedFile(name, data)},
    )


def outcomes(page) -> list[tuple[str, str, str]]:
    return [(each["code"], str(each["outcome"]), str(each["why"])) for each in page.context["results"]]


class TestCells:
    def test_enters_a_cell_with_its_words(self, desk, grid):
        desk.post(
            reverse("desk_cells"),
            {
                "utility": grid.pk,
                "code": "lx-1",
                "name": "历下一网格",
                "county_code": "370102",
                "address_words": "示例路、示例街",
                "valid_from": "2026-01-01",
            },
        )

        assert ServiceCell.objects.get(code="lx-1").address_words == ["示例街", "示例路"]

    def test_imports_each_line_by_itself(self, desk, grid):
        known = manager(at=grid)
        lines = [
            f"a,网格甲,370102,示例路、示例街,,{known.username},",
            f"a,网格甲,370102,,,{known.username},",
            "b,网格乙,37,,,,",
            "c,网格丙,370102,,,nobody,",
            f"d,网格丁,370103,,,{known.username},",
        ]

        page = sent(desk, grid, HEADER + "\n".join(lines))

        assert [(code, outcome) for code, outcome, _ in outcomes(page)] == [
            ("a", "已新建"),
            ("a", "没有变化"),
            ("b", "未导入"),
            ("c", "未导入"),
            ("d", "未导入"),
        ]
        assert [each.code for each in ServiceCell.objects.all()] == ["a"]

    def test_takes_back_its_own_download(self, desk, grid):
        sent(desk, grid, HEADER + f"a,网格甲,370102,示例路,,{manager(at=grid).username},")

        download = desk.get(reverse("desk_cells") + "?format=xlsx").content
        page = sent(desk, grid, download, "cells.xlsx")

        assert load_workbook(BytesIO(download)).active["A2"].value == "a"
        assert outcomes(page) == [("a", "没有变化", "")]

    @pytest.mark.parametrize("content", ["x,y\n1,2\n", HEADER, b"\xff\xfe\x00", "\x00PK"])
    def test_says_what_a_file_should_hold(self, desk, grid, content):
        page = sent(desk, grid, content)

        assert page.context["imports"].errors["file"]


class TestCell:
    def test_takes_a_manager_and_lets_them_go(self, desk, grid):
        sent(desk, grid, HEADER + "a,网格甲,370102,,,,")
        cell, user = ServiceCell.objects.get(), manager(at=grid)

        desk.post(
            reverse("desk_cell", args=[cell.pk]),
            {"person": f"account_manager:{user.pk}", "valid_from": "2026-01-02"},
        )
        member = CellMember.objects.get()
        desk.post(reverse("desk_cell_member_end", args=[cell.pk, member.pk]))

        member.refresh_from_db()
        assert (member.valid_from, member.valid_until) == (date(2026, 1, 2), timezone.localdate())

    def test_ends_with_everybody_in_it(self, desk, grid):
        sent(desk, grid, HEADER + f"a,网格甲,370102,,,{manager(at=grid).username},")
        cell = ServiceCell.objects.get()

        desk.post(reverse("desk_cell_end", args=[cell.pk]))

        cell.refresh_from_db()
        assert cell.valid_until == CellMember.objects.get().valid_until == timezone.localdate()
