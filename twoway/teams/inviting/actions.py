"""Inviting people, and taking an invitation."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.lib.words import t
from twoway.teams.accounts import clean_email
from twoway.teams.actions import add_member
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import is_second_needed
from twoway.teams.approvals.rules import Rule, powers
from twoway.teams.inviting.models import Invitation
from twoway.teams.inviting.queries import digest_of, has_account, inviter, role_of
from twoway.teams.models import Member, Team, User, Workspace
from twoway.teams.roles.queries import Chosen, choose
from twoway.teams.rules import Right, covers, require

DAYS = (1, 3, 7, 30)
"""How long an invitation may stay open."""
USUAL_DAYS = 7
MOST_OPEN = 200
MOST_AN_HOUR = 60


@transaction.atomic
def invite(
    *,
    by: Actor,
    role: str,
    at: datetime,
    email: str = "",
    name: str = "",
    sees_own_teams_only: bool = False,
    team_ids: Iterable[int] = (),
    days: int = USUAL_DAYS,
) -> tuple[Invitation, str]:
    """A new invitation and the secret part of its link, which can't be shown again.

    Without `email` whoever holds the link may take it. Raises `NotAllowed`, `Invalid`, `Refused` (second_person).
    """
    require(by, Right.MANAGE_MEMBERS)
    if by.member_id is None:
        raise NotAllowed(t("Only a member can invite somebody."))
    chosen = choose(by.workspace_id, role)
    if not covers(by, chosen.role, chosen.rights):
        raise NotAllowed(t("You can't invite somebody who may do more than you."), code="more_than_own")
    _check_second(by, chosen)
    address = clean_email(email) if email.strip() else ""
    _check_room(by, address, at)
    raw = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        workspace_id=by.workspace_id,
        email=address,
        name=" ".join(name.replace("\0", "").split())[:80],
        role=chosen.role,
        custom_role=chosen.custom,
        sees_own_teams_only=sees_own_teams_only,
        digest=digest_of(raw),
        invited_by_id=by.member_id,
        created_at=at,
        expires_at=at + timedelta(days=_clean_days(days)),
    )
    made.teams.set(_teams(by, team_ids))
    record(by, "invitation.made", f"invitation {made.pk}", at, email=address, role=chosen.kept_name)
    return made, raw


@transaction.atomic
def renew(*, by: Actor, invitation: Invitation, at: datetime) -> str:
    """A new link for an open invitation, good for as long as the first was; the old link stops working.

    It is the invitation of whoever renews it from now on. Raises `NotAllowed`.
    """
    found = _lock(by, invitation)
    chosen = role_of(found)
    if by.member_id is None or not covers(by, chosen.role, chosen.rights):
        raise NotAllowed(t("You can't invite somebody who may do more than you."), code="more_than_own")
    _check_second(by, chosen)
    raw = secrets.token_urlsafe(32)
    found.expires_at = at + (found.expires_at - (found.sent_at or found.created_at))
    found.digest, found.invited_by_id, found.sent_at = digest_of(raw), by.member_id, at
    found.save(update_fields=["digest", "expires_at", "invited_by", "sent_at"])
    record(by, "invitation.renewed", f"invitation {found.pk}", at, email=found.email)
    return raw


@transaction.atomic
def revoke(*, by: Actor, invitation: Invitation, at: datetime) -> None:
    """Take an invitation back: its link stops working. Raises `NotAllowed`."""
    found = _lock(by, invitation)
    found.revoked_at = at
    found.save(update_fields=["revoked_at"])
    record(by, "invitation.revoked", f"invitation {found.pk}", at, email=found.email)


@transaction.atomic
def join(*, invitation: Invitation, user: User, at: datetime) -> Member:
    """Take it with an account that exists: whoever is signed in. Raises `Refused`, `Invalid`."""
    found = _still_open(invitation, at)
    if found.email and user.email.casefold() != found.email.casefold():
        raise NotAllowed(t("This invitation is for another address."), code="other_address")
    return _join(found, email=user.email, name=user.name, password=None, at=at)


@transaction.atomic
def join_anew(
    *, invitation: Invitation, email: str, name: str, password: str | None, at: datetime, is_verified: bool = False
) -> Member:
    """Take it with a new account. An address that was typed in, and not invited, counts as unverified.

    With `is_verified` somebody else vouches for the address; such an account may go without a password.

    Raises `Refused`, `Invalid`.
    """
    found = _still_open(invitation, at)
    address = found.email or clean_email(email)
    if has_account(address):
        raise Invalid(
            t("There is an account with this address. Sign in with it, then open the link again."), field="email"
        )
    member = _join(found, email=address, name=name, password=password, at=at)
    if not found.email and not is_verified:
        EmailAddress.objects.filter(user=member.user).update(verified=False)
    return member


def _join(found: Invitation, *, email: str, name: str, password: str | None, at: datetime) -> Member:
    by = inviter(found)
    if by is None:
        raise _over()
    there = set(Team.objects.filter(id__in=found.teams.all()).values_list("id", flat=True))
    member = add_member(
        by=by,
        email=email,
        name=name,
        role=role_of(found).word,
        password=password,
        at=at,
        sees_own_teams_only=found.sees_own_teams_only,
        team_ids=there,
    )
    found.accepted_at, found.accepted_by = at, member
    found.save(update_fields=["accepted_at", "accepted_by"])
    record(by, "invitation.accepted", f"invitation {found.pk}", at, email=email, member=member.pk)
    return member


def _still_open(invitation: Invitation, at: datetime) -> Invitation:
    """The invitation as it is now, held until the end of the transaction: two who open one link don't both get in."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("custom_role", "invited_by__user")
    found = rows.filter(id=invitation.pk, digest=invitation.digest, accepted_at=None, revoked_at=None).first()
    if found is None or found.expires_at <= at:
        raise _over()
    return found


def _over() -> Refused:
    return Refused(t("This invitation doesn't work any more. Ask for a new one."), code="invitation_over")


def _lock(by: Actor, invitation: Invitation) -> Invitation:
    require(by, Right.MANAGE_MEMBERS)
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("custom_role")
    mine = rows.filter(workspace_id=by.workspace_id, id=invitation.pk, accepted_at=None, revoked_at=None)
    found = mine.first()
    if found is None:
        raise NotAllowed(t("This invitation isn't open any more."))
    return found


def _check_room(by: Actor, address: str, at: datetime) -> None:
    """Not twice for one address, not too many at once. Waits for whoever else invites in this workspace."""
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    if address and Member.objects.filter(workspace_id=by.workspace_id, user__email=address, is_active=True).exists():
        raise Invalid(t("They are a member already."), field="email", code="already_member")
    here = Invitation.objects.filter(workspace_id=by.workspace_id)
    waiting = here.filter(accepted_at=None, revoked_at=None)
    if address and waiting.filter(email=address, expires_at__gt=at).exists():
        raise Invalid(t("They are invited already. Make a new link below instead."), field="email", code="invited")
    if waiting.count() >= MOST_OPEN:
        raise Refused(t("{most} invitations are open. Take some back first.", most=MOST_OPEN), code="too_many")
    if here.filter(created_at__gt=at - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        raise Refused(t("That were many invitations. Wait an hour, then go on."), code="too_many")


def _check_second(by: Actor, chosen: Chosen) -> None:
    """A link is shown once, to whoever makes it: so it can't wait for somebody else to agree."""
    if powers(chosen.role, chosen.rights) and is_second_needed(by, Rule.POWERS):
        words = t("A second person has to agree to this role. Invite them with another one, then change it.")
        raise Refused(words, code="second_person")


def _clean_days(days: int) -> int:
    if days not in DAYS:
        raise Invalid(t("Choose one of: {choices} days.", choices=", ".join(str(one) for one in DAYS)), field="days")
    return days


def _teams(by: Actor, team_ids: Iterable[int]) -> list[Team]:
    wanted = set(team_ids)
    found = list(Team.objects.filter(workspace_id=by.workspace_id, id__in=wanted))
    if len(found) != len(wanted):
        raise Invalid(t("Choose teams of this workspace."), field="teams")
    return found
