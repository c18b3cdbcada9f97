"""The reader's language and type size: cookies, and with the account of who is signed in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import i18n
from django.views.decorators.http import require_POST

from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.operations import set_preferences
from tongdian.people.preferences import TYPE_SIZE_COOKIE as COOKIE
from tongdian.people.preferences import YEAR_S

SIZES = {"normal", "large"}


def type_size(request: HttpRequest) -> str:
    """Return the size the reader chose: normal or large (大字版)."""
    chosen = request.COOKIES.get(COOKIE, "normal")
    return chosen if chosen in SIZES else "normal"


@requires("public")
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language and return to the page the reader was on."""
    language = request.POST.get("language", "")
    if isinstance(request.user, User) and language in dict(settings.LANGUAGES):
        set_preferences(request.user, language=language)
    return i18n.set_language(request)


@requires("public")
@require_POST
def set_type_size(request: HttpRequest) -> HttpResponse:
    """Remember the size and return to the page the reader was on."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    if (size := request.POST.get("size", "")) in SIZES:
        if isinstance(request.user, User):
            set_preferences(request.user, has_large_type=size == "large")
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(COOKIE, size, max_age=YEAR_S, samesite="Lax", secure=secure, httponly=True)
    return response
