"""The inbox page: views, groups, rows, order, pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, count_of, html_of, more_url, plain, row_ids, row_of, sorts
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.desk.inbox_reads import PAGE
from twoway.teams.models import Workspace


def test_the_desk_begins_with_what_is_open(ana: Player) -> None:
    response = ana.client.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/inbox/open/")


def test_a_page_holds_views_list_and_nothing_inline(ana: Player, channel: Channel) -> None:
    make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    response = ana.client.get("/inbox/open/")
    html = html_of(response)
    assert response.status_code == 200
    assert inline_code(html) == []
    assert "Dana Whitfield" in html
    assert "Pick a conversation." in html
    assert response.headers["Cache-Control"] == "private, no-store"
    assert len(response.headers["X-Request-Id"]) == 16


def test_who_waits_comes_first_and_longest_waiting_on_top(ana: Player, channel: Channel) -> None:
    late = make.make_conversation(channel, at=NOW, messages=1)
    later = make.make_conversation(channel, at=NOW + timedelta(minutes=5), messages=1)
    answered = make.make_conversation(channel, at=NOW - timedelta(hours=1), messages=2)
    newer = make.make_conversation(channel, at=NOW - timedelta(minutes=30), messages=2)
    response = ana.client.get("/inbox/open/")
    assert row_ids(response) == [late.pk, later.pk, newer.pk, answered.pk]
    assert (count_of(response, "group-total-reply"), count_of(response, "group-total-customer")) == (2, 2)
    assert (count_of(response, "list-total"), count_of(response, "list-waiting")) == (4, 2)
    assert "Needs a reply" in html_of(response)
    assert "Waiting on the customer" in html_of(response)


def test_waiting_and_done_are_lists_of_their_own(ana: Player, channel: Channel) -> None:
    waiting = make.make_conversation(channel, at=NOW, messages=1)
    make.make_conversation(channel, at=NOW, messages=2)
    done = make.make_conversation(channel, at=NOW, messages=2, state="done")
    shown = ana.client.get("/inbox/open/?status=waiting")
    assert row_ids(shown) == [waiting.pk]
    finished = ana.client.get("/inbox/open/?status=done")
    assert (row_ids(finished), count_of(finished, "list-waiting")) == ([done.pk], 1)
    assert row_ids(ana.client.get("/inbox/done/")) == [done.pk]
    assert "list-waiting" not in html_of(ana.client.get("/inbox/done/"))


def test_each_view_holds_its_own(ana: Player, ben: Player, channel: Channel, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    other = make.make_channel(workspace, at=NOW, name="Front desk")
    mine = make.make_conversation(channel, at=NOW, messages=1, assignee=ana.member)
    nobodys = make.make_conversation(channel, at=NOW + timedelta(minutes=1), messages=1, team=team)
    elsewhere = make.make_conversation(other, at=NOW + timedelta(minutes=2), messages=1, assignee=ben.member)
    asleep = make.make_conversation(channel, at=NOW, messages=1, state="snoozed")
    client = ana.client
    assert row_ids(client.get("/inbox/mine/")) == [mine.pk]
    assert row_ids(client.get("/inbox/unassigned/")) == [nobodys.pk]
    assert row_ids(client.get("/inbox/snoozed/")) == [asleep.pk]
    assert row_ids(client.get(f"/inbox/channel-{other.pk}/")) == [elsewhere.pk]
    assert row_ids(client.get(f"/inbox/team-{team.pk}/")) == [nobodys.pk]
    page = client.get("/inbox/open/")
    shown = {name: count_of(page, f"count-{name}") for name in ("mine", "unassigned", "open", "snoozed", "done")}
    assert shown == {"mine": 1, "unassigned": 1, "open": 3, "snoozed": 1, "done": 0}
    assert (count_of(page, f"count-channel-{other.pk}"), count_of(page, f"count-team-{team.pk}")) == (1, 1)


@pytest.mark.parametrize("path", ["/inbox/nothing/", "/inbox/channel-999999/", "/inbox/team-999999/", "/inbox/team-x/"])
def test_a_view_that_is_not_there_is_not_found(ana: Player, path: str) -> None:
    assert ana.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/inbox/open/", "Everyone has an answer. New texts land here."),
        ("/inbox/mine/", "Nothing assigned to you. Take one from Unassigned."),
        ("/inbox/snoozed/", "Nothing is put away."),
        ("/inbox/open/?status=waiting", "Nobody is waiting on us."),
    ],
)
def test_an_empty_view_says_so(ana: Player, path: str, words: str) -> None:
    assert words in plain(html_of(ana.client.get(path)))


def test_htmx_gets_the_list_and_the_views_alone(ana: Player, channel: Channel) -> None:
    make.make_conversation(channel, at=NOW, messages=1)
    html = html_of(ana.client.get("/inbox/mine/", headers=HTMX))
    assert html.lstrip().startswith('<section class="convlist')
    assert "<html" not in html
    assert 'id="views"' in html


def test_pages_follow_one_another_without_gap_or_repeat(ana: Player, channel: Channel) -> None:
    for n in range(PAGE + 25):
        make.make_conversation(channel, at=NOW + timedelta(seconds=n // 7), messages=1 + n % 2)
    first = ana.client.get("/inbox/open/")
    second = ana.client.get(more_url(first), headers=HTMX)
    assert (len(row_ids(first)), len(row_ids(second)), more_url(second)) == (PAGE, 25, "")
    assert len({*row_ids(first), *row_ids(second)}) == PAGE + 25
    without_script = ana.client.get(more_url(first))
    assert row_ids(without_script) == row_ids(second)


def test_rows_carry_the_order_of_the_pages(ana: Player, channel: Channel) -> None:
    """Live updates place a row by its sort key: it must say what the database says, down to equal times."""
    for n in range(12):
        make.make_conversation(channel, at=NOW + timedelta(microseconds=n // 4), messages=1 + n % 2)
    for path in ("/inbox/open/", "/inbox/open/?status=waiting", "/inbox/done/"):
        html = html_of(ana.client.get(path))
        for group in html.split('class="convgroup"')[1:]:
            assert sorts(group, "conv") == sorted(sorts(group, "conv"))


def test_snoozed_ones_stand_by_when_they_come_back(ana: Player, channel: Channel) -> None:
    later = make.make_conversation(channel, at=NOW, messages=2, state="snoozed", snoozed_until=NOW + timedelta(days=2))
    sooner = make.make_conversation(channel, at=NOW, messages=2, state="snoozed", snoozed_until=NOW + timedelta(days=1))
    until_reply = make.make_conversation(channel, at=NOW, messages=2, state="snoozed")
    response = ana.client.get("/inbox/snoozed/")
    assert row_ids(response) == [sooner.pk, later.pk, until_reply.pk]
    assert sorts(html_of(response), "conv") == sorted(sorts(html_of(response), "conv"))


def test_a_row_says_who_spoke_last(ana: Player, ben: Player, channel: Channel) -> None:
    shown = {
        name: make.make_conversation(channel, at=NOW, messages=1) for name in ("Ana", "Ben Lee", "Twoway", "customer")
    }
    for name, conversation in shown.items():
        if name != "customer":
            make.make_message(conversation, at=NOW, direction="out", body="Done.", by_name=name)
    response = ana.client.get("/inbox/open/")
    said = {name: plain(row_of(response, conversation.pk)) for name, conversation in shown.items()}
    assert "You: Done." in said["Ana"]
    assert "Ben: Done." in said["Ben Lee"]
    assert "Automatic: Done." in said["Twoway"]
    assert ": Where is my car?" not in said["customer"]


def test_a_row_shows_unread_texts_tags_and_consent(ana: Player, channel: Channel, workspace: Workspace) -> None:
    tag = make.make_tag(workspace, "VIP", color="spark")
    wrote = make.make_conversation(channel, at=NOW, messages=1, tags=[tag])
    make.make_message(wrote, at=NOW + timedelta(minutes=1))
    silent = make.make_conversation(channel, at=NOW)
    response = ana.client.get("/inbox/open/")
    row = row_of(response, wrote.pk)
    assert "is-unread" in row
    assert "2 unread" in plain(row)
    assert 'data-tc="spark">VIP' in row
    assert "Opted in" in row
    assert "No consent" in row_of(response, silent.pk)
    assert "No texts yet" in row_of(response, silent.pk)
    actions.mark_read(conversation=wrote, by=ana.actor)
    assert "is-unread" not in row_of(ana.client.get("/inbox/open/"), wrote.pk)


def test_mine_is_hot_while_something_of_mine_is_unread(ana: Player, channel: Channel) -> None:
    mine = make.make_conversation(channel, at=NOW, messages=1, assignee=ana.member)
    assert 'count--hot" id="count-mine"' in html_of(ana.client.get("/inbox/open/"))
    actions.mark_read(conversation=mine, by=ana.actor)
    assert "count--hot" not in html_of(ana.client.get("/inbox/open/"))


def test_a_stale_cursor_is_refused_in_words(ana: Player) -> None:
    response = ana.client.get("/inbox/open/?before=rubbish")
    assert response.status_code == 422
    assert "Begin at the first." in plain(html_of(response))
