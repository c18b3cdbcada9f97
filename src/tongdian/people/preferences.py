"""Carries a person's language and type size to the browser they sign in on."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongdian.people.models import User

TYPE_SIZE_COOKIE = "type_size"
DEFAULTS = frozenset({settings.LANGUAGE_CODE, "normal"})
YEAR_S = 365 * 24 * 3600


def remember(response: HttpResponse, user: User, *, request: HttpRequest | None = None) -> None:
    """Set the cookies of language and type size.

    At sign-in (with the request) what the browser already carries wins, and so does its own language over a
    default nobody chose.
    """
    carried = request.COOKIES if request else {}
    chosen = {
        settings.LANGUAGE_COOKIE_NAME: user.language,
        TYPE_SIZE_COOKIE: "large" if user.has_large_type else "normal",
    }
    for name, value in chosen.items():
        if request is None or (name not in carried and value not in DEFAULTS):
            response.set_cookie(
                name, value, max_age=YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
            )
