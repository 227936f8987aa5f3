"""Saying where a member is: a notice to every web process, and nothing in a table."""

from __future__ import annotations

from typing import Literal

import orjson
from django.db import connection

from twoway.conversations.queries import visible_to
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

PRESENCE_CHANNEL = "twoway_presence"
LONGEST_TAB = 40
Doing = Literal["view", "note", "reply", "gone"]
DOINGS: frozenset[str] = frozenset({"view", "note", "reply", "gone"})


def say_where(*, conversation_id: int, tab: str, doing: str, name: str, initials: str, hue: int, by: Actor) -> None:
    """Tell that this member's window `tab` is at a conversation and what they do there, or that it is gone.

    The payload on `twoway_presence` is read by `webhooks.presence.Places`. Raises `NotAllowed`, and `NotFound` for a
    conversation they may not see.
    """
    require(by, Right.READ)
    said: dict[str, object] = {"w": by.workspace_id, "m": by.member_id, "t": tab, "s": doing}
    if doing != "gone":
        found = visible_to(by).filter(id=conversation_id).values_list("team_id", "assignee_id").first()
        if found is None:
            raise NotFound("conversation", conversation_id)
        audience = [found[0] or 0, found[1] or 0]
        said |= {"c": conversation_id, "a": audience, "n": name, "i": initials, "h": hue}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [PRESENCE_CHANNEL, orjson.dumps(said).decode()])
