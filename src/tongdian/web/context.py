"""What every page's frame shows: navigation, hotlines, type size, kind of installation."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import lazy

from tongdian.case.queries.installation import installation_kind
from tongdian.people.queries import scope
from tongdian.ui import navigation
from tongdian.ui.hotlines import hotlines_on
from tongdian.web.preferences import type_size


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give the frame its parts; what needs a query is asked for only where it is shown."""
    user = getattr(request, "user", AnonymousUser())
    return {
        "navigation": lazy(lambda: navigation.visible(lambda name: scope(user, name).is_allowed), list)(),
        "hotlines": hotlines_on(timezone.localdate()),
        "installation_kind": lazy(installation_kind, str)(),
        "account_url": _url("account_profile"),
        "sign_in_url": _url("account_login"),
        "sign_out_url": _url("account_logout"),
        "type_size": type_size(request),
    }


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
