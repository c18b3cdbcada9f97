"""Accounts of the public, of staff and of machines."""

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from tongdian.people.models import Organisation, User
from tongdian.people.rules import normalise_phone

PREFERENCES = frozenset({"display_name", "language", "has_large_type", "contact_by", "has_quiet_hours"})


class UsernameTaken(ValueError):
    def __init__(self, username: str) -> None:
        super().__init__(f"user name {username!r} is in use; choose another")
        self.username = username


class PhoneTaken(ValueError):
    def __init__(self) -> None:
        # Neither the number nor whose it is: both are personal data.
        super().__init__("the phone number belongs to another account")


class NotAPerson(ValueError):
    def __init__(self, username: str) -> None:
        super().__init__(f"{username!r} is no account of the public; only those sign in by phone")
        self.username = username


def create_staff(
    *,
    username: str,
    password: str | None,
    organisation: Organisation,
    display_name: str = "",
    language: str = "zh-hans",
) -> User:
    """Create an account of staff, without any right until a role is granted; None makes sign-in impossible.

    Raises UsernameTaken when the name is in use; ValidationError when the password is too weak.
    """
    if password is not None:
        validate_password(password)
    return _create(
        User.Kind.STAFF,
        username,
        password,
        organisation=organisation,
        display_name=display_name,
        language=language,
    )


def create_machine(*, username: str, organisation: Organisation) -> User:
    """Create an account for another system; it never signs in on a page.

    Raises UsernameTaken when the name is in use.
    """
    return _create(User.Kind.MACHINE, username, None, organisation=organisation)


def person_for_phone(phone: str, *, language: str, now: datetime) -> User:
    """Return the account of the public with that phone, creating it on first use; the phone is proven by a code.

    Raises InvalidPhone when it is not a mobile number.
    """
    number = normalise_phone(phone)
    if known := _by_phone(number):
        return _proven(known, now)
    try:
        with transaction.atomic():
            return User.objects.create_user(
                f"u{secrets.token_hex(8)}", phone=number, phone_verified_at=now, language=language
            )
    except IntegrityError:
        # Two first sign-ins at once: the other one created the account.
        return _proven(User.objects.get(phone_lookup=number), now)


def _proven(user: User, now: datetime) -> User:
    if user.phone_verified_at is None:
        user.phone_verified_at = now
        user.save(update_fields=["phone_verified_at"])
    return user


def person_known_by(phone: str | None, *, language: str) -> User:
    """Return the account of a member of the public whom somebody else names, creating it; the phone is not proven yet.

    Who proves the phone by a code later signs in to this very account. None makes an account nobody can sign in to,
    for somebody without a phone.

    Raises InvalidPhone when it is not a mobile number.
    """
    number = normalise_phone(phone) if phone else None
    if number and (known := _by_phone(number)):
        return known
    try:
        with transaction.atomic():
            return User.objects.create_user(f"u{secrets.token_hex(8)}", phone=number, language=language)
    except IntegrityError:
        # Two clerks at once: the other one created the account.
        return User.objects.get(phone_lookup=number)


def set_phone(user: User, *, phone: str, now: datetime) -> User:
    """Change the phone an account signs in by, after the new one is proven by a code.

    Raises NotAPerson for staff and machines; PhoneTaken when another account has it; InvalidPhone when it is
    not a mobile number.
    """
    if user.kind != User.Kind.PERSON:
        raise NotAPerson(user.username)
    user.phone, user.phone_verified_at = normalise_phone(phone), now
    # The constraint compares digests: while the look-up key changes, the other account's may be of the old key.
    if (known := _by_phone(user.phone)) and known != user:
        raise PhoneTaken
    try:
        with transaction.atomic():
            user.save(update_fields=["phone", "phone_lookup", "phone_verified_at"])
    except IntegrityError as error:
        raise PhoneTaken from error
    return user


def set_preferences(user: User, **preferences: Any) -> User:
    """Change display name, language, type size and ways of contact.

    Raises TypeError when a name is not a preference; ValidationError when a value is not allowed.
    """
    if unknown := set(preferences) - PREFERENCES:
        raise TypeError(f"not preferences: {', '.join(sorted(unknown))}")
    for name, value in preferences.items():
        setattr(user, name, value)
    user.clean_fields(exclude={field.name for field in User._meta.fields} - set(preferences))
    user.save(update_fields=list(preferences))
    return user


def change_password(user: User, password: str) -> User:
    """Change the password of staff; their other sessions end.

    Raises ValidationError when it is too weak.
    """
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def deactivate(user: User) -> User:
    """Close an account: it cannot sign in any more and its sessions end; its grants stay on record."""
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    return user


def _by_phone(number: str) -> User | None:
    return User.objects.filter(phone_lookup=number).first()


def _create(kind: User.Kind, username: str, password: str | None, **fields: Any) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(username, password, kind=kind, **fields)
    except IntegrityError as error:
        raise UsernameTaken(username) from error
