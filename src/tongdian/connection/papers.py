"""The printed papers of a connection, in the reader's language: receipt of an application, supply contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongdian.case.models import Case, Event, Installation
from tongdian.case.panels import installation_mark, utility_name
from tongdian.case.queries import Standard
from tongdian.case.queries.log import Seal
from tongdian.connection.apps import STAGES
from tongdian.connection.models import Application, Scheme
from tongdian.engine.clock import Reading
from tongdian.ui import formats
from tongdian.ui.hotlines import hotlines_on
from tongdian.ui.pdf import PdfDocument, Proof, Section, render


@dataclass(frozen=True)
class Printed:
    """What every paper of a case rests on: the case, its clock, and the event that the paper is about."""

    case: Case
    application: Application
    standard: Standard
    reading: Reading
    event: Event
    installation: Installation
    place: str
    verify_url: str
    seal: Seal | None = None


def receipt(facts: Printed) -> bytes:
    """Print the receipt of an application: what was applied for, every time limit, how to check it."""
    sections = (_request_section(facts), _limits_section(facts), _next_section(facts))
    return _paper(facts, title=_("用电报装申请回执"), sections=sections)


def contract(facts: Printed, *, scheme: Scheme) -> bytes:
    """Print the supply contract as offered by the utility; the event it rests on is the scheme's confirmation."""
    sections = (_parties_section(facts), _supply_section(facts, scheme), _terms_section())
    return _paper(facts, title=_("供用电合同"), sections=sections)


def _paper(facts: Printed, *, title: str, sections: Sequence[Section]) -> bytes:
    on = formats.local_day(facts.event.recorded_at)
    document = PdfDocument(
        language="en" if formats.is_english() else "zh",
        issuer=utility_name(facts.case),
        title=title,
        number_label=_("办件编号"),
        number=str(facts.case.number),
        sections=tuple(sections),
        proof=_proof(facts),
        hotlines=_hotline_lines(on),
        banner=installation_mark(facts.installation.kind),
    )
    return render(document, created_at=facts.event.recorded_at)


def _request_section(facts: Printed) -> Section:
    application = facts.application
    rows = [
        (_("用电地址"), f"{facts.place} {facts.case.address}"),
        (_("用电容量"), _("%(kw)s 千瓦") % {"kw": f"{application.load_kw.normalize():f}"}),
        (_("供电电压"), _("%(kv)s 千伏") % {"kv": f"{application.voltage_kv.normalize():f}"}),
        (_("电源数量"), str(application.source_count)),
        (_("主要用途"), str(application.get_use_display())),
        (_("提交时间"), formats.moment(facts.event.recorded_at)),
    ]
    return Section(heading=_("申请内容"), rows=tuple(rows))


def _limits_section(facts: Printed) -> Section:
    limits = facts.standard.limits
    table = tuple(
        (str(STAGES[stage]), _days(limit), _due_of(facts.reading, stage))
        for stage, limit in limits.items()
        if stage != "total"
    )
    paragraphs = [_("供电企业各环节合计不超过 %(n)s 个工作日。") % {"n": limits["total"]}] if "total" in limits else []
    clauses = dict.fromkeys(formats.in_language(ruling.clause) for ruling in facts.standard.clauses.values())
    paragraphs.append(_("依据：") + "；".join(clauses))
    return Section(
        heading=_("办理时限"),
        paragraphs=tuple(paragraphs),
        table_head=(_("环节"), _("时限"), _("最晚日期")),
        table=table,
    )


def _days(limit: int) -> str:
    return ngettext("%(n)s 个工作日", "%(n)s 个工作日", limit) % {"n": limit}


def _due_of(reading: Reading, stage: str) -> str:
    instance = reading.current(stage)
    if instance is None or instance.due is None:
        return _("自该环节开始起算")
    mark = _("（暂定）") if instance.due.is_provisional else ""
    return formats.day(instance.due.date) + mark


def _next_section(facts: Printed) -> Section:
    instance = facts.reading.current("acceptance")
    by = formats.day(instance.due.date) if instance and instance.due else ""
    return Section(
        heading=_("接下来"),
        paragraphs=(
            _("由供电企业审核申请并办理受理，最晚 %(by)s。如有缺少的内容，会一次性告知，补充期间不计入供电企业时限。")
            % {"by": by},
            _("您可以随时查询进度、补充资料或撤回申请，无需到营业厅。"),
        ),
    )


def _parties_section(facts: Printed) -> Section:
    return Section(
        heading=_("一、双方"),
        rows=(
            (_("供电方"), facts.case.utility.name),
            (_("用电方"), facts.case.title),
            (_("用电地址"), f"{facts.place} {facts.case.address}"),
        ),
    )


def _supply_section(facts: Printed, scheme: Scheme) -> Section:
    rows = (
        (_("供电方式"), f"{scheme.substation} {scheme.feeder} {scheme.access_point}"),
        (_("供电电压"), _("%(kv)s 千伏") % {"kv": f"{scheme.voltage_kv.normalize():f}"}),
        (_("受电容量"), _("%(kva)s 千伏安") % {"kva": f"{scheme.receiving_kva.normalize():f}"}),
        (_("计量方式"), str(scheme.get_metering_display())),
        (_("产权分界点"), scheme.property_boundary),
        (_("用电性质"), str(facts.application.get_use_display())),
    )
    return Section(heading=_("二、供电方式、容量和计量"), rows=rows)


def _terms_section() -> Section:
    paragraphs = (
        _(
            "供电质量、电价和电费结算、设施维护责任、合同期限和违约责任，按《民法典》合同编和《电力供应与使用条例》的规定执行。"
        ),
        _("合同的履行地点为产权分界点。供电方在电子签署后送达，用电方签署后生效；任何一方不得附加与供电无关的条件。"),
    )
    return Section(heading=_("三、其他约定"), paragraphs=paragraphs)


def _proof(facts: Printed) -> Proof:
    return Proof(
        heading=_("核验"),
        url=facts.verify_url,
        rows=(
            (_("事件序号"), str(facts.event.seq)),
            (_("事件摘要"), _grouped(facts.event.hash.hex())),
            (_("记录时间"), timezone.localtime(facts.event.recorded_at).isoformat(sep=" ")),
            (_("系统时钟偏移"), _("%(s)s 秒") % {"s": facts.event.clock_offset_s}),
            *_seal_rows(facts.seal),
        ),
        note=_("扫描二维码，或在 %(url)s 输入事件摘要，核对编号与时间。")
        % {"url": facts.verify_url.rsplit("/", 2)[0] + "/"},
    )


def _seal_rows(seal: Seal | None) -> tuple[tuple[str, str], ...]:
    """Hand the reader the state of the log before this event, which nobody can take back from a paper."""
    if seal is None:
        return ()
    counted = ngettext("含 %(n)s 个事件", "含 %(n)s 个事件", seal.size) % {"n": seal.size}
    return (
        (_("此前检查点"), f"{counted} · {_grouped(seal.root)}"),
        (_("日志公钥"), _grouped(seal.key)),
    )


def _grouped(text: str) -> str:
    return " ".join(text[start : start + 8] for start in range(0, len(text), 8))


def _hotline_lines(on: date) -> tuple[str, ...]:
    numbers = hotlines_on(on)
    return (
        _("供电服务热线 %(number)s") % {"number": numbers.supply},
        _("能源监管热线 %(number)s") % {"number": numbers.regulator},
    )
