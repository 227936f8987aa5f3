"""What each role may do."""

from __future__ import annotations

from enum import StrEnum

from twoway.lib.refusal import NotAllowed
from twoway.teams.actor import Actor


class Right(StrEnum):
    """Something a role may or may not do.

    MOVE_CONTACTS: import and export lists of people. MANAGE_REPLIES: canned responses and macros of teams and of all.
    EXPORT: take transcripts out. SEE_WORK: sums of the time members spent on texts.
    """

    READ = "read"
    SEE_NUMBERS = "see_numbers"
    REPLY = "reply"
    ASSIGN = "assign"
    TAG = "tag"
    USE_SIMULATOR = "use_simulator"
    SEE_QUARANTINE = "see_quarantine"
    SEE_COSTS = "see_costs"
    MANAGE_COSTS = "manage_costs"
    MANAGE_TEAMS = "manage_teams"
    MANAGE_CHANNELS = "manage_channels"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_WORKSPACE = "manage_workspace"
    SEE_COMPLIANCE = "see_compliance"
    MANAGE_COMPLIANCE = "manage_compliance"
    MANAGE_CONTACTS = "manage_contacts"
    MOVE_CONTACTS = "move_contacts"
    MANAGE_REPLIES = "manage_replies"
    SHARE_VIEWS = "share_views"
    EXPORT = "export"
    SEE_WORK = "see_work"
    MANAGE_ROLES = "manage_roles"


_VIEWER = frozenset({Right.READ})
_AGENT = _VIEWER | {
    Right.SEE_NUMBERS,
    Right.REPLY,
    Right.ASSIGN,
    Right.TAG,
    Right.USE_SIMULATOR,
    Right.MANAGE_CONTACTS,
}
_MANAGER = _AGENT | {
    Right.SEE_QUARANTINE,
    Right.SEE_COSTS,
    Right.MANAGE_TEAMS,
    Right.SEE_COMPLIANCE,
    Right.MOVE_CONTACTS,
    Right.MANAGE_REPLIES,
    Right.SHARE_VIEWS,
    Right.EXPORT,
    Right.SEE_WORK,
}
_ADMIN = _MANAGER | {
    Right.MANAGE_CHANNELS,
    Right.MANAGE_MEMBERS,
    Right.MANAGE_TOKENS,
    Right.MANAGE_WORKSPACE,
    Right.MANAGE_COSTS,
    Right.MANAGE_COMPLIANCE,
    Right.MANAGE_ROLES,
}

RIGHTS: dict[str, frozenset[Right]] = {
    "viewer": _VIEWER,
    "agent": _AGENT,
    "manager": _MANAGER,
    "admin": _ADMIN,
    "owner": _ADMIN,
}
"""Owners and admins have the same rights, except that only an owner may make, change or remove an owner."""

_RANK = ("viewer", "agent", "manager", "admin", "owner")


def role_may(role: str, right: Right) -> bool:
    """Whether this role has this right. A role nobody knows has none."""
    return right in RIGHTS.get(role, frozenset())


def may(actor: Actor, right: Right) -> bool:
    """Whether this actor has this right: of their role, or of the list that stands in its place (`Actor.rights`)."""
    return role_may(actor.role, right) if actor.rights is None else right in actor.rights


NUMBERS_FROM = ("agent", "manager", "admin", "owner")
"""From which role up whole phone numbers may be seen, as a workspace chooses; who may not reply never sees them."""


def sees_numbers(role: str, *, numbers_from: str) -> bool:
    """Whether this role sees whole phone numbers in a workspace that shows them from `numbers_from` up."""
    return role_may(role, Right.SEE_NUMBERS) and may_grant(role, numbers_from)


def may_grant(role: str, granted: str) -> bool:
    """Whether someone of `role` may give `granted` to a member or a token: at most what they have themselves."""
    return role in _RANK and granted in _RANK and _RANK.index(granted) <= _RANK.index(role)


def require(actor: Actor, right: Right) -> None:
    """Raises `NotAllowed` unless this actor has this right."""
    if not may(actor, right):
        raise NotAllowed("Your role doesn't allow this. Ask an owner or an admin.", code="not_allowed")
