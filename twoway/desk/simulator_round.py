"""The round the simulator page leads through, and what the phone shows: read from what really happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import unquote, urlencode, urlsplit

from django.conf import settings
from django.urls import reverse

from twoway.channels import simulator
from twoway.channels.queries import Channel
from twoway.compliance import queries as compliance
from twoway.conversations import queries as conversations
from twoway.lib.words import t
from twoway.messaging import queries as messaging
from twoway.teams.actor import Actor

StepName = Literal["text", "open", "answer", "delivered", "stop"]
RECENT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One of the things to try. The first that is not done is the current one; `words` say how to do it."""

    name: StepName
    label: str
    words: str
    is_done: bool
    is_current: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneFile:
    """A picture or file on the phone. `url` is empty when it is not on this installation."""

    url: str
    name: str
    is_picture: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Bubble:
    """One text on the phone. `mark` stands under it; `is_late` opens a new stretch, with its time above it."""

    id: str
    is_mine: bool
    body: str
    at: datetime
    mark: str = ""
    opens_stretch: bool = False
    files: tuple[PhoneFile, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What happened between one phone and one of our numbers."""

    conversation_id: int | None = None
    is_opened: bool = False
    is_answered: bool = False
    is_delivered: bool = False
    has_stopped: bool = False


def facts(actor: Actor, channel: Channel, handset: str) -> Facts:
    """Read the conversation of this phone, if it exists for this actor."""
    rows = conversations.visible_to(actor).filter(channel_id=channel.pk, identity__value=handset)
    conversation = rows.select_related("identity").first()
    if conversation is None:
        return Facts()
    messages = messaging.thread_messages(conversation, limit=RECENT)
    answers = [message for message in messages if message.direction == "out" and message.author == "member"]
    seen = conversations.read_ids(actor, [conversation.pk]).get(conversation.pk, 0)
    first_in = next((message.pk for message in messages if message.direction == "in"), 0)
    return Facts(
        conversation_id=conversation.pk,
        is_opened=0 < first_in <= seen,
        is_answered=bool(answers),
        is_delivered=any(message.status in {"delivered", "read"} for message in answers),
        has_stopped=any(gone.channel_id == channel.pk for gone in compliance.ledger([conversation.identity_id])),
    )


def steps(found: Facts, *, member: str) -> tuple[Step, ...]:
    """The five things to try, as far as they went."""
    plan: tuple[tuple[StepName, str, str, bool], ...] = (
        (
            "text",
            t("Text in"),
            t("Type on the phone, or tap one of the words below it."),
            found.conversation_id is not None,
        ),
        ("open", t("Open it"), t("It's in the list. Open it, as you would any customer's."), found.is_opened),
        (
            "answer",
            t("Answer as {member}", member=member),
            t("Write an answer and send it. Watch it land on the phone."),
            found.is_answered,
        ),
        ("delivered", t("See it delivered"), t("Two ticks: the phone has it."), found.is_delivered),
        (
            "stop",
            t("Text STOP"),
            t("Text STOP from the phone and see what the desk may still send."),
            found.has_stopped,
        ),
    )
    current = next((name for name, _, _, done in plan if not done), None)
    return tuple(
        Step(name=name, label=label, words=words, is_done=done, is_current=name == current)
        for name, label, words, done in plan
    )


def bubbles(channel: Channel, handset: str) -> Sequence[Bubble]:
    """What the phone shows, oldest first: what it sent, and what reached it."""
    shown: list[Bubble] = []
    texts = [text for text in simulator.thread(channel, handset) if text.from_handset or text.status == "delivered"]
    for text in texts:
        opens = not shown or (text.at - shown[-1].at).total_seconds() > 600
        mark = (t("Delivered") if text.status == "delivered" else t("Sending")) if text.from_handset else ""
        shown.append(
            Bubble(
                id=text.id,
                is_mine=text.from_handset,
                body=text.body,
                at=text.at,
                mark=mark,
                opens_stretch=opens,
                files=tuple(_file(url, channel) for url in text.media_urls),
            )
        )
    return shown


def _file(url: str, channel: Channel) -> PhoneFile:
    """Where the page can have it: the carrier's own, or one the desk sent at its public address."""
    path = unquote(urlsplit(url).path)
    name = path.rpartition("/")[2]
    if "/carrier/files/" in path:
        shown = f"{reverse('desk:simulator_file', args=[name])}?{urlencode({'channel': channel.pk})}"
    else:
        shown = urlsplit(url).path if url.startswith(f"{settings.PUBLIC_URL}/m/") else ""
    return PhoneFile(url=shown, name=name, is_picture=simulator.content_type(url).startswith("image/"))
