"""The pages for what went wrong, in the reader's language, with both hotlines.

The 500 page stands alone, in both languages: it must show when the database, the session or a template fails.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone

from tongdian.people.access import requires
from tongdian.ui.hotlines import hotlines_on


@requires("public")
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


@requires("public")
def server_error(request: HttpRequest) -> HttpResponse:
    page = loader.render_to_string("500.html", {"hotlines": hotlines_on(timezone.localdate())})
    return HttpResponse(page, status=500)
