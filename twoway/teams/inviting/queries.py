"""Reading invitations: the open ones of a workspace, and the one of a link."""

from __future__ import annotations

import hashlib
from datetime import datetime

from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor
from twoway.teams.inviting.models import Invitation
from twoway.teams.models import User
from twoway.teams.queries import actor_of_user
from twoway.teams.roles.queries import Chosen, built_in, of
from twoway.teams.rules import Right, covers, may, require

__all__ = ["Invitation", "access_invitation", "digest_of", "has_account", "inviter", "of_link", "open_ones", "role_of"]


def digest_of(raw: str) -> str:
    """What is kept of a link's secret part: SHA-256 in hexadecimal. It has 256 random bits, so no salt is needed."""
    return hashlib.sha256(raw.encode("utf-8", "replace")).hexdigest()


def open_ones(actor: Actor) -> list[Invitation]:
    """Those nobody took and nobody took back, the newest first; expired ones too. Raises `NotAllowed`."""
    require(actor, Right.MANAGE_MEMBERS)
    rows = Invitation.objects.filter(workspace_id=actor.workspace_id, accepted_at=None, revoked_at=None)
    rows = rows.select_related("custom_role", "invited_by__user").prefetch_related("teams")
    return list(rows.order_by("-created_at", "-id"))


def access_invitation(actor: Actor, invitation_id: int) -> Invitation:
    """One of the open ones. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.MANAGE_MEMBERS)
    rows = Invitation.objects.filter(workspace_id=actor.workspace_id, accepted_at=None, revoked_at=None)
    found = rows.select_related("custom_role", "invited_by__user").filter(id=invitation_id).first()
    if found is None:
        raise NotFound("invitation", invitation_id)
    return found


def of_link(raw: str, *, at: datetime) -> Invitation | None:
    """The invitation of a link that still works, or None.

    It works while it is open, and while whoever made it could still make it: an inviter who was switched off, or may
    less than they did, invites nobody.
    """
    rows = Invitation.objects.filter(digest=digest_of(raw), accepted_at=None, revoked_at=None, expires_at__gt=at)
    found = rows.select_related("workspace", "custom_role", "invited_by__user").first()
    return found if found is not None and inviter(found) is not None else None


def inviter(invitation: Invitation) -> Actor | None:
    """Whoever made the invitation as they are now; None when they may not invite to this role any more."""
    by = invitation.invited_by
    actor = actor_of_user(user_id=by.user_id, workspace_id=invitation.workspace_id)
    chosen = role_of(invitation)
    if actor is None or not may(actor, Right.MANAGE_MEMBERS) or not covers(actor, chosen.role, chosen.rights):
        return None
    return actor


def role_of(invitation: Invitation) -> Chosen:
    """The role whoever takes it gets: of a role that was deleted meanwhile, its base."""
    return built_in(invitation.role) if invitation.custom_role is None else of(invitation.custom_role)


def has_account(email: str) -> bool:
    """Whether there is an account with this address."""
    return User.objects.filter(email__iexact=email.strip()).exists()
