"""WhatsApp through the real engine: people known by number or id, the 24 hours at door and claim, templates, faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import make
from tests.conftest import NOW, Player
from tests.fakes import graph_api
from tests.messaging import hands
from tests.messaging.test_delivery import deliver
from tests.messaging.whatsapp import NUMBER, USER_ID, hear, known_template, number, written
from tests.providers.serving import Server, serving
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.models import Decision, Source
from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message, QuarantineEntry, StatusEvent
from twoway.messaging.templating import TemplateWish
from twoway.sms import phone
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

READY = TemplateWish(name="order_ready", language="en_US", values=("Kim", "1041"))
DAY = timedelta(hours=24)


@pytest.fixture
def graph() -> Iterator[Server]:
    """Meta's API on this machine."""
    script = graph_api.GraphApi(templates=[graph_api.template("order_ready", "Hi {{1}}, your order {{2}} is ready.")])
    with serving(script) as server:
        yield server


@pytest.fixture
def api(graph: Server) -> graph_api.GraphApi:
    script = graph.script
    assert isinstance(script, graph_api.GraphApi)
    return script


@pytest.fixture
def channel(workspace: Workspace, graph: Server) -> Channel:
    return number(workspace, api_base=graph.url)


def send(by: Player, conversation: Conversation, body: str = "On its way.", **more: Any) -> Message:
    given = {"at": datetime.now(UTC), **more}
    return outbound.queue_text(by=by.actor, conversation=conversation, body=body, **given).message


def refused(call: Any) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.code


# Who they are


def test_a_text_has_its_senders_name_and_both_addresses(channel: Channel) -> None:
    talk = written(channel, number=NUMBER, user_id=USER_ID, name="  Kim \n K. ")
    assert talk.contact.name == "Kim K."
    assert set(Identity.objects.values_list("kind", "value")) == {("whatsapp", f"+{NUMBER}"), ("whatsapp", USER_ID)}
    assert talk.last_inbound_at is not None
    message = Message.objects.get()
    assert (message.body, message.segments, message.recipient) == ("Hi", 1, channel.address)


def test_a_name_somebody_gave_stays(channel: Channel) -> None:
    talk = written(channel, name="Kim", number=NUMBER)
    Contact.objects.update(name="Mr. Kim")
    written(channel, name="K", number=NUMBER)
    talk.contact.refresh_from_db()
    assert talk.contact.name == "Mr. Kim"


@pytest.mark.parametrize("first", [{"number": NUMBER, "user_id": USER_ID}, {"user_id": USER_ID}])
def test_a_person_who_hides_their_number_later_or_shows_it_later_is_one(
    channel: Channel, first: dict[str, Any]
) -> None:
    """Number and id first and only the id then, or the id first and both then: one contact, one conversation."""
    then: dict[str, Any] = {"user_id": USER_ID} if "number" in first else {"number": NUMBER, "user_id": USER_ID}
    written(channel, **first)
    talk = written(channel, body="me again", **then)
    assert Contact.objects.count() == 1
    assert Conversation.objects.count() == 1
    assert talk.unanswered == 2
    assert Identity.objects.count() == 2


def test_somebody_we_text_by_sms_is_the_same_contact_on_whatsapp(workspace: Workspace, channel: Channel) -> None:
    known = make.make_contact(workspace, at=NOW, name="Dana")
    make.make_identity(known, at=NOW, value=f"+{NUMBER}")
    talk = written(channel, number=NUMBER, name="D")
    assert talk.contact_id == known.pk
    assert Contact.objects.get().name == "Dana"


def test_a_changed_number_is_theirs_too(channel: Channel) -> None:
    talk = written(channel)
    told = {"from": NUMBER, "id": "wamid.s", "timestamp": "1767323045", "type": "system"}
    system = {"type": "user_changed_number", "body": "Kim changed number", "wa_id": "14155550102"}
    hear(channel, graph_api.change(messages=[{**told, "system": system}]))
    again = written(channel, number="14155550102", body="new phone")
    assert again.pk == talk.pk
    assert Contact.objects.count() == 1


def test_two_workspaces_keep_their_people_apart(workspace: Workspace, cleo: Player, channel: Channel) -> None:
    elsewhere = make.make_contact(cleo.member.workspace, at=NOW, name="Not ours")
    make.make_identity(elsewhere, at=NOW, kind="whatsapp", value=USER_ID)
    talk = written(channel, number=NUMBER, user_id=USER_ID)
    assert talk.contact_id != elsewhere.pk


def test_one_webhook_for_several_numbers_reaches_each_and_a_broken_item_holds_up_none(
    workspace: Workspace, channel: Channel
) -> None:
    other = number(workspace, address="+14155550198", service_id="27681414235104945")
    theirs = {"ours": "14155550198", "phone_id": "27681414235104945"}
    answer = hear(
        channel,
        graph_api.text("to the first", number=NUMBER),
        graph_api.change(messages=[{"type": "text"}]),
        graph_api.text("to the second", number="14155550102", **theirs),
        graph_api.text("by its id alone", number="14155550103", ours="", phone_id="27681414235104945"),
        graph_api.text("to nobody", number=NUMBER, ours="14155550197", phone_id="1"),
    )
    assert answer.status == 200
    told = set(Message.objects.values_list("channel_id", "body"))
    assert told == {(channel.pk, "to the first"), (other.pk, "to the second"), (other.pk, "by its id alone")}
    assert sorted(QuarantineEntry.objects.values_list("reason", flat=True)) == ["malformed", "unknown_number"]


def test_a_receipt_is_kept_with_its_own_number_and_what_it_is_billed_as(workspace: Workspace, channel: Channel) -> None:
    other = number(workspace, address="+14155550198", service_id="27681414235104945")
    heard = graph_api.receipt("wamid.unknown", "sent", category="utility")
    heard["metadata"]["display_phone_number"] = "14155550198"
    hear(channel, heard)
    event = StatusEvent.objects.get()
    assert (event.channel_id, event.category, event.status) == (other.pk, "utility", "sent")


# The 24 hours


def test_a_reply_within_the_window_reaches_the_person(channel: Channel, ben: Player, api: graph_api.GraphApi) -> None:
    message = send(ben, written(channel), "x" * 2000)
    deliver()
    (taken,) = api.taken
    assert (taken["to"], taken["type"], taken["text"]["body"]) == (NUMBER, "text", "x" * 2000)
    message.refresh_from_db()
    assert (message.provider_id, message.segments) == (taken["wamid"], 1)
    hear(channel, graph_api.receipt(taken["wamid"], "read", ref=str(message.id)))
    message.refresh_from_db()
    assert message.status == "read"


def test_somebody_without_a_number_is_answered_by_their_id(
    channel: Channel, ben: Player, api: graph_api.GraphApi
) -> None:
    send(ben, written(channel, user_id=USER_ID, name="Kim"))
    deliver()
    (taken,) = api.taken
    assert taken["recipient"] == USER_ID
    assert "to" not in taken


def test_after_the_window_words_are_refused_at_the_door_and_the_decision_is_kept(channel: Channel, ben: Player) -> None:
    talk = written(channel, at=datetime.now(UTC) - DAY)
    assert refused(lambda: send(ben, talk)) == "window_closed"
    decision = Decision.objects.get()
    assert (decision.verdict, decision.reason, decision.facts["needs_template"]) == ("deny", "window_closed", True)
    assert not Message.objects.filter(direction="out").exists()


def test_a_text_for_later_is_judged_by_when_it_leaves(channel: Channel, ben: Player) -> None:
    talk = written(channel)
    now = datetime.now(UTC)
    assert send(ben, talk, send_at=now + timedelta(hours=23)).status == "scheduled"
    assert refused(lambda: send(ben, talk, send_at=now + timedelta(hours=25))) == "window_closed"


def test_the_claim_asks_again(channel: Channel, ben: Player, api: graph_api.GraphApi) -> None:
    """Queued in time, and then the worker was away until it was too late; what needs no window still goes."""
    known_template(channel)
    talk = written(channel)
    words, template = send(ben, talk), send(ben, talk, "", template=READY)
    Conversation.objects.update(last_inbound_at=datetime.now(UTC) - DAY)
    deliver()
    words.refresh_from_db()
    template.refresh_from_db()
    assert (words.status, words.error) == ("canceled", "window_closed")
    assert [taken["type"] for taken in api.taken] == ["template"]
    assert template.provider_id
    claimed = Decision.objects.get(stage="claim")
    assert (claimed.reason, claimed.facts["needs_template"]) == ("window_closed", True)


def test_what_meta_refuses_is_shown_with_the_same_reason(
    channel: Channel, ben: Player, api: graph_api.GraphApi
) -> None:
    message = send(ben, written(channel))
    api.closed.add(NUMBER)
    deliver()
    message.refresh_from_db()
    assert (message.status, message.error, message.error_code) == ("failed", "window_closed", "131047")


def test_an_sms_number_has_no_window(workspace: Workspace, ben: Player) -> None:
    sms = make.make_channel(workspace, at=NOW)
    talk = make.make_conversation(sms, at=NOW - 30 * DAY, messages=1)
    assert send(ben, talk, at=NOW).status == "queued"


# Templates


def test_a_template_goes_after_the_window_and_reads_as_it_was_filled_in(
    channel: Channel, ben: Player, api: graph_api.GraphApi
) -> None:
    known_template(channel)
    talk = written(channel, at=datetime.now(UTC) - 3 * DAY)
    message = send(ben, talk, "", template=READY)
    assert message.body == "Hi Kim, your order 1041 is ready."
    deliver()
    (taken,) = api.taken
    assert taken["template"]["name"] == "order_ready"
    values = [one["text"] for one in taken["template"]["components"][0]["parameters"]]
    assert values == ["Kim", "1041"]
    message.refresh_from_db()
    assert message.provider_id == taken["wamid"]


def test_the_first_text_to_a_stranger_is_a_template_and_goes_to_whatsapp(
    channel: Channel, ben: Player, api: graph_api.GraphApi
) -> None:
    known_template(channel)
    stranger = phone.parse_typed("+14155550142", region="US")
    now = datetime.now(UTC)

    def first(**more: Any) -> Message:
        return outbound.queue_first_text(
            by=ben.actor, channel=channel, identity=stranger, body=more.pop("body", ""), at=now, **more
        ).message

    assert refused(lambda: first(body="Hello")) == "window_closed"
    assert not Conversation.objects.exists()
    message = first(template=READY)
    assert message.identity.kind == "whatsapp"
    deliver()
    assert api.taken[0]["to"] == "14155550142"


def test_a_key_used_again_is_the_same_template_and_no_other(channel: Channel, ben: Player) -> None:
    known_template(channel)
    talk = written(channel)
    first = send(ben, talk, "", template=READY, idempotency_key="k")
    assert send(ben, talk, "", template=READY, idempotency_key="k").pk == first.pk
    other = TemplateWish(name="order_ready", language="en_US", values=("Kim", "1042"))
    assert refused(lambda: send(ben, talk, "", template=other, idempotency_key="k")) == "idempotency_key_reused"
    assert refused(lambda: send(ben, talk, first.body, idempotency_key="k")) == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (TemplateWish(name="nothing", language="en_US"), "template_unknown"),
        (TemplateWish(name="order_ready", language="de"), "template_unknown"),
        (TemplateWish(name="order_ready", language="en_US", values=("Kim",)), "template_values"),
        (TemplateWish(name="order_ready", language="en_US", values=("Kim", "a\nb")), "template_values"),
        (TemplateWish(name="paused", language="en_US", values=("Kim", "1")), "template_not_approved"),
    ],
)
def test_a_template_that_would_be_refused_is_refused_here(
    channel: Channel, ben: Player, wish: TemplateWish, code: str
) -> None:
    known_template(channel)
    known_template(channel, "paused", status="paused")
    talk = written(channel)
    assert refused(lambda: send(ben, talk, "", template=wish)) == code


def test_a_template_of_an_sms_number_does_not_exist(workspace: Workspace, ben: Player) -> None:
    sms = make.make_channel(workspace, at=NOW)
    talk = make.make_conversation(sms, at=NOW, messages=1)
    assert refused(lambda: send(ben, talk, "", template=READY)) == "template_unknown"


# The wire


def test_the_limit_for_one_person_holds_up_nobody_else(channel: Channel, ben: Player, api: graph_api.GraphApi) -> None:
    first = written(channel)
    second = written(channel, number="14155550102")
    api.pair_limits[NUMBER] = 1
    held = send(ben, first, "held")
    free = send(ben, second, "free")
    deliver(seconds=60)
    held.refresh_from_db()
    free.refresh_from_db()
    assert [taken["text"]["body"] for taken in api.taken] == ["free", "held"]
    assert held.attempts == 2
    assert held.send_after is not None


def test_a_lost_answer_is_settled_by_the_receipt_and_nothing_is_sent_again(
    channel: Channel, ben: Player, api: graph_api.GraphApi
) -> None:
    message = send(ben, written(channel))
    api.drop = True
    with pytest.raises(TimeoutError):
        deliver(seconds=4)
    message.refresh_from_db()
    assert (message.status, message.is_uncertain) == ("sending", True)
    (taken,) = api.taken
    hear(channel, graph_api.receipt(taken["wamid"], "delivered", ref=taken["biz_opaque_callback_data"]))
    message.refresh_from_db()
    assert (message.status, message.provider_id, message.is_uncertain) == ("delivered", taken["wamid"], False)
    deliver()
    assert len(api.taken) == 1


def test_stop_is_honoured_and_confirmed_by_us(channel: Channel, ben: Player, api: graph_api.GraphApi) -> None:
    talk = written(channel, body="STOP", number=NUMBER)
    deliver()
    assert len(api.taken) == 1
    assert refused(lambda: send(ben, talk)) == "opted_out"


def test_who_stops_by_number_is_not_written_to_by_id_and_start_ends_both(
    channel: Channel, ben: Player, api: graph_api.GraphApi
) -> None:
    """Also when the id becomes known only after the STOP."""
    written(channel, body="STOP", number=NUMBER)
    talk = written(channel, body="hi again", number=NUMBER, user_id=USER_ID)
    talk = written(channel, body="it is me", user_id=USER_ID)
    assert talk.identity.value == USER_ID
    assert refused(lambda: send(ben, talk)) == "opted_out"
    talk = written(channel, body="START", user_id=USER_ID)
    assert send(ben, talk).status == "queued"
    talk = written(channel, body="hi", number=NUMBER, user_id=USER_ID)
    assert send(ben, talk).status == "queued"
    now = datetime.now(UTC)
    compliance.opt_out(identity=talk.identity, channel=channel, source=Source.MEMBER, at=now, by=ben.actor)
    talk = written(channel, body="and now", user_id=USER_ID)
    assert refused(lambda: send(ben, talk)) == "opted_out"


def test_through_twilio_addresses_have_their_prefix_and_templates_their_content(
    workspace: Workspace, ben: Player
) -> None:
    channel = hands.twilio_channel(workspace, address="whatsapp:+14155550199", kind="whatsapp")
    hands.receive(channel, "Hi", sender="whatsapp:+14155550101")
    known_template(channel, provider_id="HX1", places=["1", "2"])
    talk = Conversation.objects.get()
    from_us = send(ben, talk, "", template=READY, at=NOW)
    assert (from_us.sender, from_us.recipient) == ("whatsapp:+14155550199", "+14155550101")
