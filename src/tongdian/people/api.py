"""What every part of the API shares: the token that opens it, the permission of each route, how a refusal is told.

router = Router(tags=["cases"])

@get(router, "/cases", name="api_cases", permission="api.case", token_scope=TokenScope.CASES, answer=CasePage, …)
def list_cases(request, filters: Query[CaseFilters]) -> CasePage: ...
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from ninja import Field, Router, Schema
from ninja.security import HttpBearer

from tongdian.gateway import limits
from tongdian.people.models import AccessToken, TokenScope
from tongdian.people.operations.tokens import note_use
from tongdian.people.permissions import permission as permission_of
from tongdian.people.queries import scope
from tongdian.people.queries.tokens import token_of

CALLS_PER_TOKEN = limits.Limit(600, timedelta(minutes=1))
# Route name → permission: what the URL map tells the permission matrix.
PERMISSIONS: dict[str, str] = {}
View = TypeVar("View", bound=Callable[..., Any])


class Problem(Schema):
    """Why a call was refused."""

    error: str = Field(description=gettext_noop("错误代码，固定不变，供程序判断。"))
    detail: str = Field(description=gettext_noop("原因和解决办法，供人阅读。"))
    field: str | None = Field(None, description=gettext_noop("出错的参数名。"))
    value: str | None = Field(None, description=gettext_noop("收到的值。"))


class Refused(Exception):
    """A call that is answered with a problem instead of data."""

    def __init__(self, status: int, error: str, detail: str, **more: str | None) -> None:
        super().__init__(detail)
        self.status, self.problem = status, Problem(error=error, detail=detail, **more)


class TokenAuth(HttpBearer):
    """Bearer token of a machine account."""

    def authenticate(self, request: HttpRequest, token: str) -> AccessToken | None:
        """Sign the call in as the token's account, and count it."""
        now = timezone.now()
        found = token_of(token, now=now)
        if found is None:
            return None
        limits.take("api.call", str(found.pk), limit=CALLS_PER_TOKEN)
        note_use(found, now=now)
        request.user = found.user
        return found


BEARER = TokenAuth()
OPEN_PROBLEMS = {404: Problem, 422: Problem}
TOKEN_PROBLEMS = {401: Problem, 403: Problem, 422: Problem, 429: Problem}


def get(
    router: Router,
    path: str,
    *,
    name: str,
    permission: str,
    answer: Any,
    summary: str,
    token_scope: TokenScope | None = None,
    may_be_missing: bool = False,
) -> Callable[[View], View]:
    """Declare a route that reads; a `token_scope` of None leaves it open to everybody.

    Raises UnknownPermission when the permission is not in the table, at import.
    """
    permission_of(permission)
    PERMISSIONS[name] = permission
    problems = OPEN_PROBLEMS if token_scope is None else TOKEN_PROBLEMS | ({404: Problem} if may_be_missing else {})

    def decorate(view: View) -> View:
        guarded = view if token_scope is None else _guarded(view, permission, token_scope)
        declared: View = router.get(
            path,
            url_name=name,
            operation_id=name,
            summary=summary,
            response={200: answer} | problems,
            auth=None if token_scope is None else BEARER,
            openapi_extra={} if token_scope is None else {"x-token-scope": token_scope.value},
        )(guarded)
        return declared

    return decorate


def _guarded(view: View, permission: str, token_scope: TokenScope) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        token = cast("AccessToken", request.auth)  # type: ignore[attr-defined]
        if token_scope not in token.scopes:
            detail = gettext("该令牌没有“%(scope)s”范围，请由管理员另发令牌。") % {"scope": token_scope.label}
            raise Refused(403, "token_scope_missing", detail)
        if not scope(request.user, permission).is_allowed:
            detail = gettext("该接口账号没有读取这些数据的授权，请联系管理员。")
            raise Refused(403, "grant_missing", detail)
        return view(request, *args, **kwargs)

    return cast("View", wrapped)
