"""The one automatic text that goes, as a customer gets it; and all the times when none does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.messaging.greeting.hands import GRACE, MINUTE, answers, automatic, open_hours, past, rounds, switch_on, texts
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.models import Decision
from twoway.contacts.models import Contact
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import MessageBackfilled
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.messaging.greeting import actions, loop
from twoway.messaging.greeting.actions import Wish
from twoway.messaging.greeting.models import FirstWait, Greeting
from twoway.messaging.greeting.queries import wordings_of
from twoway.messaging.models import Message


def test_nothing_is_switched_on_and_nothing_happens(channel: Channel) -> None:
    thread = texts(channel)
    rounds(at=NOW)
    assert automatic(thread) == []
    assert not Greeting.objects.exists()
    assert not FirstWait.objects.exists()


def test_a_welcome_goes_after_the_grace_and_still_they_wait(channel: Channel, ana: Player) -> None:
    switch_on(ana, "welcome")
    thread = texts(channel, name="Dana Reyes")
    loop.round_of(at=NOW)
    assert automatic(thread) == []
    loop.round_of(at=NOW + GRACE)
    assert automatic(thread) == [
        "Thanks for texting Ridgeway Carshare! We got your message and a person will answer you here."
    ]
    thread.refresh_from_db()
    assert (thread.needs_reply, thread.unanswered, thread.sort_at) == (True, 1, NOW)
    message = Message.objects.get(purpose="auto_reply")
    assert (message.author, message.by_id, message.status) == ("system", None, "queued")
    assert Decision.objects.filter(message_id=message.pk, verdict="allow").exists()


def test_an_answer_within_the_grace_leaves_nothing_to_say(channel: Channel, ana: Player, ben: Player) -> None:
    switch_on(ana, "welcome", "wait")
    thread = texts(channel)
    loop.round_of(at=NOW)
    answers(ben, thread, at=NOW + timedelta(seconds=9))
    loop.round_of(at=NOW + GRACE)
    assert automatic(thread) == []
    assert not Greeting.objects.exists()


@pytest.mark.parametrize("author", ["api", "system"])
def test_nor_is_it_sent_on_top_of_another_program(channel: Channel, ana: Player, author: str) -> None:
    switch_on(ana, "welcome")
    thread = texts(channel)
    make.make_message(thread, at=NOW + MINUTE / 10, direction="out", author=author, body="Your car is in B16.")
    Conversation.objects.filter(pk=thread.pk).update(needs_reply=True)
    rounds(at=NOW)
    assert automatic(thread) == []


def test_several_texts_get_one_welcome_and_nothing_twice(channel: Channel, ana: Player) -> None:
    switch_on(ana, "welcome", "after_hours")
    thread = texts(channel)
    texts(channel, "Hello?", at=NOW + MINUTE / 20, thread=thread)
    rounds(at=NOW + MINUTE / 20)
    texts(channel, "Anybody?", at=NOW + 5 * MINUTE, thread=thread)
    rounds(at=NOW + 5 * MINUTE)
    assert len(automatic(thread)) == 1


def test_who_has_texted_before_is_not_welcomed(channel: Channel, ana: Player) -> None:
    thread = make.make_conversation(channel, at=NOW - timedelta(days=9), messages=2)
    switch_on(ana, "welcome")
    texts(channel, thread=thread)
    rounds(at=NOW)
    assert automatic(thread) == []


def test_a_new_episode_may_get_a_text_again(channel: Channel, ana: Player, ben: Player) -> None:
    past(channel)
    switch_on(ana, "wait")
    thread = texts(channel)
    rounds(at=NOW)
    answers(ben, thread, at=NOW + 5 * MINUTE)
    conversations.done(conversation=Conversation.objects.get(pk=thread.pk), by=ben.actor, at=NOW + 6 * MINUTE)
    later = NOW + timedelta(hours=2)
    Conversation.objects.filter(pk=thread.pk).update(state="open", episode=2)
    again = Conversation.objects.get(pk=thread.pk)
    again.episodes.create(number=2, opened_at=later)
    texts(channel, at=later, thread=again)
    past(channel, at=later)
    rounds(at=later)
    assert len(automatic(thread)) == 2


def test_after_hours_says_when_we_are_back(channel: Channel, ana: Player) -> None:
    open_hours(ana, 13 * 60)
    switch_on(ana, "welcome", "wait", "after_hours")
    thread = texts(channel)
    rounds(at=NOW)
    assert automatic(thread) == [
        "Thanks for texting Ridgeway Carshare. We're closed right now. We're back at 1:00 PM and will answer you then."
    ]
    texts(channel, "Hello?", at=NOW + 30 * MINUTE, thread=thread)
    rounds(at=NOW + 30 * MINUTE)
    assert len(automatic(thread)) == 1


@pytest.mark.parametrize("body", ["STOP", "HELP", "START", "Liked “See you at 3”", "Auto-reply: away until Monday"])
def test_words_that_get_no_greeting(channel: Channel, ana: Player, body: str) -> None:
    switch_on(ana, "welcome")
    thread = texts(channel, body)
    rounds(at=NOW)
    assert automatic(thread) == []


def test_machines_short_codes_and_our_own_numbers_get_none(channel: Channel, ana: Player) -> None:
    switch_on(ana, "welcome")
    contact = make.make_contact(channel.workspace, at=NOW)
    code = make.make_identity(contact, at=NOW, value="24273", kind="short_code")
    other = make.make_channel(channel.workspace, at=NOW)
    own = make.make_identity(make.make_contact(channel.workspace, at=NOW), at=NOW, value=other.address)
    threads = [texts(channel, identity=code), texts(channel, identity=own)]
    busy = texts(channel)
    for n in range(7):
        texts(channel, f"Ping {n}", at=NOW + timedelta(seconds=n), thread=busy)
    rounds(at=NOW + timedelta(seconds=6))
    assert [automatic(one) for one in [*threads, busy]] == [[], [], []]


def test_whoever_opted_out_or_is_blocked_gets_none(channel: Channel, ana: Player) -> None:
    switch_on(ana, "welcome")
    out, blocked = texts(channel), texts(channel)
    compliance.opt_out(identity=out.identity, channel=channel, source="member", by=ana.actor, at=NOW)
    Contact.objects.filter(pk=blocked.contact_id).update(blocked_at=NOW)
    Conversation.objects.filter(pk__in=[out.pk, blocked.pk]).update(needs_reply=True)
    rounds(at=NOW)
    assert automatic(out) == automatic(blocked) == []
    assert not Decision.objects.filter(purpose="auto_reply").exists()


def test_what_was_brought_in_or_is_old_gets_none(channel: Channel, ana: Player) -> None:
    switch_on(ana, "welcome")
    late = texts(channel)
    found = MessageBackfilled(workspace_id=late.workspace_id, conversation_id=late.pk, message_id=late.last_inbound_id)
    publish(found, at=NOW)
    old = texts(channel, at=NOW - timedelta(hours=2))
    rounds(at=NOW)
    assert automatic(late) == automatic(old) == []


def test_a_text_that_was_on_its_way_for_hours_gets_none(channel: Channel, ana: Player) -> None:
    """A provider's outage: it comes now, and was written then."""
    switch_on(ana, "welcome")
    thread = texts(channel)
    Message.objects.filter(conversation=thread).update(sent_at=NOW - timedelta(hours=3))
    rounds(at=NOW)
    assert automatic(thread) == []


def test_nobody_is_greeted_in_the_middle_of_a_talk(channel: Channel, ana: Player, ben: Player) -> None:
    past(channel)
    switch_on(ana, "welcome", "wait", "after_hours")
    thread = texts(channel)
    answers(ben, thread, at=NOW + timedelta(seconds=5))
    rounds(at=NOW)
    texts(channel, "Thanks! And the key?", at=NOW + 2 * MINUTE, thread=Conversation.objects.get(pk=thread.pk))
    rounds(at=NOW + 2 * MINUTE)
    assert automatic(thread) == []


def test_a_crash_between_sending_and_marking_sends_nothing_twice(channel: Channel, ana: Player) -> None:
    """The text and its mark are one transaction: what is there after a crash is both, or neither."""
    switch_on(ana, "welcome")
    thread = texts(channel)
    rounds(at=NOW)
    row = Greeting.objects.get()
    Greeting.objects.create(
        workspace_id=thread.workspace_id, conversation=thread, episode=1, message_id=row.message_id, due_at=NOW
    )
    loop.round_of(at=NOW + 2 * GRACE)
    assert len(automatic(thread)) == 1
    assert Greeting.objects.count() == 1


# Wording --------------------------------------------------------------------------------------------------------------


def test_the_words_of_a_number_come_before_those_of_its_team_and_the_workspace(channel: Channel, ana: Player) -> None:
    team = make.make_team(channel.workspace, "Fleet", at=NOW)
    places: list[tuple[str, dict[str, int]]] = [
        ("workspace", {}),
        ("team", {"team_id": team.pk}),
        ("number", {"channel_id": channel.pk}),
    ]
    for words, place in places:
        wish = Wish(kind="welcome", is_on=True, texts={"en": f"Hello from the {words}"})
        actions.set_wording(wish=wish, by=ana.actor, at=NOW, **place)
    held = wordings_of(channel.workspace_id)
    elsewhere = make.make_channel(channel.workspace, at=NOW)
    told = [
        held.at(channel_id=channel.pk, team_id=team.pk)["welcome"].words("en"),
        held.at(channel_id=elsewhere.pk, team_id=team.pk)["welcome"].words("en"),
        held.at(channel_id=elsewhere.pk, team_id=None)["welcome"].words("en"),
    ]
    assert told == ["Hello from the number", "Hello from the team", "Hello from the workspace"]
    actions.set_wording(wish=Wish(kind="welcome", is_on=None, texts={}), by=ana.actor, at=NOW, channel_id=channel.pk)
    held = wordings_of(channel.workspace_id)
    assert held.at(channel_id=channel.pk, team_id=team.pk)["welcome"].words("en") == "Hello from the team"


def test_a_number_may_be_silent_while_the_others_greet(channel: Channel, ana: Player) -> None:
    switch_on(ana, "welcome")
    off = Wish(kind="welcome", is_on=False, texts={})
    actions.set_wording(wish=off, by=ana.actor, at=NOW, channel_id=channel.pk)
    thread = texts(channel)
    rounds(at=NOW)
    assert automatic(thread) == []


def test_a_spanish_speaker_is_greeted_in_spanish(channel: Channel, ana: Player) -> None:
    switch_on(ana, "welcome")
    contact = make.make_contact(channel.workspace, at=NOW, language="es-MX")
    thread = texts(channel, contact=contact)
    rounds(at=NOW)
    assert automatic(thread)[0].startswith("Gracias por escribir a Ridgeway Carshare.")


def test_what_cannot_be_set_is_refused(channel: Channel, ana: Player, ben: Player, cleo: Player) -> None:
    fine = Wish(kind="welcome", is_on=True, texts={})
    with pytest.raises(NotAllowed):
        actions.set_wording(wish=fine, by=ben.actor, at=NOW)
    with pytest.raises(NotFound):
        actions.set_wording(wish=fine, by=cleo.actor, at=NOW, channel_id=channel.pk)
    for kind, texts_given in (("nonsense", {}), ("welcome", {"fr": "Bonjour"}), ("welcome", {"en": "Hi {nobody}"})):
        with pytest.raises(Invalid):
            actions.set_wording(wish=Wish(kind=kind, is_on=True, texts=texts_given), by=ana.actor, at=NOW)
    for given in ({"percentile": 40}, {"grace_seconds": 0}, {"colour": 5}):
        with pytest.raises(Invalid):
            actions.choose(given=given, by=ana.actor, at=NOW)
    assert actions.choose(given={"percentile": 90}, language="es", by=ana.actor, at=NOW).percentile == 90
