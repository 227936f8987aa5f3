"""The log from any place: a text, a day, both ways, all channels, folded episodes; and what may be seen of it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import earlier_url, html_of, on_screen, plain
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation, Episode
from twoway.desk.inbox_reads import PAGE
from twoway.teams.models import Workspace

TEXTS = 200


@pytest.fixture
def long_talk(channel: Channel) -> Conversation:
    """200 texts, an hour apart."""
    talk = make.make_conversation(channel, at=NOW, name="Dana Whitfield")
    for n in range(TEXTS):
        make.make_message(talk, at=NOW + timedelta(hours=n), direction="out" if n % 2 else "in", body=f"Text {n}")
    return talk


def later_url(response: Any) -> str:
    found = re.search(r'id="log-later"[^>]*href="([^"]+)"', html_of(response))
    return unescape(found.group(1)) if found else ""


def numbers(response: Any) -> list[int]:
    html = html_of(response)
    log = html[html.index("thread-log") :] if "thread-log" in html else html
    return [int(n) for n in re.findall(r"<p class=\"bubble\"[^>]*>Text (\d+)<", log)]


def ids_of(talk: Conversation) -> list[int]:
    return list(talk.messages.order_by("id").values_list("id", flat=True))


def test_a_text_is_shown_with_what_stands_around_it(ana: Player, long_talk: Conversation) -> None:
    target = ids_of(long_talk)[100]
    page = ana.client.get(f"/c/{long_talk.pk}/?m={target}", headers=on_screen())
    assert f'data-target="{target}"' in html_of(page)
    assert numbers(page) == list(range(100 - PAGE // 2, 100 + PAGE // 2))


def test_from_a_text_both_ways_the_whole_log_is_read_once(ana: Player, long_talk: Conversation) -> None:
    target = ids_of(long_talk)[100]
    page = ana.client.get(f"/c/{long_talk.pk}/?m={target}", headers=on_screen())
    found = numbers(page)
    up, down = earlier_url(page), later_url(page)
    while up:
        older = ana.client.get(up, headers=on_screen(open_id=long_talk.pk))
        found, up = numbers(older) + found, earlier_url(older)
    while down:
        newer = ana.client.get(down, headers=on_screen(open_id=long_talk.pk))
        assert 'id="log-later"' in html_of(newer)
        found, down = found + numbers(newer), later_url(newer)
    assert found == list(range(TEXTS))


@pytest.mark.parametrize(("asked", "first"), [("first=1", 0), ("date=2026-03-12", 38)])
def test_a_day_and_the_first_text(ana: Player, long_talk: Conversation, asked: str, first: int) -> None:
    """Midnight of March 12 in Los Angeles is 38 hours after 10 in the morning of the 10th."""
    page = ana.client.get(f"/c/{long_talk.pk}/?{asked}", headers=on_screen())
    assert f'data-target="{ids_of(long_talk)[first]}"' in html_of(page)
    assert first in numbers(page)


@pytest.mark.parametrize("asked", ["m=999999999", "m=x", "date=2999-01-01", "date=soon", "date=0001-01-01x", "first=2"])
def test_what_is_not_there_means_the_newest(ana: Player, long_talk: Conversation, asked: str) -> None:
    page = ana.client.get(f"/c/{long_talk.pk}/?{asked}", headers=on_screen())
    assert page.status_code == 200
    assert numbers(page)[-1] == TEXTS - 1 or asked == "date=0001-01-01x"
    assert later_url(page) == "" or asked == "date=0001-01-01x"


def test_a_text_of_another_conversation_is_not_found_by_its_id(
    ana: Player, channel: Channel, long_talk: Conversation
) -> None:
    other = make.make_conversation(channel, at=NOW, messages=2)
    page = ana.client.get(f"/c/{long_talk.pk}/?m={other.last_message_id}", headers=on_screen())
    assert "data-target" not in html_of(page)
    assert f'id="msg-{other.last_message_id}"' not in html_of(page)


@pytest.fixture
def second(workspace: Workspace, long_talk: Conversation) -> Conversation:
    """The same person on another number of ours, between the texts of the first."""
    line = make.make_channel(workspace, at=NOW, name="Harbor line")
    talk = make.make_conversation(line, at=NOW, contact=long_talk.contact, identity=long_talk.identity)
    make.make_message(talk, at=NOW + timedelta(hours=400), body="Text 900")
    make.make_message(talk, at=NOW + timedelta(hours=401), body="Text 901", direction="out")
    make.make_note(talk, at=NOW + timedelta(hours=402), body="Asked at the harbor.")
    make.make_message(long_talk, at=NOW + timedelta(hours=403), body="Text 902")
    return talk


def test_all_channels_stand_in_one_log(ana: Player, long_talk: Conversation, second: Conversation) -> None:
    page = ana.client.get(f"/c/{long_talk.pk}/?all=1", headers=on_screen())
    assert numbers(page)[-4:] == [199, 900, 901, 902]
    assert "Asked at the harbor." in html_of(page)
    assert html_of(page).count("msg--elsewhere") == 2
    assert f'class="msg__where" href="/c/{second.pk}/"' in html_of(page)
    alone = ana.client.get(f"/c/{long_talk.pk}/", headers=on_screen())
    assert numbers(alone)[-2:] == [199, 902]
    assert "Asked at the harbor." not in html_of(alone)


def test_all_channels_is_read_back_whole(ana: Player, long_talk: Conversation, second: Conversation) -> None:
    page = ana.client.get(f"/c/{long_talk.pk}/?all=1", headers=on_screen())
    found, up = numbers(page), earlier_url(page)
    while up:
        older = ana.client.get(up, headers=on_screen(open_id=long_talk.pk))
        found, up = numbers(older) + found, earlier_url(older)
    assert found == [*range(TEXTS), 900, 901, 902]


def test_only_conversations_one_may_see_are_in_it(
    workspace: Workspace, long_talk: Conversation, second: Conversation
) -> None:
    team = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[team], sees_own_teams_only=True))
    Conversation.objects.filter(pk=long_talk.pk).update(team=team)
    page = dee.client.get(f"/c/{long_talk.pk}/?all=1", headers=on_screen())
    assert numbers(page)[-2:] == [199, 902]
    assert "harbor" not in html_of(page).lower()


@pytest.fixture
def episodes(channel: Channel, ben: Player) -> Conversation:
    """Three episodes: two were done long ago, the newest is open."""
    talk = make.make_conversation(channel, at=NOW, name="Dana Whitfield")
    for number, day in enumerate((0, 5, 9), start=1):
        for n in range(3):
            make.make_message(talk, at=NOW + timedelta(days=day, minutes=n), body=f"Text {10 * number + n}")
        if number < 3:
            closed = NOW + timedelta(days=day, minutes=30)
            Episode.objects.filter(conversation=talk, number=number).update(closed_at=closed, closed_by=ben.member)
            begun = NOW + timedelta(days=(5, 9)[number - 1])
            Episode.objects.create(conversation=talk, number=number + 1, opened_at=begun)
    Conversation.objects.filter(pk=talk.pk).update(episode=3)
    make.make_note(talk, at=NOW + timedelta(minutes=20), body="The first note.")
    talk.refresh_from_db()
    return talk


def test_done_episodes_are_one_line_each(ana: Player, episodes: Conversation) -> None:
    page = ana.client.get(f"/c/{episodes.pk}/", headers=on_screen())
    assert numbers(page) == [30, 31, 32]
    words = plain(html_of(page))
    assert "Mar 10 · 3 texts · done by Ben" in words
    assert "Mar 15 · 3 texts · done by Ben" in words
    assert "The first note." not in words
    assert earlier_url(page) == ""


def test_a_line_opens_in_place(ana: Player, episodes: Conversation) -> None:
    page = ana.client.get(f"/c/{episodes.pk}/", headers=on_screen())
    folds = re.findall(r'id="fold-(\d+)" data-sort="([^"]+)" data-until="([^"]+)"', html_of(page))
    for number, sort, until in folds:
        opened = ana.client.get(f"/c/{episodes.pk}/?episode={number}", headers=on_screen(open_id=episodes.pk))
        assert numbers(opened) == [int(number) * 10 + n for n in range(3)]
        assert ("The first note." in html_of(opened)) is (number == "1")
        places = re.findall(r'id="(?:msg|note)-[^"]+" data-sort="([^"]+)"', html_of(opened))
        assert all(sort < place < until for place in places)
    assert [number for number, _, _ in folds] == ["1", "2"]


def test_an_episode_that_is_not_folded_does_not_open(ana: Player, episodes: Conversation) -> None:
    for number in ("3", "9", "x"):
        answer = ana.client.get(f"/c/{episodes.pk}/?episode={number}", headers=on_screen(open_id=episodes.pk))
        assert answer.status_code == 404


def test_an_episode_done_just_now_stays_open(ana: Player, channel: Channel) -> None:
    now = timezone.now()
    talk = make.make_conversation(channel, at=now - timedelta(hours=5))
    make.make_message(talk, at=now - timedelta(hours=4), body="Text 1")
    Episode.objects.filter(conversation=talk).update(closed_at=now - timedelta(hours=3))
    Episode.objects.create(conversation=talk, number=2, opened_at=now - timedelta(hours=2))
    Conversation.objects.filter(pk=talk.pk).update(episode=2)
    talk.refresh_from_db()
    make.make_message(talk, at=now - timedelta(hours=2), body="Text 2")
    assert numbers(ana.client.get(f"/c/{talk.pk}/", headers=on_screen())) == [1, 2]


def test_a_link_into_a_folded_episode_shows_it_flat(ana: Player, episodes: Conversation) -> None:
    first = ids_of(episodes)[1]
    page = ana.client.get(f"/c/{episodes.pk}/?m={first}", headers=on_screen())
    assert numbers(page) == [10, 11, 12, 20, 21, 22, 30, 31, 32]
    assert 'id="fold-' not in html_of(page)


def test_the_queries_of_a_log_do_not_grow_with_it(
    ana: Player, long_talk: Conversation, second: Conversation, django_assert_max_num_queries: Any
) -> None:
    client, target = ana.client, ids_of(long_talk)[100]
    client.get(f"/c/{long_talk.pk}/", headers=on_screen())
    for query in (f"m={target}", "all=1", "date=2026-03-12"):
        with django_assert_max_num_queries(60):
            client.get(f"/c/{long_talk.pk}/?{query}", headers=on_screen())


# Reactions, places, links --------------------------------------------------------------------------------------------


def test_a_reaction_stands_on_the_text_it_is_to(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW)
    ours = make.make_message(talk, at=NOW, direction="out", body="Your car is at Pine and 4th, open the app")
    liked = make.make_message(talk, at=NOW + timedelta(minutes=1), body="Liked “Your car is at Pine…”")
    html = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    assert re.search(rf'id="msg-{ours.pk}".*?<a class="reaction" href="#msg-{liked.pk}".*?👍', html, re.DOTALL)
    assert re.search(rf'<p class="event event--reaction" id="msg-{liked.pk}"', html)
    assert "Liked “Your car is at Pine…”" in html


def test_a_reaction_that_was_taken_back_is_gone(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW)
    make.make_message(talk, at=NOW, direction="out", body="See you at 3")
    make.make_message(talk, at=NOW + timedelta(minutes=1), body="Loved “See you at 3”")
    make.make_message(talk, at=NOW + timedelta(minutes=2), body="Removed a heart from “See you at 3”")
    html = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    assert 'class="reaction"' not in html
    assert "Removed a heart from “See you at 3”" in html


def test_a_reaction_to_nothing_here_is_a_text(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW)
    make.make_message(talk, at=NOW, direction="out", body="See you at 3")
    odd = make.make_message(talk, at=NOW + timedelta(minutes=1), body="Liked “Something else”")
    html = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    assert re.search(rf'class="msg msg--in[^"]*" id="msg-{odd.pk}"', html)
    assert 'class="reaction"' not in html


def test_a_place_has_a_card_and_nothing_is_fetched_for_it(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW)
    make.make_message(talk, at=NOW, body="https://maps.apple.com/?ll=37.7749,-122.4194&q=%3Cb%3EHere%3C%2Fb%3E")
    html = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    card = re.search(r'<span class="placecard">.*?Open map', html, re.DOTALL)
    assert card
    assert "37.77490, -122.41940" in card.group()
    assert "&lt;b&gt;Here&lt;/b&gt;" in card.group()
    assert 'target="_blank" rel="noopener noreferrer nofollow"' in card.group()
    assert "<img" not in card.group()
    assert "<iframe" not in html


def test_a_misleading_link_says_where_it_leads(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW)
    make.make_message(talk, at=NOW, body="Pay at https://аpple.com/pay please")
    html = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    assert "(xn--pple-43d.com)" in html
    assert 'rel="noopener noreferrer nofollow"' in html
