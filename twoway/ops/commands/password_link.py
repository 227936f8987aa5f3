"""`twoway password-link EMAIL`: a link with which a person sets a new password, where no mail server is set up."""

from __future__ import annotations

import argparse

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from twoway.ops import printing
from twoway.ops.errors import CommandFailed
from twoway.teams.models import User


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("email", metavar="EMAIL", help="the account's address")


def run(args: argparse.Namespace) -> int:
    """Print the link. It works once, until the password changes, and no longer than Django's own limit of days."""
    user = User.objects.filter(email__iexact=args.email.strip(), is_active=True).first()
    if user is None:
        raise CommandFailed(f"There is no account with the email {args.email}.")
    made = {"email": user.email, "url": link_for(user)}
    return printing.show(
        args, made, lambda: [f"Open this within three days to set a password for {user.email}:", made["url"]]
    )


def link_for(user: User) -> str:
    """The address of the page that sets a new password for this account."""
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
    return f"{settings.PUBLIC_URL}{path}"
