"""Texts over SMPP against a real SMSC in a process of its own: once, in order, whole, and visible when not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from tests.conftest import Player
from tests.fakes.smsc_running import FakeSmsc, running_smsc
from tests.messaging.smpp_hands import CUSTOMER
from tests.messaging.smpp_world import DESK, bound, heard, number, reached, reply, taken, wait_for, worker
from twoway.channels import queries as channel_queries
from twoway.channels.models import Channel
from twoway.messaging.models import Message, StatusEvent
from twoway.messaging.part_models import SentPart
from twoway.messaging.sessions.line import Timing
from twoway.sms import segments
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

TEMPORARY = 0x64


@pytest.fixture
def smsc() -> Iterator[FakeSmsc]:
    with running_smsc() as fake:
        yield fake


def test_a_text_comes_in_and_is_answered_with_a_receipt(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    smsc.change(receipts="after")
    with worker():
        conversation = heard(smsc, "Where is my car? 😀")
        message = reached(reply(ben, conversation, "Bay 4 {left} €5"), "delivered")
    text = Message.objects.get(direction="in")
    assert (text.body, text.sender, text.recipient) == ("Where is my car? 😀", CUSTOMER, DESK)
    (submit,) = smsc.accepted()
    assert (submit["text"], submit["destination"], submit["source"]) == (
        "Bay 4 {left} €5",
        "14155550101",
        "14155550199",
    )
    assert (submit["data_coding"], submit["registered_delivery"], submit["id"]) == (0, 1, message.provider_id)
    assert submit["validity"].endswith("R")
    assert smsc.state()["answers"] == [0, 0]


@pytest.mark.parametrize("way", ["udh", "udh16", "sar", "payload"])
@pytest.mark.parametrize("body", ["x" * 400, "Привет 😀 " * 30], ids=["gsm", "ucs2"])
def test_a_long_text_leaves_in_parts_and_is_delivered_when_all_are(
    workspace: Workspace, ben: Player, smsc: FakeSmsc, way: str, body: str
) -> None:
    number(workspace, smsc, concatenation=way)
    smsc.change(receipts="shuffled")
    with worker():
        message = reached(reply(ben, heard(smsc, "hi"), body), "delivered")
    assert smsc.texts() == [segments.prepare(body)]
    parts = smsc.accepted()
    assert message.provider_id == parts[0]["id"]
    if way == "payload":
        assert len(parts) == 1
    else:
        assert [one["part"][2] for one in parts] == list(range(1, message.segments + 1))
        assert sorted(SentPart.objects.values_list("provider_id", "status")) == [(o["id"], "delivered") for o in parts]


def test_one_part_that_is_not_delivered_is_the_whole_text(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    with worker():
        message = taken(reply(ben, heard(smsc, "hi"), "x" * 400))
        first, second, third = smsc.accepted()
        for one, stat in ((third, "DELIVRD"), (first, "DELIVRD")):
            words = f"id:{one['id']} stat:{stat} err:000"
            smsc.deliver(source=CUSTOMER, destination=DESK, octets=words.encode().hex(), esm_class=4)
        wait_for(lambda: SentPart.objects.filter(status="delivered").count() == 2)
        message.refresh_from_db()
        assert message.status == "sending"
        words = f"id:{second['id']} stat:EXPIRED err:027"
        smsc.deliver(source=CUSTOMER, destination=DESK, octets=words.encode().hex(), esm_class=4)
        reached(message, "undelivered")
    assert (message.error, message.error_code) == ("expired", "EXPIRED/027")


@pytest.mark.parametrize("as_tlvs", [False, True])
def test_receipts_before_the_answer_find_their_text(
    workspace: Workspace, ben: Player, smsc: FakeSmsc, as_tlvs: bool
) -> None:
    number(workspace, smsc)
    smsc.change(receipts="before", slow=0.2, as_tlvs=as_tlvs)
    with worker():
        conversation = heard(smsc, "hi")
        short = reply(ben, conversation, "short")
        long = reply(ben, conversation, "x" * 400)
        reached(short, "delivered")
        reached(long, "delivered")


def test_ids_that_are_hexadecimal_in_answers_and_decimal_in_receipts(
    workspace: Workspace, ben: Player, smsc: FakeSmsc
) -> None:
    number(workspace, smsc, ids="hex-decimal")
    smsc.change(receipts="after", ids="hex-decimal")
    with worker():
        message = reached(reply(ben, heard(smsc, "hi"), "hello"), "delivered")
    assert (smsc.accepted()[0]["id"], message.provider_id) == ("100", "256")


def test_a_throttled_text_is_sent_again_once(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    with worker():
        conversation = heard(smsc, "hi")
        smsc.change(throttle=1.0)
        message = reply(ben, conversation, "patience")
        wait_for(lambda: smsc.state()["throttled"] >= 2)
        smsc.change(throttle=0.0)
        taken(message)
    assert smsc.texts() == ["patience"]
    assert message.attempts >= 3


def test_a_later_part_that_is_throttled_is_sent_again_by_itself(
    workspace: Workspace, ben: Player, smsc: FakeSmsc
) -> None:
    number(workspace, smsc)
    smsc.change(throttle_parts=0.4)
    body = "".join(chr(97 + n % 26) for n in range(1000))
    with worker():
        message = taken(reply(ben, heard(smsc, "hi"), body))
    assert (message.status, smsc.texts()) == ("sending", [body])
    assert (len(smsc.accepted()), message.attempts) == (message.segments, 1)


def test_a_refused_text_fails_with_its_reason(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    smsc.change(refuse=0x0B)
    with worker():
        message = reached(reply(ben, heard(smsc, "hi"), "x" * 400), "failed")
    assert (message.error, message.error_code) == ("invalid_number", "0x0000000B")
    assert smsc.accepted() == []


def test_a_text_of_which_only_a_part_was_taken_is_shown_as_incomplete(
    workspace: Workspace, ben: Player, smsc: FakeSmsc
) -> None:
    number(workspace, smsc)
    smsc.change(refuse_from_part=2, receipts="after")
    with worker():
        message = reached(reply(ben, heard(smsc, "hi"), "x" * 400), "failed")
        wait_for(lambda: SentPart.objects.filter(status="delivered").exists())
    message.refresh_from_db()
    assert (message.status, message.error, message.error_code) == ("failed", "incomplete", "0x0000000B")
    assert len(smsc.accepted()) == 1


def test_a_text_whose_answer_never_came_is_settled_by_its_receipt_and_never_sent_again(
    workspace: Workspace, ben: Player, smsc: FakeSmsc
) -> None:
    number(workspace, smsc)
    with worker():
        conversation = heard(smsc, "hi")
        smsc.change(drop=1.0)
        message = reply(ben, conversation, "did it leave?")
        wait_for(lambda: Message.objects.filter(id=message.id, is_uncertain=True).exists())
        smsc.change(drop=0.0)
        wait_for(lambda: smsc.state()["binds"] == 2)
        next_one = taken(reply(ben, conversation, "the next"))
        message.refresh_from_db()
        assert (message.is_uncertain, message.provider_id) == (True, "")
        words = f"id:{smsc.accepted()[0]['id']} stat:DELIVRD err:000"
        smsc.deliver(source=CUSTOMER, destination=DESK, octets=words.encode().hex(), esm_class=4)
        reached(message, "delivered")
    assert (message.provider_id, next_one.provider_id) == ("m1", "m2")
    assert smsc.texts() == ["did it leave?", "the next"]


def test_the_last_part_in_doubt_is_settled_by_its_receipt(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    with worker():
        conversation = heard(smsc, "hi")
        smsc.change(slow=0.4)
        message = reply(ben, conversation, "x" * 200)
        wait_for(lambda: len(smsc.accepted()) == 1)
        smsc.change(drop=1.0)
        wait_for(lambda: Message.objects.filter(id=message.id, is_uncertain=True).exists())
        for one in smsc.accepted():
            words = f"id:{one['id']} stat:DELIVRD err:000"
            smsc.deliver(source=CUSTOMER, destination=DESK, octets=words.encode().hex(), esm_class=4)
        reached(message, "delivered")
    assert len(smsc.accepted()) == 2


def test_without_an_answer_it_is_uncertain(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    smsc.change(silent=True)
    with worker(Timing(answer=0.3, look=0.1, unbind=0.5)):
        message = reply(ben, heard(smsc, "hi"), "hello?")
        wait_for(lambda: Message.objects.filter(id=message.id, is_uncertain=True).exists())
    assert len(smsc.accepted()) == 1


def bound_again(smsc: FakeSmsc, before: int) -> Callable[[], bool]:
    return lambda: smsc.state()["binds"] > before


def test_a_lost_line_is_made_again_and_what_waits_leaves(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    with worker():
        conversation = heard(smsc, "hi")
        for how in ("hang_up", "unbind"):
            before = smsc.state()["binds"]
            smsc.tell(how)
            wait_for(bound_again(smsc, before))
            taken(reply(ben, conversation, f"after {how}"))
    assert smsc.texts() == ["after hang_up", "after unbind"]


def test_an_smsc_that_is_away_keeps_texts_queued_until_it_is_back(workspace: Workspace, ben: Player) -> None:
    with running_smsc() as first:
        channel = number(workspace, first)
        with worker():
            conversation = heard(first, "hi")
    with worker():
        wait_for(lambda: channel_queries.check(channel).detail.startswith("smpp://"))
        assert not channel_queries.check(channel).ok
        message = reply(ben, conversation, "still here")
        time.sleep(0.5)
        message.refresh_from_db()
        assert message.status == "queued"
        with running_smsc(port=first.port) as again:
            taken(message)
            assert again.texts() == ["still here"]
            assert channel_queries.check(channel).ok


def test_a_line_that_is_silent_is_tried_and_given_up(workspace: Workspace, smsc: FakeSmsc) -> None:
    number(workspace, smsc, enquire_link="1")
    with worker():
        bound(smsc)
        wait_for(lambda: smsc.state()["enquiries"] >= 2)
        assert smsc.state()["binds"] == 1
        smsc.change(mute=True)
        wait_for(lambda: smsc.state()["binds"] >= 2)


def test_the_window_is_kept_to(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc, window="3")
    with worker():
        conversations = [heard(smsc, "hi", sender=f"+1415555{2000 + n}") for n in range(12)]
        smsc.change(slow=0.6)
        messages = [reply(ben, one, f"text {one.pk}") for one in conversations]
        for message in messages:
            taken(message)
    assert smsc.state()["most_waiting"] == 3


def test_a_transmitter_and_a_receiver_instead_of_one_line(workspace: Workspace, ben: Player, smsc: FakeSmsc) -> None:
    number(workspace, smsc, bind="separate")
    smsc.change(receipts="after")
    with worker():
        reached(reply(ben, heard(smsc, "hi"), "hello"), "delivered")
        assert smsc.state()["bound"] == ["bind_receiver", "bind_transmitter"]
    wait_for(lambda: smsc.state()["bound"] == [])


def test_a_refused_bind_is_told_to_the_owner(workspace: Workspace, smsc: FakeSmsc) -> None:
    channel = number(workspace, smsc, password="wrong")
    with worker():
        wait_for(lambda: "invalid password" in channel_queries.check(channel).detail)
    assert smsc.state()["binds"] == 0


def test_a_private_host_that_no_operator_named_is_not_connected_to(workspace: Workspace, smsc: FakeSmsc) -> None:
    channel = number(workspace, smsc)
    Channel.objects.filter(id=channel.pk).update(settings={})
    with worker():
        wait_for(lambda: "private network" in channel_queries.check(channel).detail)
    assert smsc.state()["binds"] == 0


def test_two_workers_hold_one_session_and_the_other_takes_over(
    workspace: Workspace, ben: Player, smsc: FakeSmsc
) -> None:
    number(workspace, smsc)
    with worker():
        with worker():
            conversation = heard(smsc, "hi")
            taken(reply(ben, conversation, "one"))
            assert smsc.state()["bound"] == ["bind_transceiver"]
        taken(reply(ben, conversation, "two"))
    assert smsc.texts() == ["one", "two"]


def test_a_text_whose_answer_got_lost_is_kept_once(workspace: Workspace, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    with worker():
        bound(smsc)
        smsc.change(drop_answer_of_delivery=True)
        heard(smsc, "only once")
        wait_for(lambda: smsc.state()["waiting"] == 0 and smsc.state()["binds"] == 2)
        assert Message.objects.filter(direction="in").count() == 1
        heard(smsc, "only once", "only once")
        wait_for(lambda: Message.objects.filter(direction="in").count() == 3)


def test_a_long_text_from_a_customer_is_one_text(workspace: Workspace, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    with worker():
        bound(smsc)
        for ref, order in ((9, (2, 1, 3)), (10, (3, 2, 1))):
            for n in order:
                words = ("Where ", "is my 😀", " car?")[n - 1].encode("utf-16-be")
                octets = bytes([5, 0, 3, ref, 3, n]) + words
                smsc.deliver(source=CUSTOMER, destination=DESK, octets=octets.hex(), data_coding=8, esm_class=0x40)
        wait_for(lambda: Message.objects.count() == 2)
    assert set(Message.objects.values_list("body", flat=True)) == {"Where is my 😀 car?"}
    assert smsc.state()["answers"] == [0] * 6


def test_while_the_database_is_away_a_text_is_refused_for_now_over_the_same_session(
    workspace: Workspace, smsc: FakeSmsc
) -> None:
    number(workspace, smsc)
    with worker() as way:
        bound(smsc)
        way("cut")
        smsc.text("not lost", sender=CUSTOMER, recipient=DESK)
        wait_for(lambda: smsc.state()["answers"])
        assert smsc.state()["answers"][0] == TEMPORARY
        way("mend")
        wait_for(lambda: smsc.state()["waiting"] == 0)
        assert smsc.state()["answers"][-1] == 0
        assert smsc.state()["binds"] == 1
    assert Message.objects.get().body == "not lost"


def test_a_text_to_a_number_that_is_not_ours_is_kept_in_quarantine(workspace: Workspace, smsc: FakeSmsc) -> None:
    number(workspace, smsc)
    with worker():
        bound(smsc)
        smsc.text("not lost", sender=CUSTOMER, recipient="+14155550177")
        wait_for(lambda: smsc.state()["answers"] == [0])
        with connection.cursor() as cursor:
            cursor.execute("SELECT reason, detail FROM quarantine_entry")
            ((reason, detail),) = cursor.fetchall()
    assert reason == "unknown_number"
    assert "+14155550177" in detail


def test_an_id_that_is_used_again_does_not_hold_up_the_others(
    workspace: Workspace, ben: Player, smsc: FakeSmsc
) -> None:
    channel = number(workspace, smsc)
    with worker():
        conversation = heard(smsc, "hi")
        old = taken(reply(ben, conversation, "before"))
        Message.objects.filter(id=old.id).update(provider_id="m2", status="sent")
        smsc.change(receipts="after")
        message = reached(reply(ben, conversation, "after the SMSC counts again"), "delivered")
    old.refresh_from_db()
    assert (old.status, message.provider_id) == ("sent", f"m2#{message.id}")
    assert StatusEvent.objects.filter(channel=channel, message_id=message.id, raw_status="DELIVRD").count() == 1
