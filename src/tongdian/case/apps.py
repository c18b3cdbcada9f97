from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tongdian.ui import navigation


class CaseConfig(AppConfig):
    name = "tongdian.case"
    label = "case"
    verbose_name = "办件"

    def ready(self) -> None:
        navigation.register(
            navigation.NavigationEntry(
                _("查进度"), "progress", order=20, summary=_("凭办件编号和手机验证码，看办到哪一步、最晚哪天、轮到谁。")
            ),
            navigation.NavigationEntry(
                _("核验凭证"),
                "verify_home",
                order=50,
                summary=_("扫回执上的二维码或输入编号，核对凭证真伪和是否被改动。"),
            ),
            navigation.NavigationEntry(_("查看记录"), "audit_views", permission="view.audit", order=85),
            navigation.NavigationEntry(
                _("公开日志"), "timeline_log", order=70, summary=_("所有办件时间线的签名检查点；任何人都能自己验证。")
            ),
        )
