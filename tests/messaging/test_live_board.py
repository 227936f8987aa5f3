"""The stream of a screen on the wall: it says that something changed, and neither what nor who is where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cast import Player
from tests.messaging.serving import Site, Stream, site
from twoway.channels.models import Channel
from twoway.events import actions as events
from twoway.teams import tickets
from twoway.teams.models import Workspace
from twoway.teams.streams import end_streams

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(transactional_db: None) -> Iterator[Site]:
    with site() as running:
        yield running


def test_a_board_hears_that_something_changed(web: Site, workspace: Workspace, ana: Player, channel: Channel) -> None:
    stream = Stream(web.port, tickets.issue_board(workspace.pk))
    try:
        assert (stream.status, stream.next()) == (200, ("ready", {}))
        for _ in range(3):
            events.notify(workspace_id=workspace.pk, conversations=[(41, None, ana.id), (42, 7, None)])
            assert stream.changed() == [0]
    finally:
        stream.close()


def test_it_ends_when_a_link_is_revoked(web: Site, workspace: Workspace, channel: Channel) -> None:
    before = tickets.issue_board(workspace.pk)
    stream = Stream(web.port, before)
    try:
        assert stream.next() == ("ready", {})
        end_streams(workspace.pk, [0])
        while (said := stream.next()) is not None and said[0] != "renew":
            pass
    finally:
        stream.close()
    again = Stream(web.port, before)
    assert again.status == 403
    again.close()


def test_another_workspace_is_not_heard(web: Site, workspace: Workspace, cleo: Player, channel: Channel) -> None:
    stream = Stream(web.port, tickets.issue_board(workspace.pk))
    try:
        assert stream.next() == ("ready", {})
        events.notify(workspace_id=cleo.member.workspace_id, conversations=[(43, None, None)])
        events.notify(workspace_id=workspace.pk, conversations=[(41, None, None)])
        assert stream.changed() == [0]
    finally:
        stream.close()
