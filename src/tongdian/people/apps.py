from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tongdian.ui import navigation


class PeopleConfig(AppConfig):
    name = "tongdian.people"
    label = "people"
    verbose_name = "人员与权限"

    def ready(self) -> None:
        navigation.register(
            navigation.NavigationEntry(_("系统接口账号"), "desk_machines", permission="machine.manage", order=80),
            navigation.NavigationEntry(_("班组与离岗"), "team", permission="team.own", order=48),
            navigation.NavigationEntry(_("服务网格"), "desk_cells", permission="cell.manage", order=70),
        )
