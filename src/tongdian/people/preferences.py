"""Carries a person's language and type size to the browser they sign in on."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongdian.people.models import User

TYPE_SIZE_COOKIE = "type_size"
YEAR_S = 365 * 24 * 3600


def remember(response: HttpResponse, user: User, *, request: HttpRequest | None = None) -> None:
    """Set the cookies of language and type size; a choice the request already carries wins."""
    carried = request.COOKIES if request else {}
    chosen = {
        settings.LANGUAGE_COOKIE_NAME: user.language,
        TYPE_SIZE_COOKIE: "large" if user.has_large_type else "normal",
    }
    for name, value in chosen.items():
        if name not in carried:
            response.set_cookie(
                name, value, max_age=YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
            )
