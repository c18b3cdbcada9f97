"""Every route × owner, colleague, stranger, anonymous: who may open it, who may not.

A new route makes this file fail until it has (1) a permission, declared with `people.access.requires("…")` and
listed in `people.permissions.TABLE`, and (2) a row in `tests/<package>/matrix_rows.py`. How to write a row stands in
`tests/support/matrix.py`.
"""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from support import matrix, people
from tongdian.people.permissions import TABLE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml"
ROUTES = matrix.routes()
ROWS = matrix.rows()
PERMISSIONS = {route.name: route.permission for route in ROUTES}


class TestRoutes:
    @pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
    def test_declares_a_permission_of_the_table(self, route):
        if route.name in matrix.THIRD_PARTY:
            return
        assert route.permission in TABLE, (
            f"{route.path} ({route.name}) declares {route.permission!r}: decorate its view with "
            "people.access.requires(name) and list the name in people.permissions, or, if the view is a "
            "library's, list the route in tests/support/matrix.py THIRD_PARTY with the reason"
        )

    @pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
    def test_has_a_row(self, route):
        known = {row.route for row in ROWS} | set(matrix.THIRD_PARTY)

        assert route.name in known, (
            f"{route.path} has no row: add Row({route.name!r}, <cast>, allowed=…, kind=…) to "
            "tests/<package>/matrix_rows.py (see tests/support/matrix.py)"
        )

    def test_has_no_row_without_a_route(self):
        assert {row.route for row in ROWS} - {route.name for route in ROUTES} == set()

    def test_gives_a_reason_for_every_route_of_a_library(self):
        assert [name for name, reason in matrix.THIRD_PARTY.items() if len(reason) < 20] == []


@pytest.mark.django_db
class TestRow:
    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
    def test_opens_for_those_allowed_and_for_nobody_else(self, row):
        cast = row.cast()

        opened = {name for name in matrix.EVERYONE if _sees(row, cast, name)}

        assert opened == row.allowed

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
    def test_sends_the_anonymous_to_sign_in_and_back(self, row):
        if PERMISSIONS.get(row.route) == "public":
            return

        response = _open(row, row.cast(), "anonymous")

        if row.by_token:
            assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
            return
        assert response.status_code == 302
        assert response.url.startswith(f"{reverse('account_login')}?next=")


def _open(row: matrix.Row, cast: matrix.Cast, name: str):
    client = Client()
    if person := cast.person(name):
        if row.by_token:
            client = Client(headers={"Authorization": f"Bearer {people.token(person)}"})
        else:
            client.force_login(person)
    url = reverse(row.route, kwargs=row.kwargs(cast.things)) + row.query
    return client.get(url) if row.method == "get" else client.post(url, row.data)


def _sees(row: matrix.Row, cast: matrix.Cast, name: str) -> bool:
    response = _open(row, cast, name)
    if response.status_code in {401, 403, 404} or _is_sign_in(response):
        return False
    assert response.status_code < 400, f"{name} gets {response.status_code}"
    if row.shows is None:
        return True
    return str(row.shows(cast.things)) in _text(response)


def _text(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if response["Content-Type"].startswith(XLSX):
        sheets = CalamineWorkbook.from_filelike(BytesIO(content))
        return str([sheets.get_sheet_by_name(name).to_python() for name in sheets.sheet_names])
    return content.decode(errors="replace")


def _is_sign_in(response) -> bool:
    return response.status_code == 302 and response.url.startswith(f"{reverse('account_login')}?next=")
