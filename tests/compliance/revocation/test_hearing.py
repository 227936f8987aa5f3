"""What follows when a text asks to stop in its own words, or may."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests import make
from tests.conftest import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance.actions import lift, opt_out
from twoway.compliance.models import Decision, OptOut
from twoway.compliance.revocation import actions
from twoway.compliance.revocation.apart import Apart, Lost
from twoway.compliance.revocation.models import Doubt, JudgedUpTo, OwnWord
from twoway.compliance.revocation.queries import words_by_fold
from twoway.compliance.revocation.rules import by_keyword, due
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry, Event
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.messaging import judging, outbound, revoking
from twoway.messaging.models import Message
from twoway.teams import actor as actors
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
CLEAR = "Thanks for the help but please don't text me again"
VAGUE = "lose it"
APART = Apart()


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_running() -> Iterator[None]:
    yield
    APART.end()


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace, name="Ridgeway")


def receive(channel: Channel, *texts: str, at: datetime = NOW) -> None:
    """They write, and a worker has judged it."""
    hands.receive(channel, *texts)
    Message.objects.filter(direction="in").update(created_at=at)
    while judging.Reader(APART).round(at=at):
        newest = Message.objects.order_by("-id").values_list("id", flat=True)[0]
        JudgedUpTo.objects.update(message_id=newest)


def notices(purpose: str = "opt_out_notice") -> list[Message]:
    return list(Message.objects.filter(direction="out", purpose=purpose).order_by("id"))


def test_a_refusal_in_a_sentence_opts_out_withdraws_and_is_confirmed_once(twilio: Channel, ben: Player) -> None:
    receive(twilio, "hi")
    waiting = outbound.queue_text(by=ben.actor, conversation=Conversation.objects.get(), body="On its way", at=NOW)
    receive(twilio, CLEAR)
    held = OptOut.objects.get(lifted_at=None)
    assert held.source == "words"
    assert held.message_id == Message.objects.get(body=CLEAR).id
    assert Event.objects.filter(type="contact_opted_out", data__source="words").count() == 1
    [sent] = notices()
    assert "opted out" in sent.body
    assert sent.expires_at == NOW + timedelta(minutes=5)
    receive(twilio, "I said don't text me!", "STOP")
    assert len(notices()) == 1
    with pytest.raises(Refused, match="opted out"):
        outbound.queue_text(by=ben.actor, conversation=Conversation.objects.get(), body="But", at=NOW)
    assert waiting.message.status == "queued"


def test_judging_twice_changes_nothing_even_after_start(twilio: Channel) -> None:
    receive(twilio, CLEAR)
    hands.receive(twilio, "START")
    JudgedUpTo.objects.update(message_id=0)
    assert judging.Reader(APART).round(at=NOW) == 2
    assert not OptOut.objects.filter(lifted_at=None).exists()


def test_texts_wait_while_nothing_can_read_and_are_judged_once_when_it_can(twilio: Channel) -> None:
    broken = Apart(command=[sys.executable, "-c", "print([], flush=True); input()"])
    hands.receive(twilio, CLEAR)
    Message.objects.update(created_at=NOW)
    with pytest.raises(Lost):
        judging.Reader(broken).round(at=NOW)
    assert not OptOut.objects.exists()
    reader = judging.Reader(APART)
    assert reader.round(at=NOW) == 1
    assert reader.round(at=NOW) == 0
    assert OptOut.objects.filter(lifted_at=None).count() == 1
    assert len(notices()) == 1


def test_a_late_judgement_is_not_confirmed(twilio: Channel) -> None:
    hands.receive(twilio, CLEAR)
    Message.objects.update(created_at=NOW)
    judging.Reader(APART).round(at=NOW + timedelta(minutes=6))
    assert OptOut.objects.filter(lifted_at=None).count() == 1
    assert notices() == []


def test_history_is_not_judged(twilio: Channel) -> None:
    hands.receive(twilio, CLEAR)
    Message.objects.update(created_at=NOW)
    judging.Reader(APART).round(at=NOW + timedelta(days=15))
    assert not OptOut.objects.exists()


def test_what_may_mean_stop_stops_sends_until_somebody_answers(twilio: Channel, ben: Player) -> None:
    receive(twilio, VAGUE)
    doubt = Doubt.objects.get()
    assert not OptOut.objects.exists()
    assert Event.objects.filter(type="doubt_raised", is_shown=True).count() == 1
    thread = Conversation.objects.get()
    outbound.queue_text(by=ben.actor, conversation=thread, body="Which one?", at=NOW)
    held = Decision.objects.latest("id")
    assert (held.verdict, held.reason) == ("hold", "in_doubt")
    assert revoking.settle(doubt=doubt, wants_texts=True, by=ben.actor, at=NOW)
    assert not revoking.settle(doubt=doubt, wants_texts=False, by=ben.actor, at=NOW)
    outbound.queue_text(by=ben.actor, conversation=thread, body="The blue one?", at=NOW)
    assert Decision.objects.latest("id").verdict == "allow"
    assert AuditEntry.objects.filter(action="revocation.settled", data__answer="kept").count() == 1


def test_they_opted_out_says_an_agent(twilio: Channel, ben: Player) -> None:
    receive(twilio, VAGUE)
    assert revoking.settle(doubt=Doubt.objects.get(), wants_texts=False, by=ben.actor, at=NOW)
    assert OptOut.objects.get().source == "member"
    assert len(notices()) == 1


@pytest.mark.parametrize(
    ("reply", "state", "is_out"),
    [("Yes", "out", True), ("no", "kept", False), ("STOP", "out", True), ("START", "kept", False), ("Sí", "out", True)],
)
def test_the_question_goes_out_once_and_an_answer_settles_it(
    twilio: Channel, ben: Player, reply: str, state: str, is_out: bool
) -> None:
    receive(twilio, VAGUE)
    doubt = Doubt.objects.get()
    asked = revoking.ask(doubt=doubt, by=ben.actor, at=NOW)
    assert "Do you want us to stop texting you?" in asked.body
    with pytest.raises(Invalid, match="already"):
        revoking.ask(doubt=doubt, by=ben.actor, at=NOW)
    receive(twilio, reply)
    assert Doubt.objects.get().state == state
    assert OptOut.objects.filter(lifted_at=None).exists() is is_out
    assert Event.objects.filter(type="doubt_settled", data__answer=state).count() == 1


def test_an_unasked_yes_neither_settles_nor_lifts(twilio: Channel) -> None:
    receive(twilio, VAGUE, "yes")
    assert Doubt.objects.get().state == "open"
    receive(twilio, "STOP", "yes", "sure, text me")
    assert OptOut.objects.filter(lifted_at=None).count() == 1


def test_a_clear_refusal_after_a_vague_one_settles_it(twilio: Channel) -> None:
    receive(twilio, VAGUE)
    receive(twilio, CLEAR)
    assert Doubt.objects.get().state == "out"
    assert OptOut.objects.filter(lifted_at=None).count() == 1


def test_what_nobody_answers_in_ten_business_days_means_stop(twilio: Channel) -> None:
    receive(twilio, VAGUE)
    doubt = Doubt.objects.get()
    assert revoking.expire(at=doubt.due_at - timedelta(seconds=1)) == 0
    assert revoking.expire(at=doubt.due_at) == 1
    assert Doubt.objects.get().settled_by == "nobody answered in time"
    assert OptOut.objects.filter(lifted_at=None, source="words").count() == 1
    assert notices() == []


@pytest.mark.parametrize(
    ("begins", "days"),
    [
        ("2026-03-10", "2026-03-24"),
        ("2026-03-13", "2026-03-27"),
        ("2026-03-14", "2026-03-27"),
        ("2026-06-26", "2026-07-13"),
    ],
)
def test_ten_business_days(begins: str, days: str) -> None:
    """From a Tuesday, a Friday, a Saturday; and over 3 July 2026, when Independence Day is observed."""
    zone = ZoneInfo("America/Los_Angeles")
    at = datetime.fromisoformat(f"{begins}T12:00").replace(tzinfo=zone)
    assert due(at, zone=zone, is_holiday=actions._is_holiday).date().isoformat() == days


def test_only_start_lifts_what_a_carrier_blocks(twilio: Channel, ben: Player, workspace: Workspace) -> None:
    person = make.make_identity(make.make_contact(workspace, at=NOW), at=NOW)
    system = actors.system(workspace.pk)
    opt_out(identity=person, channel=twilio, source="carrier", by=system, at=NOW)
    with pytest.raises(Invalid, match="texting START"):
        lift(identity=person, channel=twilio, source="member", note="They called", by=ben.actor, at=NOW)


def test_own_words_join_a_family_and_those_of_the_law_stay(twilio: Channel, ana: Player, ben: Player) -> None:
    with pytest.raises(NotAllowed):
        actions.add_word(family="stop", word="Enough of it", by=ben.actor, at=NOW)
    with pytest.raises(Invalid, match="already"):
        actions.add_word(family="start", word="Stop!", by=ana.actor, at=NOW)
    with pytest.raises(Invalid, match="letters"):
        actions.add_word(family="stop", word="...", by=ana.actor, at=NOW)
    word = actions.add_word(family="stop", word="No  más TEXTOS ya", by=ana.actor, at=NOW)
    own = words_by_fold(ana.actor.workspace_id)
    known = by_keyword("no mas textos ya!", own=own)
    assert known is not None
    assert known.kind == "opt_out"
    hands.receive(twilio, "no mas textos ya!")
    assert OptOut.objects.get().keyword == "No más TEXTOS ya"
    actions.remove_word(word=word, by=ana.actor, at=NOW)
    assert not OwnWord.objects.exists()
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True))[-2:] == [
        "keyword.added",
        "keyword.removed",
    ]
