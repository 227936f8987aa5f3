"""A row made from a loaded conversation is the row the database would give."""

from __future__ import annotations

from itertools import product

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.conversations.queries import access_conversation, item_in_view, rows_in_view
from twoway.conversations.rules import View
from twoway.teams.models import Workspace


def test_rules_and_queries_agree_on_every_view(
    ana: Player, ben: Player, channel: Channel, workspace: Workspace
) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    other = make.make_channel(workspace, at=NOW)
    states, holders, teams = ("open", "snoozed", "done"), (None, ana.member, ben.member), (None, team)
    for state, messages, holder, of_team, number in product(states, (1, 2), holders, teams, (channel, other)):
        make.make_conversation(number, at=NOW, messages=messages, state=state, assignee=holder, team=of_team)
    boxes = [View(box=box) for box in ("mine", "unassigned", "open", "snoozed", "done")]
    boxes += [View(box="channel", key=channel.pk), View(box="team", key=team.pk)]
    views = [View(box=v.box, key=v.key, status=s) for v in boxes for s in ("open", "waiting", "done")]
    every = [access_conversation(ana.actor, key) for key in Conversation.objects.values_list("pk", flat=True)]
    found = 0
    for view in views:
        by_query = rows_in_view(ana.actor, view, [one.pk for one in every])
        for one in every:
            item = item_in_view(ana.actor, view, one, read_id=0)
            expected = by_query.get(one.pk)
            assert (item and (item.group, item.unread)) == (expected and (expected.group, expected.unread))
            found += item is not None
    assert found > len(every)
