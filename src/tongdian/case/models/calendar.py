"""The working calendar as rows: notices entered by two persons, and every version a deadline was computed with."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tongdian.people.models import tracked


@tracked
class CalendarNotice(models.Model):
    """A holiday notice of the State Council, typed in by one person and in force once another confirmed it.

    `days` is a list of `{"date": "2027-01-01", "is_working": false, "name": "元旦"}`; `settles_from` and
    `settles_until` bound the days the notice decides for good, both None when it only changes an earlier notice.
    """

    number = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    address = models.URLField()
    announced_date = models.DateField()
    settles_from = models.DateField(null=True, blank=True)
    settles_until = models.DateField(null=True, blank=True)
    days = models.JSONField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["announced_date", "id"]
        constraints = [
            models.CheckConstraint(
                name="case_notice_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
            ),
            models.CheckConstraint(
                name="case_notice_confirmation_whole",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_notice_settles_whole",
                condition=Q(settles_from__isnull=True, settles_until__isnull=True)
                | Q(settles_from__isnull=False, settles_until__gte=F("settles_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CalendarVersion(models.Model):
    """The notices a version of the calendar was made from, so that an old deadline can be computed again."""

    append_only = True

    version = models.CharField(max_length=64, primary_key=True)
    content = models.JSONField()
    kept_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.version[:12]
