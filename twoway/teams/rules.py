"""What each role may do."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from twoway.lib.refusal import NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor


class Right(StrEnum):
    """Something a role may or may not do.

    MOVE_CONTACTS: import and export lists of people. MANAGE_REPLIES: canned responses and macros of teams and of all.
    EXPORT: take transcripts out. SEE_WORK: sums of the time members spent on texts.
    """

    READ = "read"
    SEE_NUMBERS = "see_numbers"
    REPLY = "reply"
    CALL = "call"
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
    Right.CALL,
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


def held(role: str, rights: Collection[str] | None = None) -> frozenset[Right]:
    """The rights of a role: its own, or those of the list that stands in their place. Words nobody knows don't count.

    Whoever has any role may read.
    """
    if rights is None:
        return RIGHTS.get(role, frozenset())
    return frozenset(right for right in Right if right in rights) | _VIEWER


def may(actor: Actor, right: Right) -> bool:
    """Whether this actor has this right: of their role, or of the list that stands in its place (`Actor.rights`)."""
    return right in held(actor.role, actor.rights)


def is_owner(actor: Actor) -> bool:
    """Whether this actor owns the workspace; an owner's role is always the built-in one."""
    return actor.role == OWNER


OWNER = "owner"
BASES = ("viewer", "agent", "manager", "admin")
"""What a workspace may base a role of its own on."""
NUMBERS_FROM = ("agent", "manager", "admin", "owner")
"""From which role up whole phone numbers may be seen, as a workspace chooses; who may not reply never sees them."""


def sees_numbers(role: str, *, numbers_from: str, rights: Collection[str] | None = None) -> bool:
    """Whether this role sees whole phone numbers in a workspace that shows them from `numbers_from` up.

    One with a list of its own needs the right, and where not all see them, the rank of its base.
    """
    if Right.SEE_NUMBERS not in held(role, rights):
        return False
    return may_grant(role, numbers_from) or (rights is not None and numbers_from == NUMBERS_FROM[0])


def may_grant(role: str, granted: str) -> bool:
    """Whether `role` stands at least as high as `granted`."""
    return role in _RANK and granted in _RANK and _RANK.index(granted) <= _RANK.index(role)


def covers(actor: Actor, role: str, rights: Collection[str] | None = None) -> bool:
    """Whether this actor may give this role, or change somebody who has it: it is no more than what they have."""
    return may_grant(actor.role, role) and held(role, rights) <= held(actor.role, actor.rights)


def require(actor: Actor, right: Right) -> None:
    """Raises `NotAllowed` unless this actor has this right."""
    if not may(actor, right):
        raise NotAllowed(t("Your role doesn't allow this. Ask an owner or an admin."), code="not_allowed")
