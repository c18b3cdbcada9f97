"""Machine accounts: which systems read here, for which territory, by which tokens."""

from datetime import timedelta
from typing import cast

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tongdian.kernel.divisions import divisions
from tongdian.people import operations
from tongdian.people.access import requires
from tongdian.people.models import AccessToken, TokenScope, User
from tongdian.people.operations.machines import open_machine
from tongdian.people.operations.tokens import AlreadyRevoked, issue_token, revoke_token
from tongdian.people.queries import scope
from tongdian.people.queries.tokens import machines_for, organisations_of, token_for, tokens_of
from tongdian.people.rules import Territory
from tongdian.ui.formats import division_name
from tongdian.ui.tables import Column, Table

LIFETIMES = [(30, gettext_lazy("30 天")), (90, gettext_lazy("90 天")), (365, gettext_lazy("一年"))]


class MachineForm(forms.Form):
    """A new account for another system."""

    username = forms.CharField(
        label=gettext_lazy("账号名称"),
        min_length=3,
        max_length=40,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9._-]*$", gettext_lazy("以小写字母开头，只用小写字母、数字、点和横线。"))
        ],
        help_text=gettext_lazy("说明是哪个系统，例如 city-supervision。以后不能更改。"),
    )
    organisation = forms.ModelChoiceField(label=gettext_lazy("所属单位"), queryset=None, empty_label="—")
    territory_code = forms.ChoiceField(
        label=gettext_lazy("可读取的区域"), help_text=gettext_lazy("供电企业的账号只能读取本企业的办件。")
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["organisation"].queryset = organisations_of(user, "machine.manage")  # type: ignore[attr-defined]
        self.fields["territory_code"].choices = _territories(user)  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(label=gettext_lazy("用途"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("可读取的内容"), choices=TokenScope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(label=gettext_lazy("有效期"), choices=LIFETIMES, coerce=int, initial=90)


class MachineTable(Table):
    """The machine accounts of one's organisation."""

    caption = gettext_lazy("系统接口账号")
    empty_title = gettext_lazy("还没有接口账号")
    empty_text = gettext_lazy("为需要读取办件的系统分别建立账号，便于单独授权和收回。")
    default_sort = "username"
    columns = (
        Column(
            "username",
            gettext_lazy("账号名称"),
            kind="code",
            order_by=("username",),
            url=lambda user: reverse("desk_machine", args=[user.pk]),
        ),
        Column("organisation", gettext_lazy("所属单位"), value=lambda user: user.organisation.name),
        Column("active", gettext_lazy("有效令牌"), value=lambda user: user.active_tokens, kind="number"),
        Column("used_at", gettext_lazy("最近调用"), value=lambda user: user.last_used_at, kind="moment"),
    )


def _territories(user: User) -> list[tuple[str, str]]:
    """List the divisions in the reach of the administrator's own grants."""
    own = [right.territory for right in scope(user, "machine.manage").rights]
    today = timezone.localdate()
    found = [each for level in ("province", "city", "county") for each in divisions(today, level=level)]
    return [
        (each.code, division_name(each)) for each in found if any(_holds(territory, each.code) for territory in own)
    ]


def _holds(territory: Territory, code: str) -> bool:
    return Territory(code).prefix.startswith(territory.prefix)


@requires("machine.manage")
@require_http_methods(["GET", "POST"])
def machines(request: HttpRequest) -> HttpResponse:
    """List the accounts of one's organisation; open another."""
    user = _user(request)
    form = MachineForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            made = open_machine(**form.cleaned_data, actor=user, now=timezone.now())
        except operations.UsernameTaken:
            form.add_error("username", _("这个名称已被使用，请换一个。"))
        else:
            messages.success(request, _("接口账号已建立。请发放令牌。"))
            return redirect("desk_machine", made.pk)
    table = MachineTable(machines_for(user, now=timezone.now()), request.GET)
    return render(request, "people/machines.html", {"table": table, "form": form})


@requires("machine.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def machine(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show an account with its tokens; issue one, whose secret is shown this once."""
    found, now = _find(request, user_id), timezone.now()
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _token, secret = issue_token(
            found,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=now + timedelta(days=form.cleaned_data["days"]),
            by=_user(request),
        )
        form = TokenForm()
    context = {"machine": found, "tokens": tokens_of(found), "form": form, "secret": secret, "now": now}
    return render(request, "people/machine.html", context)


@requires("machine.manage")
@require_POST
def revoke(request: HttpRequest, user_id: int, token_id: int) -> HttpResponse:
    """End a token at once."""
    found = _find(request, user_id)
    try:
        revoke_token(token_for(found, token_id), now=timezone.now())
    except AccessToken.DoesNotExist as error:
        raise Http404 from error
    except AlreadyRevoked:
        messages.info(request, _("这个令牌已经收回。"))
    else:
        messages.success(request, _("令牌已收回，立即失效。"))
    return redirect("desk_machine", found.pk)


def _find(request: HttpRequest, user_id: int) -> User:
    try:
        return machines_for(_user(request), now=timezone.now()).get(pk=user_id)
    except User.DoesNotExist as error:
        raise Http404 from error


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", machines, name="desk_machines"),
    path("<int:user_id>/", machine, name="desk_machine"),
    path("<int:user_id>/tokens/<int:token_id>/revoke/", revoke, name="desk_token_revoke"),
]
