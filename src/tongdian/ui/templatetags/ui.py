"""`{% load ui %}`: the components and the date filters. docs/reference/components.md lists them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.forms import BaseForm
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from tongdian.kernel.calendar import DayStep
from tongdian.ui import formats
from tongdian.ui.components import (
    LAMP_WORDS,
    Change,
    Clock,
    Figure,
    Stage,
    SummaryRow,
    Tab,
    Task,
    TimelineEntry,
    Words,
)
from tongdian.ui.months import months_of

register = template.Library()


@register.filter
def day(value: date | datetime | None) -> str:
    return formats.day(value) if value else ""


@register.filter
def short_day(value: date | datetime | None) -> str:
    return formats.short_day(value) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    return formats.moment(value) if value else ""


@register.filter
def month_name(value: date) -> str:
    return formats.month(value)


@register.filter
def yuan(value: Decimal | int | None) -> str:
    return "" if value is None else formats.yuan(value)


@register.simple_tag
def time(value: date | datetime | None) -> SafeString | str:
    """Show a day with its weekday, or an instant to the minute, as a <time> element."""
    if value is None:
        return ""
    shown = formats.moment(value) if isinstance(value, datetime) else formats.day(value)
    return format_html('<time datetime="{}">{}</time>', formats.machine(value), shown)


@register.simple_tag
def crumb(label: Words, url_name: str = "", *args: Any, **kwargs: Any) -> SafeString:
    """Show one step of the breadcrumb; without a url name it is the page itself."""
    if not url_name:
        return format_html('<li aria-current="page">{}</li>', label)
    return format_html('<li><a href="{}">{}</a></li>', reverse(url_name, args=args, kwargs=kwargs), label)


@register.simple_tag(takes_context=True)
def current_page(context: Context, url: str) -> SafeString | str:
    """Mark a navigation link as the page, or the section, the reader is in."""
    path = context["request"].path if "request" in context else ""
    if path == url:
        return format_html(' aria-current="{}"', "page")
    return format_html(' aria-current="{}"', "true") if url != "/" and path.startswith(url) else ""


@register.inclusion_tag("ui/notices.html")
def notices(messages: Sequence[Message] | None = None) -> dict[str, Any]:
    return {"messages": messages}


@register.inclusion_tag("ui/notice.html")
def notice(text: Words, kind: str = "info", title: Words = "") -> dict[str, Any]:
    """Show a banner; kind: info, success, warning or error."""
    return {"text": text, "kind": kind, "title": title}


@register.inclusion_tag("ui/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """List every error of the forms with a link to its field, and take the focus."""
    return {"forms": forms, "has_errors": any(form.is_bound and form.errors for form in forms)}


@register.inclusion_tag("ui/next_step.html")
def next_step(
    what: Words,
    by: date | None = None,
    who: Words = "",
    *,
    is_provisional: bool = False,
    url: str = "",
    action: Words = "",
) -> dict[str, Any]:
    """Answer what happens next, by when, who acts; `url` and `action` when it is the reader's turn."""
    return {"what": what, "by": by, "who": who, "is_provisional": is_provisional, "url": url, "action": action}


@register.inclusion_tag("ui/stage_bar.html")
def stage_bar(stages: Sequence[Stage]) -> dict[str, Any]:
    return {"stages": stages}


@register.simple_tag
def day_unit(count: int, is_calendar: bool = False) -> str:  # noqa: FBT001, FBT002 - a template passes by position
    """Name the unit of a number of days: working days, or calendar days where the clock counts those."""
    if is_calendar:
        return ngettext("个自然日", "个自然日", count)
    return ngettext("个工作日", "个工作日", count)


@register.inclusion_tag("ui/clock_panel.html")
def clock_panel(clock: Clock) -> dict[str, Any]:
    return {"clock": clock}


@register.filter
def holiday(step: DayStep) -> str:
    """Name the holiday of a day off in the reader's language."""
    return step.holiday_en if formats.is_english() else step.holiday


@register.inclusion_tag("ui/calendar.html")
def calendar(steps: Sequence[DayStep], dues: Mapping[date, Words] | None = None) -> dict[str, Any]:
    """Show month grids that explain which days counted, from `WorkingCalendar.explain`; `dues` name deadlines."""
    return {
        "months": months_of(steps, dues),
        "weekdays": formats.weekday_names(),
        "has_provisional": any(step.is_provisional for step in steps),
    }


@register.inclusion_tag("ui/lamp.html")
def lamp(colour: str, word: Words = "") -> dict[str, Any]:
    """Show a lamp with its own shape and word: on_track, due_soon, overdue, waiting."""
    return {"colour": colour, "word": word or LAMP_WORDS[colour]}


@register.inclusion_tag("ui/table.html", takes_context=True)
def table(context: Context, table: Any, caption: Words = "") -> dict[str, Any]:
    """Show a `ui.tables.Table` with its filters, sorting, pages and xlsx link."""
    return {"table": table, "caption": caption or table.caption, "request": context.get("request")}


@register.inclusion_tag("ui/pagination.html")
def pagination(page: Page[Any], query: str = "") -> dict[str, Any]:
    """Link the pages; `query` is the rest of the query string, without `page`."""
    paginator = page.paginator
    return {
        "page": page,
        "query": query,
        "numbers": list(paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "ellipsis": paginator.ELLIPSIS,
    }


@register.inclusion_tag("ui/empty_state.html")
def empty_state(title: Words, text: Words = "", action: Words = "", url: str = "") -> dict[str, Any]:
    """Say why there is nothing and what one can do."""
    return {"title": title, "text": text, "action": action, "url": url}


@register.inclusion_tag("ui/timeline_list.html")
def timeline_list(entries: Sequence[TimelineEntry]) -> dict[str, Any]:
    return {"entries": entries}


@register.inclusion_tag("ui/summary_list.html")
def summary_list(rows: Sequence[SummaryRow]) -> dict[str, Any]:
    """Show answers to check, each with its change link."""
    return {"rows": rows}


@register.inclusion_tag("ui/task_list.html")
def task_list(tasks: Sequence[Task]) -> dict[str, Any]:
    return {"tasks": tasks, "done": sum(task.status == "done" for task in tasks)}


@register.inclusion_tag("ui/confirmation.html")
def confirmation(title: Words, number_label: Words = "", number: str = "", text: Words = "") -> dict[str, Any]:
    """Confirm a finished submission with its number; say below what happens next."""
    return {"title": title, "number_label": number_label, "number": number, "text": text}


@register.inclusion_tag("ui/tabs.html")
def tabs(tabs: Sequence[Tab], label: Words = "") -> dict[str, Any]:
    return {"tabs": tabs, "label": label}


@register.inclusion_tag("ui/tag.html")
def tag(label: Words, kind: str = "plain") -> dict[str, Any]:
    """Show a small status word; kind: plain, accent, success, warning, error, provisional."""
    return {"label": label, "kind": kind}


@register.inclusion_tag("ui/figures.html")
def figures(figures: Sequence[Figure]) -> dict[str, Any]:
    return {"figures": figures}


@register.inclusion_tag("ui/conflict.html")
def conflict(changes: Sequence[Change]) -> dict[str, Any]:
    """Say who changed what and when while this form was open."""
    return {"changes": changes}


@register.simple_tag
def refresh_without_scripts(seconds: int = 5) -> SafeString:
    """Reload the page by itself where there is no JavaScript to poll; belongs in block `head`."""
    return format_html('<noscript><meta http-equiv="refresh" content="{}"></noscript>', seconds)


@register.inclusion_tag("ui/progress.html", takes_context=True)
def progress(context: Context, title: Words, done: int, total: int, url: str = "") -> dict[str, Any]:
    """Show long work; while it runs, htmx polls `url` (which renders this tag again)."""
    return {"title": title, "done": done, "total": total, "url": url, "is_finished": done >= total}
