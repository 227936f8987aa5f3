"""Lists by reply time: what is due soonest comes first, page by page, and views of what is late or nearly so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.queries import page
from twoway.conversations.rules import View, narrowed, view_of
from twoway.conversations.views.rules import Quick
from twoway.lib.conditions import Clock, Group, Rule
from twoway.sla import actions, adopting
from twoway.sla.actions import Wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(channel: Channel, ana: Player) -> dict[int, int]:
    """Conversations by how many minutes they have waited; those over an hour are of a number without a policy."""
    other = make.make_channel(channel.workspace, at=NOW)
    wish = Wish(name="Ours", channel_ids=[channel.pk], first_minutes=60, first_warn=30, in_hours=False)
    actions.create_policy(wish=wish, by=ana.actor, at=NOW)
    found = {}
    for minutes in (10, 40, 61, 100, 200):
        number = other if minutes in {100, 200} else channel
        found[minutes] = make.make_conversation(number, at=NOW - timedelta(minutes=minutes), messages=1).pk
    adopting.look_again(list(found.values()), at=NOW)
    return found


def clock(at: datetime = NOW) -> Clock:
    return Clock(at=at, zone=ZoneInfo("UTC"))


def test_due_soonest_first_page_by_page(waiting: dict[int, int], ana: Player) -> None:
    view = narrowed(view_of("open"), Quick(order="due"), clock=clock())
    expected = [waiting[minutes] for minutes in (61, 40, 10, 200, 100)]
    assert [row.conversation.pk for row in page(ana.actor, view).rows] == expected
    found, cursor = list[int](), ""
    for _ in range(5):
        part = page(ana.actor, view, cursor=cursor, limit=1)
        found += [row.conversation.pk for row in part.rows]
        cursor = part.next
    assert found == expected
    assert cursor == ""


@pytest.mark.parametrize(
    ("rule", "minutes"),
    [
        (Rule("clock", "one_of", ("late",)), {61}),
        (Rule("clock", "one_of", ("risk",)), {40}),
        (Rule("clock", "one_of", ("late", "risk")), {61, 40}),
        (Rule("clock", "none_of", ("late",)), {10, 40, 100, 200}),
        (Rule("clock", "set"), {10, 40, 61}),
        (Rule("clock", "empty"), {100, 200}),
    ],
)
def test_views_of_what_is_late(waiting: dict[int, int], ana: Player, rule: Rule, minutes: set[int]) -> None:
    view = replace(View(box="saved", key=1), tree=Group("all", (rule,)), clock=clock())
    found = {row.conversation.pk for row in page(ana.actor, view).rows}
    assert found == {waiting[one] for one in minutes}
