"""Who may do what: one table from permission name to roles and reach. What is not in it is denied.

A route declares one name (`people.access.requires`); a query asks for the same name (`people.queries.scope`).
The documentation page on roles is generated from this table.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tongdian.people.rules import STAFF_ROLES, UTILITY_ROLES, Role

SUPERVISORS = frozenset({Role.SUPERVISOR_COUNTY, Role.SUPERVISOR_CITY, Role.SUPERVISOR_PROVINCE, Role.REGULATOR})
ANYONE_SIGNED_IN = frozenset(Role)
APPLICANTS = frozenset({Role.APPLICANT, Role.AGENT, Role.DESIGNER_BUILDER})
FRONT_OFFICE = frozenset({Role.COUNTER_CLERK, Role.ACCOUNT_MANAGER, Role.PROJECT_MANAGER})


class Reach(StrEnum):
    """Which rows a permission reaches, given the grants that carry it."""

    PUBLIC = "public"
    SELF = "self"
    OWN_CASE = "own_case"
    TERRITORY = "territory"
    ORGANISATION = "organisation"


@dataclass(frozen=True)
class Permission:
    name: str
    title: str | Promise
    reach: Reach
    roles: frozenset[Role]


class UnknownPermission(LookupError):
    def __init__(self, name: str) -> None:
        super().__init__(f"permission {name!r} is not in people.permissions.TABLE; add it with its roles and reach")
        self.name = name


ROLE_TITLES: dict[Role, str | Promise] = {
    Role.APPLICANT: _("用电申请人"),
    Role.AGENT: _("代办人"),
    Role.COUNTER_CLERK: _("营业厅受理员"),
    Role.ACCOUNT_MANAGER: _("客户经理"),
    Role.PROJECT_MANAGER: _("项目经理"),
    Role.DESIGNER_BUILDER: _("设计施工单位人员"),
    Role.PLANNER: _("配网规划员"),
    Role.DISPATCHER: _("调度员"),
    Role.OUTAGE_PLANNER: _("停电计划员"),
    Role.CREW: _("抢修班组"),
    Role.AGENCY_OFFICER: _("审批部门经办人"),
    Role.SUPERVISOR_COUNTY: _("县级监管人员"),
    Role.SUPERVISOR_CITY: _("市级监管人员"),
    Role.SUPERVISOR_PROVINCE: _("省级监管人员"),
    Role.REGULATOR: _("能源监管机构人员"),
    Role.AUDITOR: _("审计人员"),
    Role.ADMINISTRATOR: _("系统管理员"),
    Role.MACHINE: _("系统接口账号"),
}
REACH_TITLES: dict[Reach, str | Promise] = {
    Reach.PUBLIC: _("任何人，无需登录"),
    Reach.SELF: _("本人账号"),
    Reach.OWN_CASE: _("本人办件，以及受委托的办件"),
    Reach.TERRITORY: _("授权区域内、所属供电企业的办件"),
    Reach.ORGANISATION: _("所属单位"),
}

_ROWS: tuple[tuple[str, str | Promise, Reach, frozenset[Role]], ...] = (
    ("public", _("公开页面"), Reach.PUBLIC, frozenset()),
    ("account.own", _("管理本人账号"), Reach.SELF, ANYONE_SIGNED_IN),
    ("account.second_factor", _("启用动态口令"), Reach.SELF, STAFF_ROLES),
    ("application.draft", _("填写用电申请"), Reach.OWN_CASE, frozenset({Role.APPLICANT, Role.AGENT})),
    ("application.submit", _("提交本人的用电申请"), Reach.OWN_CASE, frozenset({Role.APPLICANT, Role.AGENT})),
    ("own_case.view", _("查看本人办件"), Reach.OWN_CASE, APPLICANTS),
    ("own_case.act", _("办理本人待办"), Reach.OWN_CASE, APPLICANTS),
    ("agent.name", _("授权代办人、解除授权"), Reach.OWN_CASE, frozenset({Role.APPLICANT})),
    ("own_case.withdraw", _("撤回本人申请"), Reach.OWN_CASE, frozenset({Role.APPLICANT, Role.AGENT})),
    ("own_case.document", _("查看、下载本人办件材料"), Reach.OWN_CASE, APPLICANTS),
    ("case.view", _("查看辖区办件"), Reach.TERRITORY, UTILITY_ROLES - {Role.CREW} | SUPERVISORS | {Role.AUDITOR}),
    ("case.work", _("办理办件"), Reach.TERRITORY, FRONT_OFFICE),
    ("case.assign", _("分派办件"), Reach.TERRITORY, frozenset({Role.PROJECT_MANAGER, Role.ACCOUNT_MANAGER})),
    ("case.correct", _("批准更正"), Reach.TERRITORY, frozenset({Role.PROJECT_MANAGER})),
    ("case.document", _("查看、下载办件材料"), Reach.TERRITORY, FRONT_OFFICE | {Role.AUDITOR}),
    ("case.personal", _("查看个人信息明文"), Reach.TERRITORY, FRONT_OFFICE),
    ("contact.view", _("查看申请前的来电、来访"), Reach.TERRITORY, FRONT_OFFICE | SUPERVISORS | {Role.AUDITOR}),
    ("contact.work", _("登记来电、来访，计入办件"), Reach.TERRITORY, FRONT_OFFICE),
    ("case.export", _("导出办件清单"), Reach.TERRITORY, FRONT_OFFICE | SUPERVISORS | {Role.AUDITOR}),
    ("api.case", _("通过接口读取办件和时限"), Reach.TERRITORY, frozenset({Role.MACHINE})),
    ("api.event", _("通过接口读取时间线"), Reach.TERRITORY, frozenset({Role.MACHINE})),
    ("source.view", _("查看对接系统的办件"), Reach.TERRITORY, FRONT_OFFICE | SUPERVISORS | {Role.AUDITOR}),
    ("source.settle", _("处理对接系统的冲突"), Reach.TERRITORY, FRONT_OFFICE),
    ("source.manage", _("管理对接系统"), Reach.ORGANISATION, frozenset({Role.ADMINISTRATOR})),
    ("machine.manage", _("管理系统接口账号和令牌"), Reach.ORGANISATION, frozenset({Role.ADMINISTRATOR})),
    ("notice.own", _("查看本人通知"), Reach.SELF, ANYONE_SIGNED_IN),
    (
        "alert.view",
        _("查看、导出辖区预警"),
        Reach.TERRITORY,
        SUPERVISORS | {Role.PROJECT_MANAGER, Role.ACCOUNT_MANAGER, Role.AUDITOR},
    ),
    ("counter.serve", _("在营业厅接待客户、代为填写"), Reach.TERRITORY, FRONT_OFFICE),
    ("team.own", _("登记本人离岗、转交本人权限"), Reach.SELF, STAFF_ROLES),
    ("team.lead", _("查看、登记班组人员离岗"), Reach.TERRITORY, frozenset({Role.PROJECT_MANAGER})),
    ("cell.manage", _("维护服务网格及其成员"), Reach.ORGANISATION, frozenset({Role.ADMINISTRATOR})),
    ("health.view", _("查看系统运行状况"), Reach.ORGANISATION, frozenset({Role.ADMINISTRATOR})),
    ("view.audit", _("查看个人信息的查看记录"), Reach.TERRITORY, SUPERVISORS | {Role.AUDITOR}),
    ("grant.view", _("查看授权"), Reach.ORGANISATION, frozenset({Role.ADMINISTRATOR, Role.AUDITOR})),
    ("grant.manage", _("授予、收回角色"), Reach.ORGANISATION, frozenset({Role.ADMINISTRATOR})),
)
TABLE: dict[str, Permission] = {row[0]: Permission(*row) for row in _ROWS}


def permission(name: str) -> Permission:
    """Find a permission by its name.

    Raises UnknownPermission when the table has no such row.
    """
    try:
        return TABLE[name]
    except KeyError:
        raise UnknownPermission(name) from None
