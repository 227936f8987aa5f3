"""Making and revoking the tokens programs use."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from twoway.lib.refusal import NotAllowed
from twoway.lib.words import t
from twoway.teams.accounts import clean_name
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.models import ApiToken
from twoway.teams.queries import TOKEN_PREFIX, token_digest
from twoway.teams.roles.queries import choose
from twoway.teams.rules import Right, covers, require

SHOWN_LETTERS = 10


@transaction.atomic
def create_token(*, by: Actor, name: str, role: str, at: datetime) -> tuple[ApiToken, str]:
    """A new token and its text, `tw_` and 43 letters: the text can't be shown again. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_TOKENS)
    chosen = choose(by.workspace_id, role)
    if not covers(by, chosen.role, chosen.rights):
        raise NotAllowed(t("A token can't be allowed more than you are."))
    raw = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        workspace_id=by.workspace_id,
        name=clean_name(name, longest=80),
        role=chosen.role,
        custom_role=chosen.custom,
        prefix=raw[:SHOWN_LETTERS],
        digest=token_digest(raw),
        created_by_id=by.member_id,
        created_at=at,
    )
    record(
        by,
        "token.created",
        f"token {token.pk}",
        at,
        name=token.name,
        prefix=token.prefix,
        role=chosen.name if chosen.custom else chosen.role,
    )
    return token, raw


@transaction.atomic
def revoke_token(*, by: Actor, token: ApiToken, at: datetime) -> ApiToken:
    """End a token for good. Raises `NotAllowed`."""
    require(by, Right.MANAGE_TOKENS)
    if token.workspace_id != by.workspace_id:
        raise NotAllowed(t("This token is not of this workspace."))
    if ApiToken.objects.filter(id=token.pk, revoked_at=None).update(revoked_at=at):
        token.revoked_at = at
        record(by, "token.revoked", f"token {token.pk}", at, name=token.name, prefix=token.prefix)
    return token
