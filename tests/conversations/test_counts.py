"""The numbers of the views column."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions, queries
from twoway.conversations.queries import counting
from twoway.conversations.rules import view_of
from twoway.teams.models import Workspace


def test_every_count_is_the_length_of_its_list(
    ana: Player, ben: Player, channel: Channel, workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    idle = make.make_channel(workspace, at=NOW)
    make.make_channel(workspace, at=NOW, is_active=False)
    for n in range(14):
        make.make_conversation(
            channel,
            at=NOW - timedelta(minutes=n),
            messages=1 + n % 2,
            assignee=(None, ana.member, ben.member)[n % 3],
            team=team if n % 4 == 0 else None,
        )
    for state in ("snoozed", "done"):
        make.make_conversation(channel, at=NOW, messages=2, state=state)
    actor = ana.actor
    with django_assert_num_queries(1):
        counted = queries.counts(actor)
    for slug, count in {
        "mine": counted.mine,
        "unassigned": counted.unassigned,
        "open": counted.open,
        "snoozed": counted.snoozed,
        "done": counted.done,
        f"channel-{channel.pk}": counted.channels[channel.pk],
        f"team-{team.pk}": counted.teams[team.pk],
    }.items():
        view = view_of(slug)
        rows = queries.page(actor, view, limit=200).rows
        assert (slug, len(rows)) == (slug, count)
        with django_assert_num_queries(1):
            totals = queries.totals(actor, view)
        groups = [row.group for row in rows]
        assert totals == queries.Totals(
            reply=groups.count("reply"), customer=groups.count("customer"), all=groups.count("all")
        )
    assert counted.channels == {channel.pk: 14, idle.pk: 0}
    assert queries.open_of_members(actor) == {ana.id: 5, ben.id: 4}


def test_mine_unread(ana: Player, channel: Channel) -> None:
    rows = [make.make_conversation(channel, at=NOW, messages=1, assignee=ana.member) for _ in range(3)]
    make.make_conversation(channel, at=NOW, messages=1)
    actions.mark_read(conversation=rows[0], by=ana.actor)
    assert queries.counts(ana.actor).mine_unread == 2


def test_nothing_is_counted_beyond_the_most(ana: Player, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST", 3)
    for _ in range(5):
        make.make_conversation(channel, at=NOW, messages=1, assignee=ana.member)
    counted = queries.counts(ana.actor)
    assert (counted.mine, counted.open, counted.channels[channel.pk], counted.mine_unread) == (3, 3, 3, 3)
    assert queries.totals(ana.actor, view_of("open")).reply == 3
    assert queries.open_of_members(ana.actor) == {ana.id: 3}


def test_another_workspace_counts_nothing_of_ours(ana: Player, cleo: Player, channel: Channel) -> None:
    make.make_conversation(channel, at=NOW, messages=1, assignee=ana.member)
    assert queries.counts(cleo.actor) == queries.Counts()
    assert queries.open_of_members(cleo.actor) == {cleo.id: 0}
