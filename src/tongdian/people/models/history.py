"""What rows of people have in common: every version is kept, and a territory is a division code."""

from typing import TypeVar, cast

import pghistory
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

is_division_code = RegexValidator(r"^[1-9]\d{5}$", _("行政区划代码是 6 位数字。"))
M = TypeVar("M", bound=type[models.Model])


def tracked(model: M) -> M:
    """Keep every version of the rows; operations say who and why in the context of the change."""
    track = pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return cast("M", track(model))
