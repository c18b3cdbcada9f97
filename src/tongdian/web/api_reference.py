"""`/api/`: how to call the API, every route with its parameters and answers, rendered from its own description."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tongdian.people.access import requires
from tongdian.people.models import TokenScope
from tongdian.web.api import described


@dataclass(frozen=True)
class Parameter:
    """One parameter of a route."""

    name: str
    place: str
    kind: str
    is_required: bool
    default: str
    description: str


@dataclass(frozen=True)
class Field:
    """One field of an answer; `kind` names another answer where it is one."""

    name: str
    kind: str
    link: str
    description: str


@dataclass(frozen=True)
class Answer:
    """One form of answer, with its fields."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Route:
    """One route: what it gives, what opens it, how it is called."""

    id: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: tuple[Parameter, ...]
    answer: str
    answer_link: str
    example: str


@requires("public")
@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    """Show the whole API on one page."""
    schema = described()
    context = {
        "description": schema["info"]["description"],
        "version": schema["info"]["version"],
        "routes": list(_routes(schema)),
        "answers": list(_answers(schema)),
        "scopes": TokenScope.choices,
    }
    return render(request, "web/api_reference.html", context)


def _routes(schema: dict[str, Any]) -> Iterator[Route]:
    for route, methods in schema["paths"].items():
        for method, told in methods.items():
            answer = told["responses"][200]["content"]["application/json"]["schema"]
            yield Route(
                id=told["operationId"],
                method=method.upper(),
                path=route,
                summary=told["summary"],
                scope=told.get("x-token-scope", ""),
                parameters=tuple(_parameter(each) for each in told.get("parameters", [])),
                answer=_kind(answer),
                answer_link=_link(answer),
                example=_example(route, told),
            )


def _parameter(told: dict[str, Any]) -> Parameter:
    schema = told["schema"]
    return Parameter(
        name=told["name"],
        place=_("路径参数") if told["in"] == "path" else _("查询参数"),
        kind=_kind(schema),
        is_required=told.get("required", False),
        default=str(schema["default"]) if schema.get("default") is not None else "",
        description=told.get("description") or schema.get("description") or "",
    )


def _example(route: str, told: dict[str, Any]) -> str:
    url = settings.SITE_URL.rstrip("/") + route
    wanted = [each["name"] for each in told.get("parameters", []) if each["in"] == "query" and each.get("required")]
    if "on" in wanted:
        url += "?on=2026-03-02"
    token = ' -H "Authorization: Bearer $TOKEN"' if told.get("x-token-scope") else ""
    return f'curl{token} "{url}"'


def _answers(schema: dict[str, Any]) -> Iterator[Answer]:
    for name, told in schema["components"]["schemas"].items():
        if "properties" in told and not name.endswith("Filters"):
            fields = (_field(key, each) for key, each in told["properties"].items())
            yield Answer(name, tuple(fields))


def _field(name: str, told: dict[str, Any]) -> Field:
    return Field(name, _kind(told), _link(told), told.get("description", ""))


def _kind(schema: dict[str, Any]) -> str:
    """Say in a word what a value is: string, date-time, CaseOut, list of EventOut."""
    if "anyOf" in schema:
        kinds = [_kind(each) for each in schema["anyOf"] if each.get("type") != "null"]
        return _("%(kind)s 或空") % {"kind": "、".join(kinds)}
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema.get("type") == "array":
        return _("%(kind)s 的列表") % {"kind": _kind(schema.get("items", {}))}
    return str(schema.get("format") or schema.get("type") or _("任意"))


def _link(schema: dict[str, Any]) -> str:
    inner = schema.get("items") or next((each for each in schema.get("anyOf", []) if "$ref" in each), schema)
    return str(inner.get("$ref", "")).rpartition("/")[2]


urlpatterns = [path("", reference, name="api_reference")]
