"""The queue of open cases, a page of it through the real WSGI handler, beside an empty Django view in the same run.

The same process serves both, with the same middleware, to the same signed-in member of staff, guarded by the same
permission; the empty view answers nothing at all. Requests of both alternate, so that the machine is as busy for one
as for the other; the connection to the database is kept, as a pooler would, or connecting would hide the rest. The time
of a row is the 95th percentile; the note has the median and the number of statements.
"""

from collections.abc import Callable
from io import BytesIO
from statistics import quantiles
from time import perf_counter
from types import ModuleType
from typing import Any
from urllib.parse import quote

from benchmarks.database import fresh_database
from benchmarks.queue_rows import CITY, COUNTY, PROVINCE, fill
from benchmarks.runner import Ours, Question, Row, Size

CASES = {"small": 2_000, "full": 100_000}
REQUESTS = {"small": 20, "full": 300}
WARM_UP = 10
EMPTY = "/bench/empty/"
PAGES = (
    ("first page, reach: a county", COUNTY, ""),
    ("first page, reach: a city", CITY, ""),
    ("first page, reach: the province", PROVINCE, ""),
    ("overdue, second page, the province", PROVINCE, "?lamp=overdue&page=2"),
    ("search 黄河路12号, the province", PROVINCE, "?text=黄河路12号"),
    ("search huanghl, a city", CITY, "?text=huanghl"),
)


def run(size: Size) -> list[Row]:
    """Measure each page beside the empty view."""
    with fresh_database():
        readers = fill(CASES[size])
        get = _handler()
        return [_compare(size, get, unit, _cookie(readers[code]), query) for unit, code, query in PAGES]


Get = Callable[[str, str], bytes]


def _compare(size: Size, get: Get, unit: str, cookie: str, query: str) -> Row:
    address = f"/desk/{query}"
    page = b""
    for _ in range(WARM_UP):
        get(EMPTY, cookie)
        page = get(address, cookie)
    taken: dict[str, list[float]] = {EMPTY: [], address: []}
    for _ in range(REQUESTS[size]):
        for path, times in taken.items():
            started = perf_counter()
            get(path, cookie)
            times.append(perf_counter() - started)
    (half, slow), (empty_half, empty_slow) = map(_percentiles, (taken[address], taken[EMPTY]))
    question = Question("queue_page", size, f"{unit}; {CASES[size]:,} open cases, p95", uses=("django", "psycopg"))
    note = (
        f"p50 {half * 1000:.1f} ms beside {empty_half * 1000:.1f} ms; {slow / empty_slow:.1f} × the empty view at p95, "
        f"{half / empty_half:.1f} × at p50; {_statements(get, address, cookie)} statements beside "
        f"{_statements(get, EMPTY, cookie)}; {len(page) // 1024} kB"
    )
    row = Ours(question, slow, page).alone(note)
    return Row(**{**vars(row), "peer": "empty Django view", "peer_s": empty_slow, "ratio": empty_slow / slow})


def _percentiles(times: list[float]) -> tuple[float, float]:
    cut = quantiles(times, n=20)
    return cut[9], cut[18]


def _handler() -> Get:
    """Return a call that answers a GET with its body, through the site's own WSGI application."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.urls import path, set_urlconf

    from tongdian.people.access import requires
    from tongdian.web import urls

    @requires("case.view")
    def empty(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    routes: Any = ModuleType("benchmark_routes")
    routes.urlpatterns = [*urls.urlpatterns, path(EMPTY.lstrip("/"), empty)]
    settings.ROOT_URLCONF = routes
    set_urlconf(None)
    settings.REQUIRE_TOTP = False
    connection.settings_dict["CONN_MAX_AGE"] = None
    application = WSGIHandler()

    def get(address: str, cookie: str) -> bytes:
        statuses: list[str] = []
        body = application(_environ(address, cookie), lambda status, headers: statuses.append(status))
        content = b"".join(body)
        body.close()
        assert statuses == ["200 OK"], (address, statuses)
        return content

    return get


def _environ(address: str, cookie: str) -> dict[str, Any]:
    path, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": quote(query, safe="=&"),
        "HTTP_COOKIE": cookie,
        "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
    }


def _cookie(user: Any) -> str:
    """Sign a user in and return the cookie of the session."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _statements(get: Get, address: str, cookie: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        get(address, cookie)
    return len(captured)
