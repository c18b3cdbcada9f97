"""Home and the pages of pure packages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
