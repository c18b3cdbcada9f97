"""Tokens by which a machine account calls the API."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tongdian.people.models.accounts import User
from tongdian.people.models.history import tracked


class TokenScope(models.TextChoices):
    """What a token may read; never more than the grants of its account."""

    CASES = "cases", _("办件、环节和时限")
    EVENTS = "events", _("时间线事件")


@tracked
class AccessToken(models.Model):
    """A secret of a machine account. Only its digest is kept, so it can be shown once and never again."""

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    # The first characters of the secret: enough to recognise a token in a log, useless to guess it.
    prefix = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=TokenScope))
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="access_token_has_a_scope", condition=models.Q(scopes__len__gt=0)),
            models.CheckConstraint(
                name="access_token_expires_later", condition=models.Q(expires_at__gt=models.F("created_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"


class TokenUse(models.Model):
    """When a token was last used, at the minute; apart from the token, whose every version is kept."""

    token = models.OneToOneField(AccessToken, models.CASCADE, primary_key=True, related_name="use")
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.token_id} {self.used_at:%F %T}"
