"""The functions of the simulator page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests import make
from tests.cast import NOW, Player
from twoway.channels import simulator, urls
from twoway.channels.models import Channel
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams.models import Workspace


@pytest.fixture(autouse=True)
def carrier(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """A carrier of its own for each test."""
    settings.DATA_DIR = tmp_path
    yield
    simulator.store().close()
    simulator._store.cache_clear()


def test_free_numbers_are_given_out_and_known_to_the_carrier(ana: Player, cleo: Player) -> None:
    rows = [simulator.add_number(by=who.actor, at=NOW) for who in (ana, cleo, ana)]
    assert len({row.address for row in rows}) == 3
    for row in rows:
        assert simulator.store().inbound_url(row.address) == urls.inbound_url(row)
    assert simulator.numbers(ana.actor) == [rows[0], rows[2]]


def test_an_agent_connects_no_number(ben: Player) -> None:
    with pytest.raises(NotAllowed):
        simulator.add_number(by=ben.actor, at=NOW)
    assert not Channel.objects.exists()


def test_a_handset_texts_us(ana: Player, ben: Player) -> None:
    row = simulator.add_number(by=ana.actor, at=NOW)
    text = simulator.text_from(row, handset="(503) 555-0111", body="Where is my car?", by=ben.actor, at=NOW)
    assert (text.handset, text.desk, text.body) == ("+15035550111", row.address, "Where is my car?")
    assert simulator.handsets(row) == ["+15035550111"]
    assert [each.id for each in simulator.thread(row, "+15035550111")] == [text.id]
    (due,) = simulator.store().claim(at=NOW)
    assert due.url == urls.inbound_url(row)


def test_a_number_the_carrier_forgot_is_told_again(ben: Player, channel: Channel) -> None:
    simulator.text_from(channel, handset="+15035550111", body="Hi", by=ben.actor, at=NOW)
    assert simulator.store().inbound_url(channel.address) == urls.inbound_url(channel)


def test_every_number_is_told_at_start(channel: Channel, workspace: Workspace) -> None:
    off = make.make_channel(workspace, at=NOW, is_active=False)
    simulator.register_all()
    assert simulator.store().inbound_url(channel.address) == urls.inbound_url(channel)
    with pytest.raises(LookupError):
        simulator.store().inbound_url(off.address)


@pytest.mark.parametrize(("handset", "body", "field"), [("12", "Hi", "handset"), ("+15035550111", "x" * 1601, "body")])
def test_impossible_texts(ben: Player, channel: Channel, handset: str, body: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        simulator.text_from(channel, handset=handset, body=body, by=ben.actor, at=NOW)
    assert refused.value.field == field


def test_strangers_viewers_and_other_channels(
    ana: Player, cleo: Player, channel: Channel, workspace: Workspace
) -> None:
    viewer = Player(member=make.make_member(workspace, "Vic", role="viewer", at=NOW))
    real = make.make_channel(workspace, at=NOW, provider="twilio", credentials={})
    assert simulator.access_number(ana.actor, channel.pk) == channel
    for player, key in ((cleo, channel.pk), (ana, real.pk)):
        with pytest.raises(NotFound):
            simulator.access_number(player.actor, key)
    with pytest.raises(NotFound):
        simulator.text_from(channel, handset="+15035550111", body="Hi", by=cleo.actor, at=NOW)
    for refused in (
        lambda: simulator.numbers(viewer.actor),
        lambda: simulator.access_number(viewer.actor, channel.pk),
        lambda: simulator.text_from(channel, handset="+15035550111", body="Hi", by=viewer.actor, at=NOW),
        lambda: simulator.set_faults(by=viewer.actor, told={"drop": 1}),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_faults_are_turned_on_and_off(ben: Player) -> None:
    simulator.set_faults(by=ben.actor, told={"delay_ms": 500, "drop": 0.1})
    assert (simulator.faults().delay_ms, simulator.faults().drop) == (500, 0.1)
    simulator.set_faults(by=ben.actor, told={"drop": 0.2}, reset=True)
    assert (simulator.faults().delay_ms, simulator.faults().drop) == (0, 0.2)
    with pytest.raises(Invalid):
        simulator.set_faults(by=ben.actor, told={"gravity": 1})
