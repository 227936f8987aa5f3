"""What a listening browser asks for: tickets, and what changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import count_of, gone_ids, html_of, item_ids, more_url, row_ids, sorts
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.conversations import actions
from twoway.desk.inbox_reads import PAGE
from twoway.teams import tickets
from twoway.teams.models import Workspace


def delta(client: Client, *, ids: object = "", view: str = "open", c: object = "", after: str = "", **more: Any) -> Any:
    query = {"view": view, "status": "open", "ids": ids, "c": c, "after": after, **more}
    return client.get("/live/delta/", query, headers={"HX-Request": "true"})


def test_a_ticket_is_for_who_asks(ana: Player, channel: Channel, workspace: Workspace) -> None:
    told = ana.client.get("/live/ticket/").json()
    assert told["expires_in"] == 60
    ticket = tickets.read(told["url"].removeprefix("/live?ticket="))
    assert ticket is not None
    assert (ticket.workspace_id, ticket.member_id, ticket.teams) == (workspace.pk, ana.id, None)


def test_a_ticket_of_somebody_with_own_teams_names_them(workspace: Workspace) -> None:
    team = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[team], sees_own_teams_only=True))
    ticket = tickets.read(dee.client.get("/live/ticket/").json()["url"].removeprefix("/live?ticket="))
    assert ticket is not None
    assert ticket.teams == frozenset({team.pk})


def test_counts_rows_and_what_left(ana: Player, channel: Channel) -> None:
    here = make.make_conversation(channel, at=NOW, messages=1)
    done = make.make_conversation(channel, at=NOW, messages=2, state="done")
    response = delta(ana.client, ids=f"{here.pk},{done.pk},999999")
    assert (row_ids(response), gone_ids(response)) == ([here.pk], sorted([done.pk, 999999]))
    assert (count_of(response, "count-open"), count_of(response, "list-total")) == (1, 1)
    assert 'id="thread-head"' not in html_of(response)
    assert "list-more" not in html_of(response)


def test_the_open_conversation_comes_along_when_it_changed(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=3)
    response = delta(ana.client, ids=talk.pk, c=talk.pk)
    html = html_of(response)
    for part in ('id="thread-head"', 'id="composer"', 'id="contact-panel"', f'data-items="{talk.pk}"'):
        assert part in html
    assert len(item_ids(response, "msg")) == 3
    other = make.make_conversation(channel, at=NOW, messages=1)
    assert "data-items" not in html_of(delta(ana.client, ids=other.pk, c=talk.pk))


def test_everything_since_the_newest_on_screen_comes(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=80)
    every = sorts(html_of(ana.client.get(f"/c/{talk.pk}/", headers={"HX-Request": "true"})), "msg")
    at_tail = delta(ana.client, ids=talk.pk, c=talk.pk, after=every[-1])
    assert len(item_ids(at_tail, "msg")) == 30
    behind = delta(ana.client, ids=talk.pk, c=talk.pk, after=every[0])
    assert set(sorts(html_of(behind), "msg")) >= set(every)


@pytest.mark.parametrize("after", ["", "rubbish", "20260310T170000000000", "99999999T000000000000-m-1"])
def test_any_after_will_do(ana: Player, channel: Channel, after: str) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=3)
    assert len(item_ids(delta(ana.client, ids=talk.pk, c=talk.pk, after=after), "msg")) == 3


def test_items_say_the_same_as_the_page(ana: Player, channel: Channel) -> None:
    """Runs at the edge of what a live answer brings look as they do on the whole page."""
    talk = make.make_conversation(channel, at=NOW)
    for n in range(40):
        make.make_message(talk, at=NOW + timedelta(seconds=n))
    page = html_of(ana.client.get(f"/c/{talk.pk}/", headers={"HX-Request": "true"}))
    told = html_of(delta(ana.client, ids=talk.pk, c=talk.pk))
    assert page.count("is-joined") == 39
    assert told.count("is-joined") == 30


def test_after_coming_back_the_first_page_comes_too(ana: Player, channel: Channel) -> None:
    for n in range(PAGE + 5):
        make.make_conversation(channel, at=NOW + timedelta(minutes=n), messages=1)
    gone = make.make_conversation(channel, at=NOW, messages=2, state="done")
    for asked in ({"full": "1", "ids": gone.pk}, {"ids": f"0,{gone.pk}"}):
        response = delta(ana.client, **asked)
        assert (len(row_ids(response)), gone_ids(response)) == (PAGE, [gone.pk])
        assert more_url(response)


def test_a_full_update_brings_the_open_thread_whatever_changed(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=3)
    assert len(item_ids(delta(ana.client, full="1", c=talk.pk), "msg")) == 3


def test_the_composer_says_when_texts_are_stopped(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=3)
    assert 'data-version="open"' in html_of(delta(ana.client, ids=talk.pk, c=talk.pk))
    compliance.opt_out(identity=talk.identity, channel=channel, source="keyword", keyword="stop", by=ana.actor, at=NOW)
    assert 'data-version="blocked-opted_out"' in html_of(delta(ana.client, ids=talk.pk, c=talk.pk))


def test_what_moved_between_views_leaves_one_and_enters_the_other(ana: Player, ben: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1)
    assert row_ids(delta(ana.client, ids=talk.pk, view="unassigned")) == [talk.pk]
    actions.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=NOW)
    assert gone_ids(delta(ana.client, ids=talk.pk, view="unassigned")) == [talk.pk]
    assert row_ids(delta(ben.client, ids=talk.pk, view="mine")) == [talk.pk]


def test_nothing_is_told_of_what_may_not_be_seen(
    ana: Player, cleo: Player, channel: Channel, workspace: Workspace
) -> None:
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, sees_own_teams_only=True))
    talk = make.make_conversation(channel, at=NOW, messages=3, name="Dana Whitfield")
    for stranger in (cleo, dee):
        response = delta(stranger.client, ids=talk.pk, c=talk.pk, full="1")
        assert (response.status_code, row_ids(response), gone_ids(response)) == (200, [], [talk.pk])
        assert "Dana" not in html_of(response)
        assert "data-items" not in html_of(response)
        assert count_of(response, "count-open") == 0


@pytest.mark.parametrize("ids", ["x", ",,", "-1", "1.5", "9" * 40, ",".join(str(n) for n in range(1, 600))])
def test_ids_nobody_made_harm_nothing(ana: Player, ids: str) -> None:
    response = delta(ana.client, ids=ids, c="x", view="nothing")
    assert response.status_code == 200
    assert len(gone_ids(response)) <= 200
