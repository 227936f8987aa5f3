"""Delivery problems: what is counted, for whom, and that every reason has words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import html_of, plain
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.lib.refusal import NotAllowed
from twoway.messaging import problems
from twoway.messaging.models import Message
from twoway.providers import advice, failures
from twoway.teams.models import Workspace

DAY = timedelta(days=1)


def failed(talk: Conversation, reason: str, *, code: str = "", ago: timedelta = DAY, **fields: Any) -> Message:
    given = {"status": "failed", "error": reason, "error_code": code, **fields}
    return make.make_message(talk, direction="out", at=timezone.now() - ago, body="On its way.", **given)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, name="Dana Whitfield")


def counted(by: Player, *, days: int = 7) -> dict[str, int]:
    told = problems.report(by.actor, since=timezone.now() - days * DAY)
    return {one.reason: one.count for one in told.problems}


def test_reasons_codes_and_numbers_are_counted(ana: Player, workspace: Workspace, talk: Conversation) -> None:
    other = make.make_conversation(make.make_channel(workspace, at=NOW, name="Deposits"), at=NOW)
    for code in ("30007", "30007", "30004"):
        failed(talk, "carrier_filtered", code=code)
    failed(other, "carrier_filtered", code="30007", status="undelivered")
    failed(talk, "landline", code="30006")
    failed(talk, "")
    failed(talk, "opted_out", status="canceled")
    failed(talk, "landline", ago=9 * DAY)
    make.make_message(talk, direction="out", at=timezone.now() - DAY, status="delivered")
    told = problems.report(ana.actor, since=timezone.now() - 7 * DAY)
    first = told.problems[0]
    assert [(one.reason, one.count) for one in told.problems] == [
        ("carrier_filtered", 4),
        ("landline", 1),
        ("unknown", 1),
    ]
    assert [(one.code, one.count) for one in first.codes] == [("30007", 3), ("30004", 1)]
    assert first.numbers == ((talk.channel_id, 3), (other.channel_id, 1))
    assert (told.failed, told.sent) == (6, 7)
    assert counted(ana, days=30)["landline"] == 2


def test_the_page_says_what_happened_and_what_to_do(ana: Player, talk: Conversation) -> None:
    failed(talk, "carrier_filtered", code="30007")
    page = html_of(ana.client.get("/settings/problems/"))
    assert "1 of 1 texts failed" in plain(page)
    assert "/settings/problems/carrier_filtered/?days=7" in page
    one = html_of(ana.client.get("/settings/problems/carrier_filtered/?days=30"))
    words = plain(one)
    assert failures.words("carrier_filtered") in words
    assert advice.of("carrier_filtered") in words
    assert "simulator 30007" in words
    assert f'href="/c/{talk.pk}/"' in one
    assert "Dana Whitfield" in words
    assert inline_code(one) == []


def test_without_any_it_says_so(ana: Player, talk: Conversation) -> None:
    assert "Nothing failed." in plain(html_of(ana.client.get("/settings/problems/")))
    words = plain(html_of(ana.client.get("/settings/problems/landline/")))
    assert "No text failed for this reason in the last 7 days." in words
    assert ana.client.get("/settings/problems/no_such_reason/").status_code == 404


def test_an_example_is_the_newest_text_of_each_conversation(
    ana: Player, workspace: Workspace, channel: Channel
) -> None:
    talks = [make.make_conversation(channel, at=NOW, name=f"Person {n}") for n in range(7)]
    for hours in (5, 3):
        for talk in talks:
            failed(talk, "landline", ago=timedelta(hours=hours))
    found = problems.examples(ana.actor, reason="landline", since=timezone.now() - DAY)
    assert len(found) == problems.EXAMPLES
    assert len({one.conversation_id for one in found}) == problems.EXAMPLES
    assert all(one.created_at > timezone.now() - timedelta(hours=4) for one in found)


def test_everybody_counts_what_they_may_see(
    ana: Player, ben: Player, cleo: Player, workspace: Workspace, talk: Conversation
) -> None:
    near, far = (make.make_team(workspace, name, at=NOW) for name in ("Near", "Far"))
    dee = Player(
        member=make.make_member(workspace, "Dee", role="manager", at=NOW, teams=[near], sees_own_teams_only=True)
    )
    Channel.objects.update(team=far)
    Conversation.objects.update(team=far)
    failed(talk, "landline")
    assert counted(ana) == {"landline": 1}
    assert counted(dee) == {}
    assert counted(cleo) == {}
    assert problems.examples(dee.actor, reason="landline", since=timezone.now() - 7 * DAY) == []
    with pytest.raises(NotAllowed):
        counted(ben)


def test_every_reason_has_advice_and_no_other() -> None:
    assert set(advice.ADVICE) == set(failures.REASONS)
    assert all(words.endswith(".") for words in advice.ADVICE.values())
