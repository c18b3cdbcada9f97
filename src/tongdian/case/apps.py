from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tongdian.ui import navigation


class CaseConfig(AppConfig):
    name = "tongdian.case"
    label = "case"
    verbose_name = "办件"

    def ready(self) -> None:
        navigation.register(navigation.NavigationEntry(_("查进度"), "progress", permission="public", order=20))
