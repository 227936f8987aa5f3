"""The first text to a number, the meter, the palette."""

from __future__ import annotations

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, on_screen, plain, post
from twoway.channels.models import Channel
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.messaging.models import Message
from twoway.teams.models import Workspace


def wanted(number: Channel, /, **fields: str) -> dict[str, str]:
    return {"channel": str(number.pk), "to": "(503) 555-0178", "body": "Your car is ready.", "key": "k", **fields}


def test_a_text_to_a_number_begins_a_conversation(ben: Player, channel: Channel) -> None:
    first = post(ben.client, "/new/", wanted(channel))
    second = post(ben.client, "/new/", wanted(channel))
    talk = Conversation.objects.get()
    assert (first.status_code, first.headers["HX-Redirect"]) == (204, f"/c/{talk.pk}/")
    assert second.headers["HX-Redirect"] == f"/c/{talk.pk}/"
    assert Message.objects.get().recipient == "+15035550178"
    assert talk.assignee_id == ben.id


def test_without_script_it_leads_there(ben: Player, channel: Channel) -> None:
    response = ben.client.post("/new/", wanted(channel))
    assert (response.status_code, response.headers["Location"]) == (302, f"/c/{Conversation.objects.get().pk}/")


def test_a_known_person_keeps_their_conversation(ben: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=2)
    response = post(ben.client, "/new/", wanted(channel, to=talk.identity.value))
    assert response.headers["HX-Redirect"] == f"/c/{talk.pk}/"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"to": "12"}, "This number has too few digits."),
        ({"to": "nobody"}, "This is not a phone number."),
        ({"to": ""}, "Write a phone number."),
        ({"to": "911"}, "Emergency numbers can't be texted from here."),
        ({"channel": "999999"}, "There is no such number of ours."),
        ({"channel": "x"}, "There is no such number of ours."),
        ({"body": " "}, "Write something first."),
        ({"body": "x" * 1601}, "takes up to 1600"),
    ],
)
def test_what_is_wrong_is_said_and_kept(ben: Player, channel: Channel, fields: dict[str, str], words: str) -> None:
    given = wanted(channel, **fields)
    response = post(ben.client, "/new/", given)
    html = html_of(response)
    assert response.status_code == 422
    assert words in plain(html)
    assert f'value="{given["to"]}"' in html
    assert given["body"].strip() in html
    assert 'name="key" value="k"' in html
    assert not Message.objects.exists()


def test_the_number_on_screen_is_offered_first(ben: Player, channel: Channel, workspace: Workspace) -> None:
    other = make.make_channel(workspace, at=NOW, name="Front desk")
    html = html_of(ben.client.get("/new/", headers=on_screen(view=f"channel-{other.pk}")))
    assert f'value="{other.pk}" selected' in html
    assert f'value="{channel.pk}" selected' not in html


def test_without_a_number_it_says_what_to_do(ben: Player) -> None:
    assert "There is no number to text from yet." in plain(html_of(ben.client.get("/new/", headers=HTMX)))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "GSM-7 · 0/160 · 1 segment"),
        ("x" * 160, "GSM-7 · 160/160 · 1 segment"),
        ("x" * 161, "GSM-7 · 161/306 · 2 segments"),
        ("“" * 71, "Unicode · 71/134 · 2 segments"),
    ],
)
def test_the_meter_counts_as_the_carrier_does(ben: Player, channel: Channel, body: str, words: str) -> None:
    response = ben.client.post("/meter/", {"body": body, "channel": channel.pk}, headers=HTMX)
    assert words in plain(html_of(response))


def test_the_meter_offers_a_cheaper_way(ben: Player, channel: Channel) -> None:
    html = html_of(ben.client.post("/meter/", {"body": "“" * 71, "channel": channel.pk}, headers=HTMX))
    assert "data-plainer" in html
    assert "so this text costs 2 segments ($0.0166), not 1 ($0.0083)." in plain(html)


def test_toll_free_numbers_count_their_own_way(ben: Player, workspace: Workspace) -> None:
    channel = make.make_channel(workspace, at=NOW, address="+18885550123")
    html = html_of(ben.client.post("/meter/", {"body": "x" * 161, "channel": channel.pk}, headers=HTMX))
    assert "161/304" in plain(html)


def test_the_palette_finds_people_and_places(ben: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    html = html_of(ben.client.get("/palette/?q=whit", headers=HTMX))
    assert f'href="/c/{talk.pk}/"' in html
    assert "<mark>Whit</mark>field" in html
    number = talk.identity.value
    assert f'href="/c/{talk.pk}/"' in html_of(ben.client.get(f"/palette/?q={number[-7:]}", headers=HTMX))
    assert 'href="/inbox/snoozed/"' in html_of(ben.client.get("/palette/?q=snoo", headers=HTMX))
    assert "No match for “zzzz”." in plain(html_of(ben.client.get("/palette/?q=zzzz", headers=HTMX)))


def test_the_palette_knows_what_is_open(ben: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    words = plain(html_of(ben.client.get("/palette/", headers=on_screen(open_id=talk.pk))))
    assert "In Dana's conversation" in words
    assert "Do this here" in words
    assert "Do this here" not in plain(html_of(ben.client.get("/palette/", headers=HTMX)))


def test_a_palette_query_may_be_anything(ben: Player) -> None:
    for q in ("%00", "%25", "_", "'", "<script>", "a" * 5000):
        assert ben.client.get(f"/palette/?q={q}", headers=HTMX).status_code == 200


def test_refused_texts_leave_no_trace_in_the_list(ben: Player, channel: Channel) -> None:
    post(ben.client, "/new/", wanted(channel, body=" "))
    assert not Conversation.objects.exists()
    assert not Identity.objects.exists()
