"""Letting in whom an identity provider vouches for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from twoway.lib.oidc import Identity
from twoway.lib.refusal import NotAllowed
from twoway.lib.words import t
from twoway.teams.actions import add_member
from twoway.teams.actor import system
from twoway.teams.inviting.actions import join_anew
from twoway.teams.inviting.models import SignOn
from twoway.teams.inviting.queries import of_link
from twoway.teams.models import Member, Role, User, Workspace
from twoway.teams.roles.queries import built_in


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Whom to let in: addresses at `domains` (all when empty); unknown ones as `role`, or not at all when empty."""

    issuer: str
    domains: frozenset[str] = frozenset()
    role: str = ""


@transaction.atomic
def admit(*, who: Identity, terms: Terms, at: datetime, link: str = "") -> User:
    """The account of somebody who signed in with the provider, made when the terms or an invitation say so.

    `link` is the secret part of an invitation they are on their way to. An account here is theirs when the provider's
    subject was bound to it, or when its address, verified on both sides, is the same; then it is bound.
    Raises `NotAllowed`.
    """
    if not who.email:
        raise NotAllowed(t("Your identity provider doesn't vouch for your address."), code="unverified")
    if terms.domains and who.email.rpartition("@")[2] not in terms.domains:
        raise NotAllowed(t("Addresses of this domain aren't let in here."), code="other_domain")
    bound = SignOn.objects.filter(issuer=terms.issuer, subject=who.subject).select_related("user").first()
    user = bound.user if bound else _by_address(who) or _anew(who, terms, link, at)
    if not user.is_active or not Member.objects.filter(user=user, is_active=True, user__is_active=True).exists():
        raise NotAllowed(t("Your account is switched off. Ask an owner or an admin."), code="switched_off")
    if bound is None:
        SignOn.objects.create(user=user, issuer=terms.issuer, subject=who.subject, created_at=at)
    return user


def needs_single_sign_on(user: User) -> bool:
    """Whether this user may be held to single sign-on: everybody but owners, who get in when the provider is down."""
    return not Member.objects.filter(user=user, is_active=True, role=Role.OWNER).exists()


def _by_address(who: Identity) -> User | None:
    user = User.objects.filter(email__iexact=who.email).first()
    if user is None:
        return None
    if not EmailAddress.objects.filter(user=user, email__iexact=who.email, verified=True).exists():
        raise NotAllowed(t("Sign in with your password: this account's address was never verified."), code="unverified")
    if SignOn.objects.filter(user=user).exists():
        raise NotAllowed(t("This address belongs to somebody else's account here."), code="other_subject")
    return user


def _anew(who: Identity, terms: Terms, link: str, at: datetime) -> User:
    found = of_link(link, at=at) if link else None
    if found is not None and found.email.casefold() in {"", who.email}:
        return join_anew(invitation=found, email=who.email, name=who.name, password=None, at=at, is_verified=True).user
    workspace = Workspace.objects.order_by("id").first()
    if not terms.role or workspace is None:
        raise NotAllowed(t("Nobody added you here yet. Ask an owner or an admin for an invitation."), code="unknown")
    by = system(workspace.pk, name="single sign-on")
    role = built_in(terms.role).word
    return add_member(by=by, email=who.email, name=who.name, role=role, password=None, at=at).user
