"""Rows of the permission matrix for applying, for one's own cases and for the desk."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

from support import connections, mirrors, people
from support.matrix import COLLEAGUE, EVERYONE, OWNER, SIGNED_IN, Cast, Row
from tongdian.case.models import BulkRun, Party
from tongdian.case.operations import bulk, exports, proposing
from tongdian.case.operations.contacts import log_contact, save_guide_result
from tongdian.case.operations.saved import save_filter
from tongdian.case.queries import installation_now
from tongdian.connection import operations
from tongdian.connection.models import SourceConflict
from tongdian.connection.operations.agents import name_agent
from tongdian.connection.operations.counter import open_visit
from tongdian.people.rules import Role


def drafting() -> Cast:
    """Three members of the public, the first with a complete draft."""
    draft = connections.draft()
    return Cast(draft.owner, people.person(), people.person(), {"draft": draft})


def applying() -> Cast:
    """Three members of the public, the first with a case whose scheme awaits confirmation."""
    walk = connections.submitted().scheme_issued()
    return Cast(walk.customer, people.person(), people.person(), {"case": walk.case})


def shop() -> Cast:
    """Three members of the public, the first with a complete low-voltage draft."""
    draft = connections.draft(customer_class="lv_three_zero")
    return Cast(draft.owner, people.person(), people.person(), {"draft": draft})


def shop_applying() -> Cast:
    """Three members of the public, the first with a low-voltage case whose contract is not signed yet."""
    walk = connections.submitted(customer_class="lv_three_zero", is_signed=False)
    return Cast(walk.customer, people.person(), people.person(), {"case": walk.case})


def gave_up() -> Cast:
    """Three members of the public, the first with a withdrawn case."""
    walk = connections.submitted(customer_class="lv_resident")
    operations.withdraw(walk.case, reason="暂时不办", acting=walk.by_customer())
    return Cast(walk.customer, people.person(), people.person(), {"case": walk.case})


def correcting() -> Cast:
    """Two project managers of the case's utility, who may approve a proposal, and one of another utility."""
    walk = connections.submitted()
    proposal = proposing.propose(
        walk.case,
        seq=1,
        change=proposing.Change("void", "重复登记"),
        actor=walk.manager,
        role=Role.ACCOUNT_MANAGER,
        expected_version=walk.case.version,
        now=installation_now(),
    )
    return Cast(
        owner=people.staff(Role.PROJECT_MANAGER, at=walk.case.utility),
        colleague=people.staff(Role.PROJECT_MANAGER, at=walk.case.utility),
        stranger=people.staff(Role.PROJECT_MANAGER, at=people.organisation("other-grid")),
        things={"case": walk.case, "proposal": proposal},
    )


def overnight() -> Cast:
    """An account manager with a case of the next-day product, a colleague there, one of another utility."""
    walk = connections.submitted(customer_class="lv_no_works")
    return Cast(
        owner=walk.manager,
        colleague=people.staff(Role.COUNTER_CLERK, at=walk.case.utility),
        stranger=people.staff(Role.ACCOUNT_MANAGER, at=people.organisation("other-grid")),
        things={"case": walk.case},
    )


def desk() -> Cast:
    """An account manager of the case's utility, a colleague there, one of another utility."""
    walk = connections.submitted()
    other = people.organisation("other-grid")
    return Cast(
        owner=walk.manager,
        colleague=people.staff(Role.COUNTER_CLERK, at=walk.case.utility),
        stranger=people.staff(Role.ACCOUNT_MANAGER, at=other),
        things={"case": walk.case, "contact": Party.objects.get(case=walk.case, role=Party.Role.CONTACT)},
    )


def exporting() -> Cast:
    """An account manager with an export of the case, a colleague there, one of another utility."""
    cast = desk()
    case = cast.things["case"]
    export = exports.ask(cast.owner, case_ids=[case.pk], format="csv", language="zh-hans", now=installation_now())
    return replace(cast, things={"case": case, "export": export})


def managing() -> Cast:
    """A case in its course with its account manager, a clerk of the utility, a manager of another."""
    walk = connections.submitted().accepted()
    return Cast(
        owner=walk.manager,
        colleague=people.staff(Role.COUNTER_CLERK, at=walk.case.utility),
        stranger=people.staff(Role.ACCOUNT_MANAGER, at=people.organisation("other-grid")),
        things={"case": walk.case},
    )


def counter() -> Cast:
    """A clerk with a customer before them, who has a draft and a case; a colleague; the customer."""
    walk = connections.submitted()
    clerk = people.staff(Role.COUNTER_CLERK, at=walk.case.utility)
    visit = open_visit(
        clerk,
        organisation=walk.case.utility,
        phone=walk.customer.phone,
        seen="resident",
        has_code=True,
        language="zh-hans",
        now=timezone.now(),
    )
    return Cast(
        owner=clerk,
        colleague=people.staff(Role.COUNTER_CLERK, at=walk.case.utility),
        stranger=walk.customer,
        things={"visit": visit, "draft": connections.draft(walk.customer), "case": walk.case},
    )


def _visit(things) -> dict[str, object]:
    return {"visit_id": things["visit"].pk}


def _visit_draft(things) -> dict[str, object]:
    return _visit(things) | _draft(things)


def _visit_case(things) -> dict[str, object]:
    return _visit(things) | _case(things)


def acting_for() -> Cast:
    """An applicant with a case, their agent, a stranger."""
    walk, agent = connections.submitted(), people.person()
    authority = name_agent(
        walk.case,
        phone=agent.phone,
        scopes=["hand_in"],
        valid_until=timezone.now() + timedelta(days=3),
        language="zh-hans",
        acting=walk.by_customer(),
        granted_at=timezone.now(),
    )
    return Cast(walk.customer, agent, people.person(), {"case": walk.case, "authority": authority})


def unchecked() -> Cast:
    """The manager, a colleague and a stranger of a case an agent has submitted by a written authority."""
    walk = connections.submitted_by_agent()
    return Cast(
        owner=walk.manager,
        colleague=people.staff(Role.COUNTER_CLERK, at=walk.case.utility),
        stranger=people.staff(Role.ACCOUNT_MANAGER, at=people.organisation("other-grid")),
        things={"case": walk.case},
    )


def watching() -> Cast:
    """A supervisor of the case's county, one of the city above it, one of another city."""
    walk = connections.submitted()
    bureau = people.organisation("bureau", "bureau")
    return Cast(
        owner=people.staff(Role.SUPERVISOR_COUNTY, at=bureau, territory="370102"),
        colleague=people.staff(Role.SUPERVISOR_CITY, at=bureau, territory="370100"),
        stranger=people.staff(Role.SUPERVISOR_CITY, at=bureau, territory="370200"),
        things={"case": walk.case, "contact": Party.objects.get(case=walk.case, role=Party.Role.CONTACT)},
    )


def mirroring() -> Cast:
    """An account manager of the utility whose system is mirrored, a colleague, one of another utility."""
    source = mirrors.system(people.organisation())
    at = mirrors.days_ago(30)
    mirrors.taken(source, mirrors.record("submit", id="r1", at=at))
    mirrors.taken(source, mirrors.record("accept", id="r2", at=at, title="另一名称"))
    conflict = SourceConflict.objects.get()
    return Cast(
        owner=people.staff(Role.ACCOUNT_MANAGER, at=source.utility),
        colleague=people.staff(Role.PROJECT_MANAGER, at=source.utility),
        stranger=people.staff(Role.ACCOUNT_MANAGER, at=people.organisation("other-grid")),
        things={"case": conflict.case, "conflict": conflict},
    )


def mirror_keeping() -> Cast:
    """Two administrators of the utility whose system is mirrored, one of another."""
    source = mirrors.system(people.organisation())
    return Cast(
        owner=people.staff(Role.ADMINISTRATOR, at=source.utility),
        colleague=people.staff(Role.ADMINISTRATOR, at=source.utility),
        stranger=people.staff(Role.ADMINISTRATOR, at=people.organisation("other-grid")),
        things={"source": source},
    )


def _source(things) -> dict[str, object]:
    return {"code": things["source"].code}


def _mirrored_title(things) -> str:
    return things["case"].title


def _conflict(things) -> dict[str, object]:
    return {"case_id": things["case"].pk, "conflict_id": things["conflict"].pk}


def calling() -> Cast:
    """A clerk of the utility that was called, a colleague, one of another utility."""
    utility = connections.utility()
    clerk = people.staff(Role.COUNTER_CLERK, at=utility)
    contact = log_contact(
        kind="call",
        channel="supply_hotline",
        topic="cost",
        county_code=connections.COUNTY,
        utility_id=utility.pk,
        by=clerk,
        now=installation_now(),
        phone="13800001111",
    )
    stranger = people.staff(Role.COUNTER_CLERK, at=people.organisation("other-grid"))
    return Cast(clerk, people.staff(Role.ACCOUNT_MANAGER, at=utility), stranger, {"contact": contact})


def asking() -> Cast:
    """Three members of the public with a saved result of the guide that anybody may open by its code."""
    answers = {key: [value] for key, value in GUIDE.items()}
    kept = save_guide_result(answers=answers, county_code=connections.COUNTY, now=installation_now())
    return Cast(people.person(), people.person(), people.person(), {"code": kept.code})


def filtering() -> Cast:
    """Three clerks, the first with a filter shared in the utility the second works for too."""
    grid, other = people.organisation(), people.organisation("other-grid")
    owner = people.staff(at=grid)
    shared = save_filter(owner, name="临期一览", query="lamp=overdue", is_shared=True, now=installation_now())
    return Cast(owner, people.staff(at=grid), people.staff(at=other), {"filter": shared})


def running() -> Cast:
    """An account manager with a bulk act under way, a colleague, one of another utility."""
    cast = desk()
    run = bulk.choose(
        cast.owner, act=BulkRun.Act.NOTE, case_ids=[cast.things["case"].pk], query="", now=installation_now()
    )
    return replace(cast, things={**cast.things, "run": bulk.prepare(run, text="备注")})


def _run(things) -> dict[str, object]:
    return {"run_id": things["run"].pk}


def _filter(things) -> dict[str, object]:
    return {"filter_id": things["filter"].pk}


def _draft(things) -> dict[str, object]:
    return {"draft_id": things["draft"].pk}


def _case(things) -> dict[str, object]:
    return {"case_id": things["case"].pk}


def _proposal(things) -> dict[str, object]:
    return _case(things) | {"proposal_id": things["proposal"].pk}


def _number(things) -> str:
    return things["case"].number


def _export(things) -> dict[str, object]:
    return {"export_id": things["export"].pk}


def _contact(things) -> dict[str, object]:
    return _case(things) | {"party_id": things["contact"].pk}


def _called(things) -> dict[str, object]:
    return {"contact_id": things["contact"].pk}


GUIDE = {"who": "shop", "county": "370102", "load_kw": "30", "sources": "1", "supply": "near"}
GUIDED = f"?{urlencode(GUIDE)}"
ROWS = [
    Row("guide", asking, allowed=EVERYONE),
    Row("guide_equipment", asking, allowed=EVERYONE, query=GUIDED),
    Row("guide_load", asking, allowed=EVERYONE, query=GUIDED),
    Row("guide_answer", asking, allowed=EVERYONE, query=GUIDED),
    Row("guide_classes", asking, allowed=EVERYONE),
    Row("guide_class", asking, allowed=EVERYONE, kwargs=lambda things: {"customer_class": "lv_three_zero"}),
    Row("guide_save", asking, allowed=EVERYONE, kind="form", method="post", query=GUIDED),
    Row("guide_find", asking, allowed=EVERYONE),
    Row("guide_saved", asking, allowed=EVERYONE, kwargs=lambda things: {"code": things["code"]}),
    Row("guide_apply", asking, allowed=SIGNED_IN, query=GUIDED),
    Row("calculator", asking, allowed=EVERYONE, query="?class=hv10_dual"),
    Row("calculator", asking, allowed=EVERYONE, kind="export", query="?class=hv10_dual&format=ics"),
    Row("desk_contacts", calling, allowed=OWNER | COLLEAGUE, kind="list", shows=lambda things: "138****1111"),
    Row(
        "desk_contacts",
        calling,
        allowed=OWNER | COLLEAGUE,
        kind="search",
        query="?text=13800001111",
        shows=lambda things: "138****1111",
    ),
    Row(
        "desk_contacts",
        calling,
        allowed=OWNER | COLLEAGUE,
        kind="export",
        query="?format=xlsx",
        shows=lambda things: "138****1111",
    ),
    Row("desk_contact", calling, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_called),
    Row("desk_contact_join", calling, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_called),
    Row("desk_contact_erase", calling, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_called),
    Row("apply", drafting, allowed=EVERYONE),
    Row("apply_begin", drafting, allowed=SIGNED_IN, kind="form", method="post"),
    Row("apply_tasks", drafting, allowed=OWNER, kwargs=_draft),
    Row("apply_step", drafting, allowed=OWNER, kind="form", kwargs=lambda things: _draft(things) | {"name": "who"}),
    Row("apply_contract", shop, allowed=OWNER, kind="file", kwargs=_draft),
    Row("apply_check", drafting, allowed=OWNER, kind="form", kwargs=_draft),
    Row("apply_submitted", applying, allowed=OWNER, kwargs=_case),
    Row("my_cases", applying, allowed=OWNER, kind="list", shows=_number),
    Row("my_cases", applying, allowed=OWNER, kind="export", query="?format=xlsx", shows=_number),
    Row("my_case", applying, allowed=OWNER, kind="detail", kwargs=_case),
    Row("my_act", applying, allowed=OWNER, kind="form", kwargs=lambda t: _case(t) | {"name": "confirm-scheme"}),
    Row("my_receipt", applying, allowed=OWNER, kind="file", kwargs=_case),
    Row("desk_next_day", overnight, allowed=OWNER | COLLEAGUE, kind="list", shows=_number),
    Row("desk_next_day", overnight, allowed=OWNER | COLLEAGUE, kind="export", query="?format=xlsx", shows=_number),
    Row("my_again", gave_up, allowed=OWNER, kind="form", method="post", kwargs=_case),
    Row("desk_corrections", correcting, allowed=OWNER | COLLEAGUE, kind="list", shows=_number),
    Row("desk_case_corrections", correcting, allowed=OWNER | COLLEAGUE, kind="list", kwargs=_case),
    Row("desk_propose", correcting, allowed=OWNER | COLLEAGUE, kind="form", kwargs=lambda t: _case(t) | {"seq": 1}),
    Row("desk_correction", correcting, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_proposal),
    Row("desk_correction_approve", correcting, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_proposal),
    Row("desk_correction_refuse", correcting, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_proposal),
    Row("my_contract", shop_applying, allowed=OWNER, kind="file", kwargs=_case),
    Row("desk_queue", desk, allowed=OWNER | COLLEAGUE, kind="list", shows=_number),
    Row("desk_queue", desk, allowed=OWNER | COLLEAGUE, kind="search", query="?text=示例食品厂", shows=_number),
    Row("desk_queue", desk, allowed=OWNER | COLLEAGUE, kind="export", query="?format=xlsx", shows=_number),
    Row("desk_queue", watching, allowed=OWNER | COLLEAGUE, kind="list", shows=_number),
    Row("desk_queue", desk, allowed=OWNER | COLLEAGUE, kind="count", query="?all=1", shows=lambda t: "共 1 条"),
    Row("desk_board", desk, allowed=OWNER | COLLEAGUE, kind="list", shows=lambda t: "未分派"),
    Row(
        "desk_board",
        watching,
        allowed=OWNER | COLLEAGUE,
        kind="list",
        query="?by=county_code",
        shows=lambda t: "历下区",
    ),
    Row("desk_filters", filtering, allowed=OWNER | COLLEAGUE, kind="list", shows=lambda t: t["filter"].name),
    Row("desk_filter", filtering, allowed=OWNER, kind="form", kwargs=_filter),
    Row("desk_filter_opening", filtering, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_filter),
    Row("desk_filter_delete", filtering, allowed=OWNER, kind="form", method="post", kwargs=_filter),
    Row("desk_bulk", running, allowed=OWNER, kind="list", shows=lambda t: str(t["run"].pk)),
    Row("desk_bulk_begin", desk, allowed=SIGNED_IN, kind="form", method="post", data={"act": "note"}),
    Row("desk_bulk_begin", watching, allowed=set(), kind="form", method="post", data={"act": "note"}),
    Row("desk_bulk_run", running, allowed=OWNER, kind="detail", kwargs=_run),
    Row("desk_bulk_confirm", running, allowed=OWNER, kind="form", method="post", kwargs=_run),
    Row("desk_case", desk, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_case),
    Row("desk_case", watching, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_case),
    Row("desk_party", desk, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_contact),
    Row("desk_party", watching, allowed=set(), kind="form", method="post", kwargs=_contact),
    Row("desk_act", desk, allowed=OWNER | COLLEAGUE, kind="form", kwargs=lambda t: _case(t) | {"name": "accept"}),
    Row("agents", acting_for, allowed=SIGNED_IN),
    Row("agents", acting_for, allowed=OWNER | COLLEAGUE, kind="list", shows=_number),
    Row("case_agents", acting_for, allowed=OWNER, kind="form", kwargs=_case),
    Row("agent_code", acting_for, allowed=OWNER, kind="form", kwargs=_case),
    Row("my_case", acting_for, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_case),
    Row("my_act", acting_for, allowed=OWNER | COLLEAGUE, kind="form", kwargs=lambda t: _case(t) | {"name": "hand-in"}),
    Row("my_receipt", acting_for, allowed=OWNER | COLLEAGUE, kind="file", kwargs=_case),
    Row("my_cases", acting_for, allowed=OWNER | COLLEAGUE, kind="list", shows=_number),
    Row(
        "agent_release",
        acting_for,
        allowed=OWNER | COLLEAGUE,
        kind="form",
        method="post",
        kwargs=lambda t: {"authority_id": t["authority"].pk},
    ),
    Row("apply_for", drafting, allowed=SIGNED_IN, kind="form"),
    Row("desk_agent", unchecked, allowed=OWNER | COLLEAGUE, kind="form", kwargs=_case),
    Row("counter", counter, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("counter_code", counter, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("counter_visit", counter, allowed=OWNER, kind="detail", kwargs=_visit),
    Row("counter_begin", counter, allowed=OWNER, kind="form", method="post", kwargs=_visit),
    Row("counter_tasks", counter, allowed=OWNER, kwargs=_visit_draft),
    Row("counter_step", counter, allowed=OWNER, kind="form", kwargs=lambda t: _visit_draft(t) | {"name": "who"}),
    Row("counter_check", counter, allowed=OWNER, kind="form", kwargs=_visit_draft),
    Row("counter_contract", counter, allowed=set(), kind="file", kwargs=_visit_draft),
    Row("counter_case", counter, allowed=OWNER, kind="detail", kwargs=_visit_case),
    Row("counter_receipt", counter, allowed=OWNER, kind="file", kwargs=_visit_case),
    Row("counter_case_contract", counter, allowed=set(), kind="file", kwargs=_visit_case),
    Row("counter_act", counter, allowed=OWNER, kind="form", kwargs=lambda t: _visit_case(t) | {"name": "hand-in"}),
    Row("counter_close", counter, allowed=OWNER, kind="form", method="post", kwargs=_visit),
    Row("desk_lend", managing, allowed=OWNER | COLLEAGUE, kind="form", kwargs=_case),
    Row("desk_managers", managing, allowed=OWNER, kind="form", kwargs=_case),
    Row("desk_act", watching, allowed=set(), kind="form", kwargs=lambda t: _case(t) | {"name": "accept"}),
    Row("desk_exports", exporting, allowed=OWNER, kind="list", shows=lambda t: str(t["export"].pk)),
    Row("desk_export_new", exporting, allowed=SIGNED_IN, kind="export"),
    Row("desk_export", exporting, allowed=OWNER, kind="detail", kwargs=_export, shows=lambda t: t["export"].sha256),
    Row("desk_export_file", exporting, allowed=OWNER, kind="file", kwargs=_export, shows=_number),
    Row("desk_shadow", mirroring, allowed=OWNER | COLLEAGUE, kind="list", shows=_mirrored_title),
    Row("desk_shadow", mirroring, allowed=OWNER | COLLEAGUE, kind="search", query="?show=all", shows=_mirrored_title),
    Row(
        "desk_shadow", mirroring, allowed=OWNER | COLLEAGUE, kind="export", query="?format=xlsx", shows=_mirrored_title
    ),
    Row("desk_shadow_conflicts", mirroring, allowed=OWNER | COLLEAGUE, kind="list", shows=_mirrored_title),
    Row("desk_shadow_case", mirroring, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_case),
    Row("desk_shadow_settle", mirroring, allowed=OWNER | COLLEAGUE, kind="form", kwargs=_conflict),
    Row(
        "desk_shadow_systems",
        mirror_keeping,
        allowed=OWNER | COLLEAGUE,
        kind="list",
        shows=lambda things: things["source"].name,
    ),
    Row("desk_shadow_system", mirror_keeping, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_source),
    Row("desk_shadow_read", mirror_keeping, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_source),
]
