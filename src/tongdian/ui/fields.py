"""Model fields for personal data: sealed in the database, found by digest, masked on pages.

    phone = EncryptedTextField()
    phone_lookup = LookupField(of="phone", unique=True, null=True)

    User.objects.filter(phone_lookup="13800000000")     # the plain text, digested on its way to the database

A sealed value is opened when the attribute is read, not when the row is loaded: a list that does not show
a name never decrypts one. `values()` and `values_list()` return `Sealed` values.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import In, IsNull
from django.utils.module_loading import import_string
from psycopg import Binary

from tongdian.ui import sealing


class Sealed:
    """A value as it lies in the database; its text never appears in a log or a trace."""

    def __init__(self, token: bytes, place: str) -> None:
        self.token, self.place = token, place

    def __repr__(self) -> str:
        return f"<sealed {self.place}>"

    @property
    def key_id(self) -> str:
        return sealing.key_of(self.token, place=self.place)

    def open(self, row: object = None) -> str:
        """Open the value; row is the value of the field it is bound to, if it is."""
        return sealing.open_sealed(self.token, place=_place(self.place, row))


class _OpenOnRead:
    """Opens the sealed value of an instance when it is first read."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Sealed):
            value = instance.__dict__[name] = value.open(self.field.row_of(instance))
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.Field):  # type: ignore[type-arg]  # not subscriptable at run time
    """Text sealed with AES-256-GCM, bound to its model and column.

    `row` names a field known before the first save (a UUID key): the value is then bound to its row as
    well and a copy in another row does not open. Such a value is written by saving an instance, not by `update()`.
    """

    descriptor_class = _OpenOnRead

    def __init__(self, *args: Any, row: str | None = None, **options: Any) -> None:
        self.row = row
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, options | ({"row": self.row} if self.row else {})

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bytea"

    def get_internal_type(self) -> str:
        return "BinaryField"

    @property
    def place(self) -> str:
        return f"{_tracked(self.model)._meta.label_lower}.{self.column}"

    def row_of(self, instance: models.Model) -> object:
        return getattr(instance, self.row) if self.row else None

    def from_db_value(self, value: bytes | None, *_: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value), self.place)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return self.seal(str(value), self.row_of(model_instance))

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if isinstance(value, str):
            if self.row:
                raise FieldError(f"{self.place} is bound to its row: save the instance instead of updating a query")
            value = self.seal(value, None)
        return Binary(value.token) if isinstance(value, Sealed) else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return IsNull
        raise FieldError(f"{self.place} is sealed and cannot be searched by {lookup_name}: filter its LookupField")

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.place} is sealed and is not serialised")

    def formfield(self, *args: Any, **options: Any) -> Any:
        return super().formfield(*args, **{"max_length": self.max_length, **options})

    def seal(self, text: str, row: object) -> Sealed:
        """Seal a text with the current key for a row of this column."""
        return Sealed(sealing.seal(text, place=_place(self.place, row)), self.place)


class LookupField(models.BinaryField):  # type: ignore[type-arg]  # not subscriptable at run time
    """The keyed digest of another field of the row, kept up to date on save, filtered by the plain text.

    `normalise` is a function (or its dotted path) applied before digesting. None and "" are stored as NULL, so that
    a unique look-up allows many rows without the value.
    """

    def __init__(self, *args: Any, of: str, normalise: str | None = None, **options: Any) -> None:
        self.of, self.normalise = of, normalise
        super().__init__(*args, **{"max_length": 32, "editable": False, **options})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, options | {"of": self.of, "normalise": self.normalise}

    @property
    def place(self) -> str:
        return f"{_tracked(self.model)._meta.label_lower}.{self.of}"

    def digest(self, text: str) -> bytes:
        """Digest a text as this column stores it."""
        return self.digests(text)[0]

    def digests(self, text: str) -> list[bytes]:
        """Digest a text under every key in use: what this column may hold of it while keys are rotated."""
        clean: Callable[[str], str] = import_string(self.normalise) if self.normalise else str.strip
        return sealing.digests(clean(text), place=self.place)

    def get_lookup(self, lookup_name: str) -> Any:
        return {"exact": _UnderAnyKey, "in": _UnderAnyKey}.get(lookup_name) or super().get_lookup(lookup_name)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001
        value = getattr(model_instance, self.of)
        digested = self.digest(value) if value else None
        setattr(model_instance, self.attname, digested)
        return digested

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(self.digest(value) if isinstance(value, str) else value)


class _UnderAnyKey(In):
    """Equality with a plain text, or one of several, whichever key it was digested with; NULL equals nothing."""

    lookup_name = "exact"

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if isinstance(rhs, (str, bytes)):
            rhs = [rhs]
        if isinstance(rhs, (list, tuple, set, frozenset)):
            field: LookupField = lhs.output_field
            rhs = [
                digest for each in rhs for digest in (field.digests(each) if isinstance(each, str) else [bytes(each)])
            ]
        super().__init__(lhs, [] if rhs is None else rhs)
        if rhs is None:
            # Django turns equality with nothing into IS NULL when it finds it here.
            self.rhs = None


def mask_phone(phone: str) -> str:
    """Show the first three and last four digits of a phone number."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "*" * len(phone)


def mask_id_number(number: str) -> str:
    """Show the first four and last four characters of an identity number or credit code."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) >= 15 else "*" * len(number)


def mask_name(name: str) -> str:
    """Show the first character of a person's name."""
    return name[:1] + "*" * (len(name) - 1)


def _place(place: str, row: object) -> str:
    return place if row is None else f"{place}:{row}"


def _tracked(model: type[models.Model]) -> type[models.Model]:
    """Return the model whose versions a history keeps: a copied value stays bound to the place it came from."""
    return getattr(model, "pgh_tracked_model", None) or model
