"""Counters, automatic pauses, daily caps, shared rates and lanes, through the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests import make
from tests.conftest import Player
from tests.fakes.running import Fake, running_twilio
from tests.messaging import hands
from tests.messaging.test_delivery import conversations, deliver, number, queue
from twoway.channels.brands import actions as brands
from twoway.channels.brands import queries as usage
from twoway.channels.brands import rules as brand_rules
from twoway.channels.brands.actions import BrandWish, CampaignWish
from twoway.channels.health import actions as health
from twoway.channels.health import queries as counts
from twoway.channels.models import Brand, BrandDay, Campaign, Channel, ChannelSlot, ChannelState
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry, Event
from twoway.messaging import outbound, rules, upkeep
from twoway.messaging.models import Message
from twoway.reactions import react
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = 12


@pytest.fixture
def twilio() -> Iterator[Fake]:
    with running_twilio() as fake:
        yield fake


def counted(channel: Channel) -> counts.Counts:
    health.roll_up()
    return counts.counts([channel.pk], since=datetime.now(UTC) - timedelta(days=2)).get(channel.pk, counts.Counts())


def hear(channel: Channel, message: Message, status: str, code: str = "") -> None:
    fields = {"ErrorCode": code} if code else {}
    message.refresh_from_db()
    sid = message.provider_id
    at = datetime.now(UTC)
    form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": hands.ACCOUNT, "From": channel.address, **fields}
    request = hands.webhook(channel, form, kind="status", query=f"m={message.id}", at=at)
    hands.hear(channel, request)


def test_counters_follow_texts_to_their_end(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    one, two, three = (queue(ben, each, "x" * 200) for each in conversations(channel, 3))
    deliver()
    assert (counted(channel).sent, counted(channel).segments) == (3, 6)
    hear(channel, one, "delivered")
    hear(channel, two, "undelivered", "30007")
    hear(channel, two, "undelivered", "30007")
    found = counted(channel)
    assert (found.delivered, found.failed, found.filtered) == (1, 1, 1)
    hear(channel, two, "delivered")
    hear(channel, three, "sent")
    hear(channel, one, "read")
    found = counted(channel)
    assert (found.delivered, found.failed) == (2, 0)


def test_a_number_whose_credentials_are_refused_rests_until_somebody_has_looked(
    workspace: Workspace, ben: Player, twilio: Fake
) -> None:
    channel = make.make_channel(
        workspace,
        at=hands.NOW,
        provider="twilio",
        credentials={"account_sid": hands.ACCOUNT, "auth_token": "f" * 32},
        settings={"api_base": twilio.url},
        rate=100.0,
    )
    for _ in range(5):
        queue(ben, make.make_conversation(channel, at=hands.NOW), "hello")
    deliver()
    found = counted(channel)
    assert (found.sent, found.failed, found.refused) == (0, 5, 5)
    assert health.judge(channel_ids=[channel.pk], at=datetime.now(UTC)) == [channel.pk]
    state = ChannelState.objects.get(channel=channel)
    assert (state.pause_code, state.paused_until) == ("refused", None)


def test_people_who_opt_out_are_counted_once(workspace: Workspace, ana: Player, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    hands.receive(channel, "hello", "STOP", "STOP")
    while react(at=datetime.now(UTC)):
        pass
    assert counted(channel).opted_out == 1


def test_a_number_that_carriers_filter_is_paused_with_its_figures_and_resumes_later(
    workspace: Workspace, ben: Player, ana: Player, twilio: Fake
) -> None:
    channel = number(workspace, twilio)
    queued = [queue(ben, each, "hello") for each in conversations(channel, TEXTS)]
    deliver()
    for n, message in enumerate(queued):
        hear(channel, message, *(("delivered",) if n < 2 else ("undelivered", "30007")))
    at = datetime.now(UTC)
    assert upkeep.keep(at=at)
    state = ChannelState.objects.get(channel=channel)
    assert (state.pause_code, state.pause_words) == (
        "filtered",
        "Carriers blocked 10 of 12 texts as unwanted within an hour.",
    )
    assert Event.objects.filter(type="channel_paused").count() == 1
    assert AuditEntry.objects.filter(action="channel.paused").count() == 1
    upkeep.keep(at=at + timedelta(seconds=5))
    assert Event.objects.filter(type="channel_paused").count() == 1
    assert state.paused_until is not None
    upkeep.keep(at=state.paused_until)
    assert ChannelState.objects.get(channel=channel).paused_at is None
    upkeep.keep(at=state.paused_until + timedelta(seconds=5))
    assert ChannelState.objects.get(channel=channel).paused_at is None, "what was before is forgiven"


def test_old_counters_are_forgotten(workspace: Workspace, twilio: Fake) -> None:
    channel = number(workspace, twilio)
    at = datetime.now(UTC)
    ChannelSlot.objects.create(channel=channel, at=at - timedelta(days=91), sent=1)
    ChannelSlot.objects.create(channel=channel, at=at, sent=1)
    upkeep.prune(at=at)
    assert ChannelSlot.objects.count() == 1


def brand_of(by: Player, channel: Channel, **limits: int) -> Brand:
    wish = BrandWish(name="Ridgeway", daily_cap=limits.get("daily_cap"))
    brand = brands.save_brand(by=by.actor, wish=wish, at=hands.NOW)
    brands.save_campaign(
        by=by.actor,
        wish=CampaignWish(
            name="Care", brand_id=brand.pk, per_minute=limits.get("per_minute"), channel_ids=[channel.pk]
        ),
        at=hands.NOW,
    )
    return brand


def test_a_brand_stops_at_its_cap_and_says_so_on_the_way(
    workspace: Workspace, ana: Player, ben: Player, twilio: Fake
) -> None:
    channel = number(workspace, twilio)
    brand = brand_of(ana, channel, daily_cap=10)
    for n, conversation in enumerate(conversations(channel, TEXTS)):
        queue(ben, conversation, f"text {n}")
    told = []
    with pytest.raises(TimeoutError):
        deliver(seconds=4)
    told += brands.warn(at=datetime.now(UTC))
    assert len(twilio.accepted()) == 10
    assert Message.objects.filter(direction="out", status="queued").count() == TEXTS - 10
    assert told == [(brand.pk, 100)]
    found = usage.usage(brand, at=datetime.now(UTC))
    assert (found.segments, found.left, found.is_held) == (10, 0, True)
    (event,) = Event.objects.filter(type="brand_cap_reached")
    assert (event.data["level"], event.data["cap"]) == (100, 10)
    assert brands.warn(at=datetime.now(UTC)) == []
    yesterday = brand_rules.day_of(datetime.now(UTC), brand.zone) - timedelta(days=1)
    BrandDay.objects.update(day=yesterday)
    deliver()
    assert len(twilio.accepted()) == TEXTS


@pytest.mark.parametrize(("segments", "level"), [(5, 50), (7, 70), (9, 70), (10, 100)])
def test_each_share_of_a_cap_is_told_once(
    workspace: Workspace, ana: Player, twilio: Fake, segments: int, level: int
) -> None:
    brand = brand_of(ana, number(workspace, twilio), daily_cap=10)
    at = datetime.now(UTC)
    BrandDay.objects.create(brand=brand, day=brand_rules.day_of(at, brand.zone), segments=segments)
    assert brands.warn(at=at) == [(brand.pk, level)]
    assert brands.warn(at=at) == []


def test_a_carriers_daily_cap_holds_the_brand_until_the_reset(
    workspace: Workspace, ana: Player, ben: Player, twilio: Fake
) -> None:
    channel = number(workspace, twilio)
    brand = brand_of(ana, channel)
    first, second = conversations(channel, 2)
    message = queue(ben, first, "one")
    deliver()
    hear(channel, message, "undelivered", "30023")
    message.refresh_from_db()
    assert message.error == "daily_cap"
    while react(at=datetime.now(UTC)):
        pass
    brand.refresh_from_db()
    assert brand.held_until == brand_rules.next_reset(datetime.now(UTC), brand.zone)
    queue(ben, second, "two")
    with pytest.raises(TimeoutError):
        deliver(seconds=2)
    assert len(twilio.accepted()) == 1
    Brand.objects.update(held_until=datetime.now(UTC))
    deliver()
    assert len(twilio.accepted()) == 2


def test_numbers_of_one_campaign_share_its_rate(workspace: Workspace, ana: Player, ben: Player, twilio: Fake) -> None:
    one = number(workspace, twilio)
    two = hands.twilio_channel(workspace, "+14155550188", settings={"api_base": twilio.url}, rate=100.0)
    brand_of(ana, one, per_minute=180)
    Channel.objects.filter(id=two.pk).update(campaign=Campaign.objects.get())
    for channel in (one, two):
        for conversation in conversations(channel, 6):
            queue(ben, conversation, "hello")
    deliver(seconds=40)
    texts = Message.objects.filter(direction="out")
    claimed = sorted(text.claimed_at for text in texts if text.claimed_at is not None)
    assert len(twilio.accepted()) == 12
    took = (claimed[-1] - claimed[0]).total_seconds()
    assert took * 3.0 + 3.0 >= 12 - 0.2


def test_a_broadcast_of_500_does_not_delay_a_reply(
    workspace: Workspace, ana: Player, ben: Player, twilio: Fake
) -> None:
    """Also to somebody who is on the list themselves: the reply passes the text that waits for them."""
    channel = number(workspace, twilio, rate=50.0)
    senders = [f"+1415556{1000 + n}" for n in range(500)]
    hands.post([(channel, hands.webhook(channel, hands.text(channel, "hi", sender=sender))) for sender in senders])
    everybody = list(Conversation.objects.order_by("id"))
    for conversation in everybody:
        outbound.queue_text(by=ana.actor, conversation=conversation, body="News", at=datetime.now(UTC))
    many = Message.objects.filter(direction="out")
    many.update(priority=rules.PRIORITY_BROADCAST)
    many_ids = list(many.values_list("id", flat=True))
    reply = queue(ben, everybody[-1], "To you alone")
    deliver(seconds=60)
    order = [text["body"] for text in twilio.accepted()]
    assert len(order) == 501
    assert order.index("To you alone") < 100
    reply.refresh_from_db()
    assert reply.claimed_at is not None
    later = Message.objects.filter(id__in=many_ids, claimed_at__gt=reply.claimed_at).count()
    assert later > 400
