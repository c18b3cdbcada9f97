"""One table: prefix → the faces mounted under it. A test refuses overlapping routes."""

from django.urls import URLResolver, include, path

MOUNTS: tuple[tuple[str, str], ...] = (
    ("", "tongdian.web.pages"),
    ("apply/", "tongdian.connection.portal.apply"),
    ("my/", "tongdian.connection.portal.my"),
    ("desk/", "tongdian.connection.workbench.queue"),
    ("desk/", "tongdian.connection.workbench.desk"),
    ("accounts/", "tongdian.people.portal"),
    ("policy/", "tongdian.web.policy_pages"),
    ("ui/", "tongdian.web.gallery"),
    ("performance/log/", "tongdian.case.portal.log"),
    ("", "tongdian.case.portal.progress"),
)

urlpatterns: list[URLResolver] = [path(prefix, include(module)) for prefix, module in MOUNTS]
handler400 = "tongdian.web.errors.bad_request"
handler500 = "tongdian.web.errors.server_error"
