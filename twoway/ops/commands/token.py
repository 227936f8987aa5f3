"""`twoway token`: the tokens programs use."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of
from twoway.teams import actions, queries
from twoway.teams.models import ApiToken, Role


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    add = add_actions(parser)
    create = add("create", "make a token; it is shown once", _create)
    create.add_argument("--name", required=True, help="what uses it")
    create.add_argument("--role", choices=Role.values, default=Role.ADMIN.value, help="what it may do (admin)")
    add_workspace(create)
    add_workspace(add("list", "the tokens there are", _list))
    revoke = add("revoke", "end a token for good", _revoke)
    revoke.add_argument("id", type=int, metavar="ID")
    add_workspace(revoke)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _create(args: argparse.Namespace) -> int:
    token, raw = actions.create_token(by=operator_of(args), name=args.name, role=args.role, at=datetime.now(UTC))
    made = {"api_token": raw, "token_id": token.pk, "role": token.role}
    return printing.show(args, made, lambda: [f"Token {token.pk}, {token.role} (it can't be shown again): {raw}"])


def _list(args: argparse.Namespace) -> int:
    found = [_document(token) for token in queries.tokens(operator_of(args))]
    return printing.show(args, {"items": found}, lambda: [_line(token) for token in found])


def _revoke(args: argparse.Namespace) -> int:
    by = operator_of(args)
    token = actions.revoke_token(by=by, token=queries.access_token(by, args.id), at=datetime.now(UTC))
    return printing.show(args, _document(token), lambda: [f"Token {token.pk} ({token.name}) is revoked."])


def _document(token: ApiToken) -> dict[str, Any]:
    return {
        "token_id": token.pk,
        "name": token.name,
        "role": token.role,
        "prefix": token.prefix,
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }


def _line(token: dict[str, Any]) -> str:
    used = f"last used {token['last_used_at']:%Y-%m-%d %H:%M}" if token["last_used_at"] else "never used"
    state = f"revoked {token['revoked_at']:%Y-%m-%d %H:%M}" if token["revoked_at"] else used
    return f"{token['token_id']:>5}  {token['prefix']}…  {token['role']:<8} {token['name']}  ({state})"
