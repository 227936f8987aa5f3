"""The composer when WhatsApp's window is closed, the picker of templates, and who may use it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.fakes import graph_api
from tests.messaging.whatsapp import known_template, number
from tests.providers.serving import serving
from tests.screens_html import html_of, on_screen, plain, post
from tests.screens_rules import inline_code
from twoway.channels.models import Channel, Template
from twoway.conversations.models import Conversation
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

DAY = timedelta(hours=24)
SEND = {"name": "order_ready", "language": "en_US", "value-0": "Kim", "value-1": "1041", "key": "k"}


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return number(workspace)


def talk_with(channel: Channel, *, written_at: datetime | None, name: str = "Kim Example") -> Conversation:
    contact = make.make_contact(channel.workspace, at=NOW, name=name)
    identity = make.make_identity(contact, at=NOW, kind="whatsapp", value="+14155550101")
    talk = make.make_conversation(channel, at=NOW, contact=contact, identity=identity, messages=1)
    Conversation.objects.filter(pk=talk.pk).update(last_inbound_at=written_at)
    talk.refresh_from_db()
    return talk


@pytest.fixture
def closed(channel: Channel) -> Conversation:
    known_template(channel)
    return talk_with(channel, written_at=timezone.now() - 2 * DAY)


def get(client: Client, path: str, **query: str) -> Any:
    return client.get(path, query, headers={**on_screen(), "HX-Target": query.pop("target", "dialog")})


def test_within_the_window_the_composer_says_until_when(ben: Player, channel: Channel) -> None:
    talk = talk_with(channel, written_at=timezone.now() - timedelta(hours=1))
    words = plain(html_of(ben.client.get(f"/c/{talk.pk}/")))
    assert "any words until" in words
    assert "Choose a template" not in words
    assert "data-uncounted" in html_of(ben.client.get(f"/c/{talk.pk}/"))


def test_after_it_the_composer_says_why_and_offers_templates(ben: Player, closed: Conversation) -> None:
    html = html_of(ben.client.get(f"/c/{closed.pk}/"))
    words = plain(html)
    assert "Kim Example last wrote on" in words
    assert "WhatsApp takes only an approved template" in words
    assert f'hx-get="/c/{closed.pk}/template/"' in html
    assert 'data-version="blocked-window_closed"' in html
    assert "any words until" not in words


@pytest.mark.parametrize(
    ("ago", "words"),
    [(None, "Kim Example hasn't written on WhatsApp yet."), (DAY, "Kim Example last wrote yesterday at")],
)
def test_since_when_they_are_silent(ben: Player, channel: Channel, ago: timedelta | None, words: str) -> None:
    talk = talk_with(channel, written_at=None if ago is None else timezone.now() - ago)
    assert words in plain(html_of(ben.client.get(f"/c/{talk.pk}/")))


def test_only_what_can_be_sent_is_offered(ben: Player, closed: Conversation) -> None:
    known_template(closed.channel, "refused_one", status="rejected")
    known_template(closed.channel, "with_a_map", why_not="Its header is a place on a map.")
    html = html_of(get(ben.client, f"/c/{closed.pk}/template/"))
    assert "Order ready" in html
    assert "Hi {{1}}, your order {{2}} is ready." in plain(html)
    assert "Refused one" not in html
    assert "With a map" not in html
    assert "Search templates" not in html


def test_many_are_searched(ben: Player, closed: Conversation) -> None:
    for n in range(9):
        known_template(closed.channel, f"notice_{n}", body=f"Notice number {n}")
    assert "Search templates" in html_of(get(ben.client, f"/c/{closed.pk}/template/"))
    found = html_of(get(ben.client, f"/c/{closed.pk}/template/", q="NUMBER 7", target="tpl-list"))
    assert found.count("tplpick__item") == 1
    assert "Choose a template" not in found
    none = plain(html_of(get(ben.client, f"/c/{closed.pk}/template/", q="<b>zebra", target="tpl-list")))
    assert none == "No template has “<b>zebra”. Try fewer words."


def test_without_any_it_says_who_can_do_something(ben: Player, ana: Player, channel: Channel) -> None:
    talk = talk_with(channel, written_at=None)
    assert "An owner or an admin makes them" in plain(html_of(get(ben.client, f"/c/{talk.pk}/template/")))
    assert f"/settings/numbers/{channel.pk}/#templates" in html_of(get(ana.client, f"/c/{talk.pk}/template/"))


def test_the_form_asks_for_each_value_and_shows_the_words(ben: Player, closed: Conversation) -> None:
    html = html_of(get(ben.client, f"/c/{closed.pk}/template/", name="order_ready", language="en_US"))
    assert "Value 1" in html
    assert "Value 2" in html
    assert "Hi {{1}}, your order {{2}} is ready." in plain(html)
    assert inline_code(html) == []


def test_a_value_called_a_name_begins_as_the_persons_own(ben: Player, closed: Conversation) -> None:
    known_template(closed.channel, "hello", body="Hi {{first_name}}", places=["body.first_name"])
    html = html_of(get(ben.client, f"/c/{closed.pk}/template/", name="hello", language="en_US"))
    assert 'value="Kim"' in html
    assert "Hi Kim" in plain(html)


def test_the_preview_follows_the_values_and_escapes_them(ben: Player, closed: Conversation) -> None:
    fields = {**SEND, "value-0": "<script>x</script>"}
    html = html_of(post(ben.client, f"/c/{closed.pk}/template/preview/", fields))
    assert "Hi &lt;script&gt;x&lt;/script&gt;, your order 1041 is ready." in html
    assert not Message.objects.filter(direction="out").exists()


def test_sending_it_queues_the_filled_in_words_once(ben: Player, closed: Conversation) -> None:
    first = post(ben.client, f"/c/{closed.pk}/template/", SEND)
    again = post(ben.client, f"/c/{closed.pk}/template/", SEND)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.headers["HX-Reswap"] == "patch"
    message = Message.objects.get(direction="out")
    assert message.body == "Hi Kim, your order 1041 is ready."
    assert message.template is not None
    assert message.template["values"] == ["Kim", "1041"]
    assert message.body in html_of(first)


def test_without_script_it_works_too(ben: Player, closed: Conversation) -> None:
    assert b"<!doctype html>" in ben.client.get(f"/c/{closed.pk}/template/").content[:200].lower()
    response = ben.client.post(f"/c/{closed.pk}/template/", SEND)
    assert response.headers["Location"] == f"/c/{closed.pk}/"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value-1": " "}, "Fill in: Value 2."),
        ({"value-0": "a\nb"}, "WhatsApp takes no line breaks"),
        ({"value-0": "x" * 1025}, "at most 1024 characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_value_and_kept(
    ben: Player, closed: Conversation, fields: dict[str, str], words: str
) -> None:
    response = post(ben.client, f"/c/{closed.pk}/template/", {**SEND, **fields})
    html = html_of(response)
    assert response.status_code == 422
    assert words in plain(html)
    assert 'aria-invalid="true"' in html
    assert 'value="k"' in html
    assert not Message.objects.filter(direction="out").exists()


def test_a_template_that_lost_its_approval_meanwhile_says_so(ben: Player, closed: Conversation) -> None:
    Template.objects.update(status="paused")
    response = post(ben.client, f"/c/{closed.pk}/template/", SEND)
    assert response.status_code == 422
    assert "WhatsApp paused it" in plain(html_of(response))


def test_a_first_text_on_whatsapp_leads_to_where_a_template_is_chosen(ben: Player, channel: Channel) -> None:
    """Nothing was sent, and nothing that was typed is lost."""
    fields = {"channel": str(channel.pk), "to": "(415) 555-0142", "body": "Hello there", "key": "n"}
    response = post(ben.client, "/new/", fields)
    talk = Conversation.objects.get()
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, f"/c/{talk.pk}/")
    assert (talk.identity.kind, talk.identity.value) == ("whatsapp", "+14155550142")
    assert not Message.objects.exists()
    html = html_of(ben.client.get(f"/c/{talk.pk}/"))
    assert "hasn't written on WhatsApp yet." in plain(html)
    assert "Hello there" in html


# Who may


@pytest.fixture
def others(workspace: Workspace, cleo: Player) -> dict[str, Player]:
    near = make.make_team(workspace, "Near", at=NOW)
    return {
        "viewer": Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW)),
        "other team": Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[near], sees_own_teams_only=True)),
        "stranger": cleo,
    }


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("other team", 404), ("stranger", 404)])
def test_others_neither_see_nor_send(
    closed: Conversation, workspace: Workspace, others: dict[str, Player], who: str, status: int
) -> None:
    far = make.make_team(workspace, "Far", at=NOW)
    Channel.objects.update(team=far)
    Conversation.objects.update(team=far)
    client = others[who].client
    path = f"/c/{closed.pk}/template/"
    assert get(client, path).status_code == status
    assert get(client, path, name="order_ready", language="en_US").status_code == status
    assert post(client, path, SEND).status_code == status
    assert post(client, f"{path}preview/", SEND).status_code == status
    assert not Message.objects.filter(direction="out").exists()


def test_another_numbers_template_is_none_of_this_one(ben: Player, closed: Conversation, workspace: Workspace) -> None:
    other = number(workspace, address="+14155550198", service_id="2")
    known_template(other, "elsewhere")
    response = get(ben.client, f"/c/{closed.pk}/template/", name="elsewhere", language="en_US")
    assert response.status_code == 404


# The number's page


@pytest.fixture
def graph() -> Iterator[str]:
    script = graph_api.GraphApi(
        templates=[
            graph_api.template("order_ready", "Hi {{1}}"),
            graph_api.template("new_one", "Hello", status="PENDING"),
            graph_api.template("sign_in", "{{1}} is your code", category="AUTHENTICATION"),
        ]
    )
    with serving(script) as server:
        yield server.url


def test_the_numbers_page_fetches_and_lists_them(ana: Player, workspace: Workspace, graph: str) -> None:
    made = number(workspace, api_base=graph)
    page = f"/settings/numbers/{made.pk}/"
    assert "None fetched yet." in plain(html_of(ana.client.get(page)))
    fetched = ana.client.post(f"{page}templates/", follow=True)
    words = plain(html_of(fetched))
    assert "3 templates fetched, 1 of them ready to send." in words
    assert "WhatsApp hasn't approved it yet." in words
    assert "Templates that carry a code to sign in" in words


def test_a_fetch_that_fails_says_why(ana: Player, workspace: Workspace) -> None:
    with serving(lambda _: graph_api.error(401, 190, "Error validating access token")) as server:
        made = number(workspace, api_base=server.url)
        words = plain(html_of(ana.client.post(f"/settings/numbers/{made.pk}/templates/", follow=True)))
    assert "can't be asked for its templates" in words
    assert "Error validating access token" in words
