"""A kind of case and the people around it, for every test of the frame."""

import itertools

from django.db import transaction
from django.utils import timezone

from tongdian.case import kinds, operations
from tongdian.case.models import Case
from tongdian.people.models import Organisation, User

numbers = itertools.count(1)

SAMPLE = kinds.CaseKind(
    name="sample",
    label="样例办件",
    initial="new",
    statuses={
        "new": "新建",
        "submitted": "已提交",
        "scheme": "方案",
        "works": "施工",
        "closed": "办结",
        "withdrawn": "撤回",
    },
    transitions={
        "new": {"application.submitted": "submitted"},
        "submitted": {
            "application.deficiency_notified": "submitted",
            "application.completed": "submitted",
            "application.accepted": "scheme",
            "case.withdrawn": "withdrawn",
        },
        "scheme": {"scheme.issued": "works", "clock.paused": "scheme", "clock.resumed": "scheme"},
        "works": {"completion.reported": "works", "connection.energised": "closed"},
        "closed": {},
    },
    stages={
        "acceptance": "业务受理",
        "scheme": "供电方案答复",
        "completion_inspection": "竣工检验",
        "connect": "装表接电",
    },
    events={
        "application.submitted": "提交申请",
        "application.deficiency_notified": "一次性告知",
        "application.completed": "补正",
        "application.accepted": "受理",
        "scheme.issued": "答复方案",
        "clock.paused": "暂停",
        "clock.resumed": "恢复",
        "completion.reported": "竣工报验",
        "connection.energised": "接电",
        "case.withdrawn": "撤回",
    },
    applicant_url="",
    policy_prefix="connection",
)
if "sample" not in {kind.name for kind in kinds.registered()}:
    kinds.register(SAMPLE)


def new_user(**fields) -> User:
    return User.objects.create(username=f"frame-{next(numbers)}", **fields)


def new_utility(code: str = "frame-grid") -> Organisation:
    utility, _ = Organisation.objects.get_or_create(
        code=code, defaults={"kind": "utility", "name": f"示例供电 {code}", "territory_code": "370100"}
    )
    return utility


def new_case(applicant: User | None = None, **fields) -> Case:
    """A case in status new, at version 0."""
    applicant = applicant or new_user()
    facts = {
        "kind": "sample",
        "customer_class": "hv10_single",
        "title": "示例食品厂新装",
        "address": "历下区经十路1号",
        "county_code": "370102",
        "utility": new_utility(),
        "actor": applicant,
        "applicant": applicant,
        "now": timezone.now(),
    }
    with transaction.atomic():
        return operations.open_case(**(facts | fields))


def happen(case: Case, kind: str, actor: User | None = None, **fields):
    """Record one event at the case's own version."""
    facts = {"body": {}, "channel": "desk", "expected_version": case.version, "now": timezone.now()}
    return operations.record(case, kind=kind, actor=actor or case.opened_by, **(facts | fields))
