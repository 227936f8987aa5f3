"""The tone guide: owners write it, whoever answers reads it and is told gently; other workspaces know nothing of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, TEXTERS, Matrix, Place
from tests.screens_html import html_of, on_screen, plain, post
from twoway.channels.models import Channel
from twoway.events.models import AuditEntry
from twoway.messaging.tone import actions
from twoway.messaging.tone.models import ToneGuide
from twoway.teams.models import Workspace

MATRIX = Matrix(
    {
        "tone": Place(methods=("GET",), roles=TEXTERS),
        "settings_tone": Place(methods=("GET", "POST"), roles=ADMINS),
    }
)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(role: str, workspace: Workspace) -> None:
    player = Player(member=make.make_member(workspace, "Vera", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, {}) == {}


def test_nobody_without_an_account(ana: Player) -> None:
    assert MATRIX.open_to_nobody({}) == {}
    assert MATRIX.taken_without_token(ana, {}) == {}


def test_written_shown_and_told(ana: Player, ben: Player, cleo: Player, channel: Channel) -> None:
    given = {"guide": "Short sentences.\n\nNo slang.", "lines": "issue = question\ncheap"}
    assert ana.client.post(reverse("desk:settings_tone"), given).status_code == 302
    page = html_of(ana.client.get(reverse("desk:settings_tone")))
    assert "issue = question" in page
    assert AuditEntry.objects.filter(action="tone.changed").count() == 1
    pop = plain(html_of(ben.client.get(reverse("desk:tone"), headers=on_screen())))
    assert "Short sentences." in pop
    assert "No slang." in pop
    assert "Nobody has written a tone guide yet." in plain(html_of(cleo.client.get(reverse("desk:tone"))))
    talk = make.make_conversation(channel, at=NOW, messages=1)
    fields = {"channel": str(channel.pk), "conversation": str(talk.pk), "body": "Is there an Issue, cheap?"}
    told = html_of(post(ben.client, reverse("desk:meter"), fields))
    assert "The tone guide says <b>question</b>, not <b>issue</b>." in told
    assert "The tone guide leaves out <b>cheap</b>." in told
    sent = post(ben.client, f"/c/{talk.pk}/reply/", {"body": "Is there an issue?", "key": "k"})
    assert sent.status_code == 200


@pytest.mark.parametrize("given", [{"guide": "x" * 4001}, {"lines": "x" * 61}])
def test_too_much_is_kept_in_the_form(ana: Player, given: dict[str, str]) -> None:
    answer = ana.client.post(reverse("desk:settings_tone"), {"guide": "", "lines": "", **given})
    assert answer.status_code == 422
    assert next(iter(given.values())) in html_of(answer)
    assert not ToneGuide.objects.exists()


def test_markup_is_words(ana: Player, ben: Player) -> None:
    actions.change(guide="<b>Bold</b>", lines="<i> = <u>", by=ana.actor, at=NOW)
    html = html_of(ben.client.get(reverse("desk:tone"), headers=on_screen()))
    assert "&lt;b&gt;Bold" in html
    assert "<u>" not in html
