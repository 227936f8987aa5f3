"""The search page and the palette: what they show, how lines lead into the thread, and that nothing odd breaks them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, plain
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.search.indexing import Indexer
from twoway.teams.models import Workspace


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    contact = make.make_contact(channel.workspace, at=NOW, name="Dana Whitfield")
    identity = make.make_identity(contact, at=NOW, value="+15035550178")
    return make.make_conversation(channel, at=NOW, identity=identity)


def page(client: Client, q: str, **more: str) -> str:
    Indexer().catch_up()
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    answer = client.get(f"/search/?q={quote(q)}{extra}")
    assert answer.status_code == 200
    return html_of(answer)


def test_lines_lead_to_the_text_in_its_thread(ana: Player, talk: Conversation) -> None:
    text = make.make_message(talk, at=NOW, body="The refund for the café is <b>late</b>")
    note = make.make_note(talk, at=NOW, by=ana.member, body="Promised a refund")
    html = page(ana.client, "refund")
    assert f'href="/c/{talk.pk}/?m={text.pk}"' in html
    assert f"#note-{note.pk}" in html
    assert f'href="/c/{talk.pk}/?date=' in html
    assert "<mark>refund</mark>" in html
    assert "<b>late</b>" not in html
    assert "Note from Ana" in plain(html)
    assert "Dana Whitfield" in plain(html)


def test_people_and_tags_have_groups_of_their_own(ana: Player, talk: Conversation, workspace: Workspace) -> None:
    make.make_tag(workspace, "Danger")
    html = page(ana.client, "dan", typing="1")
    assert f'href="/c/{talk.pk}/"' in html
    assert "<mark>Dan</mark>a Whitfield" in html
    assert "/search/?q=tag%3A%22Danger%22" in html


def test_nothing_found_and_nothing_asked_say_so(ana: Player, talk: Conversation) -> None:
    assert "No match for “late fee”. Try a name, a number or fewer words." in plain(page(ana.client, "late fee"))
    assert "Everything anybody ever texted." in plain(page(ana.client, ""))


def test_a_correction_is_said_and_can_be_refused(ana: Player, talk: Conversation) -> None:
    make.make_message(talk, at=NOW, body="When do I receive it?")
    html = page(ana.client, "recieve")
    assert "Showing results for <b>receive</b>." in html
    assert "/search/?q=recieve&amp;exact=1" in html
    assert "No match for “recieve”." in plain(page(ana.client, "recieve", exact="1"))


def test_a_filter_nobody_can_follow_is_named(ana: Player) -> None:
    assert "before: takes a day such as 2026-03-14" in plain(page(ana.client, "x before:soon"))


def test_filters_can_be_taken_out_and_added(ana: Player, talk: Conversation) -> None:
    html = page(ana.client, "late from:dana")
    assert 'href="/search/?q=late"' in html
    assert "/search/?q=late+from%3Adana+has%3Aphoto" in html


def test_further_lines_come_as_a_fragment_and_as_a_page(ana: Player, talk: Conversation) -> None:
    for n in range(25):
        make.make_message(talk, at=NOW - timedelta(hours=n), body=f"zebra {n}")
    html = page(ana.client, "zebra")
    assert html.count("found__item--in") == 20
    following = html.split('hx-get="/search/?q=zebra&amp;before=')[1].split('"')[0]
    more = html_of(ana.client.get(f"/search/?q=zebra&before={following}", headers=HTMX))
    assert more.count("found__item--in") == 5
    assert "<html" not in more
    assert ana.client.get(f"/search/?q=zebra&before={following}").status_code == 200
    assert ana.client.get("/search/?q=zebra&before=nonsense!").status_code == 422


def test_typing_asks_for_the_results_alone(ana: Player, talk: Conversation) -> None:
    make.make_message(talk, at=NOW, body="An appointment")
    Indexer().catch_up()
    html = html_of(ana.client.get("/search/?q=appoi&typing=1", headers=HTMX))
    assert "<mark>appoi</mark>ntment" in html
    assert "<html" not in html


def test_another_workspace_and_a_member_of_other_teams_see_nothing(
    ana: Player, cleo: Player, talk: Conversation, workspace: Workspace
) -> None:
    make.make_message(talk, at=NOW, body="A zebra")
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, sees_own_teams_only=True))
    assert "A zebra" in plain(page(ana.client, "zebra"))
    for stranger in (cleo, dee):
        for q in ("zebra", "dana", "0178"):
            words = plain(page(stranger.client, q))
            assert f"No match for “{q}”." in words
            assert "Whitfield" not in words


def test_who_does_not_see_numbers_sees_the_last_four(ana: Player, ben: Player, talk: Conversation) -> None:
    Workspace.objects.update(numbers_from="admin")
    make.make_message(talk, at=NOW, body="A zebra")
    assert "503) 555-0178" in page(ana.client, "dana")
    for q in ("zebra", "dana"):
        assert "503) 555-0178" not in page(ben.client, q)
        assert "5035550178" not in page(ben.client, q)


@given(q=st.text(max_size=60) | st.from_regex(r"-?[a-z]{1,6}:[\"'<>a-z0-9 &|!()*:\\-]{0,20}"))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_may_be_typed(ana: Player, q: str) -> None:
    answer = ana.client.get("/search/", {"q": q, "typing": "1"}, headers=HTMX)
    assert answer.status_code == 200
    assert ana.client.get("/palette/", {"q": q}, headers=HTMX).status_code == 200


def test_who_may_search(db: None, talk: Conversation, workspace: Workspace) -> None:
    make.make_message(talk, at=NOW, body="A zebra")
    assert Client().get("/search/?q=zebra").status_code == 302
    assert Client().get("/search/?q=zebra", headers=HTMX).status_code == 401
    viewer = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    assert "A zebra" in plain(page(viewer.client, "zebra"))
    assert viewer.client.post("/search/").status_code == 405


def test_the_palette_shows_messages_settings_and_commands(ana: Player, ben: Player, talk: Conversation) -> None:
    text = make.make_message(talk, at=NOW, body="A teapot for you")
    Indexer().catch_up()
    html = html_of(ana.client.get("/palette/?q=tea", headers=HTMX))
    assert f'href="/c/{talk.pk}/?m={text.pk}"' in html
    assert "/search/?q=tea" in html
    assert 'href="/settings/teams/"' in html
    assert 'href="/settings/teams/"' not in html_of(ben.client.get("/palette/?q=tea", headers=HTMX))
    html = html_of(ana.client.get("/palette/", {"q": "> tea"}, headers=HTMX))
    assert f"/c/{talk.pk}/" not in html
    assert 'href="/settings/teams/"' in html
