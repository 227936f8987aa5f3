"""`twoway init`: the first workspace, its owner, and a token for programs."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime

from django.db import transaction

from twoway.lib.refusal import Invalid
from twoway.ops import printing
from twoway.ops.errors import CommandFailed
from twoway.teams import actions, queries
from twoway.teams.accounts import clean_email
from twoway.teams.models import User

MADE_BY = "twoway init"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--workspace", required=True, metavar="NAME", help="name of the business")
    parser.add_argument("--email", required=True, help="the owner's email address, to sign in with")
    parser.add_argument(
        "--password", default=os.environ.get("TWOWAY_PASSWORD"), help="at least ten characters; or TWOWAY_PASSWORD"
    )
    parser.add_argument("--name", default="", help="the owner's own name")
    parser.add_argument("--time-zone", default="", metavar="ZONE", help="such as America/New_York")
    parser.add_argument("--region", default="", metavar="CC", help="country for numbers typed without +, such as US")


def run(args: argparse.Namespace) -> int:
    """Make them and print `{"workspace_id", "user_id", "api_token"}`. Refused when the account exists already."""
    if not args.password:
        raise CommandFailed("Give the owner a password with --password or TWOWAY_PASSWORD.")
    at = datetime.now(UTC)
    with transaction.atomic():
        email = clean_email(args.email)
        if User.objects.filter(email__iexact=email).exists():
            raise Invalid(f"There is an account with the email {email} already. Sign in, or use another address.")
        owner = actions.create_workspace(
            name=args.workspace,
            owner_email=email,
            owner_name=args.name,
            password=args.password,
            time_zone=args.time_zone,
            region=args.region,
            at=at,
        )
        _, token = actions.create_token(by=queries.actor_of(owner), name=MADE_BY, role="owner", at=at)
    made = {"workspace_id": owner.workspace_id, "user_id": owner.user_id, "api_token": token}
    return printing.show(args, made, lambda: _lines(args.workspace, email, token))


def _lines(workspace: str, email: str, token: str) -> list[str]:
    return [
        f"{workspace} is ready. Sign in as {email}.",
        f"API token (it can't be shown again): {token}",
    ]
