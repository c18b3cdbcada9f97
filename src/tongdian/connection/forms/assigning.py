"""Forms by which a case gets its managers: as the cell and the load propose, or by hand with a reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.connection.queries.assigning import Choice
from tongdian.people.models import User
from tongdian.people.rules import Role
from tongdian.ui.forms import VersionedForm


class AcceptForm(VersionedForm):
    """Who will look after the customer: the one proposed unless another is chosen, and then why."""

    account_manager = forms.TypedChoiceField(
        label=gettext_lazy("客户经理"), coerce=int, required=False, empty_value=None
    )
    project_manager = forms.TypedChoiceField(
        label=gettext_lazy("项目经理"), coerce=int, required=False, empty_value=None
    )
    reason = forms.CharField(
        label=gettext_lazy("另选他人的理由"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("没有按推荐分派时填写；理由会记入时间线。"),
    )

    def __init__(
        self, *args: Any, holders: Mapping[Role, Sequence[User]], proposed: Mapping[Role, Choice], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {user.pk: user for users in holders.values() for user in users}
        for role, users in holders.items():
            named = [(user.pk, user.get_full_name()) for user in users]
            self.fields[role].choices = [("", proposal_words(proposed[role])), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return people instead of their ids; ask why when one is chosen by hand."""
        cleaned = super().clean() or {}
        chosen = {
            role: self.people.get(cleaned.get(role) or 0) for role in (Role.ACCOUNT_MANAGER, Role.PROJECT_MANAGER)
        }
        if any(chosen.values()) and not cleaned.get("reason"):
            self.add_error("reason", _("您没有采用推荐人选，请写明理由。"))
        return cleaned | {str(role): user for role, user in chosen.items()}


class ManagerForm(VersionedForm):
    """Another manager for a case that has one, and why."""

    role = forms.ChoiceField(
        label=gettext_lazy("更换"),
        choices=[
            (Role.ACCOUNT_MANAGER.value, gettext_lazy("客户经理")),
            (Role.PROJECT_MANAGER.value, gettext_lazy("项目经理")),
        ],
        widget=forms.RadioSelect,
        initial=Role.ACCOUNT_MANAGER.value,
    )
    to = forms.ChoiceField(label=gettext_lazy("交给"))
    reason = forms.CharField(
        label=gettext_lazy("理由"), max_length=200, help_text=gettext_lazy("理由会记入时间线。不要写个人信息。")
    )

    def __init__(
        self, *args: Any, holders: Mapping[Role, Sequence[User]], words: Mapping[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        titles = dict(self.fields["role"].choices)  # type: ignore[attr-defined]
        self.people = {f"{role}:{user.pk}": user for role, users in holders.items() for user in users}
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (titles[role.value], [(f"{role}:{user.pk}", _named(user, words)) for user in users])
            for role, users in holders.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Return the person, who must be listed under the role that changes."""
        cleaned = super().clean() or {}
        chosen = cleaned.get("to", "")
        if chosen and not chosen.startswith(f"{cleaned.get('role')}:"):
            self.add_error("to", _("请从所选岗位的名单中选择。"))
        return cleaned | {"to": self.people.get(chosen)}


def proposal_words(choice: Choice) -> str:
    """Say who is proposed, from where, and how much they have to do."""
    if choice.user is None or choice.load is None:
        return _("暂不指定（没有在岗人员）")
    where = {
        "cell": choice.cell.name if choice.cell else "",
        "cover": _("替代离岗人员"),
        "territory": _("全县在岗人员"),
    }[choice.by]
    words = {"name": choice.user.get_full_name(), "where": where, "cases": choice.load.cases}
    return _("推荐：%(name)s（%(where)s，在办 %(cases)d 件）") % words


def _named(user: User, words: Mapping[int, str]) -> str:
    return f"{user.get_full_name()} {words.get(user.pk, '')}".strip()
