"""What messages say: templates by id, registered by the packages that send them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override


class Delivery(StrEnum):
    """What to do with a message whose fate the provider cannot tell: drop it, or risk sending it twice."""

    AT_MOST_ONCE = "at_most_once"
    AT_LEAST_ONCE = "at_least_once"


@dataclass(frozen=True)
class Template:
    """A text with named places `{like_this}` and its promise of delivery."""

    id: str
    text: str | Promise
    delivery: Delivery


class UnknownTemplate(LookupError):
    def __init__(self, template_id: str) -> None:
        super().__init__(f"message template {template_id!r} is not registered; register it in the AppConfig.ready")
        self.template_id = template_id


_templates: dict[str, Template] = {}


def register(template: Template) -> None:
    """Make a template known under its id; the same id again replaces it."""
    _templates[template.id] = template


def template(template_id: str) -> Template:
    """Find a template.

    Raises UnknownTemplate when no package registered the id.
    """
    try:
        return _templates[template_id]
    except KeyError:
        raise UnknownTemplate(template_id) from None


def registered() -> tuple[Template, ...]:
    """Return all templates, by id."""
    return tuple(_templates[key] for key in sorted(_templates))


def forget(template_id: str) -> None:
    """Take a template out again."""
    del _templates[template_id]


def places(template: Template) -> frozenset[str]:
    """Return the names of the places a template's text has."""
    return frozenset(name for _text, name, _spec, _conversion in Formatter().parse(str(template.text)) if name)


def render(template_id: str, parameters: Mapping[str, str], *, language: str) -> str:
    """Write out a template in a language.

    Raises UnknownTemplate, and KeyError when the text names a place the parameters do not fill.
    """
    with override(language):
        return str(template(template_id).text).format_map(dict(parameters))


register(
    Template(
        id="people.phone_code",
        text=_("【通电】验证码 {code}，{minutes} 分钟内有效。工作人员不会向您索要验证码，请勿告诉任何人。"),
        delivery=Delivery.AT_MOST_ONCE,
    )
)
