"""Accounts and the codes that prove a phone."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tongdian.people.models.organisations import Organisation
from tongdian.ui.fields import EncryptedTextField, LookupField, mask_phone


class UserManager(BaseUserManager["User"]):
    """What Django's own commands and sign-in call; the product creates users by operations."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of the public, of staff, or a machine account.

    Rights come from grants only: there is no superuser, no group, no second permission system.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("公众用户")
        STAFF = "staff", _("工作人员")
        MACHINE = "machine", _("系统接口账号")

    class ContactBy(models.TextChoices):
        SMS = "sms", _("短信")
        SITE = "site", _("仅站内查看")

    username = models.CharField(max_length=64, unique=True, validators=[ASCIIUsernameValidator()])
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PERSON)
    display_name = EncryptedTextField(max_length=60, blank=True, default="")
    phone = EncryptedTextField(max_length=20, null=True, blank=True)
    phone_lookup = LookupField(of="phone", normalise="tongdian.people.rules.normalise_phone", unique=True, null=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    has_large_type = models.BooleanField(default=False)
    contact_by = models.CharField(max_length=4, choices=ContactBy, default=ContactBy.SMS)
    has_quiet_hours = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["username"]
        constraints = [
            # A phone code must never be a way into a staff account, so only the public's number is looked up.
            models.CheckConstraint(
                condition=models.Q(phone_lookup=None) | models.Q(kind="person"), name="user_phone_sign_in_public_only"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        return self.kind == self.Kind.STAFF

    def get_full_name(self) -> str:
        """How pages call the person: by name, else by masked phone, else by user name."""
        if self.display_name:
            return str(self.display_name)
        return mask_phone(self.phone) if self.phone else self.username


class PhoneCode(models.Model):
    """A code sent to a phone; neither the number nor the code can be read from the row."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("登录")
        CHANGE_PHONE = "change_phone", _("更换手机号")
        LOOK_UP = "look_up", _("查询办件进度")
        COUNTER = "counter", _("同意营业厅代为填写")
        AGENT = "agent", _("授权代办人")

    phone_digest = models.BinaryField(max_length=32)
    purpose = models.CharField(max_length=12, choices=Purpose)
    code_digest = models.BinaryField(max_length=32, default=b"")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["phone_digest", "purpose", "id"], name="phone_code_newest")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
