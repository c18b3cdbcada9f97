"""Let an agent act for an applicant, by code or by a written authority; take it back; check it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongdian.case.models import Case
from tongdian.case.operations import frame
from tongdian.case.operations.documents import Upload, receive
from tongdian.connection import rules
from tongdian.connection.models import AgentAuthority, Draft, DraftFile
from tongdian.connection.operations.acting import Acting
from tongdian.connection.operations.application import submit
from tongdian.connection.operations.draft import start_draft
from tongdian.gateway.models import Message
from tongdian.gateway.operations import queue_message
from tongdian.people import operations as people_operations
from tongdian.people.models import Grant, User
from tongdian.people.rules import Role

DOCUMENT = "agent_authorisation"


class AgentNotPossible(ValueError):
    """`problem`: self, staff, twice, period, scope, closed or over."""

    def __init__(self, problem: str, explanation: str) -> None:
        super().__init__(f"the agent cannot be named or released: {explanation}")
        self.problem = problem


def name_agent(
    case: Case,
    *,
    phone: str,
    scopes: Sequence[str],
    valid_until: datetime,
    language: str,
    acting: Acting,
    granted_at: datetime,
) -> AgentAuthority:
    """Let somebody, known by phone, act in a case of the actor, who has just proven their own phone by a code.

    granted_at: the real time, by which grants are judged.

    Raises AgentNotPossible when it is the applicant or staff, they are named already, the end is not after now, no
    scope is given, or the case is closed; InvalidPhone; and as `case.operations.record`.
    """
    _check_terms(scopes, valid_until, granted_at)
    if not case.is_open:
        raise AgentNotPossible("closed", "the case is closed")
    with transaction.atomic():
        agent = _agent(phone, language=language, principal=acting.actor)
        frame.lock(case.pk, expected_version=acting.expected_version)
        if AgentAuthority.objects.filter(case=case, agent=agent, revoked_at=None).exists():
            raise AgentNotPossible("twice", "they are named in this case; take that back first")
        authority = AgentAuthority.objects.create(
            case=case,
            principal=acting.actor,
            agent=agent,
            scopes=sorted(set(scopes)),
            valid_until=valid_until,
            proof=AgentAuthority.Proof.CODE,
            given_at=granted_at,
            verified_at=granted_at,
        )
        _grant(authority, case, granted_at)
        _record(case, "agent.named", authority, acting=acting)
    return authority


def begin_for(
    agent: User,
    *,
    principal_phone: str,
    agent_name: str,
    scopes: Sequence[str],
    valid_until: datetime,
    upload: Upload,
    language: str,
    now: datetime,
) -> Draft:
    """Begin an application for somebody else by their written authorisation, which staff check before acceptance.

    The principal need not have an account: who signs in by that phone later finds the case.

    Raises AgentNotPossible as `name_agent`; InvalidPhone; RefusedUpload.
    """
    _check_terms(scopes, valid_until, now)
    document = receive(upload, kind=DOCUMENT, actor=agent, now=now, stage="acceptance")
    with transaction.atomic():
        principal = people_operations.person_known_by(principal_phone, language=language)
        if principal == agent:
            raise AgentNotPossible("self", "nobody is their own agent")
        draft = start_draft(agent, now=now, answers={"agent": {"agent_name": agent_name}})
        DraftFile.objects.create(draft=draft, kind=DOCUMENT, document=document)
        AgentAuthority.objects.create(
            draft=draft,
            principal=principal,
            agent=agent,
            scopes=sorted({"apply", *scopes}),
            valid_until=valid_until,
            proof=AgentAuthority.Proof.DOCUMENT,
            document=document,
            given_at=now,
        )
    return draft


def submit_for(authority_id: UUID, *, expected_version: int, now: datetime, granted_at: datetime) -> Case:
    """Submit the draft an agent has written as the case of the principal; the agent may then do what they were let.

    The principal is told by a short message. A low-voltage contract is signed later: by the principal, or by an agent
    whose authority to sign has been read.

    Raises AgentNotPossible when the authority was taken back, has ended or was used; and as `submit`.
    """
    with transaction.atomic():
        authority = AgentAuthority.objects.select_for_update().get(pk=authority_id)
        draft = authority.draft
        if authority.revoked_at or authority.valid_until <= granted_at or draft is None:
            raise AgentNotPossible("over", "the authority was taken back or has ended")
        case = submit(
            draft.pk,
            owner=authority.agent,
            applicant=authority.principal,
            role=Role.AGENT,
            channel="web",
            facts={"authority_id": str(authority.pk), "scopes": authority.scopes},
            expected_version=expected_version,
            now=now,
        )
        authority.case = case
        authority.save(update_fields=["case"])
        _grant(authority, case, granted_at)
        _tell(authority, case, granted_at)
    return case


def release_agent(
    authority: AgentAuthority, *, acting: Acting, granted_at: datetime, reason: str = ""
) -> AgentAuthority:
    """End an authority at once: the applicant takes it back, the agent lays it down, or staff refuse it.

    An act of the agent at the same moment happens wholly before or not at all.

    Raises AgentNotPossible when it was ended before.
    """
    with transaction.atomic():
        current = AgentAuthority.objects.select_for_update().get(pk=authority.pk)
        if current.revoked_at:
            raise AgentNotPossible("over", f"it ended at {current.revoked_at}")
        current.revoked_at = granted_at
        current.save(update_fields=["revoked_at"])
        for grant in Grant.objects.filter(user=current.agent, role=Role.AGENT, case_id=current.case_id):
            if grant.valid_until is None or grant.valid_until > granted_at:
                people_operations.revoke(grant, actor=acting.actor, reason=reason or "authority ended", now=granted_at)
        if current.case_id:
            # Nobody's decision is overwritten: an authority ends whatever else has happened to the case.
            case = frame.lock(current.case_id)
            if case.is_open:
                seen = replace(acting, expected_version=case.version)
                _record(case, "agent.released", current, acting=seen, reason=reason)
    return current


def check_authority(authority: AgentAuthority, *, acting: Acting) -> AgentAuthority:
    """Note that staff have read the written authorisation and found it good; acceptance waits for it.

    Raises AgentNotPossible when it was taken back or checked before; and as `case.operations.record`.
    """
    with transaction.atomic():
        current = AgentAuthority.objects.select_for_update().get(pk=authority.pk)
        if current.revoked_at or current.verified_at or current.case is None:
            raise AgentNotPossible("over", "it was taken back or checked before")
        current.verified_at, current.verified_by = acting.now, acting.actor
        current.save(update_fields=["verified_at", "verified_by"])
        _record(current.case, "agent.checked", current, acting=acting)
    return current


def _check_terms(scopes: Sequence[str], valid_until: datetime, now: datetime) -> None:
    if unknown := set(scopes) - rules.SCOPES.keys():
        raise AgentNotPossible("scope", f"no such scope: {', '.join(sorted(unknown))}")
    if not scopes:
        raise AgentNotPossible("scope", "nothing is allowed")
    if valid_until <= now:
        raise AgentNotPossible("period", f"it would end at {valid_until}, not after now")


def _agent(phone: str, *, language: str, principal: User) -> User:
    agent = people_operations.person_known_by(phone, language=language)
    if agent == principal:
        raise AgentNotPossible("self", "nobody is their own agent")
    return agent


def _grant(authority: AgentAuthority, case: Case, granted_at: datetime) -> None:
    people_operations.grant(
        authority.agent,
        role=Role.AGENT,
        organisation=None,
        territory_code=case.county_code,
        case_id=case.pk,
        actor=authority.principal if authority.proof == AgentAuthority.Proof.CODE else authority.agent,
        reason=f"authority {authority.pk}",
        now=granted_at,
        valid_until=authority.valid_until,
    )


def _tell(authority: AgentAuthority, case: Case, now: datetime) -> None:
    """Tell the principal, who may know nothing of it, so that they can take back what is not theirs."""
    if not authority.principal.phone:
        return
    queue_message(
        key=f"connection.agent_applied:{case.pk}",
        channel=Message.Channel.SMS,
        address=authority.principal.phone,
        template="connection.agent_applied",
        parameters={"number": str(case)},
        language=authority.principal.language,
        now=now,
    )


def _record(case: Case, kind: str, authority: AgentAuthority, *, acting: Acting, reason: str = "") -> None:
    body: dict[str, Any] = {
        "authority_id": str(authority.pk),
        "agent_user_id": authority.agent_id,
        "scopes": authority.scopes,
        "until_date": authority.valid_until.date().isoformat(),
        "proof_kind": authority.proof,
    }
    frame.record(
        case,
        kind=kind,
        actor=acting.actor,
        role=acting.role,
        channel=acting.channel,
        body=body | ({"reason": reason} if reason else {}),
        expected_version=acting.expected_version,
        now=acting.now,
    )
