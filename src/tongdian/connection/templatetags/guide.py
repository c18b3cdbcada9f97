"""`{% load guide %}`: rulings and words of the policy book on the public guide."""

from collections.abc import Mapping
from typing import Any

from django import template

from tongdian.policy import Ruling, Words
from tongdian.policy.terms import code_words
from tongdian.policy.wording import CERTAINTY_WORDS, in_words
from tongdian.ui import formats

register = template.Library()


@register.filter
def words(text: Words | Mapping[str, str] | None) -> str:
    """Show a text of the book in the reader's language."""
    return formats.in_language(text) if text else ""


@register.filter
def amount(ruling: Ruling) -> str:
    """Show the value of a ruling with its unit."""
    return in_words(ruling, _language())


@register.filter
def code(value: str) -> str:
    """Show a code of a structured value in words."""
    return code_words(value, _language())


@register.inclusion_tag("connection/guide/cited.html")
def cited(ruling: Ruling) -> dict[str, Any]:
    """Cite a ruling: its clause with a link, when it was last checked, and its certainty unless it is verified."""
    certainty = "" if ruling.certainty == "verified" else formats.in_language(CERTAINTY_WORDS[ruling.certainty])
    return {"ruling": ruling, "clause": formats.in_language(ruling.clause), "certainty": certainty}


def _language() -> str:
    return "en" if formats.is_english() else "zh-hans"
