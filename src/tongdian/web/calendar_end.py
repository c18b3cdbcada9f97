"""A day the working calendar does not cover yet is said as such: nothing is counted, nothing is kept."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongdian.kernel.calendar import CalendarEnds


class CalendarEndMiddleware:
    """Answers with a page that says what is missing and who can add it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn the end of the calendar, and nothing else, into the page."""
        if not isinstance(exception, CalendarEnds):
            return None
        return render(request, "web/calendar_end.html", status=503)
