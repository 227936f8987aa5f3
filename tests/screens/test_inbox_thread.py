"""The open conversation: log, days, runs, delivery in words, reading on, and the closed composer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import (
    HTMX,
    earlier_url,
    html_of,
    item_ids,
    on_screen,
    plain,
    post,
    row_ids,
    row_of,
    sorts,
)
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.conversations import actions
from twoway.conversations.models import Conversation, ReadMark
from twoway.desk.inbox_reads import PAGE
from twoway.teams.models import Workspace


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=4, name="Dana Whitfield")


def test_the_page_holds_list_thread_and_panel(ana: Player, talk: Conversation) -> None:
    html = html_of(ana.client.get(f"/c/{talk.pk}/"))
    assert inline_code(html) == []
    assert "<title>Dana Whitfield" in html
    assert 'data-view="thread"' in html
    assert f'id="conv-{talk.pk}"' in html
    assert 'aria-current="true"' in html
    assert 'id="contact-panel" data-id' in html


def test_htmx_gets_panes_and_row(ana: Player, talk: Conversation) -> None:
    response = ana.client.get(f"/c/{talk.pk}/", headers=on_screen())
    html = html_of(response)
    assert "<html" not in html
    assert row_ids(response) == [talk.pk]
    assert 'id="thread"' in html
    assert 'id="contact-panel"' in html
    assert row_ids(ana.client.get(f"/c/{talk.pk}/", headers=on_screen(view="mine"))) == []


def test_opening_marks_it_read_and_says_so(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, assignee=ana.member)
    opened = ana.client.get(f"/c/{talk.pk}/", headers=on_screen())
    assert "is-unread" not in row_of(opened, talk.pk)
    assert 'class="count" id="count-mine"' in html_of(opened)
    assert ReadMark.objects.get(member=ana.member).message_id == talk.last_inbound_id
    again = ana.client.get(f"/c/{talk.pk}/", headers=on_screen())
    assert "count-mine" not in html_of(again)


def test_reading_elsewhere_is_marked_too(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, assignee=ana.member)
    response = post(ana.client, f"/c/{talk.pk}/read/", open_id=talk.pk)
    assert row_ids(response) == [talk.pk]
    assert "is-unread" not in row_of(response, talk.pk)


def test_a_long_log_is_read_back_whole(ana: Player, channel: Channel) -> None:
    """Texts, notes and lines over several pages: each exactly once, in order, runs and days the same as at once."""
    talk = make.make_conversation(channel, at=NOW, messages=2 * PAGE + 20)
    for n in range(0, 2 * PAGE + 20, 7):
        make.make_note(talk, at=NOW + timedelta(minutes=n, seconds=30), by=ana.member)
    for n in range(3):
        actions.tag(conversation=talk, name=f"Tag {n}", by=ana.actor, at=NOW + timedelta(minutes=40 * n, seconds=10))
    page = ana.client.get(f"/c/{talk.pk}/", headers=on_screen())
    found = {kind: item_ids(page, kind) for kind in ("msg", "note", "event")}
    for _ in range(5):
        if not earlier_url(page):
            break
        page = ana.client.get(earlier_url(page), headers=on_screen(open_id=talk.pk))
        found = {kind: item_ids(page, kind) + ids for kind, ids in found.items()}
    assert earlier_url(page) == ""
    assert len(found["msg"]) == len(set(found["msg"])) == 2 * PAGE + 20
    assert len(found["note"]) == len(set(found["note"])) == 18
    assert len(found["event"]) == len(set(found["event"])) == 3
    assert [int(key) for key in found["msg"]] == sorted(int(key) for key in found["msg"])


def test_the_log_is_in_the_order_of_its_sort_keys(ana: Player, talk: Conversation) -> None:
    make.make_note(talk, at=NOW + timedelta(minutes=1))
    actions.assign(conversation=talk, member_id=ana.id, by=ana.actor, at=NOW + timedelta(minutes=2))
    html = html_of(ana.client.get(f"/c/{talk.pk}/"))
    log = html[html.index('id="thread-log"') :]
    order = [sort for sort in sorts(log, r"(?:msg|note|event|day)") if sort]
    assert order == sorted(order)
    assert len(order) == 7


def test_runs_are_joined_also_across_pages(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW)
    for n in range(PAGE + 5):
        make.make_message(talk, at=NOW + timedelta(seconds=n))
    page = ana.client.get(f"/c/{talk.pk}/", headers=on_screen())
    older = ana.client.get(earlier_url(page), headers=on_screen(open_id=talk.pk))
    assert html_of(page).count("is-joined") == PAGE
    assert html_of(older).count("is-joined") == 4
    assert (html_of(page).count('class="msg__meta"'), html_of(older).count('class="msg__meta"')) == (1, 0)


def test_days_are_the_workspaces(ana: Player, channel: Channel) -> None:
    """11:30 PM and 12:30 AM in Los Angeles are two days, though one in UTC."""
    midnight = timezone.now().astimezone(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=400)
    talk = make.make_conversation(channel, at=midnight)
    for minutes in (-90, 90):
        make.make_message(talk, at=midnight + timedelta(minutes=minutes))
    page = ana.client.get(f"/c/{talk.pk}/")
    days = item_ids(page, "day")
    assert len(days) == 2
    assert html_of(page).count("is-joined") == 0


def test_today_and_yesterday_are_called_so(ana: Player, channel: Channel) -> None:
    now = timezone.now()
    talk = make.make_conversation(channel, at=now - timedelta(days=1))
    make.make_message(talk, at=now - timedelta(days=1))
    make.make_message(talk, at=now)
    words = plain(html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen())))
    assert "Yesterday" in words
    assert "Today" in words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "queued"}, "Sending"),
        ({"status": "sending"}, "Sending"),
        ({"status": "sending", "is_uncertain": True}, "Checking with the carrier"),
        ({"status": "sent"}, "Sent"),
        ({"status": "delivered"}, "Delivered"),
        ({"status": "read"}, "Read"),
        (
            {"status": "undelivered", "error": "landline", "error_code": "30006"},
            "This is a landline and can't receive texts. Try calling. Code 30006.",
        ),
        ({"status": "failed", "error": "expired"}, "It couldn't be delivered in time, so it was dropped."),
        ({"status": "failed"}, "The carrier didn't say why this text failed."),
        ({"status": "canceled", "error": "opted_out"}, "Not sent. They opted out of texts."),
        (
            {"status": "scheduled", "send_after": datetime(2030, 3, 12, 16, 0, tzinfo=UTC)},
            "Scheduled for Mar 12, 2030, 9:00 AM",
        ),
    ],
)
def test_delivery_is_said_in_words(ana: Player, talk: Conversation, fields: dict[str, object], words: str) -> None:
    sent = make.make_message(talk, at=NOW + timedelta(hours=1), direction="out", by_name="Ana", body="Hm.", **fields)
    html = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    meta = html[html.index(f'id="msg-{sent.pk}-meta"') :]
    assert words in plain(meta[: meta.index("</div>")])


def test_a_failed_text_can_be_taken_back_into_the_box(ana: Player, talk: Conversation) -> None:
    make.make_message(talk, at=NOW + timedelta(hours=1), direction="out", status="failed", error="provider_error")
    assert "data-reuse" in html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))


def test_authors_are_told_apart(ana: Player, talk: Conversation) -> None:
    for author, name in (("member", "Ben Lee"), ("system", "Twoway"), ("api", "Shop")):
        make.make_message(talk, at=NOW + timedelta(hours=1), direction="out", author=author, by_name=name)
    words = plain(html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen())))
    for said in ("Ben:", "Automatic:", "API:"):
        assert said in words


def test_a_new_episode_has_one_line(ana: Player, talk: Conversation) -> None:
    actions.done(conversation=talk, by=ana.actor, at=NOW + timedelta(hours=1))
    talk.refresh_from_db()
    again = NOW + timedelta(hours=2)
    actions.open_conversation(channel=talk.channel, identity=talk.identity, by=ana.actor, at=again)
    talk.refresh_from_db()
    make.make_message(talk, at=again, direction="out")
    response = ana.client.get(f"/c/{talk.pk}/", headers=on_screen())
    words = plain(html_of(response))
    assert len(item_ids(response, "episode")) == 1
    assert "Ana marked it done" not in words
    assert "4 texts · done by Ana" in words
    opened = ana.client.get(f"/c/{talk.pk}/?episode=1", headers=on_screen(open_id=talk.pk))
    assert "Ana marked it done" in plain(html_of(opened))
    assert len(item_ids(opened, "msg")) == 4
    assert "Ana reopened it" not in words
    assert "Done by Ana" in words


def test_a_note_shows_its_writer(ana: Player, ben: Player, talk: Conversation) -> None:
    actions.add_note(conversation=talk, body="Fern is good to go.", by=ben.actor, at=NOW + timedelta(hours=1))
    html = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    assert 'aria-label="Private note from Ben"' in html


def test_bodies_are_text_and_never_markup(ana: Player, talk: Conversation) -> None:
    make.make_message(talk, at=NOW, body='<img src=x onerror="alert(1)"> https://a.example/?q=1&b="2"')
    html = html_of(ana.client.get(f"/c/{talk.pk}/"))
    assert "<img" not in html
    assert inline_code(html) == []


def test_the_composer_closes_after_stop_and_says_since_when(ana: Player, talk: Conversation) -> None:
    compliance.opt_out(
        identity=talk.identity, channel=talk.channel, source="keyword", keyword="stop", by=ana.actor, at=timezone.now()
    )
    html = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    words = plain(html)
    assert "Dana Whitfield opted out of texts today at" in words
    assert "Nothing can be sent to this number until they text START." in words
    assert 'data-version="blocked-opted_out"' in html
    assert "Opted out of" in words


@pytest.mark.parametrize(
    ("reach", "words"),
    [("landline", "The carrier says it is a landline."), ("unreachable", "can't be reached by text")],
)
def test_it_is_closed_for_numbers_that_get_no_texts(ana: Player, talk: Conversation, reach: str, words: str) -> None:
    talk.identity.reach = reach
    talk.identity.save()
    assert words in plain(html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen())))


def test_a_draft_waits_for_its_writer_only(ana: Player, ben: Player, talk: Conversation) -> None:
    assert ana.client.post(f"/c/{talk.pk}/draft/", {"body": "It is on", "is_note": ""}).status_code == 204
    assert ">It is on</textarea>" in html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    assert "It is on" not in html_of(ben.client.get(f"/c/{talk.pk}/", headers=on_screen()))


def test_the_tail_holds_the_newest(ana: Player, channel: Channel, workspace: Workspace) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=40)
    response = ana.client.get(f"/c/{talk.pk}/tail/", headers=on_screen(open_id=talk.pk))
    assert len(item_ids(response, "msg")) == 30
    assert ana.client.get(f"/c/{talk.pk}/tail/").status_code == 302


@pytest.mark.parametrize("cursor", ["x", "1", "1.x", "9" * 30, "99999999999999999999.1", "1.99999999999999999999"])
def test_a_cursor_nobody_made_harms_nothing(ana: Player, talk: Conversation, cursor: str) -> None:
    assert ana.client.get(f"/c/{talk.pk}/?before={cursor}", headers=HTMX).status_code == 200
