from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from tongdian.kernel.calendar import packaged_calendar
from tongdian.ui.components import (
    Change,
    Clock,
    Figure,
    Stage,
    SummaryRow,
    Tab,
    Task,
    TimelineEntry,
    Wait,
)
from tongdian.ui.tables import Column, Table

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def shown(template: str, **context: Any) -> str:
    """Render a piece of template and fold its white space."""
    return " ".join(Template("{% load ui %}" + template).render(Context(context)).split())


class TestTime:
    def test_shows_a_day_with_its_weekday(self) -> None:
        assert shown("{% time on %}", on=date(2026, 11, 23)) == (
            '<time datetime="2026-11-23">2026年11月23日（星期一）</time>'
        )

    def test_shows_an_instant_to_the_minute(self) -> None:
        assert ">2026年11月23日 12:00<" in shown("{% time at %}", at=NOON)

    def test_shows_nothing_for_none(self) -> None:
        assert shown("{% time on %}{{ on|day }}{{ on|short_day }}{{ on|moment }}{{ on|yuan }}", on=None) == ""


class TestDayUnit:
    @pytest.mark.parametrize(
        ("language", "is_calendar", "said"),
        [
            ("zh-hans", False, "个工作日"),
            ("zh-hans", True, "个自然日"),
            ("en", False, "working days"),
            ("en", True, "calendar days"),
        ],
    )
    def test_says_which_days_are_counted(self, language: str, is_calendar: bool, said: str) -> None:
        with translation.override(language):
            assert shown("{% day_unit 2 calendar %}", calendar=is_calendar) == said


class TestCrumb:
    def test_leads_to_a_page(self) -> None:
        assert shown('{% crumb "首页" "home" %}') == '<li><a href="/">首页</a></li>'

    def test_without_a_name_is_the_page_itself(self) -> None:
        assert shown("{% crumb name %}", name="<案件>") == '<li aria-current="page">&lt;案件&gt;</li>'


class TestCurrentPage:
    @pytest.mark.parametrize(
        ("url", "marked"), [("/desk/", ' aria-current="true"'), ("/desk/cases/", ' aria-current="page"'), ("/", "")]
    )
    def test_marks_the_page_and_its_section(self, rf: RequestFactory, url: str, marked: str) -> None:
        rendered = Template("{% load ui %}{% current_page url %}").render(
            Context({"request": rf.get("/desk/cases/"), "url": url})
        )

        assert rendered == marked


class TestLamp:
    @pytest.mark.parametrize(
        ("colour", "shape", "word"),
        [
            ("on_track", "<circle", "正常"),
            ("due_soon", "M8 1 15.5", "临期"),
            ("overdue", "M8 0 16", "超期"),
            ("waiting", "M2 1.5h4.5", "等待他方"),
        ],
    )
    def test_has_its_own_shape_and_word(self, colour: str, shape: str, word: str) -> None:
        lamp = shown("{% lamp colour %}", colour=colour)

        assert shape in lamp
        assert word in lamp

    def test_takes_another_word(self) -> None:
        assert shown('{% lamp "on_track" "按时办结" %}').endswith("按时办结</span>")


class TestNextStep:
    def test_answers_what_by_when_and_who(self) -> None:
        step = shown('{% next_step what="答复方案" by=by who="客户经理" %}', by=date(2026, 12, 8))

        assert all(part in step for part in ("答复方案", "2026年12月8日（星期二）", "客户经理"))
        assert "<a" not in step

    def test_offers_the_action_when_it_is_the_readers_turn(self) -> None:
        step = shown(
            '{% next_step what="补资料" is_provisional=True by=by url="/my/" action="去补" %}', by=date(2027, 1, 4)
        )

        assert '<a class="btn btn-primary" href="/my/">去补</a>' in step
        assert "暂定" in step


class TestStageBar:
    def test_marks_the_running_stage_as_the_current_step(self) -> None:
        bar = shown("{% stage_bar stages %}", stages=[Stage("业务受理", "done"), Stage("供电方案答复", "current")])

        assert bar.count('aria-current="step"') == 1

    def test_tells_attempts_days_and_dates(self) -> None:
        stage = Stage(
            "竣工检验", "overdue", used_days=4, limit_days=3, attempts=2, due_date=date(2027, 1, 6), is_provisional=True
        )

        bar = shown("{% stage_bar stages %}", stages=[stage])

        assert all(part in bar for part in ("已超期", "第 2 次", "用了 4 个工作日，限 3 个", "2027年1月6日", "暂定"))

    @pytest.mark.parametrize("used_days", [None, 2])
    def test_leads_from_the_limit_to_its_rule(self, used_days: int | None) -> None:
        stage = Stage("竣工检验", "current", used_days=used_days, limit_days=3, limit_url="/policy/limit/")

        assert '<a href="/policy/limit/">' in shown("{% stage_bar stages %}", stages=[stage])


class TestClockPanel:
    def test_leads_from_limit_and_clause_to_their_rules(self) -> None:
        clock = Clock(
            utility_days=6, limit_days=11, limit_url="/policy/all/", clause="附件1", clause_url="/policy/one/"
        )

        panel = shown("{% clock_panel clock %}", clock=clock)

        assert '/ <a href="/policy/all/">11</a>' in panel
        assert '<a href="/policy/one/">附件1</a>' in panel

    def test_tells_each_owners_days_and_whose_turn_it_is(self) -> None:
        clock = Clock(utility_days=6, limit_days=11, customer_days=2, agency_days=3, owner="customer", lamp="waiting")

        panel = shown("{% clock_panel clock %}", clock=clock)

        assert "现在：<strong>等待客户</strong>" in panel
        assert all(f"<b>{days}</b> 个工作日" in panel for days in (6, 2, 3))

    def test_gives_every_pause_its_reason_and_end(self) -> None:
        waits = (
            Wait("agency", "道路许可", NOON, None, days=3),
            Wait("customer", "补资料", NOON, NOON),
        )

        panel = shown("{% clock_panel clock %}", clock=Clock(utility_days=1, waits=waits))

        assert "道路许可" in panel
        assert "至 现在 · 3 个工作日" in panel
        assert "补资料" in panel

    def test_hides_the_working_behind_a_summary(self) -> None:
        clock = Clock(utility_days=1, calendar=packaged_calendar().explain(date(2026, 9, 30), 3), clause="附件1")

        panel = shown("{% clock_panel clock %}", clock=clock)

        assert "<details>" in panel
        assert "依据：附件1" in panel

    def test_counts_in_the_singular_in_english(self) -> None:
        with translation.override("en"):
            panel = shown("{% clock_panel clock %}", clock=Clock(utility_days=1, customer_days=2))

        assert "<b>1</b> working day</dd>" in panel
        assert "<b>2</b> working days</dd>" in panel


class TestCalendar:
    def test_explains_each_day(self) -> None:
        grid = shown("{% calendar steps %}", steps=packaged_calendar().explain(date(2026, 9, 30), 3))

        assert '<span class="date">30</span><span class="why">起算</span>' in grid
        assert '<span class="why">国庆节</span>' in grid
        assert '10<span class="make-up">班</span></span><span class="why">第3日 到期</span>' in grid

    def test_names_holidays_in_english(self) -> None:
        with translation.override("en"):
            assert "National Day" in shown(
                "{% calendar steps %}", steps=packaged_calendar().explain(date(2026, 9, 30), 3)
            )

    def test_says_what_is_provisional(self) -> None:
        grid = shown("{% calendar steps %}", steps=packaged_calendar().explain(date(2026, 12, 30), 3))

        assert "放假安排尚未公布" in grid
        assert "counted due provisional" in grid


class TestTimelineList:
    def test_shows_both_times_role_channel_and_hash(self) -> None:
        entry = TimelineEntry(
            3, "受理", "客户经理", NOON, "工作台", occurred_at=NOON.replace(hour=1), event_hash="ab" * 32, url="/log/"
        )

        entries = shown("{% timeline_list entries %}", entries=[entry])

        assert all(part in entries for part in ("12:00", "自报发生于", "09:00", "客户经理", "工作台"))
        assert '<a href="/log/"><code>abababababab</code></a>' in entries

    def test_marks_what_was_corrected_and_by_which(self) -> None:
        entries = [TimelineEntry(3, "受理", "x", NOON, corrected_by=5), TimelineEntry(5, "更正", "x", NOON, corrects=3)]

        shown_entries = shown("{% timeline_list entries %}", entries=entries)

        assert "已由第 5 条更正" in shown_entries
        assert "（更正第 3 条）" in shown_entries


class TestPagination:
    def page(self, number: int, count: int = 500) -> str:
        page = Paginator(range(count), 25).page(number)
        return shown("{% pagination page query %}", page=page, query="lamp=red&sort=due")

    def test_keeps_the_query(self) -> None:
        assert "?lamp=red&amp;sort=due&amp;page=2" in self.page(1)

    def test_leaves_out_far_pages(self) -> None:
        assert self.page(10).count("<li") == 7

    def test_of_a_single_page_is_nothing(self) -> None:
        assert self.page(1, count=3) == ""


class TestTable:
    class Loads(Table):
        caption = "负荷"
        columns = (Column("load", "负荷", value=lambda row: row, order_by=("load",), kind="number"),)
        default_sort = "load"

    def rendered(self, rows: Sequence[int]) -> str:
        return shown("{% table loads %}", loads=self.Loads(rows, QueryDict()))

    def test_tells_the_order_to_a_screen_reader(self) -> None:
        assert 'aria-sort="ascending"' in self.rendered([2, 1])

    def test_links_the_download(self) -> None:
        assert 'href="?format=xlsx"' in self.rendered([1])

    def test_says_when_it_is_empty(self) -> None:
        assert "没有符合条件的记录" in self.rendered([])

    def test_shows_zero_as_zero(self) -> None:
        assert ">0</td>" in self.rendered([0])


class TestSmallParts:
    def test_summary_names_the_row_in_its_change_link(self) -> None:
        rows = shown("{% summary_list rows %}", rows=[SummaryRow("容量", "630", "/apply/load/")])

        assert '<span class="visually-hidden">：容量</span></a>' in rows

    def test_task_list_counts_what_is_done(self) -> None:
        tasks = [Task("一", "done", "/1/"), Task("二", "blocked")]

        assert "共 2 项，已完成 1 项。" in shown("{% task_list tasks %}", tasks=tasks)

    def test_tabs_mark_the_current_one(self) -> None:
        tabs = shown("{% tabs tabs %}", tabs=[Tab("在办", "/a/", is_current=True, count=0)])

        assert 'aria-current="page"' in tabs
        assert '<span class="count">0</span>' in tabs

    def test_figure_leads_to_its_evidence(self) -> None:
        assert '<a href="/e/">11</a>' in shown("{% figures figures %}", figures=[Figure(11, "用时", url="/e/")])

    def test_conflict_names_actor_and_time(self) -> None:
        changes = [Change("客户经理", "容量", NOON)]

        assert "客户经理 于 2026年11月23日 12:00 改动了容量" in shown("{% conflict changes %}", changes=changes)

    def test_progress_polls_only_while_running(self) -> None:
        assert 'hx-get="/p/"' in shown('{% progress "报表" 1 3 "/p/" %}')
        assert "hx-get" not in shown('{% progress "报表" 3 3 "/p/" %}')

    def test_refresh_is_only_for_readers_without_scripts(self) -> None:
        assert shown("{% refresh_without_scripts 3 %}") == (
            '<noscript><meta http-equiv="refresh" content="3"></noscript>'
        )

    def test_confirmation_shows_its_number(self) -> None:
        assert "370102" in shown('{% confirmation "已提交" "编号" "370102" %}')
