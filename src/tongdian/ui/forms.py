"""Our form rendering, and the base of forms that edit a versioned record."""

from collections.abc import Sequence

from django import forms
from django.forms.renderers import TemplatesSetting

from tongdian.ui.components import Change


class Renderer(TemplatesSetting):
    """Lays out forms and fields the way docs/reference/components.md describes."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


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
