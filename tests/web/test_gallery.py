from io import BytesIO

import openpyxl
import pytest
from django.test import Client

from tongdian.web.gallery import is_open

PARTS = [
    "stage-bar",
    "clock-panel",
    "month",
    "lamp-overdue",
    "table-scroll",
    "empty-state",
    "timeline",
    "pages",
    "summary-list",
    "task-list",
    "confirmation",
    "next-step",
    "tabs",
    "figures",
    "notice-error",
    "progress-panel",
]


@pytest.mark.django_db
class TestGallery:
    def test_shows_every_component(self, client: Client) -> None:
        page = client.get("/ui/").content.decode()

        assert [part for part in PARTS if f'class="{part}' not in page and f" {part}" not in page] == []

    def test_shows_the_form_with_its_errors(self, client: Client) -> None:
        assert 'class="error-summary"' in client.get("/ui/?form=empty").content.decode()

    def test_gives_its_list_as_xlsx(self, client: Client) -> None:
        book = openpyxl.load_workbook(BytesIO(client.get("/ui/?format=xlsx").content))

        assert book.active is not None
        assert book.active.max_row == 1 + 60 + 3


class TestIsOpen:
    @pytest.mark.parametrize(
        ("kind", "is_debugging", "expected"),
        [("production", False, False), ("", False, False), ("production", True, True), ("demonstration", False, True)],
    )
    def test_only_where_nothing_real_is_handled(self, kind: str, is_debugging: bool, expected: bool) -> None:
        assert is_open(kind, is_debugging=is_debugging) is expected
