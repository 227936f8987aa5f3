"""How people get and use an account: nobody signs up by themselves, they are added by an owner or an admin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from twoway.lib import sealing
from twoway.lib.refusal import NotAllowed
from twoway.lib.words import t
from twoway.teams import languages
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import is_second_needed
from twoway.teams.approvals.rules import Rule, powers
from twoway.teams.inviting.sign_on import needs_single_sign_on
from twoway.teams.queries import User, access_member, memberships
from twoway.teams.rules import Right, covers, may


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by first run and by members with the right to add people."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("That email and password don't go together."),
        "too_many_login_attempts": gettext_lazy("Too many tries. Wait five minutes, then try again."),
        "incorrect_password": gettext_lazy("That isn't your password."),
        "enter_current_password": gettext_lazy("That isn't your current password."),
        "password_min_length": gettext_lazy("Use at least 10 characters."),
        "rate_limited": gettext_lazy("Too many tries. Wait a minute, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Where everybody signs in at the identity provider, passwords and passkeys are for owners only."""
        if settings.SSO_ONLY and not getattr(request, "twoway_single_sign_on", False) and needs_single_sign_on(user):
            messages.error(request, t("Sign in with {name}. Passwords are for owners here.", name=settings.SSO_NAME))
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of whoever gets it, who need not be who asks for it."""
        with languages.worded_in(languages.language_of_address(email)):
            super().send_mail(template_prefix, email, context)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address the server saw; a trusted proxy's header has been applied to it before Django is called."""
        return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - no address at all

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the public address, never on the Host header: whoever asks for a link must not choose where it leads."""
        uidb36, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
        return f"{settings.PUBLIC_URL}{path}"


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps and seeds of recovery codes are encrypted at rest."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("That code isn't right. Codes change every 30 seconds."),
        "rate_limited": gettext_lazy("Too many tries. Wait a minute, then try again."),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal({"secret": text}, key=settings.SEALING_KEY).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text.encode(), key=settings.SEALING_KEY)["secret"]

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return t("This device") if count == 0 else t("Passkey {n}", n=count + 1)

    def _get_site_name(self) -> str:
        return "Twoway"


def sends_mail() -> bool:
    """Whether a mail server is configured; without one, mails become files in the data folder."""
    return bool(settings.EMAIL_URL)


def may_hand_over(actor: Actor, member_id: int) -> bool:
    """Whether this actor may make a password link for this member.

    Only for an account of this workspace alone, and never for somebody of a higher role: whoever holds the link
    becomes that person. Where making admins takes two people, not for one who has signed in before: whoever asks for
    something must not become the second person. Raises `NotFound`.
    """
    member = access_member(actor, member_id)
    if not member.is_active or not covers(actor, member.role, member.rights):
        return False
    if member.user.last_login and powers(member.role, member.rights) and is_second_needed(actor, Rule.POWERS):
        return False
    return may(actor, Right.MANAGE_MEMBERS) and len(memberships(member.user)) == 1


def make_password_link(actor: Actor, member_id: int, *, at: datetime) -> str:
    """A one-time address where this member sets a password, for handing over when no mail is configured.

    It stops working once the password or the email changes, on the next sign-in, and after three days. That it was
    made is in the audit trail. Raises `NotAllowed`, `NotFound`.
    """
    if not may_hand_over(actor, member_id):
        raise NotAllowed(t("You can't make a password link for this account."))
    user = access_member(actor, member_id).user
    record(actor, "member.password_link_made", f"member {member_id}", at)
    return Adapter().get_reset_password_from_key_url(
        f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    )
