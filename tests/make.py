"""Plain functions that put rows into the database, each with just what a test wants to say about it."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password

from twoway.channels.models import Channel
from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation, Episode, Note, Tag
from twoway.lib.sealing import seal
from twoway.messaging.models import Message
from twoway.teams.models import Member, Team, User, Workspace

PASSWORD = "correct horse battery"

_number = itertools.count(100)
"""Numbers of the block reserved for fiction: 555-0100 to 0199, in many area codes."""


def phone() -> str:
    """A new US number in E.164."""
    n = next(_number)
    return f"+1{201 + n // 100 % 700}555{100 + n % 100:04d}"


@cache
def _hashed(password: str) -> str:
    return make_password(password)


def make_workspace(*, name: str = "Ridgeway Carshare", at: datetime, **fields: Any) -> Workspace:
    return Workspace.objects.create(name=name, created_at=at, **fields)


def make_user(name: str, *, email: str = "") -> User:
    """An account with `PASSWORD`."""
    address = email or f"{name.lower()}@example.com"
    user = User.objects.create(email=address, name=name, password=_hashed(PASSWORD))
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


def make_member(
    workspace: Workspace,
    name: str,
    *,
    at: datetime,
    role: str = "agent",
    teams: Iterable[Team] = (),
    sees_own_teams_only: bool = False,
    **fields: Any,
) -> Member:
    """A member with an account of their own."""
    member = Member.objects.create(
        workspace=workspace,
        user=make_user(name),
        role=role,
        sees_own_teams_only=sees_own_teams_only,
        created_at=at,
        **fields,
    )
    member.teams.set(teams)
    return member


def make_team(workspace: Workspace, name: str, *, at: datetime, members: Iterable[Member] = ()) -> Team:
    team = Team.objects.create(workspace=workspace, name=name, created_at=at)
    team.members.set(members)
    return team


def make_channel(
    workspace: Workspace,
    *,
    at: datetime,
    address: str = "",
    provider: str = "simulator",
    credentials: dict[str, str] | None = None,
    **fields: Any,
) -> Channel:
    """A number of ours; at the simulator, with the key its carrier signs with."""
    if credentials is None:
        credentials = {"key": settings.CARRIER_KEY}
    return Channel.objects.create(
        workspace=workspace,
        provider=provider,
        address=address or phone(),
        sealed_credentials=seal(credentials, key=settings.SEALING_KEY),
        hook=fields.pop("hook", secrets.token_urlsafe(16)),
        created_at=at,
        **fields,
    )


def make_contact(workspace: Workspace, *, at: datetime, name: str = "", **fields: Any) -> Contact:
    return Contact.objects.create(workspace=workspace, name=name, created_at=at, **fields)


def make_identity(contact: Contact, *, at: datetime, value: str = "", kind: str = "phone", **fields: Any) -> Identity:
    return Identity.objects.create(
        workspace_id=contact.workspace_id,
        contact=contact,
        kind=kind,
        value=value or phone(),
        created_at=at,
        **fields,
    )


def make_conversation(
    channel: Channel,
    *,
    at: datetime,
    messages: int = 0,
    contact: Contact | None = None,
    identity: Identity | None = None,
    name: str = "",
    tags: Iterable[Tag] = (),
    **fields: Any,
) -> Conversation:
    """A conversation that began at `at`, with `messages` texts, a minute apart, the customer's first and then by turns.

    `needs_reply` and the other columns follow from the texts, unless they are given; nobody waits in one that is done.
    """
    if fields.get("state") == "done":
        fields = {"needs_reply": False, "unanswered": 0, **fields}
    contact = contact or (identity.contact if identity else make_contact(channel.workspace, at=at, name=name))
    identity = identity or make_identity(contact, at=at)
    conversation = Conversation.objects.create(
        workspace_id=channel.workspace_id,
        contact=contact,
        channel=channel,
        identity=identity,
        **{"sort_at": at, "last_message_at": at, "created_at": at, **fields},
    )
    conversation.tags.set(tags)
    closed_at = conversation.last_message_at if conversation.state == "done" else None
    Episode.objects.create(conversation=conversation, number=conversation.episode, opened_at=at, closed_at=closed_at)
    for n in range(messages):
        make_message(conversation, direction="out" if n % 2 else "in", at=at + timedelta(minutes=n))
    if fields and messages:
        Conversation.objects.filter(id=conversation.id).update(**fields)
        conversation.refresh_from_db()
    return conversation


def make_message(
    conversation: Conversation, *, at: datetime, direction: str = "in", body: str = "Where is my car?", **fields: Any
) -> Message:
    """One text, and what it does to its conversation."""
    ours, theirs = conversation.channel.address, conversation.identity.value
    is_in = direction == "in"
    waits = is_in and conversation.state != "done"
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        channel_id=conversation.channel_id,
        identity_id=conversation.identity_id,
        direction=direction,
        body=body,
        sender=theirs if is_in else ours,
        recipient=ours if is_in else theirs,
        created_at=at,
        **{
            "status": "received" if is_in else "delivered",
            "author": "customer" if is_in else "member",
            "encoding": "GSM-7",
            "provider_id": secrets.token_hex(16),
            **fields,
        },
    )
    if not (is_in and conversation.needs_reply):
        conversation.sort_at = at
    conversation.needs_reply = waits
    conversation.unanswered = conversation.unanswered + 1 if waits else 0
    conversation.last_message_at, conversation.last_message_id = at, message.id
    conversation.preview, conversation.preview_by = body[:160], message.by_name
    if is_in:
        conversation.last_inbound_at, conversation.last_inbound_id = at, message.id
    conversation.save()
    return message


def make_note(conversation: Conversation, *, at: datetime, by: Member | None = None, body: str = "Ask Fern.") -> Note:
    return Note.objects.create(
        conversation=conversation, body=body, by=by, by_name=str(by) if by else "", created_at=at
    )


def make_tag(workspace: Workspace, name: str, **fields: Any) -> Tag:
    return Tag.objects.create(workspace=workspace, name=name, **fields)
