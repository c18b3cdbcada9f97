"""One table: prefix → the faces mounted under it. A test refuses overlapping routes."""

from django.urls import URLResolver, include, path

MOUNTS: tuple[tuple[str, str], ...] = (
    ("", "tongdian.web.pages"),
)

urlpatterns: list[URLResolver] = [path(prefix, include(module)) for prefix, module in MOUNTS]
