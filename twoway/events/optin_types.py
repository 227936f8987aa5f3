"""What can happen about the topics people join by text and by form."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.events.happened import Happened


@dataclass(frozen=True, kw_only=True)
class TopicHeard(Happened):
    """A text asked to join or leave a topic, or said yes to what was asked. `said` is join, leave or yes."""

    type = "topic_heard"
    channel_id: int
    identity_id: int
    said: str
    word: str = ""
    topic_id: int = 0


@dataclass(frozen=True, kw_only=True)
class TopicJoined(Happened):
    """Somebody is in a topic from now on. `method` is how they asked for it, a word of the consent ledger."""

    type = "topic_joined"
    is_shown = True
    topic_id: int
    label: str
    method: str = ""


@dataclass(frozen=True, kw_only=True)
class TopicLeft(Happened):
    """Somebody left a topic; their other texts go on."""

    type = "topic_left"
    is_shown = True
    topic_id: int
    label: str
