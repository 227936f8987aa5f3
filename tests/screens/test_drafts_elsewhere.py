"""A member's draft as another device of theirs reads it."""

from __future__ import annotations

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import post
from twoway.channels.models import Channel


def test_what_was_begun_is_read_elsewhere_by_its_writer_alone(
    channel: Channel, ana: Player, ben: Player, cleo: Player
) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1)
    url = f"/c/{talk.pk}/draft/"
    nothing = {"body": "", "is_note": False, "seen": None}
    assert ben.client.get(f"{url}now/").json() == nothing
    post(ben.client, url, {"body": "Half a", "is_note": "", "seen": str(talk.last_message_id)})
    assert ben.client.get(f"{url}now/").json() == {"body": "Half a", "is_note": False, "seen": talk.last_message_id}
    assert ana.client.get(f"{url}now/").json() == nothing
    assert cleo.client.get(f"{url}now/").status_code == 404
    post(ben.client, url, {"body": "", "is_note": ""})
    assert ben.client.get(f"{url}now/").json() == nothing
