"""Home, preferences and the error pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.i18n import set_language

from tongdian.people.access import requires
from tongdian.web.preferences import set_type_size


@requires("public")
def home(request: HttpRequest) -> HttpResponse:
    """Show what one can do here."""
    return render(request, "web/home.html")


urlpatterns = [
    path("", home, name="home"),
    path("language/", requires("public")(set_language), name="set_language"),
    path("type-size/", set_type_size, name="set_type_size"),
]
