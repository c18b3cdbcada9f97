"""What every page's frame shows: navigation, hotlines, type size, kind of installation."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, lazy

from tongdian.case.queries.installation import installation_kind
from tongdian.oversight.queries.notices import MOST_COUNTED, unread_count
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.ui import navigation
from tongdian.ui.hotlines import hotlines_on
from tongdian.web.preferences import type_size


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give the frame its parts; what needs a query is asked for only where it is shown."""
    user = getattr(request, "user", AnonymousUser())
    return {
        "links": lazy(lambda: navigation.rows(lambda name: scope(user, name).is_allowed, path=request.path), list)(),
        "hotlines": hotlines_on(timezone.localdate()),
        "installation_kind": lazy(installation_kind, str)(),
        "notices_url": _url("notices"),
        "unread_notices": SimpleLazyObject(lambda: _unread(user)),
        "account_url": _url("account_profile"),
        "sign_in_url": _url("account_login"),
        "sign_out_url": _url("account_logout"),
        "type_size": type_size(request),
    }


def _unread(user: User | AnonymousUser) -> str:
    """Say how many notices a person has not read; nothing, and no query, for who is not signed in."""
    if not isinstance(user, User) or not (count := unread_count(user)):
        return ""
    return str(count) if count < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
