"""The inbox of every signed-in person: what they were told, what is still open, and how they want to be told."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tongdian.case import kinds
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.oversight import rules
from tongdian.oversight.forms import NoticePreferenceForm
from tongdian.oversight.models import Digest, Reminder
from tongdian.oversight.operations import notices as operations
from tongdian.oversight.queries import book
from tongdian.oversight.queries import notices as queries
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.permissions import ROLE_TITLES
from tongdian.people.rules import Role
from tongdian.ui.components import Figure, Words
from tongdian.ui.tables import PAGE_SIZE, Filters

SHOWN = (("", gettext_lazy("全部")), ("open", gettext_lazy("待处理")), ("unread", gettext_lazy("未读")))


class NoticeFilters(Filters):
    """What the inbox can be narrowed to."""

    show = django_forms.ChoiceField(label=gettext_lazy("范围"), required=False, choices=SHOWN)
    rule = django_forms.ChoiceField(label=gettext_lazy("事由"), required=False)

    def __init__(self, *args: Any, names: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = [(name, book.title(name, get_language() or "")) for name in names]
        self.fields["rule"].choices = [("", gettext_lazy("全部")), *titles]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Notice:
    """One reminder in words."""

    reminder: Reminder
    title: str
    stage: Words
    reason: str
    is_escalated: bool
    url: str


@requires("notice.own")
@never_cache
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """List what the reader was told, newest first."""
    user = _user(request)
    today = local_date(installation_now())
    counts = queries.open_counts(user)
    filters = NoticeFilters(request.GET, names=queries.rules_told(user))
    page = Paginator(queries.inbox(user, **filters.chosen()), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "listed": _listed(page, user),
        "filters": filters,
        "query": _query(request),
        "figures": _figures(counts),
        "digest": _digest_words(queries.digest_of(user, today)),
        "is_staff": user.is_staff,
        "has_unread": queries.unread_count(user) > 0,
    }
    return render(request, "oversight/notices.html", context)


@requires("notice.own")
@require_POST
def read_notice(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """Mark one as read, and go to its case or back to the list."""
    try:
        reminder = operations.mark_read(_user(request), reminder_id, now=installation_now())
    except Reminder.DoesNotExist as error:
        raise Http404 from error
    if "open" in request.POST and (url := _case_url(reminder, _user(request))):
        return redirect(url)
    return _back(request)


@requires("notice.own")
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    count = operations.mark_all_read(_user(request), now=installation_now())
    messages.success(request, gettext("已将 %(count)s 条通知标为已读。") % {"count": count})
    return _back(request)


@requires("notice.own")
@never_cache
def preferences(request: HttpRequest) -> HttpResponse:
    """Ask a member of staff how they want to be told; the public does that in the account."""
    user = _user(request)
    if not user.is_staff:
        return redirect("account_profile")
    form = NoticePreferenceForm(request.POST or None, initial=queries.preference_facts(user))
    if request.method == "POST" and form.is_valid():
        operations.set_preference(user, **form.cleaned_data, now=timezone.now())
        messages.success(request, gettext("已保存。"))
        return redirect("notice_preferences")
    return render(request, "oversight/preferences.html", {"form": form, "account": user})


def _listed(page: Page[Reminder], user: User) -> list[Notice]:
    return [_notice(reminder, user) for reminder in page.object_list]


def _notice(reminder: Reminder, user: User) -> Notice:
    kind = kinds.get(reminder.case.kind)
    stage = kind.stages.get(reminder.stage, "") if reminder.stage else kind.statuses.get(reminder.case.status, "")
    title = book.title(reminder.rule, get_language() or "")
    return Notice(
        reminder, title, cast("Words", stage), _reason(reminder), _is_escalated(reminder), _case_url(reminder, user)
    )


def _reason(reminder: Reminder) -> str:
    """Say why this person is told: in whose place, or in which role of theirs."""
    if reminder.in_place_of:
        return gettext("代 %(name)s") % {"name": reminder.in_place_of.get_full_name()}
    if reminder.audience in {rules.APPLICANT, rules.ASSIGNEE}:
        return ""
    role = ROLE_TITLES[Role.PROJECT_MANAGER if reminder.audience == rules.LEAD else Role(reminder.audience)]
    if _is_escalated(reminder):
        return gettext("逾期未处理，上报至%(role)s") % {"role": role}
    return gettext("告知%(role)s") % {"role": role}


def _is_escalated(reminder: Reminder) -> bool:
    return reminder.step > 0 and reminder.audience not in {rules.APPLICANT, rules.ASSIGNEE}


def _case_url(reminder: Reminder, user: User) -> str:
    kind = kinds.get(reminder.case.kind)
    name = kind.staff_url if user.is_staff else kind.applicant_url
    return reverse(name, args=[reminder.case_id]) if name else ""


def _figures(counts: dict[str, int]) -> list[Figure]:
    language = get_language() or ""
    return [
        Figure(count, book.title(name, language), url=f"{reverse('notices')}?show=open&rule={name}")
        for name, count in counts.items()
    ]


def _digest_words(digest: Digest | None) -> dict[str, Any] | None:
    if digest is None:
        return None
    return {"written_at": digest.written_at, "urgent": [_urgent(each) for each in digest.urgent]}


def _urgent(each: dict[str, Any]) -> dict[str, Any]:
    name = kinds.get(each["kind"]).staff_url
    return {
        "number": each["number"],
        "title": book.title(each["rule"], get_language() or ""),
        "due": date.fromisoformat(each["due"]) if each["due"] else None,
        "url": reverse(name, args=[each["case"]]) if name else "",
    }


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the list as it was filtered; the query comes back with the form, never a whole address."""
    query = request.POST.get("query", "")
    return HttpResponseRedirect(reverse("notices") + (f"?{query}" if query else ""))


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", notices, name="notices"),
    path("read/", read_all, name="notices_read"),
    path("preferences/", preferences, name="notice_preferences"),
    path("<int:reminder_id>/read/", read_notice, name="notice_read"),
]
