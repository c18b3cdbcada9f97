"""Rows of the permission matrix for the pages under /accounts/ and for teams, cells and machine accounts."""

from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from support import people
from support.matrix import COLLEAGUE, EVERYONE, OWNER, SIGNED_IN, Cast, Row
from tongdian.people import operations
from tongdian.people.models import Grant
from tongdian.people.operations import cells
from tongdian.people.rules import Role
from tongdian.ui.fields import mask_phone


def public() -> Cast:
    """Three members of the public."""
    owner = people.person("13800001234")
    return Cast(owner, people.person(), people.person(), {"phone": mask_phone(owner.phone)})


def enrolled() -> Cast:
    """Two members of staff with a second factor, and a member of the public."""
    owner, colleague = people.staff(), people.staff()
    for user in (owner, colleague):
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
    return Cast(owner, colleague, people.person())


def administration() -> Cast:
    """Two administrators of one organisation, one of another; and a machine account of the first with a token."""
    at, machine = people.organisation(), people.machine()
    people.token(machine)
    return Cast(
        owner=people.staff(Role.ADMINISTRATOR, at=at),
        colleague=people.staff(Role.ADMINISTRATOR, at=at),
        stranger=people.staff(Role.ADMINISTRATOR, at=people.organisation("other-grid")),
        things={"machine": machine},
    )


def _machine(things) -> dict[str, int]:
    return {"user_id": things["machine"].pk}


def _token(things) -> dict[str, int]:
    return _machine(things) | {"token_id": things["machine"].tokens.get().pk}


def team() -> Cast:
    """A manager who is away and lends their role, the lead of the county, a lead of another utility."""
    now, today = timezone.now(), timezone.localdate()
    away, lead = people.staff(Role.ACCOUNT_MANAGER), people.staff(Role.PROJECT_MANAGER)
    absence = operations.enter_absence(
        away,
        valid_from=today,
        valid_until=today + timedelta(days=2),
        reason="leave",
        covers=[people.staff(Role.ACCOUNT_MANAGER)],
        actor=away,
        now=now,
        today=today,
    )
    lent = operations.delegate(
        Grant.objects.get(user=away),
        to=people.staff(),
        territory_code="370102",
        valid_until=now + timedelta(days=2),
        reason="test",
        actor=away,
        now=now,
    )
    other = people.staff(Role.PROJECT_MANAGER, at=people.organisation("other-grid"))
    return Cast(away, lead, other, {"absence": absence, "lent": lent, "member": away})


def strangers() -> Cast:
    """Two members of staff and a member of the public."""
    return Cast(people.staff(), people.staff(Role.PLANNER), people.person())


def celled() -> Cast:
    """Two administrators of a utility with a cell, an administrator of another."""
    grid = people.organisation()
    cell = cells.add_cell(
        grid, code="c-1", name="示例网格", county_code="370102", valid_from=date(2020, 1, 1), actor=None, reason="test"
    )
    member = cells.add_member(
        cell,
        people.staff(Role.ACCOUNT_MANAGER),
        role=Role.ACCOUNT_MANAGER,
        valid_from=date(2020, 1, 1),
        actor=None,
        reason="test",
    )
    return Cast(
        people.staff(Role.ADMINISTRATOR),
        people.staff(Role.ADMINISTRATOR),
        people.staff(Role.ADMINISTRATOR, at=people.organisation("other-grid")),
        {"cell": cell, "member": member},
    )


def _cell(things) -> dict[str, int]:
    return {"cell_id": things["cell"].pk}


def with_keys() -> Cast:
    """Two members of staff with a security key each, and a member of the public; both are asked who they are first."""
    cast = enrolled()
    key, _ = (
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "one", "credential": {}}
        )
        for user in (cast.owner, cast.colleague)
    )
    return Cast(cast.owner, cast.colleague, cast.stranger, {"pk": key.pk})


ROWS = [
    Row("mfa_list_webauthn", enrolled, allowed=OWNER | COLLEAGUE, kind="list"),
    Row("mfa_add_webauthn", enrolled, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("mfa_reauthenticate_webauthn", enrolled, allowed=OWNER | COLLEAGUE, kind="form"),
    Row(
        "mfa_remove_webauthn",
        with_keys,
        allowed=OWNER | COLLEAGUE,
        kind="form",
        kwargs=lambda things: {"pk": things["pk"]},
    ),
    Row(
        "mfa_edit_webauthn",
        with_keys,
        allowed=OWNER | COLLEAGUE,
        kind="form",
        kwargs=lambda things: {"pk": things["pk"]},
    ),
    Row("team", strangers, allowed=OWNER | COLLEAGUE),
    Row("team", team, allowed=COLLEAGUE, kind="list", shows=lambda t: f"/desk/team/absence/{t['member'].pk}/"),
    Row("team", team, allowed=OWNER, kind="detail", shows=lambda t: f"/desk/team/delegations/{t['lent'].pk}/end/"),
    Row("team_absence", strangers, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("team_delegation", strangers, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("team_member_absence", team, allowed=COLLEAGUE, kind="form", kwargs=lambda t: {"user_id": t["member"].pk}),
    Row(
        "team_absence_end",
        team,
        allowed=OWNER | COLLEAGUE,
        kind="form",
        method="post",
        kwargs=lambda t: {"absence_id": t["absence"].pk},
    ),
    Row(
        "team_delegation_end",
        team,
        allowed=OWNER,
        kind="form",
        method="post",
        kwargs=lambda t: {"delegation_id": t["lent"].pk},
    ),
    Row("desk_cells", celled, allowed=OWNER | COLLEAGUE, kind="list", shows=lambda t: t["cell"].code),
    Row(
        "desk_cells",
        celled,
        allowed=OWNER | COLLEAGUE,
        kind="search",
        query="?ended=on",
        shows=lambda t: t["cell"].code,
    ),
    Row(
        "desk_cells",
        celled,
        allowed=OWNER | COLLEAGUE,
        kind="export",
        query="?format=xlsx",
        shows=lambda t: t["cell"].code,
    ),
    Row("desk_cell", celled, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_cell),
    Row("desk_cell_end", celled, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_cell),
    Row(
        "desk_cell_member_end",
        celled,
        allowed=OWNER | COLLEAGUE,
        kind="form",
        method="post",
        kwargs=lambda t: _cell(t) | {"member_id": t["member"].pk},
    ),
    Row("account_login", public, allowed=EVERYONE),
    Row("account_code", public, allowed=EVERYONE),
    Row("account_staff_login", public, allowed=EVERYONE),
    Row("mfa_authenticate", public, allowed=EVERYONE),
    Row("openid_connect_login", public, allowed=set(), kwargs=lambda things: {"provider_id": "nobody"}),
    Row("openid_connect_callback", public, allowed=set(), kwargs=lambda things: {"provider_id": "nobody"}),
    Row("account_logout", public, allowed=EVERYONE, method="post"),
    Row("account_profile", public, allowed=SIGNED_IN),
    Row("account_profile", public, allowed=OWNER, kind="detail", shows=lambda things: things["phone"]),
    Row("account_phone", public, allowed=SIGNED_IN, kind="form"),
    Row("account_phone_code", public, allowed=SIGNED_IN, kind="form"),
    Row("account_end_sessions", public, allowed=SIGNED_IN, kind="form", method="post"),
    Row("account_change_password", enrolled, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("account_reauthenticate", enrolled, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("mfa_reauthenticate", enrolled, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("mfa_index", enrolled, allowed=OWNER | COLLEAGUE),
    Row("mfa_activate_totp", enrolled, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("mfa_deactivate_totp", enrolled, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("mfa_view_recovery_codes", enrolled, allowed=OWNER | COLLEAGUE, kind="detail"),
    Row("mfa_generate_recovery_codes", enrolled, allowed=OWNER | COLLEAGUE, kind="form"),
    Row("mfa_download_recovery_codes", enrolled, allowed=OWNER | COLLEAGUE, kind="file"),
    Row(
        "desk_machines",
        administration,
        allowed=OWNER | COLLEAGUE,
        kind="list",
        shows=lambda things: things["machine"].username,
    ),
    Row("desk_machine", administration, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=_machine),
    Row("desk_token_revoke", administration, allowed=OWNER | COLLEAGUE, kind="form", method="post", kwargs=_token),
]
