"""The page of tags: the list, a change, a refusal beside its field, and an end."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import make
from tests.conftest import NOW, Player
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.conversations.models import Tag
from twoway.teams.models import Workspace


@pytest.fixture
def tag(workspace: Workspace, channel: Channel) -> Tag:
    made = make.make_tag(workspace, "Lockout <b>", color="warn")
    make.make_conversation(channel, at=NOW, tags=[made])
    return made


def test_the_list_shows_each_with_its_colour_and_uses(ben: Player, tag: Tag) -> None:
    page = ben.client.get(reverse("desk:settings_tags")).content.decode()
    assert inline_code(page) == []
    assert "Lockout &lt;b&gt;" in page
    assert '<span class="swatch" data-tc="warn"></span>' in page
    assert '<span class="num">1</span>' in page


def test_without_tags_the_page_says_where_they_come_from(ben: Player) -> None:
    assert "No tags yet." in ben.client.get(reverse("desk:settings_tags")).content.decode()


def test_a_tag_is_renamed_and_recoloured(ben: Player, tag: Tag) -> None:
    url = reverse("desk:settings_tag", args=[tag.pk])
    page = ben.client.get(url).content.decode()
    assert inline_code(page) == []
    assert page.count('name="color"') == 7
    answer = ben.client.post(url, {"name": "Locked out", "color": "bot"}, follow=True)
    assert "Locked out: saved." in answer.content.decode()
    tag.refresh_from_db()
    assert (tag.name, tag.color) == ("Locked out", "bot")


def test_a_name_that_is_taken_is_refused_beside_its_field(ben: Player, tag: Tag, workspace: Workspace) -> None:
    make.make_tag(workspace, "VIP")
    answer = ben.client.post(reverse("desk:settings_tag", args=[tag.pk]), {"name": "vip", "color": "bot"})
    assert answer.status_code == 422
    assert "There is a tag with this name." in answer.content.decode()


def test_a_tag_is_deleted(ben: Player, tag: Tag) -> None:
    answer = ben.client.post(reverse("desk:settings_tag_delete", args=[tag.pk]), follow=True)
    assert "is gone from every conversation." in answer.content.decode()
    assert not Tag.objects.exists()


def test_who_may_tag_is_offered_the_page(ben: Player, workspace: Workspace) -> None:
    vera = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    address = reverse("desk:settings_tags")
    assert address in ben.client.get(reverse("desk:settings")).content.decode()
    assert address not in vera.client.get(reverse("desk:settings")).content.decode()
