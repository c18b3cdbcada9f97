"""Our form rendering, and the base of forms that edit a versioned record."""

import unicodedata
from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext as _

from tongdian.ui.components import Change
from tongdian.ui.pdf import unprintable


class Renderer(TemplatesSetting):
    """Lays out forms and fields the way docs/reference/components.md describes."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


class PrintedField(forms.CharField):
    """Text that will stand on a paper: without invisible characters, and only of letters the paper can show."""

    def to_python(self, value: object) -> str:
        """Drop what nobody sees, such as a mark that turns the direction of reading."""
        text = "".join(each for each in str(value or "") if unicodedata.category(each) != "Cf")
        return str(super().to_python(text))

    def validate(self, value: str) -> None:
        """Name the first character that cannot be printed."""
        super().validate(value)
        if self.max_length is not None and len(value) > self.max_length:
            return  # the length is told by a validator of its own; do not look at the letters of a flood
        if wrong := unprintable(value):
            shown = wrong if wrong.isprintable() else f"U+{ord(wrong[0]):04X}"
            raise ValidationError(_("“%(character)s”无法印在回执和合同上，请换一个写法。") % {"character": shown})


class VersionedForm(forms.Form):
    """Carries the version the reader saw, so that a later writer is told instead of overwriting.

    The face passes `version` of the record when it shows the form, hands `cleaned_data["version"]` to
    the operation, and answers the operation's conflict with `report_conflict`.
    """

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    changes: Sequence[Change] = ()

    def report_conflict(self, changes: Sequence[Change], *, version: int) -> None:
        """Show who changed what, keep the reader's entries, and let the next submission know of the change."""
        self.changes = changes
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(version)
