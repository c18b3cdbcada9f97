from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tongdian.gateway import wording
from tongdian.ui import navigation

TEMPLATES = {
    "staff": _("【通电】{rule}：办件 {number}。详情请登录通电，在“通知”中查看。"),
    "staff_due": _("【通电】{rule}：办件 {number}，最晚 {due}。详情请登录通电，在“通知”中查看。"),
    "applicant": _(
        "【通电】{rule}：您的用电申请 {number}。详情请登录通电查看。供电服务 {supply}，能源监管 {regulator}。"
    ),
    "applicant_due": _(
        "【通电】{rule}：您的用电申请 {number}，本环节最晚 {due}。详情请登录通电查看。"
        "供电服务 {supply}，能源监管 {regulator}。"
    ),
    "digest": _("【通电】{day}待办摘要：共 {total} 件，{counts}。最急：{urgent}。详情请登录通电，在“通知”中查看。"),
}


class OversightConfig(AppConfig):
    name = "tongdian.oversight"
    label = "oversight"
    verbose_name = "监测督办"

    def ready(self) -> None:
        for name, text in TEMPLATES.items():
            # A reminder lost is in the inbox and in the next digest; the same one twice only annoys.
            wording.register(wording.Template(f"oversight.{name}", text, wording.Delivery.AT_MOST_ONCE))
        navigation.register(navigation.NavigationEntry(_("预警"), "alerts", "alert.view", order=45))
