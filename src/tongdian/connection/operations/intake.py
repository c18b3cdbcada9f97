"""Intake: one list of what is missing, its answer, the class put right, acceptance, withdrawal."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from tongdian.case.models import Case, Document
from tongdian.case.operations.contacts import join_contacts
from tongdian.case.operations.documents import Upload, add_document
from tongdian.case.queries.clock import local_date
from tongdian.connection import queries, rules
from tongdian.connection.models import Application, Deficiency
from tongdian.connection.operations.acting import Acting, NotPossible, advance, check_authorised, take
from tongdian.connection.operations.application import trace_of
from tongdian.connection.operations.assigning import choose_managers
from tongdian.connection.queries.agents import unchecked
from tongdian.people.models import User


class DocumentOffList(ValueError):
    """Documents were asked for that the legal list of the stage does not hold; the attempt is on the timeline."""

    def __init__(self, number: str, kinds: Sequence[str], allowed: Sequence[str]) -> None:
        self.number, self.kinds, self.allowed = number, tuple(kinds), tuple(allowed)
        listed = ", ".join(allowed) or "nothing"
        super().__init__(f"case {number}: {', '.join(kinds)} is not on the legal list; it allows: {listed}")


class AuthorityUnchecked(ValueError):
    """An agent has applied by a written authority that staff have not read yet."""

    def __init__(self, number: str) -> None:
        super().__init__(f"case {number}: read the agent's written authority first, then accept")
        self.number = number


class SameClass(ValueError):
    """The facts given lead to the class the case has already."""

    def __init__(self, number: str, customer_class: str) -> None:
        super().__init__(f"case {number} is {customer_class} already; say what is different or leave it")
        self.number, self.customer_class = number, customer_class


def notify_deficiency(case: Case, *, items: Sequence[str], remark: str, acting: Acting) -> Deficiency:
    """Tell the customer everything that is missing, in one list; a second list is impossible.

    Raises DocumentOffList when an item is not on the legal list of acceptance or is in a register;
    NotPossible when a list was told before or the case is past acceptance.
    """
    with transaction.atomic():
        allowed = queries.askable(case, "acceptance")
        if extra := rules.unlisted(items, allowed):
            raise DocumentOffList(str(case), extra, allowed)
        if Deficiency.objects.filter(case=case).exists():
            raise NotPossible(str(case), "application.deficiency_notified", ["application.accepted"])
        event = advance(case, "application.deficiency_notified", acting=acting, body={"items": list(items)})
        return Deficiency.objects.create(case=case, items=list(items), remark=remark, told_at=event.recorded_at)


def answer_deficiency(case: Case, *, uploads: Mapping[str, Upload | None], acting: Acting) -> Deficiency:
    """Hand in what was missing; the utility's clock goes on.

    Raises NotPossible when nothing is awaited; RefusedUpload.
    """
    with transaction.atomic():
        documents = take(case, uploads, stage="acceptance", acting=acting)
        event = advance(case, "application.completed", acting=acting, body={}, documents=documents)
        deficiency = Deficiency.objects.select_for_update().get(case=case)
        deficiency.answered_at = event.recorded_at
        deficiency.save(update_fields=["answered_at"])
        return deficiency


def hand_in(case: Case, *, kind: str, upload: Upload, acting: Acting) -> Document:
    """Hand in a document of the legal list that was to follow; no clock waits for it.

    Raises DocumentOffList when the list does not hold it; NotPossible when the case is closed; RefusedUpload;
    NotAuthorised for an agent whose authority does not cover it.
    """
    with transaction.atomic():
        check_authorised(case, "document.added", acting=acting)
        allowed = queries.askable(case, "acceptance")
        if kind not in allowed:
            raise DocumentOffList(str(case), [kind], allowed)
        legal = rules.legal_events(queries.progress(case))
        if "document.added" not in legal:
            raise NotPossible(str(case), "document.added", legal)
        return add_document(
            case,
            upload=upload,
            kind=kind,
            stage="acceptance",
            actor=acting.actor,
            channel=acting.channel,
            expected_version=acting.expected_version,
            now=acting.now,
            role=acting.role,
        )


def accept(
    case: Case,
    *,
    acting: Acting,
    account_manager: User | None = None,
    project_manager: User | None = None,
    reason: str = "",
) -> Case:
    """Accept the application and give it its managers; the whole clock starts.

    A manager who is not named is chosen by the cell of the address and by load; reason: why one is named by hand.
    For low voltage this is the utility's signature under the standard contract the customer has signed.

    Raises NotPossible when the case is not awaiting acceptance, or a low-voltage customer has not signed yet;
    NobodyThere when no account manager is named and none is found; AuthorityUnchecked while an agent's written
    authority has not been read.
    """
    with transaction.atomic():
        if unchecked(case):
            raise AuthorityUnchecked(str(case))
        managers = choose_managers(
            case, acting=acting, account_manager=account_manager, project_manager=project_manager, reason=reason
        )
        contract = queries.contract_of(case)
        event = advance(
            case,
            "application.accepted",
            acting=acting,
            body={
                "account_manager": managers.account.pk,
                "assignment": managers.facts,
                **join_contacts(case, now=acting.now),
            },
            documents=[contract.document] if contract else [],
            changes={"assignee": managers.account, "project_manager": managers.project},
        )
        if contract:
            contract.offered_at, contract.offered_by = event.recorded_at, acting.actor
            contract.save(update_fields=["offered_at", "offered_by"])
        return case


def reclassify(
    case: Case, *, customer: rules.Customer, needs_works: bool | None, reason: str, acting: Acting
) -> Application:
    """Put a low-voltage application into another class before acceptance, with a reason the customer reads.

    customer, needs_works: the facts as they are now known. Load and voltage stay the customer's own.
    Raises SameClass when the facts lead to the class it has; rules.InvalidDemand when they fit none; NotPossible after
    acceptance and for high voltage.
    """
    with transaction.atomic():
        application = Application.objects.select_for_update().get(case=case)
        demand = rules.Demand(
            customer, application.load_kw, application.voltage_kv, application.source_count, needs_works
        )
        found = queries.classification(demand, on=local_date(case.opened_at), county_code=case.county_code)
        if found.customer_class == case.customer_class:
            raise SameClass(str(case), found.customer_class)
        body = {
            "from": case.customer_class,
            "customer_class": found.customer_class,
            "reason": reason,
            "needs_works": needs_works,
        }
        changes = {"customer_class": found.customer_class}
        advance(case, "application.reclassified", acting=acting, body=body, changes=changes)
        application.customer, application.needs_works = customer, needs_works
        application.class_trace = trace_of(found)
        application.save(update_fields=["customer", "needs_works", "class_trace"])
        return application


def withdraw(case: Case, *, reason: str, acting: Acting) -> Case:
    """Take the application back, by the customer's own word.

    Raises NotPossible while an inspection runs and after the end.
    """
    with transaction.atomic():
        advance(case, "case.withdrawn", acting=acting, body={"reason": reason})
        return case
