"""What the search found, as its page and the palette show it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from twoway.conversations.queries import Conversation
from twoway.desk.builders import chips
from twoway.desk.context.search import FilterChip, FoundLine, FoundPerson, FoundTag, SearchPage
from twoway.desk.words import when_words
from twoway.lib.words import noted, t
from twoway.messaging.search.queries import NoteHit, Results, TextHit, Wanted, marked
from twoway.sms import phone
from twoway.teams.actor import Actor

FURTHER_NOTES = 5
"""So many notes stand beside the texts; where there are as many, there may be more."""
_OFFERED = (
    (noted("From a person"), "from:", True),
    (noted("To a person"), "to:", True),
    (noted("Written by"), "by:", True),
    (noted("Our number"), "number:", True),
    (noted("Tag"), "tag:", True),
    (noted("Team"), "team:", True),
    (noted("Before"), "before:", True),
    (noted("After"), "after:", True),
    (noted("Photos"), "has:photo", False),
    (noted("Files"), "has:file", False),
    (noted("Links"), "has:link", False),
    (noted("Open"), "is:open", False),
    (noted("Unread"), "is:unread", False),
)


def search_url(q: str, **more: str) -> str:
    """The address of a search."""
    return f"{reverse('desk:search')}?{urlencode({'q': q, **more})}"


def text_url(hit: TextHit) -> str:
    """The address of one text in its thread."""
    return f"{reverse('desk:conversation', args=[hit.conversation.pk])}?m={hit.message.pk}"


def note_url(hit: NoteHit) -> str:
    """The address of one note in its thread: the day it was written, and the note itself."""
    day = timezone.localtime(hit.note.created_at).date()
    return f"{reverse('desk:conversation', args=[hit.conversation.pk])}?date={day:%Y-%m-%d}#note-{hit.note.pk}"


def page(results: Results, *, actor: Actor, region: str, kind: str = "text", is_further: bool = False) -> SearchPage:
    """The whole page, or further lines of it."""
    q = results.query.text
    return SearchPage(
        q=q,
        people=tuple(person(one, results.wanted, actor=actor, region=region) for one in results.people),
        tags=tuple(
            FoundTag(url=search_url(f'tag:"{tag.name}"'), tag=chip)
            for tag, chip in zip(results.tags, chips.tag_chips(list(results.tags)), strict=True)
        ),
        texts=tuple(text(one, actor=actor, region=region) for one in results.texts),
        notes=tuple(note(one, actor=actor, region=region) for one in results.notes),
        used=tuple(_used(results)),
        offered=tuple(_offered(results)),
        problems=results.problems,
        corrected=results.corrected,
        exact_url=search_url(q, exact="1") if results.corrected else "",
        next=search_url(q, before=results.next, **({"kind": kind} if kind == "note" else {})) if results.next else "",
        looked_to=results.looked_to,
        kind=kind,
        is_asked=not results.query.is_empty,
        is_further=is_further,
    )


def person(found: Conversation, wanted: Wanted, *, actor: Actor, region: str) -> FoundPerson:
    """Somebody who was found, their name marked."""
    who = chips.person(found, region=region, to=actor)
    return FoundPerson(
        url=reverse("desk:conversation", args=[found.pk]),
        person=who,
        name=marked(who.name, wanted),
        detail=f"{_channel(found, region)} · {_when(found.last_message_at)}",
    )


def text(hit: TextHit, *, actor: Actor, region: str) -> FoundLine:
    """A text that was found."""
    message = hit.message
    who = chips.person(hit.conversation, region=region, to=actor)
    ours = message.by_name or (str(message.by) if message.by else "")
    sender = (
        who.name if message.direction == "in" else ours or (t("A program") if message.author == "api" else "Twoway")
    )
    return FoundLine(
        url=text_url(hit),
        person=who,
        pieces=hit.pieces,
        who=sender,
        side=message.direction,
        channel=_channel(hit.conversation, region),
        at=message.created_at,
        files=t("With a picture or file") if message.media else "",
    )


def note(hit: NoteHit, *, actor: Actor, region: str) -> FoundLine:
    """A private note that was found."""
    return FoundLine(
        url=note_url(hit),
        person=chips.person(hit.conversation, region=region, to=actor),
        pieces=hit.pieces,
        who=hit.note.by_name or (str(hit.note.by) if hit.note.by else t(chips.NOBODY_NAME)),
        side="note",
        channel=_channel(hit.conversation, region),
        at=hit.note.created_at,
    )


def _used(results: Results) -> list[FilterChip]:
    """Each filter with the search that leaves it out."""
    q = results.query.text
    return [
        FilterChip(label=one.typed, url=search_url(" ".join(q.replace(one.typed, "", 1).split())))
        for one in results.query.filters
    ]


def _offered(results: Results) -> list[FilterChip]:
    """Filters that are not in use yet."""
    q = results.query.text
    taken = {f"{one.key}:" for one in results.query.filters} | {one.typed for one in results.query.filters}
    return [
        FilterChip(label=t(label), url=search_url(f"{q} {adds}".strip()), adds=adds, needs_value=needs)
        for label, adds, needs in _OFFERED
        if adds not in taken
    ]


def _channel(found: Conversation, region: str) -> str:
    return found.channel.name or phone.pretty(found.channel.address, region=region)


def _when(at: datetime) -> str:
    return when_words(timezone.localtime(at), now=timezone.localtime())
