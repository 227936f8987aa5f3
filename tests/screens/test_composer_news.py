"""What came since a reply was begun: Send stops, nothing is lost, and the form says what is new."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, on_screen, plain, post
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.models import Conversation, Draft
from twoway.messaging import outbound
from twoway.messaging.models import Message

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    """Dana waits for an answer."""
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")


def newest(talk: Conversation) -> str:
    return str(Message.objects.filter(conversation=talk).order_by("-id").values_list("id", flat=True)[0])


def ana_answers(talk: Conversation, ana: Player, body: str = "It is in bay B16.") -> Message:
    return outbound.queue_text(by=ana.actor, conversation=talk, body=body, at=LATER).message


def press(ben: Player, talk: Conversation, seen: str, **fields: str) -> Any:
    given = {"body": "Have you looked behind the house?", "key": "k1", "seen": seen, **fields}
    return post(ben.client, f"/c/{talk.pk}/reply/", given)


def ours(talk: Conversation) -> list[str]:
    found = Message.objects.filter(conversation=talk, direction="out").order_by("id")
    return list(found.values_list("body", flat=True))


def test_a_reply_that_was_overtaken_is_kept_and_shown_what_is_new(talk: Conversation, ana: Player, ben: Player) -> None:
    seen = newest(talk)
    late = ana_answers(talk, ana)
    stopped = press(ben, talk, seen, then="done")
    html = html_of(stopped)
    assert stopped.status_code == 409
    assert stopped.headers["HX-Reswap"] == "patch"
    assert "Ana replied while you were typing. Read it before you send." in plain(html)
    assert "Have you looked behind the house?</textarea>" in html
    assert f'id="msg-{late.pk}"' in html
    assert re.search(rf'name="seen" value="{late.pk}" data-news-send data-then="done">Send anyway', html)
    assert ours(talk) == ["It is in bay B16."]
    draft = Draft.objects.get()
    assert (draft.body, draft.seen_id) == ("Have you looked behind the house?", int(seen))
    assert press(ben, talk, str(late.pk)).status_code == 200
    assert ours(talk) == ["It is in bay B16.", "Have you looked behind the house?"]
    assert not Draft.objects.exists()


def test_without_script_the_page_says_the_same(talk: Conversation, ana: Player, ben: Player) -> None:
    seen = newest(talk)
    late = ana_answers(talk, ana)
    given = {"body": "Behind the house?", "key": "k1", "seen": seen}
    stopped = ben.client.post(f"/c/{talk.pk}/reply/", given)
    assert stopped.status_code == 409
    assert "Ana replied while you were typing." in plain(html_of(stopped))
    again = ben.client.post(f"/c/{talk.pk}/reply/", {**given, "seen": [seen, str(late.pk)]})
    assert again.status_code == 302
    assert ours(talk)[-1] == "Behind the house?"


def test_a_live_update_says_it_before_send_is_pressed(talk: Conversation, ana: Player, ben: Player) -> None:
    seen = newest(talk)
    headers = {**on_screen(open_id=talk.pk), "X-Desk-Seen": seen}
    url = f"/live/delta/?view=open&status=open&c={talk.pk}&ids={talk.pk}"
    before = html_of(ben.client.get(url, headers=headers))
    assert 'data-version="open"' in before
    make.make_message(talk, at=LATER, body="Never mind, I found it")
    after = html_of(ben.client.get(url, headers=headers))
    assert "Dana wrote while you were typing." in plain(after) or "Dana Whitfield wrote while" in plain(after)
    assert "Never mind, I found it" in after
    assert 'data-version="open"' not in after
    nobody_types = html_of(ben.client.get(url, headers=on_screen(open_id=talk.pk)))
    assert "while you were typing" not in nobody_types


def test_a_draft_that_was_left_says_what_came_meanwhile(talk: Conversation, ana: Player, ben: Player) -> None:
    fields = {"body": "Half a", "is_note": "", "seen": newest(talk)}
    assert ben.client.post(f"/c/{talk.pk}/draft/", fields, headers=HTMX).status_code == 204
    page = html_of(ben.client.get(f"/c/{talk.pk}/"))
    assert "while you were typing" not in page
    ana_answers(talk, ana)
    page = html_of(ben.client.get(f"/c/{talk.pk}/"))
    assert "Ana replied while you were typing." in plain(page)
    assert "It is in bay B16." in page


def test_a_note_is_never_stopped(talk: Conversation, ana: Player, ben: Player) -> None:
    seen = newest(talk)
    actions.save_draft(conversation=talk, body="For you", is_note=True, by=ben.actor, at=NOW, seen_id=int(seen))
    ana_answers(talk, ana)
    assert "while you were typing" not in html_of(ben.client.get(f"/c/{talk.pk}/"))
    answer = post(ben.client, f"/c/{talk.pk}/note/", {"body": "For you", "key": "n", "seen": seen})
    assert answer.status_code == 200
