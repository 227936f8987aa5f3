"""What members do with a conversation beside answering it: each leaves something that pages and files show later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cast import Player
from tests.compliance.crawl import told
from twoway.conversations.effort import actions as effort
from twoway.conversations.effort.rules import Spent
from twoway.conversations.models import Conversation
from twoway.messaging.scheduling import actions as scheduling
from twoway.messaging.search.indexing import Indexer
from twoway.notifications.models import Notification
from twoway.replies import actions as replies
from twoway.replies.actions import MacroTerms, ReplyTerms

HTMX = {"HX-Request": "true"}
SEARCHED = ("hello", "helo", "anybody", "worried", "is:open hello", "from:Canaria hello")


def leave(talk: Conversation, *, by: Player) -> dict[str, object]:
    """A text for later, a saved reply and a macro, somebody it may be merged with; the ids in addresses."""
    at = timezone.now()
    later = scheduling.schedule(
        conversation=talk, body="See you at nine.", due_at=at + timedelta(days=1), by=by.actor, at=at, key="later"
    )
    terms = ReplyTerms(name="Greeting", body="Hi {first_name|you}, {name|}", scope="all")
    reply = replies.add_reply(terms=terms, by=by.actor, at=at)
    steps = [{"do": "fill", "value": reply.pk}]
    macro = replies.add_macro(terms=MacroTerms(name="Greet", steps=steps, scope="all"), by=by.actor, at=at)
    other = make.make_contact(talk.contact.workspace, at=at, name="Wren")
    Indexer().catch_up()
    return {
        "later_id": later.pk,
        "reply_id": reply.pk,
        "macro_id": macro.pk,
        "other_id": other.pk,
        "verb": "assign",
    }


def of_a_member(talk: Conversation, *, by: Player) -> None:
    """What this member's own pages name: notifications of it, and time spent on it."""
    at = timezone.now()
    for kind in ("message", "assigned", "mentioned", "failed"):
        Notification.objects.create(
            member=by.member, conversation=talk, kind=kind, message_id=talk.last_message_id, created_at=at, at=at
        )
    effort.add(by=by.actor, at=at, spent=[Spent(conversation_id=talk.pk, reading=60, writing=20)])


def asked_for(talk: Conversation, *, by: Player) -> Iterator[tuple[str, str]]:
    """What it all becomes on pages that are asked with words, and in files; refusals too."""
    client = by.client
    for words in SEARCHED:
        for headers in ({}, HTMX):
            yield f"search {words}", told(client.get(reverse("desk:search"), {"q": words}, headers=headers))
            yield f"palette {words}", told(client.get(reverse("desk:palette"), {"q": words}, headers=headers))
    for kind in ("text", "json"):
        yield kind, told(client.post(reverse("desk:transcript_file", args=[talk.pk, kind]), {"notes": "1"}))
    yield "people", told(client.post(reverse("desk:contacts_export")))
    yield "replies", told(client.get(reverse("desk:replies", args=[talk.pk]), {"q": "greet"}, headers=HTMX))
    given = {"channel": talk.channel_id, "to": talk.identity.value, "body": "Hi"}
    yield "first text", told(client.post(reverse("desk:new_check"), given, headers=HTMX))
