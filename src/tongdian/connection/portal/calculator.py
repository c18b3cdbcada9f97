"""The deadline calculator: a date and a class in, every deadline on a calendar out, with each skipped day explained."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tongdian.case.queries import calendar, installation_now
from tongdian.case.queries.clock import local_date
from tongdian.connection import rules
from tongdian.connection.apps import STAGES
from tongdian.connection.forms import county_choices
from tongdian.connection.guidance.classes import ClassGuide, class_guide
from tongdian.connection.guidance.dates import Pause, StageDate, latest_dates, standard_of
from tongdian.connection.guidance.workings import deadlines_ics, month_grid, skipped
from tongdian.connection.portal.guide import FIVE_MINUTES
from tongdian.connection.portal.guide_forms import ZONES
from tongdian.kernel.calendar import CalendarEnds
from tongdian.people.access import requires
from tongdian.policy import NoRuling, current_book
from tongdian.policy.places import PROVINCE
from tongdian.ui import formats

PAUSES = (1, 2)


class CalculatorForm(forms.Form):
    """From which day, for which class, where; from which stage on; when the clock stood still."""

    on = forms.DateField(
        label=gettext_lazy("从哪一天算起"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    customer_class = forms.ChoiceField(label=gettext_lazy("用户类别"))
    first = forms.ChoiceField(
        label=gettext_lazy("从哪个环节开始"),
        required=False,
        choices=[("", gettext_lazy("从头开始")), *STAGES.items()],
        help_text=gettext_lazy("上面的日期就是这个环节开始的日期。"),
    )
    county = forms.ChoiceField(label=gettext_lazy("县（市、区）"), required=False)
    zone = forms.ChoiceField(label=gettext_lazy("是否位于城市规划区内"), choices=ZONES, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        book = current_book()
        self.fields["customer_class"].choices = [  # type: ignore[attr-defined]
            (each, formats.in_language(book.entry(f"connection.class.{each}").title)) for each in rules.CUSTOMER_CLASSES
        ]
        self.fields["county"].choices = [("", _("全省")), *county_choices(today)]  # type: ignore[attr-defined]
        for number in PAUSES:
            self.fields[f"pause_from_{number}"] = _day_field(_("第 %(n)d 次暂停，自") % {"n": number})
            self.fields[f"pause_until_{number}"] = _day_field(_("至（这一天恢复）"))

    def clean(self) -> dict[str, Any]:
        """Ask for whole pauses, in order."""
        cleaned = super().clean() or {}
        latest = date.min
        for number in PAUSES:
            begin, end = cleaned.get(f"pause_from_{number}"), cleaned.get(f"pause_until_{number}")
            if (begin is None) != (end is None):
                self.add_error(f"pause_{'until' if begin else 'from'}_{number}", _("暂停要有开始和恢复两个日期。"))
            elif begin and end and (end < begin or begin < latest):
                self.add_error(f"pause_from_{number}", _("暂停要先开始、后恢复，两次不能重叠。"))
            latest = end or latest
        return cleaned

    def pause_fields(self) -> list[forms.BoundField]:
        """Return the fields of the pauses, for the part of the page that is folded in."""
        return [field for field in self if field.name.startswith("pause_")]

    def has_pauses(self) -> bool:
        """Whether that part has something to show: an answer, or what is wrong with one."""
        return any(field.value() or field.errors for field in self.pause_fields())

    def pauses(self) -> list[Pause]:
        """Return the pauses that are filled in."""
        pairs = [(self.cleaned_data[f"pause_from_{n}"], self.cleaned_data[f"pause_until_{n}"]) for n in PAUSES]
        return [Pause(begin, end) for begin, end in pairs if begin]


def _day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


@dataclass(frozen=True)
class Calculated:
    guide: ClassGuide
    dates: tuple[StageDate, ...]


@requires("public")
@require_safe
@FIVE_MINUTES
def calculator(request: HttpRequest) -> HttpResponse:
    """Compute the deadlines of an address; `?format=ics` gives them to a calendar program."""
    today = local_date(installation_now())
    params = _with_defaults(request.GET, today) if request.GET else None
    form = CalculatorForm(params, today=today, initial={"on": today})
    context: dict[str, Any] = {"form": form, "today": today}
    if form.is_bound and form.is_valid() and (found := _calculated(form)):
        if request.GET.get("format") == "ics":
            return _ics_response(request, form, found)
        context |= _shown(request, form, found)
    response = render(request, "connection/calculator.html", context)
    if request.GET:
        response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _with_defaults(params: QueryDict, today: date) -> QueryDict:
    """Let a link name the class alone."""
    filled = params.copy()
    filled.setdefault("on", today.isoformat())
    filled.setdefault("customer_class", filled.get("class", ""))
    return filled


def _calculated(form: CalculatorForm) -> Calculated | None:
    asked = form.cleaned_data
    place = {"county_code": asked["county"] or PROVINCE, "zone": asked["zone"]}
    try:
        guide = class_guide(asked["customer_class"], on=asked["on"], **place)
        by = standard_of(guide.id, on=asked["on"], **place)
        dates = latest_dates(by, calendar(), start=asked["on"], first_stage=asked["first"], pauses=form.pauses())
    except NoRuling:
        form.add_error("on", _("这一天还没有适用的时限规定。请填晚一些的日期。"))
    except KeyError:
        form.add_error("first", _("这一类用户没有这个环节。"))
    except CalendarEnds as error:
        words = _("工作日历只到 %(last)s：之后的放假安排还没有公布，不能往后算。请填早一些的日期。")
        form.add_error("on", words % {"last": formats.day(error.last)})
    else:
        return Calculated(guide, dates)
    return None


def _shown(request: HttpRequest, form: CalculatorForm, found: Calculated) -> dict[str, Any]:
    query = request.GET.copy()
    query["format"] = "ics"
    limits = {each.stage: each.limit for each in found.guide.stages}
    return {
        "guide": found.guide,
        "dates": [(STAGES[each.stage], each, limits[each.stage]) for each in found.dates],
        "grid": month_grid(found.dates),
        "skipped": skipped(found.dates),
        "last": found.dates[-1],
        "is_provisional": any(each.is_provisional for each in found.dates),
        "ics": f"{reverse('calculator')}?{query.urlencode()}",
        "pauses": form.pauses(),
    }


def _ics_response(request: HttpRequest, form: CalculatorForm, found: Calculated) -> HttpResponse:
    link = request.build_absolute_uri(f"{reverse('calculator')}?{request.GET.urlencode()}")
    content = deadlines_ics(found.guide, found.dates, link=link, now=installation_now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="tongdian-{found.guide.id}-{form.cleaned_data["on"]}.ics"'
    return response


urlpatterns = [path("", calculator, name="calculator")]
