"""The live stream over a real socket: who may listen, what they hear, and that it never keeps a process from ending."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.core import signing
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging import hands
from tests.messaging.serving import PATIENCE, Site, Stream, site
from tests.ops.processes import TWOWAY, clean_environment
from twoway.channels import actions as channels
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.events import actions as events
from twoway.messaging import database
from twoway.ops import listening
from twoway.teams import actions as members
from twoway.teams import tickets
from twoway.teams.models import Workspace
from twoway.webhooks.live import MOST_IDS

pytestmark = pytest.mark.django_db(transaction=True)

FIRST_MARK = 9_000_000
marks = itertools.count(FIRST_MARK)


@pytest.fixture
def web(transactional_db: None) -> Iterator[Site]:
    with site() as running:
        yield running


@pytest.fixture
def streams(web: Site) -> Iterator[Any]:
    """Opens a stream for somebody, heard from the moment it is returned."""
    opened: list[Stream] = []

    def listen(player: Player) -> Stream:
        stream = Stream(web.port, tickets.issue(player.actor))
        opened.append(stream)
        assert (stream.status, stream.next()) == (200, ("ready", {}))
        settle(stream, player)
        return stream

    yield listen
    for stream in opened:
        stream.close()


def notify(player: Player, *changes: events.Audience) -> None:
    events.notify(workspace_id=player.member.workspace_id, conversations=changes)


def told(stream: Stream) -> list[int]:
    """The conversations of the next notice, without the marks of `settle`."""
    while not (ids := [one for one in stream.changed() if one < FIRST_MARK]):
        pass
    return ids


def settle(stream: Stream, player: Player) -> list[list[int]]:
    """What the stream said until a last word, which is sent now, again if it was not listening to the database yet."""
    heard: list[list[int]] = []
    mark = next(marks)
    notify(player, (mark, None, player.id))
    while mark not in (ids := stream.changed()):
        heard.append(ids)
        if ids == [0]:
            notify(player, (mark, None, player.id))
    return [kept for ids in [*heard, ids] if (kept := [one for one in ids if one < FIRST_MARK])]


class Elsewhen(signing.TimestampSigner):
    """Signs as of some seconds ago."""

    ago = 0

    def timestamp(self) -> str:
        return signing.b62_encode(int(time.time()) - self.ago)


def ticket_from(seconds: int, player: Player) -> str:
    signer = Elsewhen(salt=tickets.SALT)
    signer.ago = seconds
    return signer.sign_object([player.actor.workspace_id, player.id, None, time.time() - seconds])


def test_a_ticket_is_needed(web: Site, ben: Player, cleo: Player) -> None:
    good = tickets.issue(ben.actor)
    body, rest = good.split(":", 1)
    forged = f"{tickets.issue(cleo.actor).split(':', 1)[0]}:{rest}"
    for_something_else = signing.dumps([ben.actor.workspace_id, ben.id, None], salt="another purpose")
    refused = ["", "nonsense", body, good[:-1], forged, for_something_else]
    assert {web.ask("GET", f"/live?ticket={ticket}")[0] for ticket in refused} == {403}
    assert web.ask("GET", "/live")[0] == 403


@pytest.mark.parametrize("change", ["switched off", "limited", "another role", "signed out"])
def test_a_stream_ends_when_what_its_member_may_see_changes(
    streams: Any, web: Site, ana: Player, ben: Player, change: str
) -> None:
    """And a ticket from before opens none; the others hear on."""
    bens, anas, spare = streams(ben), streams(ana), tickets.issue(ben.actor)
    if change == "switched off":
        members.deactivate_member(by=ana.actor, member=ben.member, at=NOW)
    elif change == "limited":
        members.limit_to_own_teams(by=ana.actor, member=ben.member, sees_own_teams_only=True, at=NOW)
    elif change == "another role":
        members.change_role(by=ana.actor, member=ben.member, role="viewer", at=NOW)
    else:
        members.sign_out_member(by=ana.actor, member=ben.member, at=NOW)
    while (heard := bens.next())[0] != "renew":
        assert heard[0] in {"changed", "presence"}
    assert web.ask("GET", f"/live?ticket={spare}")[0] == 403
    assert settle(anas, ana) == []
    if change != "switched off":
        streams(ben)


def test_a_ticket_is_good_for_a_minute(web: Site, ben: Player) -> None:
    fresh = Stream(web.port, ticket_from(tickets.GOOD_FOR_SECONDS - 30, ben))
    assert fresh.status == 200
    fresh.close()
    stale = Stream(web.port, ticket_from(tickets.GOOD_FOR_SECONDS + 2, ben))
    assert stale.status == 403
    stale.close()


def test_a_text_is_told_once(web: Site, streams: Any, workspace: Workspace, ben: Player) -> None:
    channel = hands.twilio_channel(workspace)
    stream = streams(ben)
    hands.receive(channel, "hello")
    conversation_id = told(stream)
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id) FROM conversation")
        assert cursor.fetchone() == (conversation_id,)
    assert settle(stream, ben) == []


def test_every_browser_of_a_workspace_hears_it_and_no_other(
    streams: Any, ana: Player, ben: Player, cleo: Player
) -> None:
    inside, outside = [streams(ana), streams(ben), streams(ben)], streams(cleo)
    notify(ana, (17, None, None))
    assert [told(stream) for stream in inside] == [[17]] * 3
    assert settle(outside, cleo) == []


def drafts(stream: Stream) -> tuple[str, dict[str, list[int]]] | None:
    """The next notice that is not of conversations."""
    while (said := stream.next()) is not None and said[0] == "changed":
        pass
    return said


def test_a_draft_is_told_to_the_other_windows_of_its_writer_alone(
    web: Site, streams: Any, channel: Channel, ana: Player, ben: Player
) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1)
    mine, hers = streams(ben), streams(ana)
    here = Stream(web.port, f"{tickets.issue(ben.actor)}&tab=here")
    assert here.next() == ("ready", {})
    save: dict[str, Any] = {"conversation": talk, "is_note": False, "by": ben.actor, "at": NOW}
    conversations.save_draft(**save, body="Half a", tab="here")
    assert drafts(mine) == ("draft", {"conversations": [talk.pk]})
    conversations.clear_draft(conversation=talk, by=ben.actor, tab="there")
    assert drafts(mine) == drafts(here) == ("draft", {"conversations": [talk.pk]})
    assert settle(hers, ana) == []
    here.close()


def test_many_notices_are_told_together(streams: Any, ben: Player) -> None:
    stream = streams(ben)
    with psycopg.connect(database.dsn()) as other, other.cursor() as cursor:
        for number in range(60):
            cursor.execute(
                "SELECT pg_notify('twoway_live', %s)",
                [f'{{"w": {ben.actor.workspace_id}, "c": [[1, 0, 0], [{100 + number}, 0, 0]]}}'],
            )
    heard = [told(stream)]
    while 159 not in heard[-1]:
        heard.append(told(stream))
    assert {one for ids in heard for one in ids} == {1, *range(100, 160)}
    assert len(heard) < 10


def test_too_many_changes_are_told_as_one(streams: Any, ben: Player) -> None:
    """Id 0 says: look at everything."""
    stream = streams(ben)
    notify(ben, *((number, None, None) for number in range(1, MOST_IDS + 50)))
    heard = [told(stream)]
    while 0 not in heard[-1]:
        heard.append(told(stream))
    assert sum(len(ids) for ids in heard) <= MOST_IDS


def test_who_sees_own_teams_only_hears_of_nothing_else(streams: Any, ana: Player, workspace: Workspace) -> None:
    mine = make.make_team(workspace, "Roadside", at=NOW)
    other = make.make_team(workspace, "Claims", at=NOW)
    dora = Player(member=make.make_member(workspace, "Dora", at=NOW, teams=[mine], sees_own_teams_only=True))
    everything, hers = streams(ana), streams(dora)
    notify(
        ana,
        (1, None, None),
        (2, other.pk, ana.id),
        (3, mine.pk, None),
        (4, other.pk, dora.id),
        (5, None, ana.id),
    )
    assert told(hers) == [3, 4]
    assert told(everything) == [1, 2, 3, 4, 5]
    assert settle(hers, dora) == []


def test_after_a_lost_database_connection_everybody_looks_at_everything(streams: Any, ana: Player, ben: Player) -> None:
    listening: Sequence[Stream] = [streams(ana), streams(ben)]
    with psycopg.connect(database.dsn(), autocommit=True) as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'twoway live' AND datname = current_database()"
        ).fetchall()
    assert ended == [(True,)]
    notify(ana, (5, None, None))  # may be lost: nobody listens
    for stream in listening:
        while told(stream) != [0]:
            pass
    notify(ana, (6, None, None))
    assert [told(stream) for stream in listening] == [[6]] * 2


def test_a_changed_channel_does_not_hide_a_notice_of_the_same_moment(
    web: Site, streams: Any, workspace: Workspace, ben: Player
) -> None:
    stream = streams(ben)
    for number in range(50, 60):
        with psycopg.connect(database.dsn()) as other:
            other.execute("SELECT pg_notify('twoway_channels', '')")
            other.execute("SELECT pg_notify('twoway_live', %s)", [f'{{"w": {workspace.pk}, "c": [[{number}, 0, 0]]}}'])
        assert told(stream) == [number]


def test_a_new_channel_is_known(web: Site, streams: Any, ana: Player) -> None:
    stream = streams(ana)
    channel = channels.add_channel(
        by=ana.actor,
        provider="twilio",
        address="+14155550123",
        credentials={"account_sid": hands.ACCOUNT, "auth_token": hands.AUTH_TOKEN},
        at=NOW,
    )
    settle(stream, ana)
    settle(stream, ana)
    request = hands.webhook(channel, hands.text(channel, "hello"))
    path = request.url.removeprefix(settings.PUBLIC_URL)
    assert web.ask("POST", path, request.body, dict(request.headers))[0] == 200


def test_a_drain_ends_every_stream_and_admits_no_other(web: Site, streams: Any, ben: Player) -> None:
    opened = [streams(ben) for _ in range(20)]
    web.drain()
    for stream in opened:
        found = stream.next()
        while found is not None and found[0] != "renew":
            found = stream.next()
        assert found == ("renew", {})
        assert stream.next() is None
    assert web.ask("GET", f"/live?ticket={tickets.issue(ben.actor)}")[0] == 503


def test_told_to_stop_a_process_with_open_streams_ends_without_waiting_for_them(ben: Player) -> None:
    """Its drain could take ten minutes; the test's patience is far shorter."""
    parts = urlsplit(settings.DATABASE_URL)
    environment = clean_environment(
        DATABASE_URL=f"postgresql://{parts.netloc}/{connection.settings_dict['NAME']}?{parts.query}",
        TWOWAY_DATA=str(settings.DATA_DIR),
        TWOWAY_SECRET_KEY=settings.MASTER_KEY,
        TWOWAY_DRAIN_SECONDS="600",
    )
    with listening.listen("127.0.0.1", 0) as listener:
        port, handed_down = listener.getsockname()[1], listener.fileno()
        words = [*TWOWAY, "web", "--socket", str(handed_down)]
        process = subprocess.Popen(words, env=environment, pass_fds=[handed_down])
    opened: list[Stream] = []
    try:
        opened += [Stream(port, tickets.issue(ben.actor)) for _ in range(50)]
        assert {stream.status for stream in opened} == {200}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        for stream in opened:
            stream.close()
