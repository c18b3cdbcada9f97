"""Rules about the running application: foreign keys and routes."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.db import models
from django.urls import Resolver404, URLPattern, URLResolver
from django.urls.resolvers import RegexPattern

ORDER = (
    "web", "demo", "oversight", "disclosure", "connection", "reliability", "permit", "outage", "grid", "case", "people",
    "gateway", "ui",
)  # fmt: skip
SAMPLES = {"int": "7", "str": "some-text", "slug": "some-slug", "path": "some/long/path", "uuid": str(UUID(int=7))}


def keys_pointing_up(model: type[models.Model]) -> list[str]:
    """Return the keys of a model to a package above its own, or to another one with a visible reverse name."""
    found = []
    for field in [*model._meta.fields, *model._meta.many_to_many]:
        target = field.related_model
        if not isinstance(target, type) or target._meta.app_label == model._meta.app_label:
            continue
        if target._meta.app_label not in ORDER:
            continue
        if ORDER.index(target._meta.app_label) < ORDER.index(model._meta.app_label):
            found.append(f"{field}: points up to {target._meta.label}")
        if not field.remote_field.hidden:
            found.append(f'{field}: shows its reverse name on {target._meta.label}; use related_name="+"')
    return found


def shadowed_routes(urlpatterns: list[URLPattern | URLResolver]) -> list[str]:
    """Return the routes that another one answers for, by asking the resolver for an address of each."""
    resolver = URLResolver(RegexPattern("^/"), urlpatterns)
    routes = list(_routes(resolver))
    twice = [route for route, count in Counter(route for route, _ in routes).items() if count > 1]
    found = [f"/{route}: mounted twice" for route in twice]
    for route, sample in routes:
        try:
            answering = resolver.resolve(f"/{sample}").route.removeprefix("^/")
        except Resolver404:
            found.append(f"/{route}: not reached by its own address /{sample}")
            continue
        if answering != route:
            found.append(f"/{route}: answered by /{answering}")
    return found


def _routes(resolver: URLResolver, route: str = "", sample: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        here = route + str(entry.pattern)
        address = sample + _sample(entry)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, here, address)
        elif not str(entry.pattern).startswith("^"):
            yield here, address


def _sample(entry: URLPattern | URLResolver) -> str:
    text = str(entry.pattern)
    for name, converter in entry.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        for spelling in (f"<{kind}:{name}>", f"<{name}>"):
            text = text.replace(spelling, SAMPLES.get(kind, "some-text"))
    return text
