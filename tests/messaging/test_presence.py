"""Who is looking, over real sockets: who hears of it, that it leaves no row, and that leaving is heard at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging.serving import Site, Stream, site
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.models import Conversation
from twoway.teams import tickets
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(transactional_db: None) -> Iterator[Site]:
    with site() as running:
        yield running


@pytest.fixture
def second(transactional_db: None) -> Iterator[Site]:
    """Another web process beside the first."""
    with site() as running:
        yield running


@pytest.fixture
def listen() -> Iterator[Any]:
    opened: list[Stream] = []

    def begin(web: Site, player: Player, *, tab: str) -> Stream:
        stream = Stream(web.port, tickets.issue(player.actor), tab=tab)
        opened.append(stream)
        assert (stream.status, stream.next()) == (200, ("ready", {}))
        return stream

    yield begin
    for stream in opened:
        stream.close()


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1)


def say(player: Player, talk: Conversation, doing: str, *, tab: str) -> int:
    fields = {"tab": tab, "doing": doing}
    return player.client.post(f"/c/{talk.pk}/here/", fields, headers={"HX-Request": "true"}).status_code


def present(stream: Stream) -> dict[str, list[tuple[str, str]]]:
    """Names and what they do, by conversation, of the next notice of presence; other notices are left out."""
    while (found := stream.next()) is not None:
        if found[0] == "presence":
            told: Any = found[1]
            return {key: [(one[1], one[4]) for one in people] for key, people in told.items()}
    raise AssertionError("the stream has ended")


def heard_until(stream: Stream, wanted: dict[str, list[tuple[str, str]]]) -> None:
    while present(stream) != wanted:
        pass


def test_it_is_heard_in_every_process_and_stored_nowhere(
    web: Site, second: Site, listen: Any, ana: Player, ben: Player, talk: Conversation
) -> None:
    streams = [listen(web, ana, tab="a"), listen(second, ana, tab="b")]
    bens = listen(second, ben, tab="ben")
    key = str(talk.pk)
    before = rows()
    assert say(ben, talk, "view", tab="ben") == 204
    for stream in streams:
        heard_until(stream, {key: [("Ben", "view")]})
    assert say(ana, talk, "view", tab="a") == 204
    assert say(ben, talk, "reply", tab="ben") == 204
    heard_until(streams[0], {key: [("Ben", "reply")]})
    assert rows() == before
    late = listen(web, ana, tab="c")
    say(ana, talk, "view", tab="c")
    heard_until(late, {key: [("Ben", "reply")]})
    bens.close()
    for stream in streams:
        heard_until(stream, {key: []})


def rows() -> int:
    """What every table of the database was given so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0) FROM pg_stat_user_tables WHERE relname <> ALL(%s)",
            [NOT_OURS],
        )
        return int(cursor.fetchone()[0])


NOT_OURS = ["django_session", "account"]
"""Signing in writes these."""


def test_who_may_not_see_it_hears_nothing_until_they_may(
    web: Site, listen: Any, ana: Player, ben: Player, cleo: Player, talk: Conversation, workspace: Workspace
) -> None:
    near = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[near], sees_own_teams_only=True))
    theirs = make.make_conversation(make.make_channel(workspace, at=NOW), at=NOW, messages=1, team=near)
    dees, cleos = listen(web, dee, tab="d"), listen(web, cleo, tab="x")
    assert say(dee, talk, "view", tab="d") == 404
    assert say(cleo, talk, "view", tab="x") == 404
    say(ben, talk, "view", tab="b")
    say(ana, theirs, "view", tab="a")
    assert present(dees) == {str(theirs.pk): [("Ana", "view")]}
    actions.assign(conversation=talk, team_id=near.pk, by=ana.actor, at=NOW)
    say(ben, talk, "gone", tab="b")
    say(ben, talk, "view", tab="b")
    heard_until(dees, {str(talk.pk): [("Ben", "view")]})
    say(cleo, make.make_conversation(make.make_channel(cleo.member.workspace, at=NOW), at=NOW), "view", tab="y")
    cleos.close()


@pytest.mark.parametrize("fields", [{}, {"tab": "a", "doing": "dance"}, {"tab": "x" * 41, "doing": "view"}])
def test_nonsense_is_refused(ben: Player, talk: Conversation, fields: dict[str, str]) -> None:
    answer = ben.client.post(f"/c/{talk.pk}/here/", fields, headers={"HX-Request": "true"})
    assert answer.status_code == 422
