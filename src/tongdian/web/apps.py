from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tongdian.ui import navigation


class WebConfig(AppConfig):
    name = "tongdian.web"
    label = "web"
    verbose_name = "通电"

    def ready(self) -> None:
        from tongdian.web import checks  # noqa: F401, PLC0415 - registers them

        navigation.register(
            navigation.NavigationEntry(
                _("规则与时限"), "policy", order=60, summary=_("每一个时限、资料和收费项目的数值、条款和沿革。")
            ),
            navigation.NavigationEntry(_("运行状况"), "health", permission="health.view", order=90),
        )
