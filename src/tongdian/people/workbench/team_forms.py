"""Forms of absence and delegation."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.kernel.divisions import division, divisions
from tongdian.people.models import Absence, Grant, User
from tongdian.people.permissions import ROLE_TITLES
from tongdian.people.rules import Role, Territory
from tongdian.ui.formats import division_name

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
NOBODY = ("", gettext_lazy("无"))
# A right never goes to whoever happens to stand first.
UNCHOSEN = ("", "—")


class AbsenceForm(forms.Form):
    """First and last day, why, and who stands in."""

    first_day = forms.DateField(label=gettext_lazy("第一天"), widget=DAY)
    last_day = forms.DateField(label=gettext_lazy("最后一天"), widget=DAY, help_text=gettext_lazy("含当天。"))
    reason = forms.ChoiceField(label=gettext_lazy("原因"), choices=Absence.Reason.choices, widget=forms.RadioSelect)
    cover = forms.ChoiceField(
        label=gettext_lazy("由谁替代"),
        help_text=gettext_lazy("只列出在相同区域担任全部相同岗位的同事。离岗期间，新办件和提醒交给替代人。"),
    )
    second_cover = forms.ChoiceField(label=gettext_lazy("替代人也不在时"), required=False)

    def __init__(self, *args: Any, covers: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in covers}
        named = [(str(user.pk), user.get_full_name()) for user in covers]
        self.fields["cover"].choices = [UNCHOSEN, *named]  # type: ignore[attr-defined]
        self.fields["second_cover"].choices = [NOBODY, *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return the covers as people, and the day after the last one."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("最后一天不能早于第一天。"))
        chosen = dict.fromkeys(each for each in (cleaned.get("cover"), cleaned.get("second_cover")) if each)
        cleaned["covers"] = [self.people[each] for each in chosen]
        return cleaned

    @property
    def period(self) -> tuple[date, date]:
        """The first day, and the first day back."""
        return self.cleaned_data["first_day"], self.cleaned_data["last_day"] + timedelta(days=1)


class DelegationForm(forms.Form):
    """Which role, to whom, until when, why."""

    grant = forms.ChoiceField(label=gettext_lazy("转交的岗位"), widget=forms.RadioSelect)
    to = forms.ChoiceField(label=gettext_lazy("转交给"))
    last_day = forms.DateField(
        label=gettext_lazy("最后一天"), widget=DAY, help_text=gettext_lazy("含当天。到期自动收回，也可以随时提前收回。")
    )
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200)

    def __init__(
        self, *args: Any, grants: Sequence[Grant], colleagues: Iterable[User], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.grants = {str(grant.pk): grant for grant in grants}
        self.people = {str(user.pk): user for user in colleagues}
        self.today = today
        self.fields["grant"].choices = [(pk, grant_words(grant, today)) for pk, grant in self.grants.items()]  # type: ignore[attr-defined]
        self.fields["grant"].initial = next(iter(self.grants), None)
        named = [(pk, user.get_full_name()) for pk, user in self.people.items()]
        self.fields["to"].choices = [UNCHOSEN, *named]  # type: ignore[attr-defined]

    def clean_last_day(self) -> date:
        """Refuse a day that has passed."""
        last: date = self.cleaned_data["last_day"]
        if last < self.today:
            raise ValidationError(_("最后一天已经过去，请选择今天或以后的日期。"))
        return last

    @property
    def until(self) -> datetime:
        """The moment the delegation ends: the end of its last day here."""
        following = self.cleaned_data["last_day"] + timedelta(days=1)
        return timezone.make_aware(datetime.combine(following, datetime.min.time()))


class TerritoryDelegationForm(DelegationForm):
    """Which role, and where."""

    territory_code = forms.ChoiceField(
        label=gettext_lazy("区域"), help_text=gettext_lazy("可以只转交其中一个县（市、区）。")
    )
    field_order = ("grant", "territory_code", "to", "last_day", "reason")

    def __init__(self, *args: Any, grants: Sequence[Grant], today: date, **kwargs: Any) -> None:
        super().__init__(*args, grants=grants, today=today, **kwargs)
        self.fields["territory_code"].choices = _territories(grants, today)  # type: ignore[attr-defined]


def grant_words(grant: Grant, on: date) -> str:
    """Name a grant by role and place."""
    return f"{ROLE_TITLES[Role(grant.role)]} · {territory_words(grant.territory_code, on)}"


def territory_words(code: str, on: date) -> str:
    """Name a division of any level in the reader's language."""
    return division_name(division(code, on))


def _territories(grants: Sequence[Grant], on: date) -> list[tuple[str, str]]:
    """List the divisions inside the grants, the widest first."""
    own = [Territory(grant.territory_code) for grant in grants]
    found = [each for level in ("province", "city", "county") for each in divisions(on, level=level)]
    inside = (each for each in found if any(Territory(each.code).prefix.startswith(one.prefix) for one in own))
    return [(each.code, division_name(each)) for each in inside]
