"""`/health/` for the administrator, and two bare answers for machines, which tell nothing but yes or no."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tongdian.case.queries.installation import installation_kind
from tongdian.people.access import requires
from tongdian.web.health import LAMPS, WORDS, readings, worst

WORST_FIRST = ("fault", "warning", "unknown", "good")


@requires("health.view")
@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Show every reading, the worst first."""
    now = timezone.now()
    found = readings(now=now)
    level = worst(found)
    context = {
        "readings": sorted(found, key=lambda reading: WORST_FIRST.index(reading.level)),
        "lamp": LAMPS[level],
        "word": WORDS[level],
        "now": now,
    }
    return render(request, "web/health.html", context)


@requires("public")
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer that the process serves; no query."""
    return HttpResponse("live\n", content_type="text/plain")


@requires("public")
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer whether the database can be read and is founded; one query, no detail."""
    try:
        is_ready = bool(installation_kind())
    except DatabaseError:
        is_ready = False
    return HttpResponse(
        "ready\n" if is_ready else "not ready\n", status=200 if is_ready else 503, content_type="text/plain"
    )


urlpatterns = [
    path("", health, name="health"),
    path("live", live, name="health_live"),
    path("ready", ready, name="health_ready"),
]
