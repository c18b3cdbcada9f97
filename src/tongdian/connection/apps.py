from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tongdian.case import kinds
from tongdian.connection import rules
from tongdian.connection.rules import mirroring
from tongdian.gateway import wording
from tongdian.ui import navigation

STATUSES = {
    "new": _("正在提交"),
    "submitted": _("已提交，等待受理"),
    "incomplete": _("等待补充资料"),
    "accepted": _("已受理"),
    "in_works": _("已受理，配套工程施工"),
    "works_finished": _("配套工程完工，等待接电"),
    "scheme_issued": _("供电方案已答复，等待确认"),
    "scheme_confirmed": _("供电方案已确认"),
    "in_design_review": _("设计审查"),
    "design_approved": _("设计审查合格，客户施工"),
    "in_interim_inspection": _("中间检查"),
    "interim_passed": _("中间检查合格，客户施工"),
    "in_completion_inspection": _("竣工检验"),
    "rectifying": _("客户整改"),
    "inspected": _("竣工检验合格，等待接电"),
    "energised": _("已接电"),
    "withdrawn": _("已撤回"),
}
STAGES = {
    "acceptance": _("业务受理"),
    "scheme": _("供电方案答复"),
    "design_review": _("设计审查"),
    "interim_inspection": _("中间检查"),
    "completion_inspection": _("竣工检验"),
    "connect": _("装表接电"),
    "lv_whole": _("受理至接电"),
}
EVENTS = {
    "application.submitted": _("提交申请"),
    "application.reclassified": _("变更用户类别"),
    "application.deficiency_notified": _("一次性告知需补充的内容"),
    "application.completed": _("补充完整"),
    "application.accepted": _("受理"),
    "scheme.issued": _("答复供电方案"),
    "scheme.confirmed": _("确认供电方案"),
    "works.started": _("配套工程开工"),
    "works.finished": _("配套工程完工"),
    "design.submitted": _("提交设计文件"),
    "design.approved": _("设计审查合格"),
    "design.rejected": _("设计审查需修改"),
    "interim.requested": _("申请中间检查"),
    "interim.passed": _("中间检查合格"),
    "interim.failed": _("中间检查需整改"),
    "completion.reported": _("报验竣工"),
    "completion.passed": _("竣工检验合格"),
    "completion.failed": _("竣工检验需整改"),
    "contract.offered": _("供电企业签署并送达供用电合同"),
    "contract.signed": _("客户签署供用电合同"),
    "connection.energised": _("装表接电"),
    "clock.paused": _("暂停计时"),
    "clock.resumed": _("恢复计时"),
    "case.withdrawn": _("撤回申请"),
}


AGENT_APPLIED = wording.Template(
    "connection.agent_applied",
    _(
        "有人持授权书，以您为申请人提交了用电申请，办件编号 {number}。"
        "用本机号码登录即可查看；如非本意，可立即解除授权、撤回申请。"
    ),
    wording.Delivery.AT_MOST_ONCE,
)


def connection_kind() -> kinds.CaseKind:
    """Describe the service connection to the case frame."""
    return kinds.CaseKind(
        name="connection",
        label=_("用电报装"),
        initial="new",
        statuses=STATUSES,
        transitions=rules.FRAME_TRANSITIONS,
        stages=STAGES,
        events=EVENTS,
        applicant_url="my_case",
        staff_url="desk_case",
    )


def mirror_kind() -> kinds.CaseKind:
    """Describe to the case frame a connection that another system handles: the same clocks, only looked at."""
    return kinds.CaseKind(
        name="mirrored_connection",
        label=_("用电报装（对接系统）"),
        initial="new",
        statuses=STATUSES,
        transitions=mirroring.MIRROR_TRANSITIONS,
        stages=STAGES,
        events={**EVENTS, "source.settled": _("处理与对接系统的冲突")},
        staff_url="desk_shadow_case",
        policy_prefix="connection",
    )


class ConnectionConfig(AppConfig):
    name = "tongdian.connection"
    label = "connection"
    verbose_name = "用电报装"

    def ready(self) -> None:
        kinds.register(connection_kind())
        wording.register(AGENT_APPLIED)
        kinds.register(mirror_kind())
        navigation.register(
            navigation.NavigationEntry(
                _("办电指引"),
                "guide",
                order=5,
                summary=_("不用登录：回答几个问题，就知道最晚哪天通电、花多少钱、要带什么。"),
            ),
            navigation.NavigationEntry(
                _("日期计算器"),
                "calculator",
                order=7,
                summary=_("选一天和一类用户，算出每个环节最晚哪天，跳过的日子都说明原因。"),
            ),
            navigation.NavigationEntry(
                _("我要用电"), "apply", order=10, summary=_("填写用电申请；每一步自动保存，随时可以接着填。")
            ),
            navigation.NavigationEntry(
                _("我的用电"), "my_cases", "own_case.view", order=30, summary=_("我的申请、待办和每一步的到期日。")
            ),
        )
        navigation.register(
            navigation.NavigationEntry(_("来电、来访"), "desk_contacts", permission="contact.view", order=42)
        )
        navigation.register(navigation.NavigationEntry(_("办件工作台"), "desk_queue", permission="case.view", order=40))
        navigation.register(navigation.NavigationEntry(_("营业厅"), "counter", permission="counter.serve", order=42))
        navigation.register(
            navigation.NavigationEntry(_("次日接电"), "desk_next_day", permission="case.view", order=44),
            navigation.NavigationEntry(_("更正审批"), "desk_corrections", permission="case.correct", order=46),
        )
        navigation.register(
            navigation.NavigationEntry(_("影子监测"), "desk_shadow", permission="source.view", order=55),
            navigation.NavigationEntry(_("对接系统"), "desk_shadow_systems", permission="source.manage", order=75),
        )
