from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tongdian.ui import navigation


class DisclosureConfig(AppConfig):
    name = "tongdian.disclosure"
    label = "disclosure"
    verbose_name = "信息公开"

    def ready(self) -> None:
        navigation.register(
            navigation.NavigationEntry(
                _("公开数据"),
                "month_files",
                order=25,
                summary=_("每月逐件公开的办电用时，可以下载、复算，旧版本保留。"),
            )
        )
