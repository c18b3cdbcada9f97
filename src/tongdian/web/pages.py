"""Home and the reader's preferences; the error pages are templates of their own."""

from django.urls import path
from django.views.i18n import set_language

from tongdian.people.access import requires
from tongdian.web.home import home
from tongdian.web.preferences import set_type_size

urlpatterns = [
    path("", home, name="home"),
    path("language/", requires("public")(set_language), name="set_language"),
    path("type-size/", set_type_size, name="set_type_size"),
]
