from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tongdian.ui import navigation


class PeopleConfig(AppConfig):
    name = "tongdian.people"
    label = "people"
    verbose_name = "人员与权限"

    def ready(self) -> None:
        navigation.register(
            navigation.NavigationEntry(_("系统接口账号"), "desk_machines", permission="machine.manage", order=80)
        )
