"""The printed papers of a connection, in the reader's language: receipt of an application, supply contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

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
from tongdian.policy import current_book
from tongdian.ui import formats
from tongdian.ui.hotlines import hotlines_on
from tongdian.ui.pdf import PdfDocument, Proof, Section, render

# The contract is signed in the language the law reads; another language shows a translation beside it.
SIGNED_IN = "zh-hans"


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
    look_up_code: str = ""


@dataclass(frozen=True)
class StandardTerms:
    """What the standard low-voltage contract is filled in with; the same terms always print the same file."""

    utility_name: str
    customer_name: str
    place: str
    load_kw: Decimal
    use: str
    customer_class: str
    number_label: str
    number: str
    drawn_up_at: datetime
    installation_kind: str


def receipt(facts: Printed) -> bytes:
    """Print the receipt of an application: what was applied for, every time limit, how to check it."""
    sections = (_request_section(facts), _limits_section(facts), _next_section(facts))
    return _paper(facts, title=_("用电报装申请回执"), sections=sections)


def contract(facts: Printed, *, scheme: Scheme) -> bytes:
    """Print the supply contract as offered by the utility; the event it rests on is the scheme's confirmation."""
    sections = (_parties_section(facts), _supply_section(facts, scheme), _terms_section())
    return _paper(facts, title=_("供用电合同"), sections=sections)


def standard_contract(terms: StandardTerms) -> bytes:
    """Print the utility's standard low-voltage contract, to be read and then signed with the application."""
    document = PdfDocument(
        language="en" if formats.is_english() else "zh",
        issuer=terms.utility_name,
        title=_("低压供用电合同"),
        number_label=terms.number_label,
        number=terms.number,
        sections=_standard_sections(terms),
        proof=None,
        hotlines=_hotline_lines(formats.local_day(terms.drawn_up_at)),
        banner=installation_mark(terms.installation_kind),
    )
    return render(document, created_at=terms.drawn_up_at)


def _standard_sections(terms: StandardTerms) -> tuple[Section, ...]:
    parties = (
        (_("供电方"), terms.utility_name),
        (_("用电方"), terms.customer_name),
        (_("用电地址"), terms.place),
    )
    supply = (
        (_("用电容量"), _("%(kw)s 千瓦") % {"kw": f"{terms.load_kw.normalize():f}"}),
        (_("供电电压"), _("低压 220/380 伏")),
        (_("计量方式"), _("低供低计")),
        (_("用电性质"), terms.use),
    )
    return (
        Section(heading=_("一、双方"), rows=parties),
        Section(heading=_("二、供电方式、容量和计量"), rows=supply, paragraphs=(_how_supplied(terms),)),
        Section(heading=_("三、其他约定"), paragraphs=(*_common_terms(), _in_force_when())),
    )


def _how_supplied(terms: StandardTerms) -> str:
    if terms.customer_class == "lv_other":
        return _("供电方式和产权分界点按供电方答复并经用电方确认的供电方案执行，方案是本合同的一部分。")
    boundary = _("产权分界点按国家和省的规定确定，装表时在现场标明。")
    if terms.customer_class == "lv_three_zero":
        return _("供电方投资建设至电能表并装表接电，不向用电方收取费用。") + boundary
    return _("供电方负责配套工程，装设电能表并接电。") + boundary


def _in_force_when() -> str:
    return _(
        "本合同是供电方的格式合同。用电方随用电申请签署；供电方受理申请即为签署，合同同时生效。受理以前用电方可以随时撤回。"
    )


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
        (_("用户类别"), class_title(facts.event.facts["customer_class"])),
        (_("用电容量"), _("%(kw)s 千瓦") % {"kw": f"{application.load_kw.normalize():f}"}),
        (_("供电电压"), voltage_words(application.voltage_kv)),
        (_("电源数量"), str(application.source_count)),
        (_("主要用途"), str(application.get_use_display())),
        (_("提交时间"), formats.moment(facts.event.recorded_at)),
    ]
    if facts.look_up_code:
        rows.append((_("查询码"), facts.look_up_code))
    return Section(heading=_("申请内容"), rows=tuple(rows))


def class_title(customer_class: str) -> str:
    """Name a customer class in the reader's language."""
    return formats.in_language(current_book().entry(f"connection.class.{customer_class}").title)


def voltage_words(voltage_kv: Decimal) -> str:
    """Say a voltage as people read it: low voltage by its two values in volts, high voltage in kilovolts."""
    if voltage_kv < 1:
        return _("低压 220/380 伏")
    return _("%(kv)s 千伏") % {"kv": f"{voltage_kv.normalize():f}"}


def _limits_section(facts: Printed) -> Section:
    limits, unit = facts.standard.limits, facts.standard.definition.counting.unit
    stages = [stage for stage in limits if stage != "total"]
    table = tuple(
        (str(STAGES[stage]), days_words(limits[stage], unit), _due_of(facts.reading, stage)) for stage in stages
    )
    paragraphs = []
    if "total" in limits and len(stages) > 1:
        paragraphs.append(_("供电企业各环节合计不超过 %(n)s 个工作日。") % {"n": limits["total"]})
    if "lv_whole" in stages:
        paragraphs.append(_("时限从头到尾作为一个整体计算，供电企业的配套工程包含在内。"))
    clauses = dict.fromkeys(formats.in_language(ruling.clause) for ruling in facts.standard.clauses.values())
    paragraphs.append(_("依据：") + "；".join(clauses))
    return Section(
        heading=_("办理时限"),
        paragraphs=tuple(paragraphs),
        table_head=(_("环节"), _("时限"), _("最晚日期")),
        table=table,
    )


def days_words(limit: int, unit: str) -> str:
    """Say how many days, and which: working days, or calendar days where the clock counts those."""
    if unit == "calendar_day":
        return ngettext("%(n)s 个自然日", "%(n)s 个自然日", limit) % {"n": limit}
    return ngettext("%(n)s 个工作日", "%(n)s 个工作日", limit) % {"n": limit}


def _due_of(reading: Reading, stage: str) -> str:
    instance = reading.current(stage)
    if instance is None or instance.due is None:
        return _("自该环节开始起算")
    mark = _("（暂定）") if instance.due.is_provisional else ""
    return formats.day(instance.due.date) + mark


def _next_section(facts: Printed) -> Section:
    return Section(
        heading=_("接下来"),
        paragraphs=(_what_follows(facts), _("您可以随时查询进度、补充资料或撤回申请，无需到营业厅。")),
    )


def _what_follows(facts: Printed) -> str:
    """Say what the utility does next, and by which day where a clock runs already."""
    if instance := facts.reading.current("acceptance"):
        by = formats.day(instance.due.date) if instance.due else ""
        return _(
            "由供电企业审核申请并办理受理，最晚 %(by)s。如有缺少的内容，会一次性告知，补充期间不计入供电企业时限。"
        ) % {"by": by}
    if instance := facts.reading.current("lv_whole"):
        return _("由供电企业受理并装表接电，最晚 %(by)s。") % {
            "by": formats.day(instance.due.date) if instance.due else ""
        }
    return _("由供电企业受理申请。从受理起计算时限，到装表接电为止，您不需要再办任何手续。")


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
    kva = f"{scheme.receiving_kva.normalize():f}" if scheme.receiving_kva else ""
    rows = (
        (_("供电方式"), f"{scheme.substation} {scheme.feeder} {scheme.access_point}"),
        (_("供电电压"), voltage_words(scheme.voltage_kv)),
        *(((_("受电容量"), _("%(kva)s 千伏安") % {"kva": kva}),) if kva else ()),
        (_("计量方式"), str(scheme.get_metering_display())),
        (_("产权分界点"), scheme.property_boundary),
        (_("用电性质"), str(facts.application.get_use_display())),
    )
    return Section(heading=_("二、供电方式、容量和计量"), rows=rows)


def _terms_section() -> Section:
    paragraphs = (*_common_terms(), _("供电方在电子签署后送达，用电方签署后生效。"))
    return Section(heading=_("三、其他约定"), paragraphs=paragraphs)


def _common_terms() -> tuple[str, str]:
    return (
        _(
            "供电质量、电价和电费结算、设施维护责任、合同期限和违约责任，按《民法典》合同编和《电力供应与使用条例》的规定执行。"
        ),
        _("合同的履行地点为产权分界点；任何一方不得附加与供电无关的条件。"),
    )


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
