"""Calls and visits before an application: written down in seconds, found by phone, joined to the case they led to."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.case import panels
from tongdian.case.models import Contact
from tongdian.case.operations import contacts as operations
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import contacts, installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.case.rules import IllegalTransition
from tongdian.case.timeline.personal import PersonalData
from tongdian.connection.pages import at_most, summary
from tongdian.kernel import divisions
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import Scope, scope
from tongdian.people.rules import InvalidPhone, Role, normalise_phone
from tongdian.policy.places import PROVINCE
from tongdian.ui import formats
from tongdian.ui.fields import mask_phone
from tongdian.ui.hotlines import hotlines_on
from tongdian.ui.tables import Column, Filters, Table
from tongdian.ui.xlsx import xlsx_response

ANY = ("", gettext_lazy("全部"))


class ContactFilters(Filters):
    """What the list can be narrowed to."""

    text = forms.CharField(
        label=gettext_lazy("查找"), required=False, help_text=gettext_lazy("完整手机号、指引编号或办件编号")
    )
    kind = forms.ChoiceField(label=gettext_lazy("方式"), required=False, choices=[ANY, *Contact.Kind.choices])
    topic = forms.ChoiceField(label=gettext_lazy("事由"), required=False, choices=[ANY, *Contact.Topic.choices])
    joined = forms.TypedChoiceField(
        label=gettext_lazy("是否已办件"),
        required=False,
        choices=[ANY, ("1", gettext_lazy("已成为办件")), ("0", gettext_lazy("还没有申请"))],
        coerce=lambda value: value == "1",
        empty_value=None,
    )


def _place(contact: Contact) -> str:
    return formats.place_name(contact.county_code, local_date(contact.at))


def _case_number(contact: Contact) -> str:
    link = getattr(contact, "link", None)
    return str(link.case) if link else ""


def _url(contact: Contact) -> str:
    link = getattr(contact, "link", None)
    return reverse("desk_case", args=[link.case_id]) if link else ""


class ContactTable(Table):
    """Contacts in reach, newest first."""

    caption = gettext_lazy("申请前的来电、来访")
    default_sort = "-at"
    empty_text = gettext_lazy("可以放宽筛选条件。")
    columns = (
        Column(
            "at",
            gettext_lazy("时间"),
            kind="moment",
            order_by=("at",),
            url=lambda row: reverse("desk_contact", args=[row.pk]),
        ),
        Column("kind", gettext_lazy("方式"), value=lambda row: row.get_kind_display()),
        Column("channel", gettext_lazy("渠道"), value=lambda row: row.get_channel_display()),
        Column("topic", gettext_lazy("事由"), value=lambda row: row.get_topic_display()),
        Column(
            "phone", gettext_lazy("电话"), value=lambda row: mask_phone(row.phone) if row.phone else "", kind="code"
        ),
        Column("place", gettext_lazy("地点"), value=_place),
        Column("case", gettext_lazy("办件"), value=_case_number, kind="code", url=_url),
        Column("by", gettext_lazy("登记人"), value=lambda row: row.by.get_full_name() if row.by else _("本人")),
    )


class LogForm(forms.Form):
    """A call or visit in a few clicks."""

    how = forms.ChoiceField(label=gettext_lazy("怎么来的"), widget=forms.RadioSelect)
    topic = forms.ChoiceField(
        label=gettext_lazy("事由"),
        choices=Contact.Topic.choices,
        widget=forms.RadioSelect,
        initial=Contact.Topic.CONNECTION,
    )
    phone = forms.CharField(
        label=gettext_lazy("手机号"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("以后用这个号码申请时，自动计入首次接触。加密保存。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    county = forms.ChoiceField(label=gettext_lazy("地点"))
    at = forms.DateTimeField(
        label=gettext_lazy("时间"),
        required=False,
        help_text=gettext_lazy("不填就是现在。"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    note = forms.CharField(
        label=gettext_lazy("备注"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("只记事情，不写姓名、电话和证件号码。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, reach: Scope, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = hotlines_on(today)
        self.fields["how"].choices = [  # type: ignore[attr-defined]
            ("call.supply_hotline", _("来电 %(number)s") % {"number": lines.supply}),
            ("call.regulator_hotline", _("来电 %(number)s") % {"number": lines.regulator}),
            ("visit.counter", _("到营业厅")),
            ("enquiry.web", _("书面咨询")),
            ("appointment.desk", _("预约")),
        ]
        self.fields["county"].choices = _counties(reach, today)  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        """Return the number as 11 digits."""
        try:
            return normalise_phone(self.cleaned_data["phone"]) if self.cleaned_data["phone"] else ""
        except InvalidPhone as error:
            raise forms.ValidationError(_("请输入 11 位手机号，例如以 13、15、18 开头。")) from error


class PickForm(forms.Form):
    """The case a contact led to."""

    number = forms.CharField(
        label=gettext_lazy("办件编号"), max_length=40, help_text=gettext_lazy("这次接触后来成为哪个办件。")
    )


def _counties(reach: Scope, today: date) -> list[tuple[str, str]]:
    every = (county for city in divisions.children(PROVINCE, today) for county in divisions.children(city.code, today))
    reached = [each for each in every if any(right.territory.covers(each.code) for right in reach.rights)]
    return [(each.code, formats.place_name(each.code, today)) for each in reached]


@requires("contact.view")
@never_cache
@require_http_methods(["GET", "POST"])
@at_most(120, timedelta(hours=1), what="contact.log")
def desk_contacts(request: HttpRequest) -> HttpResponse:
    """List contacts, find one by phone, write one down."""
    today, reach = local_date(installation_now()), scope(_user(request), "contact.work")
    is_export = request.GET.get("format") == "xlsx"
    if (request.method == "POST" and not reach.is_allowed) or (is_export and not _may_export(request)):
        raise PermissionDenied
    form = LogForm(request.POST or None, reach=reach, today=today) if reach.is_allowed else None
    if request.method == "POST" and form is not None and form.is_valid() and _logged(request, form, reach):
        messages.success(request, _("已登记。"))
        return redirect("desk_contacts")
    filters = ContactFilters(request.GET)
    table = ContactTable(contacts.contacts_for(_user(request), **filters.chosen()), request.GET, filters=filters)
    if is_export:
        return xlsx_response(table, "contacts", on=today, mark=panels.installation_mark(installation_kind()))
    table.offers_xlsx = _may_export(request)
    return render(request, "connection/contacts.html", {"table": table, "form": form})


def _may_export(request: HttpRequest) -> bool:
    return scope(_user(request), "case.export").is_allowed


def _logged(request: HttpRequest, form: LogForm, reach: Scope) -> bool:
    asked, now = form.cleaned_data, installation_now()
    kind, channel = asked["how"].split(".")
    try:
        operations.log_contact(
            kind=kind,
            channel=channel,
            topic=asked["topic"],
            county_code=asked["county"],
            utility_id=_utility_id(reach, asked["county"]),
            by=_user(request),
            now=now,
            at=asked["at"],
            phone=asked["phone"],
            note=asked["note"],
        )
    except PersonalData:
        form.add_error("note", _("备注里有手机号、证件号或邮箱，请删掉；电话填在上面的“手机号”。"))
    except operations.ContactAhead:
        form.add_error("at", _("时间不能晚于现在。"))
    return form.is_valid()


def _utility_id(reach: Scope, county_code: str) -> int | None:
    return next((right.top_id for right in reach.rights if right.territory.covers(county_code)), None)


@requires("contact.view")
@never_cache
@require_GET
def desk_contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Show one contact and, before it led to a case, offer to name the case."""
    contact = _contact(request, "contact.view", contact_id)
    return render(request, "connection/contact.html", _context(request, contact, PickForm()))


@requires("contact.work")
@never_cache
@require_POST
def desk_contact_join(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Join a contact to the case somebody names."""
    contact, form = _contact(request, "contact.work", contact_id), PickForm(request.POST)
    if form.is_valid() and _joined(request, contact, form):
        messages.success(request, _("已计入办件的首次接触，并写入时间线。"))
        return redirect("desk_contact", contact.pk)
    return render(request, "connection/contact.html", _context(request, contact, form))


def _joined(request: HttpRequest, contact: Contact, form: PickForm) -> bool:
    case = contacts.case_of_number(_user(request), form.cleaned_data["number"])
    if case is None:
        form.add_error("number", _("没有这个编号的办件，或者不在您的权限内。"))
        return False
    try:
        operations.pick_contact(
            contact, case, by=_user(request), role=_role(request), channel="desk", expected_version=None,
            now=installation_now(),
        )  # fmt: skip
    except operations.AlreadyJoined as error:
        form.add_error("number", _("已经计入办件 %(number)s。") % {"number": error.case})
    except operations.ContactAfterCase:
        form.add_error("number", _("这次接触在受理之后，不是它的起因。"))
    except (IllegalTransition, StaleCase):
        form.add_error("number", _("这个办件已经办结，不能再计入。"))
    return form.is_valid()


@requires("contact.work")
@require_POST
def desk_contact_erase(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Erase the phone of a contact at its owner's wish."""
    contact = _contact(request, "contact.work", contact_id)
    operations.erase_contact(contact, now=installation_now())
    messages.success(request, _("电话已删除。"))
    return redirect("desk_contact", contact.pk)


def _contact(request: HttpRequest, permission: str, contact_id: UUID) -> Contact:
    try:
        return contacts.contact_for(_user(request), permission, contact_id)
    except Contact.DoesNotExist as error:
        raise Http404 from error


def _context(request: HttpRequest, contact: Contact, form: PickForm) -> dict[str, Any]:
    facts: Iterable[tuple[Any, Any]] = [
        (_("时间"), formats.moment(contact.at)),
        (_("方式"), f"{contact.get_kind_display()} · {contact.get_channel_display()}"),
        (_("事由"), contact.get_topic_display()),
        (_("地点"), _place(contact)),
        (_("电话"), mask_phone(contact.phone) if contact.phone else _("已删除") if contact.erased_at else ""),
        (_("指引编号"), contact.spoken_code),
        (_("备注"), contact.note),
        (_("登记人"), contact.by.get_full_name() if contact.by else _("本人")),
        (_("登记时间"), formats.moment(contact.recorded_at)),
    ]
    return {
        "contact": contact,
        "rows": summary(list(facts)),
        "link": getattr(contact, "link", None),
        "form": form,
        "may_work": scope(_user(request), "contact.work").is_allowed,
    }


def _role(request: HttpRequest) -> Role:
    return scope(_user(request), "contact.work").rights[0].role


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", desk_contacts, name="desk_contacts"),
    path("<uuid:contact_id>/", desk_contact, name="desk_contact"),
    path("<uuid:contact_id>/join/", desk_contact_join, name="desk_contact_join"),
    path("<uuid:contact_id>/erase/", desk_contact_erase, name="desk_contact_erase"),
]
