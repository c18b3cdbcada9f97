"""The questions of the guide, asked by GET: their state is the address, which holds nothing personal."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongdian.case.queries.contacts import guide_code
from tongdian.connection.forms import county_choices
from tongdian.connection.guidance.advice import Crossing, Situation, Supply
from tongdian.connection.guidance.estimate import Appliance, Asker, Ticked, appliances, estimate_kw, simultaneity
from tongdian.policy import current_book
from tongdian.ui import formats
from tongdian.ui.components import Words

ASKERS = [
    (Asker.RESIDENT.value, _("居民家庭")),
    (Asker.SHOP.value, _("商铺、个体户或小微企业")),
    (Asker.FIRM.value, _("中型或大型企业")),
    (Asker.INSTITUTION.value, _("机关、学校、医院或其他单位")),
]
ZONES = [("urban_planned_area", _("是")), ("", _("否，或不清楚"))]
CROSSINGS = [
    (Crossing.ROAD.value, _("一般城市道路")),
    (Crossing.MAIN_ROAD.value, _("快速路、主干道或公路")),
    (Crossing.GREEN.value, _("绿地或树木")),
]
ORDER = ("who", "equipment", "load")
COUNT, POWER = "n_", "p_"
MOST_PIECES, MOST_KW = 9999, Decimal(1_000_000)


class GuideForm(forms.Form):
    """One page of questions; `told` gives what belongs into the address, empty answers left out."""

    title: ClassVar[Words] = ""
    lede: ClassVar[Words] = ""

    def told(self) -> list[tuple[str, str]]:
        """Return the valid answers as pairs for a query string."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.cleaned_data.items():
            values = value if isinstance(value, list) else [value]
            pairs += [(name, plain(each)) for each in values if each not in (None, "")]
        return pairs


def plain(value: Any) -> str:
    """Write an answer as it stands in an address."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


class WhoForm(GuideForm):
    """Who asks, and where."""

    title = _("谁用电，在哪里用")
    lede = _("不需要登录，也不会问您的姓名和电话。")
    who = forms.ChoiceField(label=_("您是"), choices=ASKERS, widget=forms.RadioSelect)
    county = forms.ChoiceField(label=_("用电地点在哪个县（市、区）"))
    zone = forms.ChoiceField(
        label=_("是否位于城市规划区内"),
        choices=ZONES,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("影响环节数和由谁投资；不清楚没有关系，由客户经理核实。"),
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["county"].choices = [("", "—"), *county_choices(on)]  # type: ignore[attr-defined]


class EquipmentForm(GuideForm):
    """How many pieces of which equipment, each of a power that may be changed."""

    title = _("有哪些用电设备")
    lede = _("填写台数即可；功率是常用值，可改成铭牌上的数。已经知道总容量的，直接跳到下一步。")

    def __init__(self, *args: Any, listed: Sequence[Appliance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = listed
        for each in listed:
            title = formats.in_language(each.title)
            self.fields[COUNT + each.id] = forms.IntegerField(
                label=_("%(title)s：台数") % {"title": title}, min_value=0, max_value=MOST_PIECES, required=False
            )
            self.fields[POWER + each.id] = forms.DecimalField(
                label=_("%(title)s：每台千瓦") % {"title": title},
                min_value=Decimal("0.01"),
                max_value=MOST_KW,
                decimal_places=2,
                required=False,
                initial=each.kw,
            )

    def lines(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Return title, count and power of each line for the page."""
        return [(formats.in_language(each.title), self[COUNT + each.id], self[POWER + each.id]) for each in self.listed]

    def ticked(self) -> list[Ticked]:
        """Return what is there, with the usual power where none is given."""
        return [
            Ticked(each, self.cleaned_data.get(COUNT + each.id) or 0, self.cleaned_data.get(POWER + each.id) or each.kw)
            for each in self.listed
        ]

    def told(self) -> list[tuple[str, str]]:
        """Leave out what is not there and powers nobody changed."""
        there = [each for each in self.ticked() if each.count]
        counts = [(COUNT + each.appliance.id, str(each.count)) for each in there]
        changed = [(POWER + each.appliance.id, plain(each.kw)) for each in there if each.kw != each.appliance.kw]
        return counts + changed


class LoadForm(GuideForm):
    """The load and what lies between the place and the nearest line."""

    title = _("容量和现场情况")
    load_kw = forms.DecimalField(
        label=_("用电容量（千瓦）"),
        min_value=Decimal("0.1"),
        max_value=MOST_KW,
        decimal_places=2,
        help_text=_("按勾选的设备估算，可以直接修改；以您填写的为准。"),
    )
    sources = forms.TypedChoiceField(
        label=_("需要几路电源"),
        choices=[("1", _("一路，停电时可以等待修复")), ("2", _("两路，一路停电时另一路必须顶上"))],
        coerce=int,
        initial="1",
        widget=forms.RadioSelect,
    )
    supply = forms.ChoiceField(label=_("用电地点有没有表箱或线路"), widget=forms.RadioSelect)
    crosses = forms.MultipleChoiceField(
        label=_("接线可能要经过"),
        choices=CROSSINGS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不清楚可以不选；只用来提示可能需要的手续。"),
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near_m = current_book().lookup("guide.permit.exempt_max_m", on=on).value
        self.fields["supply"].choices = [  # type: ignore[attr-defined]
            (Supply.HERE.value, gettext("已有表箱或供电线路")),
            (Supply.NEAR.value, gettext("没有，但 %(m)s 米以内有") % {"m": near_m}),
            (Supply.FAR.value, gettext("没有，%(m)s 米以内也没有") % {"m": near_m}),
            (Supply.UNKNOWN.value, gettext("不清楚")),
        ]


class CodeForm(forms.Form):
    """The code of a saved result, however it was written down."""

    code = forms.CharField(label=_("指引编号"), max_length=20, help_text=_("保存结果时得到的 8 位编号。"))

    def clean_code(self) -> str:
        """Return the code as it is kept."""
        if code := guide_code(self.cleaned_data["code"]):
            return code
        raise forms.ValidationError(_("请输入编号里的字母和数字。"))


class Questions:
    """The three pages of questions, filled in from one address."""

    def __init__(self, params: QueryDict, *, on: date) -> None:
        self.params, self.on = params, on
        self.forms: dict[str, GuideForm] = {"who": WhoForm(self.params, on=on)}
        asker = Asker(self.forms["who"].cleaned_data["who"]) if self.forms["who"].is_valid() else Asker.SHOP
        self.together = simultaneity(asker, on=on)
        self.forms["equipment"] = EquipmentForm(self.params, listed=appliances(asker, on=on))
        self.forms["load"] = LoadForm(self.params, on=on)

    def open_until(self, name: str) -> str:
        """Return the first page before `name` whose answers are missing or wrong, else `name`."""
        return next((each for each in ORDER[: ORDER.index(name)] if not self.forms[each].is_valid()), name)

    def estimate(self) -> Decimal:
        """Return the load of what is ticked [kW], 0 when nothing is."""
        form = cast("EquipmentForm", self.forms["equipment"])
        return estimate_kw(form.ticked(), together=self.together) if form.is_valid() else Decimal(0)

    def query(self, *names: str) -> str:
        """Return the valid answers of pages as a query string."""
        return urlencode([pair for name in names for pair in self.forms[name].told() if self.forms[name].is_valid()])

    def lists(self) -> dict[str, list[str]]:
        """Return the valid answers of every page as they are kept."""
        return dict(QueryDict(self.query(*ORDER)).lists())

    def situation(self) -> Situation:
        """Return all the answers; every page must be valid."""
        who, load = self.forms["who"].cleaned_data, self.forms["load"].cleaned_data
        return Situation(
            asker=Asker(who["who"]),
            county_code=who["county"],
            zone=who["zone"],
            load_kw=load["load_kw"],
            source_count=load["sources"],
            supply=Supply(load["supply"]),
            crosses=frozenset(map(Crossing, load["crosses"])),
        )
