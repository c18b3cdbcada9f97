"""The API of the installation: every package's routes under one roof, one form of refusal, one description."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from tongdian import __version__
from tongdian.case.api import router as case_router
from tongdian.gateway.limits import LimitReached
from tongdian.people.access import requires
from tongdian.people.api import PERMISSIONS, Problem, Refused
from tongdian.web.policy_api import router as policy_router

PREFIX = "/api/v1/"
DESCRIPTION = gettext_noop(
    "供其他系统读取办件、环节、期限、时间线事件和规则。除规则查询外，请在 Authorization 请求头中带上接口账号的令牌。"
    "接口不提供姓名、地址、电话等个人信息。"
)
# Words of the description that are for people, and so are told in the reader's language.
TOLD = frozenset({"description", "summary"})

api = NinjaAPI(title="Tongdian", version=__version__, description=DESCRIPTION, openapi_url=None, docs_url=None)
api.add_router("", case_router)
api.add_router("", policy_router)


def _problem(request: HttpRequest, problem: Problem, status: int) -> HttpResponse:
    return api.create_response(request, problem.model_dump(), status=status)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """Tell why the call was refused."""
    return _problem(request, error.problem, error.status)


@api.exception_handler(AuthenticationError)
def unauthorised(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Ask for a token."""
    detail = gettext("请在 Authorization 请求头中提供有效的令牌；令牌可能已过期或被收回。")
    response = _problem(request, Problem(error="token_invalid", detail=detail), 401)
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(LimitReached)
def too_many(request: HttpRequest, error: LimitReached) -> HttpResponse:
    """Say when to come again."""
    detail = gettext("调用过于频繁，请在 %(at)s 之后再试。") % {"at": error.retry_at.isoformat()}
    response = _problem(request, Problem(error="too_many_calls", detail=detail), 429)
    response["Retry-After"] = str(int(error.limit.window.total_seconds()))
    return response


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the first parameter that is wrong, its value and what it has to be."""
    first = error.errors[0]
    field = str(first["loc"][-1])
    value = request.GET.get(field, request.resolver_match.kwargs.get(field))  # type: ignore[union-attr]
    detail = gettext("参数 %(field)s 不正确：%(reason)s。") % {"field": field, "reason": first["msg"]}
    return _problem(request, Problem(error=str(first["type"]), detail=detail, field=field, value=value), 422)


def described() -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of the API in the reader's language."""
    told = _told(dict(api.get_openapi_schema(path_prefix=PREFIX)))
    assert isinstance(told, dict)  # noqa: S101 - what goes in as a mapping comes out as one
    return told


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: gettext(each) if key in TOLD and isinstance(each, str) and each else _told(each)
            for key, each in value.items()
        }
    return [_told(each) for each in value] if isinstance(value, list | tuple) else value


@requires("public")
@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    """Give the description as a file."""
    return JsonResponse(described(), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _declared(pattern: URLPattern) -> URLPattern:
    """Let a route of the library carry its permission, as every view does."""
    pattern.callback.permission = PERMISSIONS[str(pattern.name)]  # type: ignore[attr-defined]
    return pattern


urlpatterns = [
    path("openapi.json", openapi, name="api_description"),
    *(_declared(each) for each in api.urls[0] if isinstance(each, URLPattern) and each.name != "api-root"),
]
