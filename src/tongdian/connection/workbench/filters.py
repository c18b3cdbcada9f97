"""Saved filters of the queue: name one, share it, open the queue with it, delete it."""

from typing import cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tongdian.case.models import SavedFilter
from tongdian.case.operations import saved as operations
from tongdian.case.queries import installation_now
from tongdian.case.queries.saved import filter_for, filters_for
from tongdian.connection.workbench.queue import filter_query
from tongdian.people.access import requires
from tongdian.people.models import User


class FilterForm(forms.Form):
    """The name of a filter, and for whom it is."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=30)
    is_shared = forms.BooleanField(label=gettext_lazy("与本单位同事共用"), required=False)
    opens = forms.BooleanField(label=gettext_lazy("打开工作台时先用这个筛选"), required=False)


class NewFilterForm(FilterForm):
    """A filter to be saved, with the part of the queue's address it stands for."""

    query = forms.CharField(widget=forms.HiddenInput, max_length=600)


@requires("case.view")
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """List the filters one has and shares; save a new one."""
    user = _user(request)
    form = NewFilterForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid() and (saved := _saved(user, form)):
        messages.success(request, _("已保存筛选“%(name)s”。") % {"name": saved.name})
        return redirect(f"{reverse('desk_queue')}?{saved.query}")
    kept = filters_for(user)
    own = [each for each in kept.filters if each.owner_id == user.pk]
    shared = [each for each in kept.filters if each.owner_id != user.pk]
    context = {"form": form, "own": own, "shared": shared, "opening": kept.opening}
    return render(request, "connection/filters.html", context)


def _saved(user: User, form: NewFilterForm) -> SavedFilter | None:
    chosen = form.cleaned_data
    query = filter_query(QueryDict(chosen["query"]))
    try:
        saved = operations.save_filter(
            user, name=chosen["name"], query=query, is_shared=chosen["is_shared"], now=installation_now()
        )
    except (operations.NameTaken, operations.TooManyFilters) as error:
        form.add_error("name", _words(error))
        return None
    if chosen["opens"]:
        operations.open_with(user, saved)
    return saved


@requires("case.view")
@require_http_methods(["GET", "POST"])
def changed(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Rename a filter of one's own, share it, have the queue open with it or not."""
    user, saved = _user(request), _own(request, filter_id)
    is_opening = filters_for(user).opening == saved
    initial = {"name": saved.name, "is_shared": saved.organisation_id is not None, "opens": is_opening}
    form = FilterForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            operations.change_filter(saved, actor=user, name=chosen["name"], is_shared=chosen["is_shared"])
        except operations.NameTaken as error:
            form.add_error("name", _words(error))
        else:
            if chosen["opens"] != is_opening:
                operations.open_with(user, saved if chosen["opens"] else None)
            messages.success(request, _("已保存。"))
            return redirect("desk_filters")
    return render(request, "connection/filter.html", {"form": form, "saved": saved})


@requires("case.view")
@require_POST
def deleted(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Delete a filter of one's own."""
    saved = _own(request, filter_id)
    operations.delete_filter(saved, actor=_user(request))
    messages.success(request, _("已删除筛选“%(name)s”。") % {"name": saved.name})
    return redirect("desk_filters")


@requires("case.view")
@require_POST
def opening(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Have the queue open with a filter one has or shares; with all cases when it does already."""
    user = _user(request)
    try:
        saved = filter_for(user, filter_id)
    except SavedFilter.DoesNotExist as error:
        raise Http404 from error
    operations.open_with(user, None if filters_for(user).opening == saved else saved)
    return redirect("desk_filters")


def _own(request: HttpRequest, filter_id: int) -> SavedFilter:
    user = _user(request)
    try:
        saved = filter_for(user, filter_id)
    except SavedFilter.DoesNotExist as error:
        raise Http404 from error
    if saved.owner_id != user.pk:
        raise Http404
    return saved


def _words(error: Exception) -> str:
    if isinstance(error, operations.TooManyFilters):
        return _("最多保存 %(most)d 个筛选，请先删除不用的。") % {"most": error.most}
    return _("您已有同名的筛选，请换一个名称。")


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("filters/", listed, name="desk_filters"),
    path("filters/<int:filter_id>/", changed, name="desk_filter"),
    path("filters/<int:filter_id>/delete/", deleted, name="desk_filter_delete"),
    path("filters/<int:filter_id>/opening/", opening, name="desk_filter_opening"),
]
