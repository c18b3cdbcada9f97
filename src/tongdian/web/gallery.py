"""The development page `/ui/`: every component in every state; closed on a production site."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tongdian.case.queries.installation import installation_kind
from tongdian.people.access import requires
from tongdian.ui.forms import VersionedForm
from tongdian.ui.xlsx import xlsx_response
from tongdian.web import gallery_samples as samples

OPEN_IN = {"demonstration", "test"}


class SampleForm(VersionedForm):
    """One field of every kind."""

    name = forms.CharField(label=_("单位名称"), help_text=_("按营业执照填写。"), max_length=60)
    capacity = forms.IntegerField(label=_("申请容量（千伏安）"), min_value=1, max_value=100000)
    supply = forms.ChoiceField(
        label=_("电源数"),
        choices=[("single", _("单电源")), ("dual", _("双电源"))],
        widget=forms.RadioSelect,
        help_text=_("停电会造成重大损失时选双电源。"),
    )
    county = forms.ChoiceField(label=_("用电地址所在区县"), choices=[("370102", _("历下区")), ("370103", _("市中区"))])
    wanted_date = forms.DateField(
        label=_("希望用电日期"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    licence = forms.FileField(label=_("营业执照"), required=False, help_text=_("能从登记系统取到的不用上传。"))
    remark = forms.CharField(label=_("其他说明"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    consent = forms.BooleanField(label=_("我同意从登记系统取得本单位的证照"))


@requires("public")
def gallery(request: HttpRequest) -> HttpResponse:
    """Show the components with made-up values; `?form=empty` submits the sample form without answers."""
    if not is_open(installation_kind(), is_debugging=settings.DEBUG):
        raise Http404
    table = samples.SampleTable(samples.rows(), request.GET, filters=samples.SampleFilters(request.GET))
    if table.wants_xlsx:
        return xlsx_response(table, "gallery", on=timezone.localdate())
    context = samples.everything() | {"table": table, "empty_table": samples.SampleTable([], QueryDict())}
    form = SampleForm(initial={"version": 3})
    if request.GET.get("form") == "empty":
        form = SampleForm({"version": "3", "capacity": "0"}, {})
        form.report_conflict(samples.CHANGES, version=4)
    return render(request, "web/gallery.html", context | {"form": form, "has_errors": form.is_bound})


def is_open(kind: str, *, is_debugging: bool) -> bool:
    """Tell whether an installation of this kind shows the gallery."""
    return is_debugging or kind in OPEN_IN


urlpatterns = [path("", gallery, name="gallery")]
