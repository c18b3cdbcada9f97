"""Rows of the permission matrix for the pages under /accounts/."""

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from support import people
from support.matrix import COLLEAGUE, EVERYONE, OWNER, SIGNED_IN, Cast, Row
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


ROWS = [
    Row("account_login", public, allowed=EVERYONE),
    Row("account_code", public, allowed=EVERYONE),
    Row("account_staff_login", public, allowed=EVERYONE),
    Row("mfa_authenticate", public, allowed=EVERYONE),
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
