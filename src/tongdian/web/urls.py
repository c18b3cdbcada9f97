"""One table: prefix → the faces mounted under it. A test refuses overlapping routes."""

from django.urls import URLResolver, include, path

MOUNTS: tuple[tuple[str, str], ...] = (
    ("", "tongdian.web.pages"),
    ("accounts/", "tongdian.people.portal"),
    ("ui/", "tongdian.web.gallery"),
)

urlpatterns: list[URLResolver] = [path(prefix, include(module)) for prefix, module in MOUNTS]
handler400 = "tongdian.web.errors.bad_request"
handler500 = "tongdian.web.errors.server_error"
