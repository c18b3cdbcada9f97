"""The application form as a flow: its steps, keeping what is answered, the check page, the contract, submission.

Two faces drive it: the applicant on the portal, and a clerk at the counter for somebody else. A `link` turns the name
of a step (or "check") into the address of its page on that face.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from tongdian.case.content import RefusedUpload
from tongdian.case.models import Case
from tongdian.case.queries.clock import local_date
from tongdian.connection import forms, operations, papers, queries, rules
from tongdian.connection.apps import STAGES
from tongdian.connection.models import Application, Draft
from tongdian.connection.operations.agents import submit_for
from tongdian.connection.pages import customer_steps
from tongdian.connection.queries.agents import authority_of_draft
from tongdian.people.queries import utility_for
from tongdian.people.rules import Role
from tongdian.policy import current_book
from tongdian.policy.places import PROVINCE
from tongdian.ui import formats
from tongdian.ui.components import SummaryRow, Task
from tongdian.ui.forms import VersionedForm

Link = Callable[[str], str]
DOCUMENTS, CHECK = "documents", "check"


@dataclass(frozen=True)
class Checked:
    """What a complete draft comes to: class and why, limits, whether the contract is signed with the application."""

    customer_class: str
    because: str
    limits: Mapping[str, Any]
    signs_contract: bool


def steps(draft: Draft) -> tuple[str, ...]:
    """Return the groups of questions of a draft, in order."""
    return (*rules.asked_steps(queries.answers(draft)), DOCUMENTS)


def task_list(draft: Draft, link: Link) -> list[Task]:
    """Show which groups are answered and where to go on."""
    answers = queries.answers(draft)
    is_ready = not rules.missing_steps(answers)
    listed = [_task(step, answers, link) for step in rules.asked_steps(answers)]
    status: Literal["todo", "blocked"] = "todo" if is_ready else "blocked"
    return [
        *listed,
        _documents_task(draft, link, is_ready=is_ready),
        Task(_("核对并提交"), status, link(CHECK) if is_ready else ""),
    ]


def _task(step: str, answers: rules.Answers, link: Link) -> Task:
    title = forms.step_form(step, answers).title
    if step != "customer" and not rules.customer_of(answers):
        return Task(title, "blocked", hint=_("先回答“您是”。"))
    return Task(title, "done" if rules.is_answered(step, answers) else "todo", link(step))


def _documents_task(draft: Draft, link: Link, *, is_ready: bool) -> Task:
    title = forms.DocumentsForm.title
    if not is_ready:
        return Task(title, "blocked", hint=_("填好上面的内容后列出。"))
    if not askable(draft):
        return Task(title, "done", link(DOCUMENTS), _("不需要提交任何资料。"))
    status: Literal["done", "todo"] = "done" if queries.draft_files(draft) else "todo"
    return Task(title, status, link(DOCUMENTS), _("可以稍后补交。"))


def build_form(draft: Draft, step: str, *, data: Any, files: Any, on: date) -> VersionedForm:
    """Build the form of a step with what is saved, or what a saved guide result suggests."""
    answers = queries.answers(draft)
    initial = {**answers.get("guide", {}).get(step, {}), **answers.get(step, {}), "version": draft.version}
    extra: dict[str, Any] = {}
    if step == "site":
        extra["today"] = on
    if step == DOCUMENTS:
        extra["listed"] = askable(draft)
    return forms.step_form(step, answers)(data, files, initial=initial, **extra)


def keep(draft: Draft, step: str, form: VersionedForm, *, now: datetime) -> str | None:
    """Save a valid form; return what comes next (a step or "check"), None when the form has to be shown again."""
    try:
        kept = _keep_files(draft, form, now=now) if step == DOCUMENTS else _keep_answers(draft, step, form, now=now)
    except operations.StaleDraft as error:
        form.add_error(None, _("这份申请刚在另一个窗口保存过。请核对下面的内容后再保存一次。"))
        form.report_conflict((), version=error.version)
        return None
    except RefusedUpload as error:
        form.add_error(None, forms.refusal_words(error))
        return None
    order = steps(kept)
    following = order.index(step) + 1
    return order[following] if following < len(order) else CHECK


def _keep_answers(draft: Draft, step: str, form: VersionedForm, *, now: datetime) -> Draft:
    answers = {key: _plain(value) for key, value in form.cleaned_data.items() if key != "version"}
    version = form.cleaned_data["version"]
    return operations.save_answers(
        draft.pk, owner=draft.owner, step=step, answers=answers, expected_version=version, now=now
    )


def _plain(value: Any) -> Any:
    # "1e5" is a number to the form and 100000 to its reader.
    return f"{value:f}" if isinstance(value, Decimal) else value


def _keep_files(draft: Draft, form: VersionedForm, *, now: datetime) -> Draft:
    version: int = form.cleaned_data["version"]
    kept = draft
    for kind, file in form.cleaned_data.items():
        if kind == "version" or not file:
            continue
        kept = operations.attach_to_draft(
            draft.pk, owner=draft.owner, kind=kind, upload=file, expected_version=version, now=now
        )
        version = kept.version
    return kept


def askable(draft: Draft) -> list[Mapping[str, Any]]:
    """List the documents the class of a draft may be asked for; nothing before every question is answered."""
    listed = listed_documents(draft)
    wanted = rules.askable_documents(listed, conditions=(_kind_of_customer(draft),))
    return [each for each in listed if each["id"] in wanted]


def looked_up(draft: Draft) -> list[Mapping[str, Any]]:
    """List what the registers are asked about this customer, who need not hand it in."""
    held = {None, _kind_of_customer(draft)}
    return [each for each in listed_documents(draft) if each["register"] and each.get("when") in held]


def _kind_of_customer(draft: Draft) -> str:
    is_resident = rules.customer_of(queries.answers(draft)) is rules.Customer.RESIDENT
    return "resident" if is_resident else "non_resident"


def listed_documents(draft: Draft) -> Sequence[Mapping[str, Any]]:
    """List what acceptance rests on, looked up or handed in; nothing before every question is answered."""
    on = local_date(draft.updated_at)
    try:
        found = _classification(draft, on)
    except (operations.DraftIncomplete, rules.InvalidDemand):
        return ()
    county_code = queries.answers(draft)["site"]["county_code"]
    return queries.listed_documents(found.customer_class, "acceptance", on=on, county_code=county_code)


def _classification(draft: Draft, on: date) -> rules.Classification:
    answers = queries.answers(draft)
    if missing := rules.missing_steps(answers):
        raise operations.DraftIncomplete(draft.pk, missing)
    return queries.classification(rules.demand_of(answers), on=on, county_code=answers["site"]["county_code"])


def checked(draft: Draft, *, on: date) -> Checked:
    """Classify a complete draft by the rules of a day.

    Raises DraftIncomplete; rules.InvalidDemand when the demand fits no class.
    """
    found = _classification(draft, on)
    site = queries.answers(draft)["site"]
    return Checked(
        customer_class=found.customer_class,
        because=formats.in_language(found.trace[-1].because),
        limits=limits_of(found.customer_class, on, county_code=site["county_code"], zone=site["zone"]),
        signs_contract=found.customer_class in rules.LOW_VOLTAGE_CLASSES and authority_of_draft(draft) is None,
    )


def limits_of(customer_class: str, on: date, *, county_code: str = PROVINCE, zone: str = "") -> dict[str, Any]:
    """Show the limits of a class: total, days of each stage, steps, and the rules behind them."""
    book = current_book()
    total = book.lookup(f"connection.total_limit.{customer_class}", on=on)
    stages = queries.stages(customer_class, on=on, county_code=PROVINCE)
    return {
        "title": papers.class_title(customer_class),
        "total": total.value,
        "is_calendar": total.unit == "calendar_day",
        "url": reverse("policy_rule", args=[total.id]),
        "clause": formats.in_language(total.clause),
        "steps": customer_steps(customer_class, on=on, county_code=county_code, zone=zone),
        "stages": [
            (stage, STAGES[stage], book.lookup(f"connection.stage_limit.{customer_class}.{stage}", on=on).value)
            for stage in stages
        ],
    }


def answer_rows(draft: Draft, link: Link, *, on: date) -> list[SummaryRow]:
    """List every answer as people read it, each with the way back to its question."""
    answers = queries.answers(draft)
    rows = []
    for step in rules.asked_steps(answers):
        kind = forms.step_form(step, answers)
        form = kind(today=on) if step == "site" else kind()  # type: ignore[call-arg]
        for name, field in form.fields.items():
            if (value := answers[step].get(name)) not in ("", None):
                rows.append(SummaryRow(field.label or "", _shown(field, name, value, on), link(step)))
    names = [document.name for document in queries.draft_files(draft).values()]
    nothing = _("暂未上传，可稍后补交") if askable(draft) else _("不需要提交任何资料")
    return [*rows, SummaryRow(_("申请资料"), "\n".join(names) or nothing, link(DOCUMENTS))]


def _shown(field: Any, name: str, value: Any, on: date) -> str:
    if name == "county_code":
        return formats.place_name(value, on)
    choices = dict(getattr(field, "choices", ()))
    return str(choices.get(str(value), value))


def contract_of(draft: Draft) -> bytes:
    """Print the standard contract of a complete low-voltage draft in the reader's language; the same draft and
    language always give the same file.

    Raises DraftIncomplete; rules.InvalidDemand; people.queries.NoUtility; UnableToRenderPdf.
    """
    on = local_date(draft.updated_at)
    found, answers = _classification(draft, on), queries.answers(draft)
    site, who, demand = answers["site"], answers["who"], answers["demand"]
    utility = utility_for(site["county_code"], on)
    return papers.standard_contract(
        papers.StandardTerms(
            utility_name=(formats.is_english() and utility.name_en) or utility.name,
            customer_name=who.get("organisation_name") or who["person_name"],
            place=f"{formats.place_name(site['county_code'], on)} {site['address']}",
            load_kw=Decimal(demand["load_kw"]),
            use=str(Application.Use(demand.get("use") or Application.Use.RESIDENTIAL).label),
            customer_class=found.customer_class,
            number_label=_("申请编号"),
            number=str(draft.pk)[:8].upper(),
            drawn_up_at=draft.updated_at,
            installation_kind=queries.installation().kind,
        )
    )


def contract_file(draft: Draft) -> "ContentFile[bytes]":
    """Return the contract of a draft as the file that is signed, in the language the law reads.

    Raises as `contract_of`.
    """
    with translation.override(papers.SIGNED_IN):
        return ContentFile(contract_of(draft), name="contract.pdf")


def submit(draft: Draft, *, version: int, channel: str, role: Role = Role.APPLICANT, now: datetime) -> Case:
    """Submit a draft, and sign the contract that its check page has shown where low voltage signs in the same go.

    A draft an agent has written becomes the case of the principal.

    Raises as `operations.submit`; operations.agents.AgentNotPossible when the authority has ended; UnableToRenderPdf.
    """
    signs = checked(draft, on=local_date(now)).signs_contract
    contract = contract_file(draft) if signs else None
    if authority := authority_of_draft(draft):
        return submit_for(authority.pk, expected_version=version, now=now, granted_at=now)
    return operations.submit(
        draft.pk, owner=draft.owner, expected_version=version, channel=channel, role=role, now=now, contract=contract
    )
