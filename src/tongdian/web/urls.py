"""One table: prefix → the faces mounted under it. A test refuses overlapping routes."""

from django.urls import URLResolver, include, path

MOUNTS: tuple[tuple[str, str], ...] = (
    ("", "tongdian.web.pages"),
    ("", "tongdian.connection.portal.agents"),
    ("apply/", "tongdian.connection.portal.apply"),
    ("guide/", "tongdian.connection.portal.guide"),
    ("calculator/", "tongdian.connection.portal.calculator"),
    ("my/", "tongdian.connection.portal.my"),
    ("desk/", "tongdian.connection.workbench.queue"),
    ("desk/", "tongdian.connection.workbench.filters"),
    ("desk/", "tongdian.connection.workbench.board"),
    ("desk/", "tongdian.connection.workbench.bulk"),
    ("desk/", "tongdian.connection.workbench.exports"),
    ("desk/", "tongdian.connection.workbench.team"),
    ("desk/", "tongdian.connection.workbench.agents"),
    ("desk/", "tongdian.connection.workbench.corrections"),
    ("desk/", "tongdian.connection.workbench.next_day"),
    ("desk/", "tongdian.connection.workbench.desk"),
    ("desk/contacts/", "tongdian.connection.workbench.contacts"),
    ("desk/counter/", "tongdian.connection.workbench.counter"),
    ("desk/counter/", "tongdian.connection.workbench.counter_cases"),
    ("desk/counter/", "tongdian.connection.workbench.counter_apply"),
    ("desk/team/", "tongdian.people.workbench.team"),
    ("desk/cells/", "tongdian.people.workbench.cells"),
    ("desk/shadow/", "tongdian.connection.workbench.shadow"),
    ("desk/machines/", "tongdian.people.workbench.machines"),
    ("accounts/", "tongdian.people.portal"),
    ("accounts/second-factor/keys/", "tongdian.people.workbench.security_keys"),
    ("api/", "tongdian.web.api_reference"),
    ("api/v1/", "tongdian.web.api"),
    ("notices/", "tongdian.oversight.portal"),
    ("oversight/", "tongdian.oversight.workbench"),
    ("audit/views/", "tongdian.case.workbench.views"),
    ("health/", "tongdian.web.health_pages"),
    ("policy/", "tongdian.web.policy_pages"),
    ("ui/", "tongdian.web.gallery"),
    ("performance/log/", "tongdian.case.portal.log"),
    ("performance/data/", "tongdian.disclosure.portal"),
    ("", "tongdian.case.portal.progress"),
)

urlpatterns: list[URLResolver] = [path(prefix, include(module)) for prefix, module in MOUNTS]
handler400 = "tongdian.web.errors.bad_request"
handler500 = "tongdian.web.errors.server_error"
