"""Checking what is typed about people: addresses, names, passwords."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.models import User


def clean_email(email: str) -> str:
    """The address in lower case. Raises `Invalid`."""
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(t("This is not an email address."), field="email") from None
    return address


def clean_name(name: str, *, longest: int, field: str = "name") -> str:
    """A name on one line. Raises `Invalid` when it is empty or too long."""
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned:
        raise Invalid(t("Write a name."), field=field)
    if len(cleaned) > longest:
        raise Invalid(t("Use at most {most} characters.", most=longest), field=field)
    return cleaned


def account_for(*, email: str, name: str, password: str | None) -> User:
    """The account of this address, made when there is none. An account that exists is never changed.

    The address counts as verified: an owner, an admin or the operator typed it. Raises `Invalid`.
    """
    address = clean_email(email)
    existing = User.objects.filter(email__iexact=address).first()
    if existing is not None:
        return existing
    if password is not None:
        try:
            validate_password(password, User(email=address, name=name))
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), field="password") from None
    user = User.objects.create_user(address, password, name=" ".join(name.split())[:80])
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user
