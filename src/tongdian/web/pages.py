"""Home and the reader's preferences; the error pages are templates of their own."""

from django.urls import path

from tongdian.web.home import home
from tongdian.web.preferences import set_language, set_type_size

urlpatterns = [
    path("", home, name="home"),
    path("language/", set_language, name="set_language"),
    path("type-size/", set_type_size, name="set_type_size"),
]
