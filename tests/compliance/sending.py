"""A person in California, a program that texts them, and what becomes of its texts: at the door and at the claim."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests import make
from tests.cast import NOW
from twoway.channels.models import Channel
from twoway.compliance.consent import actions as consent
from twoway.compliance.deciding.queries import decisions
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Refused
from twoway.messaging import claims, database, outbound
from twoway.messaging.claims import Round
from twoway.messaging.directory import Directory
from twoway.messaging.models import Message
from twoway.teams.actor import Actor, system
from twoway.teams.models import Workspace

DAY = timedelta(days=1)


def make_dana(workspace: Workspace) -> Identity:
    """Somebody with a number of San Francisco."""
    return make.make_identity(make.make_contact(workspace, at=NOW, name="Dana"), at=NOW, value="+14155550171")


def make_talk(channel: Channel, who: Identity, *, at: datetime = NOW) -> Conversation:
    """Their conversation, with one text of theirs."""
    return make.make_conversation(channel, at=at, messages=1, identity=who, contact=who.contact)


def make_program(workspace: Workspace) -> Actor:
    """A program with a token that may do what an agent may."""
    return replace(system(workspace.pk), kind="token", name="API", role="agent")


def agree(who: Identity, purpose: str = "promotion", level: str = "written", *, at: datetime = NOW - DAY) -> None:
    """They consented by a form."""
    consent.grant(identity=who, purpose=purpose, level=level, method="form", at=at, by=system(who.workspace_id))


def send(by: Actor, talk: Conversation, purpose: str = "promotion", *, at: datetime = NOW, **more: Any) -> Message:
    """One text, accepted at `at`."""
    talk.refresh_from_db()
    return outbound.queue_text(by=by, conversation=talk, body="Hello", purpose=purpose, at=at, **more).message


def refused(by: Actor, talk: Conversation, purpose: str = "promotion", *, at: datetime = NOW, **more: Any) -> str:
    """Why it was not."""
    with pytest.raises(Refused) as told:
        send(by, talk, purpose, at=at, **more)
    return told.value.code


def claim(channel: Channel, *, at: datetime) -> Round:
    """One worker's round for one number, at a time of the test's."""

    async def whole() -> Round:
        async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
            directory = Directory(settings.SEALING_KEY)
            await directory.refresh(connection)
            await claims.tidy(connection, at=at, lease=timedelta(seconds=30))
            route = directory.by_id(channel.pk)
            assert route is not None
            for _ in range(4):  # a round may make the number's bucket, or hold what stood before others
                found = await claims.claim(connection, route=route, worker="w", limit=10, at=at)
                if found.claimed or found.again_in is None:
                    break
            return found

    return asyncio.run(whole())


def kept(message: Message) -> list[tuple[str, str, str]]:
    """Stage, verdict and reason of each decision about it."""
    return [(one.stage, one.verdict, one.reason) for one in decisions(message.pk)]
