"""How the installation does: one reading per thing that can go wrong, each with its lamp, its limit and what to do.

The limits stand in the policy book (`operation.health.thresholds`), two per reading: from where on it is a warning, and
from where on a fault. Where the second is smaller, less is worse.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.case.queries.calendar import calendar
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.state import TimelineState, last_verification, timeline_state, witness_states
from tongdian.gateway.jobs import backlogs
from tongdian.gateway.queries import oldest_unsent
from tongdian.policy import current_book
from tongdian.ui import sealing
from tongdian.web.backup import last_backup
from tongdian.web.server import DatabaseState, database_state

Level = Literal["good", "warning", "fault", "unknown"]
LAMPS: dict[Level, str] = {"good": "on_track", "warning": "due_soon", "fault": "overdue", "unknown": "waiting"}
WORDS: dict[Level, str | Promise] = {
    "good": gettext_lazy("良好"),
    "warning": gettext_lazy("注意"),
    "fault": gettext_lazy("故障"),
    "unknown": gettext_lazy("未知"),
}
Limits = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Reading:
    """One thing looked at: what was found, since where it is a warning or fault, and what to do then."""

    name: str
    title: str
    value: str
    level: Level
    limit: str = ""
    advice: str = ""

    @property
    def lamp(self) -> str:
        return LAMPS[self.level]

    @property
    def word(self) -> str:
        return str(WORDS[self.level])


def readings(*, now: datetime) -> list[Reading]:
    """Look at everything; a fixed number of queries (seven), one look at the disk and one at a file.

    Raises NotFounded when the database has no installation row.
    """
    state, limits = timeline_state(), _limits(now)
    return [
        *_queues(now, limits),
        _messages(now, limits),
        *_days(now, limits),
        *_timeline(state, now, limits),
        *_server(database_state(), limits),
        _disk(limits),
        _keys(),
        *_clock(state, now, limits),
        _backup(now, limits),
    ]


def worst(found: Sequence[Reading]) -> Level:
    """Return the worst level found; what is unknown counts as a warning."""
    levels = {reading.level for reading in found}
    if "fault" in levels:
        return "fault"
    return "warning" if levels & {"warning", "unknown"} else "good"


def level_of(value: float, limits: tuple[float, float]) -> Level:
    """Judge a value by its two limits; where the second is smaller, less is worse."""
    warning, fault = limits
    sign = -1 if fault < warning else 1
    if sign * value >= sign * fault:
        return "fault"
    return "warning" if sign * value >= sign * warning else "good"


def _limits(now: datetime) -> Limits:
    value = current_book().lookup("operation.health.thresholds", on=local_date(now)).value
    return {name: (float(pair[0]), float(pair[1])) for name, pair in value.items()}


def _queues(now: datetime, limits: Limits) -> Iterator[Reading]:
    for queue in backlogs():
        waited = _minutes(queue.oldest_at, now)
        yield _judged(
            f"queue.{queue.queue}",
            _("任务队列 %(queue)s") % {"queue": queue.queue},
            waited,
            limits["queue_wait_min"],
            said=_("%(due)d 个待办，最久已等 %(minutes)d 分钟，%(running)d 个在办")
            % {"due": queue.due, "minutes": waited, "running": queue.running},
            unit=_("分钟"),
            advice=_("检查后台任务进程是否在运行：tongdian worker --queue %(queue)s") % {"queue": queue.queue},
        )
        yield _judged(
            f"failed.{queue.queue}",
            _("队列 %(queue)s 中失败的任务") % {"queue": queue.queue},
            queue.failed,
            limits["failed_jobs"],
            said=_("%(count)d 个") % {"count": queue.failed},
            unit=_("个"),
            advice=_("在后台任务进程的日志中查看原因，处理后重新排队。"),
        )


def _messages(now: datetime, limits: Limits) -> Reading:
    waited = _minutes(oldest_unsent(now), now)
    return _judged(
        "messages",
        _("最早未发出的消息"),
        waited,
        limits["message_wait_min"],
        said=_("已等 %(minutes)d 分钟") % {"minutes": waited} if waited else _("没有积压"),
        unit=_("分钟"),
        advice=_("检查短信服务商的地址和密钥，以及 quick 队列。"),
    )


def _days(now: datetime, limits: Limits) -> Iterator[Reading]:
    known, today = calendar(), local_date(now)
    settled, left = (known.horizon - today).days, (known.last - today).days
    for name, title, days, day, advice in (
        ("calendar.settled", _("放假通知覆盖到"), settled, known.horizon, _("录入下一年的放假通知：tongdian calendar")),
        ("calendar.end", _("工作日历的最后一天"), left, known.last, _("升级到含有更长日历的版本。")),
    ):
        yield _judged(
            name,
            title,
            days,
            limits[f"calendar_{name.removeprefix('calendar.')}_days"],
            said=_("%(day)s，还有 %(days)d 天") % {"day": day, "days": days},
            unit=_("天"),
            advice=advice,
        )


def _timeline(state: TimelineState, now: datetime, limits: Limits) -> Iterator[Reading]:
    waited = _minutes(state.oldest_unsealed_at, state.now)
    yield _judged(
        "timeline.unsealed",
        _("尚未签入日志的事件"),
        waited,
        limits["unsealed_min"],
        said=_("%(count)d 个，最久已等 %(minutes)d 分钟；已签 %(leaves)d 个")
        % {"count": state.unsealed, "minutes": waited, "leaves": state.leaves},
        unit=_("分钟"),
        advice=_("立即签入：tongdian seal"),
    )
    yield _verification(now, limits)
    yield from _witnesses(now, limits)


def _verification(now: datetime, limits: Limits) -> Reading:
    title, advice = _("时间线最近一次完整验证"), _("立即验证：tongdian verify")
    last = last_verification()
    if last is None:
        return Reading("timeline.verified", title, _("从未验证"), "unknown", advice=advice)
    if last.fault:
        return Reading(
            "timeline.verified", title, last.fault, "fault", advice=_("保护现场，不要修改数据库，联系审计。")
        )
    hours = int((now - last.verified_at).total_seconds() // 3600)
    said = _("%(hours)d 小时前，%(events)d 个事件全部无误") % {"hours": hours, "events": last.events}
    return _judged(
        "timeline.verified", title, hours, limits["verified_hours"], said=said, unit=_("小时"), advice=advice
    )


def _witnesses(now: datetime, limits: Limits) -> Iterator[Reading]:
    answered = witness_states()
    if not answered:
        yield Reading(
            "witness",
            _("外部见证人"),
            _("还没有见证人作答"),
            "unknown",
            advice=_("在 TONGDIAN_WITNESS_URL 中指定见证人。"),
        )
    for witness in answered:
        title = _("外部见证人 %(name)s") % {"name": witness.name}
        if witness.has_refused or witness.cosigned_at is None:
            yield Reading(
                "witness", title, _("曾拒绝见证"), "fault", advice=_("见证人见过另一份日志：运行 tongdian verify")
            )
            continue
        hours = int((now - witness.cosigned_at).total_seconds() // 3600)
        said = _("%(hours)d 小时前签字") % {"hours": hours}
        advice = _("检查见证人的地址能否访问。")
        yield _judged("witness", title, hours, limits["witness_hours"], said=said, unit=_("小时"), advice=advice)


def _server(state: DatabaseState, limits: Limits) -> Iterator[Reading]:
    yield Reading(
        "database",
        _("数据库"),
        _("PostgreSQL %(version)s，%(size)s") % {"version": state.version, "size": _size(state.size_bytes)},
        "good",
    )
    share = 100 * state.connections / state.max_connections
    yield _judged(
        "connections",
        _("数据库连接"),
        share,
        limits["connections_percent"],
        said=_("%(used)d 个，最多 %(most)d 个") % {"used": state.connections, "most": state.max_connections},
        unit="%",
        advice=_("减少进程数，或提高 max_connections，或使用连接池。"),
    )


def _disk(limits: Limits) -> Reading:
    usage = shutil.disk_usage(settings.HOME)
    return _judged(
        "disk",
        _("磁盘剩余空间"),
        100 * usage.free / usage.total,
        limits["disk_free_percent"],
        said=_("%(free)s，共 %(total)s") % {"free": _size(usage.free), "total": _size(usage.total)},
        unit="%",
        advice=_("扩大磁盘，或把旧备份移到别处。"),
    )


def _keys() -> Reading:
    field, lookup = list(sealing.ring(settings.FIELD_KEYS)), list(sealing.ring(settings.LOOKUP_KEY))
    is_rotating = len(field) > 1 or len(lookup) > 1
    said = _("加密 %(field)s，查找 %(lookup)s") % {"field": ", ".join(field), "lookup": ", ".join(lookup)}
    advice = _("轮换尚未结束：tongdian keys rotate，之后 tongdian keys remove")
    return Reading("keys", _("个人信息密钥"), said, "warning" if is_rotating else "good", advice=advice)


def _clock(state: TimelineState, now: datetime, limits: Limits) -> Iterator[Reading]:
    skew_s = abs((state.now - now).total_seconds())
    yield _judged(
        "clock.skew",
        _("本机与数据库的时差"),
        skew_s,
        limits["clock_skew_s"],
        said=_("%(seconds).1f 秒") % {"seconds": skew_s},
        unit=_("秒"),
        advice=_("检查两台主机的时间同步（NTP）。"),
    )
    yield Reading(
        "clock.offset",
        _("办件时钟的偏移"),
        _("%(seconds)d 秒") % {"seconds": state.clock_offset_s},
        "warning" if state.clock_offset_s else "good",
        advice=_("只有演示和测试环境可以偏移。"),
    )


def _backup(now: datetime, limits: Limits) -> Reading:
    title, advice = _("最近一次备份"), _("备份：tongdian backup，每月演练一次恢复")
    last = last_backup()
    if last is None:
        return Reading("backup", title, _("本机没有做过备份"), "unknown", advice=advice)
    hours = int((now - last[0]).total_seconds() // 3600)
    said = _("%(hours)d 小时前，%(name)s") % {"hours": hours, "name": last[1]}
    return _judged("backup", title, hours, limits["backup_hours"], said=said, unit=_("小时"), advice=advice)


def _judged(
    name: str, title: str, value: float, limits: tuple[float, float], *, said: str, unit: str, advice: str
) -> Reading:
    warning, fault = limits
    words = _("不超过 %(warning)g %(unit)s 注意，不超过 %(fault)g %(unit)s 故障")
    if fault >= warning:
        words = _("达到 %(warning)g %(unit)s 注意，达到 %(fault)g %(unit)s 故障")
    limit = words % {"warning": warning, "fault": fault, "unit": unit}
    return Reading(name, title, said, level_of(value, limits), limit, advice)


def _minutes(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds() // 60)) if since else 0


def _size(size_bytes: int) -> str:
    size, unit = float(size_bytes), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):  # noqa: B007 - the last one is used
        if size < 1000:
            break
        size /= 1000
    return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
