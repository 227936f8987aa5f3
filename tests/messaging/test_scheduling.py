"""Texts for later: kept, sent once at their time, decided then; stopped with a reason; taken back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests import make, pictures
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.models import Decision, Source
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.messaging.media import actions as media
from twoway.messaging.media.queries import drafts
from twoway.messaging.models import MediaFile, Message
from twoway.messaging.overtaking import Overtaken
from twoway.messaging.scheduling import actions, queries, rules
from twoway.messaging.scheduling.models import Later

DUE = NOW + timedelta(hours=20)


@pytest.fixture
def thread(channel: Channel) -> Conversation:
    """Somebody waits for an answer."""
    return make.make_conversation(channel, at=NOW, messages=1)


def plan(thread: Conversation, by: Player, body: str = "Your car is ready at nine.", **more: Any) -> Later:
    given: dict[str, Any] = {"due_at": DUE, "at": NOW, "key": "k1", **more}
    return actions.schedule(conversation=thread, body=body, by=by.actor, **given)


def ours() -> list[str]:
    return list(Message.objects.filter(direction="out").order_by("id").values_list("body", flat=True))


def test_it_is_no_text_until_its_time_and_one_then(thread: Conversation, ben: Player) -> None:
    row = plan(thread, ben)
    thread.refresh_from_db()
    assert (ours(), thread.needs_reply, Decision.objects.count()) == ([], True, 0)
    assert actions.send_due(at=DUE - timedelta(seconds=1)) == 0
    assert actions.send_due(at=DUE) == 1
    assert actions.send_due(at=DUE) == 0
    message = Message.objects.get(direction="out")
    assert (message.status, message.by_name, message.created_at) == ("queued", "Ben", DUE)
    row.refresh_from_db()
    thread.refresh_from_db()
    assert (row.state, row.message_id, thread.needs_reply) == ("sent", message.pk, False)
    assert Decision.objects.get().verdict == "allow"


def test_one_key_is_one_text(thread: Conversation, ben: Player) -> None:
    assert plan(thread, ben).pk == plan(thread, ben).pk
    assert Later.objects.count() == 1


@pytest.mark.parametrize(
    ("due_at", "words"),
    [
        (NOW, "That time has passed. Choose a later one."),
        (NOW - timedelta(days=1), "That time has passed. Choose a later one."),
        (NOW + timedelta(days=36), "Choose a time within the next 35 days."),
    ],
)
def test_times_it_cannot_be_scheduled_for(thread: Conversation, ben: Player, due_at: datetime, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        plan(thread, ben, due_at=due_at)
    assert (caught.value.sentence, caught.value.code) == (words, "bad_send_at")
    assert not Later.objects.exists()


def test_what_could_not_go_is_refused_at_once(thread: Conversation, ben: Player, ana: Player) -> None:
    with pytest.raises(Refused, match="Write something first"):
        plan(thread, ben, body="  ")
    late = make.make_message(thread, at=NOW, body="Hello?")
    with pytest.raises(Overtaken):
        plan(thread, ben, seen_id=late.pk - 1)
    compliance.opt_out(identity=thread.identity, channel=thread.channel, source=Source.MEMBER, at=NOW, by=ana.actor)
    with pytest.raises(Refused) as caught:
        plan(thread, ben)
    assert caught.value.code == "opted_out"
    assert not Later.objects.exists()


def test_compliance_decides_at_its_time(thread: Conversation, ben: Player, ana: Player) -> None:
    row = plan(thread, ben)
    compliance.opt_out(identity=thread.identity, channel=thread.channel, source=Source.MEMBER, at=NOW, by=ana.actor)
    assert actions.send_due(at=DUE) == 1
    row.refresh_from_db()
    assert (row.state, row.code, ours()) == ("refused", "opted_out", [])
    assert Decision.objects.get().reason == "opted_out"
    told = Event.objects.get(type="later_stopped")
    assert (told.data["writer"], told.data["code"], told.is_shown) == ("Ben", "opted_out", True)
    assert [one.pk for one in queries.shown(thread)] == [row.pk]


@pytest.mark.parametrize(("cancels", "state", "sent"), [(True, "answered", 0), (False, "sent", 1)])
def test_an_answer_before_it_stops_it_where_that_was_asked(
    thread: Conversation, ben: Player, cancels: bool, state: str, sent: int
) -> None:
    row = plan(thread, ben, cancels_on_answer=cancels)
    make.make_message(thread, at=NOW + timedelta(hours=1), body="Found it, thanks")
    actions.send_due(at=DUE)
    row.refresh_from_db()
    assert (row.state, len(ours())) == (state, sent)


def test_without_an_answer_it_goes(thread: Conversation, ben: Player) -> None:
    plan(thread, ben, cancels_on_answer=True)
    actions.send_due(at=DUE)
    assert len(ours()) == 1


def test_much_too_late_it_says_so_and_does_not_go(thread: Conversation, ben: Player) -> None:
    row = plan(thread, ben)
    actions.send_due(at=DUE + timedelta(hours=3))
    row.refresh_from_db()
    assert (row.state, row.code, row.why, ours()) == ("refused", "expired", actions.TOO_LATE, [])


def test_a_writer_who_left_sends_nothing(thread: Conversation, ben: Player) -> None:
    row = plan(thread, ben)
    type(ben.member).objects.filter(pk=ben.id).update(is_active=False)
    actions.send_due(at=DUE)
    row.refresh_from_db()
    assert (row.state, row.code, ours()) == ("refused", "writer_gone", [])


def test_now_instead_of_then_and_only_once(thread: Conversation, ben: Player, ana: Player) -> None:
    row = plan(thread, ben)
    actions.send_now(later=row, by=ana.actor, at=NOW)
    assert Message.objects.get(direction="out").by_name == "Ana"
    assert actions.send_due(at=DUE) == 0
    with pytest.raises(NotFound):
        actions.send_now(later=row, by=ana.actor, at=NOW)
    assert len(ours()) == 1


def test_now_may_be_refused_and_nothing_is_lost(thread: Conversation, ben: Player, ana: Player) -> None:
    row = plan(thread, ben)
    compliance.opt_out(identity=thread.identity, channel=thread.channel, source=Source.MEMBER, at=NOW, by=ana.actor)
    with pytest.raises(Refused) as caught:
        actions.send_now(later=row, by=ana.actor, at=NOW)
    row.refresh_from_db()
    assert (caught.value.code, row.state, Decision.objects.get().reason) == ("opted_out", "waiting", "opted_out")


def test_moved_cancelled_and_taken_back(thread: Conversation, ben: Player) -> None:
    row = plan(thread, ben)
    actions.move(later=row, due_at=DUE + timedelta(days=1), by=ben.actor, at=NOW)
    assert actions.send_due(at=DUE) == 0
    assert actions.take_back(later=row, by=ben.actor, at=NOW).body == "Your car is ready at nine."
    other = plan(thread, ben, key="k2")
    actions.cancel(later=other, by=ben.actor, at=NOW)
    assert actions.send_due(at=DUE + timedelta(days=1)) == 0
    assert queries.shown(thread) == []
    with pytest.raises(NotFound):
        actions.cancel(later=other, by=ben.actor, at=NOW)


def test_one_that_was_stopped_may_wait_again(thread: Conversation, ben: Player) -> None:
    row = plan(thread, ben, cancels_on_answer=True)
    make.make_message(thread, at=NOW + timedelta(hours=1), body="Hm")
    actions.send_due(at=DUE)
    actions.move(later=row, due_at=DUE + timedelta(hours=1), by=ben.actor, at=DUE)
    actions.send_due(at=DUE + timedelta(hours=1))
    assert len(ours()) == 1


def test_its_files_wait_with_it(thread: Conversation, ben: Player, tmp_path: Path) -> None:
    path = tmp_path / "p.jpg"
    path.write_bytes(pictures.picture(60, 40))
    file = media.add_upload(conversation=thread, path=path, name="bay.jpg", by=ben.actor, at=NOW)
    row = plan(thread, ben, media_ids=[file.pk])
    assert list(drafts(ben.actor, thread.pk)) == []
    media.sweep(at=NOW + timedelta(days=30))
    assert MediaFile.objects.filter(pk=file.pk, is_kept=True).exists()
    taken = actions.take_back(later=row, by=ben.actor, at=NOW)
    assert taken.media_ids == (file.pk,)
    assert [one.pk for one in drafts(ben.actor, thread.pk)] == [file.pk]
    plan(thread, ben, media_ids=[file.pk], key="k2")
    actions.send_due(at=DUE)
    sent = MediaFile.objects.get(pk=file.pk)
    assert (sent.message_id, sent.is_kept) == (Message.objects.get(direction="out").pk, False)


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_hand_at_once_send_one_text(channel: Channel, ben: Player) -> None:
    for number in range(12):
        thread = make.make_conversation(channel, at=NOW, messages=1)
        row = plan(thread, ben, key=f"k{number}", due_at=NOW + timedelta(minutes=2))
        at = NOW + timedelta(minutes=2)
        together = threading.Barrier(3)

        def run(deed: Any, gate: Any = together) -> None:
            gate.wait()
            try:
                deed()
            except NotFound:
                pass
            finally:
                connection.close()

        deeds = [
            lambda at=at: actions.send_due(at=at),
            lambda at=at: actions.send_due(at=at),
            lambda row=row, at=at: actions.send_now(later=row, by=ben.actor, at=at),
        ]
        threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        actions.send_due(at=at)
        assert Message.objects.filter(conversation=thread, direction="out").count() == 1


def test_the_times_that_are_offered() -> None:
    tuesday = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
    labels = {one.label: one.at for one in rules.offers(tuesday)}
    assert labels["This evening"] == datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
    assert labels["Tomorrow morning"] == datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
    assert labels["Monday morning"] == datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
    late = [one.label for one in rules.offers(tuesday.replace(hour=22))]
    assert late == ["Tomorrow morning", "Tomorrow evening", "Monday morning"]
    sunday = [one.label for one in rules.offers(datetime(2026, 3, 15, 10, 0, tzinfo=UTC))]
    assert "Monday in a week" in sunday
