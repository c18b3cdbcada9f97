"""What may be done to a case on a page: each act is a form, a title and the one operation it calls.

The applicant's and the staff's pages share the flow: find the case in reach, show the form, call the operation,
tell the reader what happened meanwhile if somebody else was quicker.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.case import kinds, panels
from tongdian.case.content import RefusedUpload
from tongdian.case.models import Case
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.timeline.personal import PersonalData
from tongdian.connection import forms, operations, queries, rules
from tongdian.connection.operations import Acting
from tongdian.ui.components import Change, Words
from tongdian.ui.forms import VersionedForm
from tongdian.ui.pdf import UnableToRenderPdf

Perform = Callable[[Case, Mapping[str, Any], Acting], object]
BuildForm = Callable[..., VersionedForm]


@dataclass(frozen=True)
class Act:
    """One thing to do; offered while one of `events` may come next and it is of use. `intro` says what it will do.

    An awaited act is the next step of whose turn it is; the others are possible and nothing waits for them. `reads`
    names the route of a paper to be read first.
    """

    name: str
    title: Words
    intro: Words
    button: Words
    events: frozenset[str]
    form: BuildForm
    perform: Perform
    done: Words
    is_danger: bool = False
    is_awaited: bool = True
    is_useful: Callable[[Case], bool] = lambda case: True
    reads: str = ""


def offered(acts: Iterable[Act], case: Case) -> list[Act]:
    """Return the acts that are legal now. Causes two queries."""
    legal = rules.legal_events(queries.progress(case))
    return [act for act in acts if act.events & legal and act.is_useful(case)]


def awaited(acts: Iterable[Act], case: Case, *, by: Case.WaitingFor) -> Act | None:
    """Return the act the case waits for, None when it is not their turn."""
    return next((act for act in acts if act.is_awaited), None) if case.waiting_for == by else None


REFUSALS: dict[type[Exception], Words] = {
    operations.NotPossible: gettext_lazy("办件的状态已经变化，现在不能这样办理。请返回办件页面查看。"),
    operations.NotAuthorised: gettext_lazy("您的代办授权不包括这一步，或已到期、被解除。请联系申请人。"),
    operations.AuthorityUnchecked: gettext_lazy("代办人提交的授权书还没有核对。请先在办件页面打开“核对授权书”。"),
    operations.NobodyThere: gettext_lazy("没有在岗的客户经理可以分派。请指定一位，或请系统管理员登记网格成员。"),
    operations.SameClass: gettext_lazy("按这些情况判定，用户类别没有变化。请核对，或不作变更。"),
    UnableToRenderPdf: gettext_lazy("办件中有字体里没有的字，合同无法生成。请先更正名称、地址或供电方案中的这个字。"),
}


def attempt(act: Act, case: Case, form: VersionedForm, acting: Acting) -> bool:
    """Do it; on a known error put the reason into the form and return False."""
    try:
        act.perform(case, form.cleaned_data, acting)
    except StaleCase as error:
        form.report_conflict(changes_of(case, error), version=error.version)
        form.add_error(None, _("其他人刚刚更新了这个办件。请看上面的变化，确认后再提交一次。"))
    except tuple(REFUSALS) as error:
        form.add_error(None, REFUSALS[type(error)])
    except operations.DocumentOffList as error:
        form.add_error(None, _("清单以外的资料不能要求客户提供：%(kinds)s。") % {"kinds": "、".join(error.kinds)})
    except operations.PauseRefused as error:
        form.add_error(None, pause_words(error))
    except operations.MeterInUse as error:
        form.add_error(
            "meter_number",
            _("电能表 %(number)s 已装在其他用户处，请核对表计铭牌上的编号。") % {"number": error.meter_number},
        )
    except RefusedUpload as error:
        form.add_error(None, forms.refusal_words(error))
    except PersonalData as error:
        name = error.path.partition("[")[0]
        form.add_error(
            name if name in form.fields else None,
            _("这里写的会永久留在办件记录中，不能含手机号、身份证号或电子邮箱。请删去后再提交。"),
        )
    else:
        return True
    return False


def form_of(kind: type[VersionedForm]) -> BuildForm:
    """Build a form that asks the same of every case."""

    def build(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
        return kind(*args, **kwargs)

    return build


def is_low_voltage(case: Case) -> bool:
    """Whether the class is one of low voltage."""
    return case.customer_class in rules.LOW_VOLTAGE_CLASSES


def is_high_voltage(case: Case) -> bool:
    """Whether the class is one of high voltage."""
    return not is_low_voltage(case)


def pause_form(*, by_customer: bool) -> BuildForm:
    """Build the form of a pause with the reasons that the customer, or else staff, may give."""

    def build(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
        reasons = queries.pause_reasons(case, on=local_date(installation_now()))
        fitting = [each for each in reasons if each.needs_customer is by_customer]
        return forms.PauseForm(*args, reasons=fitting, **kwargs)

    return build


def pause(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    """Pause with the evidence of the chosen reason."""
    evidence = {cleaned["evidence_kind"]: cleaned["evidence"]}
    return operations.pause(case, reason=cleaned["reason"], evidence=evidence, acting=acting)


def resume(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    """Let the clock go on."""
    return operations.resume(case, acting=acting)


def changes_of(case: Case, error: StaleCase) -> list[Change]:
    """Say who changed what and when, in the reader's words."""
    titles = {**panels.FRAME_EVENTS, **kinds.get(case.kind).events}
    return [
        Change(str(each.actor) if each.actor else _("系统"), str(titles.get(each.kind, each.kind)), each.recorded_at)
        for each in error.changes
    ]


def pause_words(error: operations.PauseRefused) -> str:
    """Say why a pause was refused."""
    return {
        "reason": _("这个环节不能用此原因暂停计时。"),
        "evidence": _("缺少该原因要求的佐证材料，不能暂停计时。"),
        "customer": _("该原因须由客户本人在“我的用电”中提出，工作人员不能代为暂停。"),
    }[error.problem]
