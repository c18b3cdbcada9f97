"""The reader's type size: a cookie, so that it holds before and after signing in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tongdian.people.access import requires

COOKIE = "type_size"
SIZES = {"normal", "large"}
YEAR_S = 365 * 24 * 3600


def type_size(request: HttpRequest) -> str:
    """Return the size the reader chose: normal or large (大字版)."""
    chosen = request.COOKIES.get(COOKIE, "normal")
    return chosen if chosen in SIZES else "normal"


@requires("public")
@require_POST
def set_type_size(request: HttpRequest) -> HttpResponse:
    """Remember the size and return to the page the reader was on."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    if (size := request.POST.get("size", "")) in SIZES:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(COOKIE, size, max_age=YEAR_S, samesite="Lax", secure=secure, httponly=True)
    return response
