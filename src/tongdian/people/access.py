"""Guards views: every route declares one permission, and nothing runs before it is checked."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from tongdian.people.permissions import Reach, permission
from tongdian.people.queries import scope
from tongdian.people.second_factor import must_enrol

# What one needs in order to enrol is open before it.
BEFORE_ENROLMENT = frozenset({"account.second_factor"})
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def requires(name: str) -> Callable[[View], View]:
    """Declare the permission of a view, as `view.permission`, and enforce it.

    Anonymous people are sent to sign in and come back; staff without a second factor are sent to enrol;
    who lacks the permission gets the 403 page. Which rows: `scope(request.user, name).filter(...)` in the view,
    so that a row out of reach is 404 like a row that does not exist.

    Raises UnknownPermission when the name is not in the table, at import.
    """
    wanted = permission(name)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if wanted.reach is not Reach.PUBLIC and (refusal := _refusal(request, name)):
                return refusal
            return view(request, *args, **kwargs)

        guarded.permission = name  # type: ignore[attr-defined]
        return cast("View", guarded)

    return decorate


def _refusal(request: HttpRequest, name: str) -> HttpResponseBase | None:
    if not request.user.is_authenticated:
        return redirect_to_login(_return_path(request))
    if name not in BEFORE_ENROLMENT and must_enrol(request.user):
        return redirect("mfa_activate_totp")
    if not scope(request.user, name).is_allowed:
        raise PermissionDenied(name)
    return None


def _return_path(request: HttpRequest) -> str:
    # A form posted after the session ended cannot be replayed by GET: come back to the page it stood on.
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return request.path
