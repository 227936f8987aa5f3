"""The texts of opting in: the question, the welcome, the word that somebody has left. All through the only door.

A wish comes from a text (`heard`, a reaction to what intake wrote down) or from a form (`sign_up`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from twoway.channels.models import Channel
from twoway.compliance.optin import actions as optin
from twoway.compliance.optin import rules
from twoway.compliance.optin.actions import Outcome, Source
from twoway.compliance.optin.forms import actions as forms
from twoway.compliance.optin.forms.actions import Sent
from twoway.compliance.optin.models import Membership
from twoway.compliance.optin.queries import topics_of_channel
from twoway.compliance.purposes.queries import rules_for
from twoway.compliance.rules import Purpose
from twoway.contacts import actions as contacts
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.events.types import ContactOptedOut, TopicHeard
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.sms import phone
from twoway.teams.actor import Actor, system

log = structlog.get_logger(__name__)


def heard(event: TopicHeard, at: datetime) -> None:
    """Do what a text asked for, and say so. Once: who is in is not asked again, and who has left can't leave."""
    identity = Identity.objects.select_related("contact").filter(id=event.identity_id).first()
    channel = Channel.objects.select_related("workspace").filter(id=event.channel_id).first()
    if identity is None or channel is None:
        return
    by = system(event.workspace_id)
    proof: dict[str, str | int] = {"words": event.word, "number": channel.address}
    if event.message_id is not None:
        proof["message_id"] = event.message_id
    source = Source(
        identity=identity,
        channel=channel,
        method="keyword",
        proof=proof,
        conversation_id=event.conversation_id,
    )
    if event.said == "yes":
        _welcome(optin.confirm(source=source, by=by, at=at), source=source, by=by, at=at)
        return
    for topic in topics_of_channel(channel.pk, [event.topic_id]):
        if event.said == "join":
            outcome = optin.request(topics=[topic], source=source, by=by, at=at)
            _say(outcome, source=source, by=by, at=at)
        elif optin.leave(topic=topic, source=source, by=by, at=at) is not None:
            words = rules.left_text(business=business_of(channel), label=topic.label)
            _text(words, purpose=Purpose.TOPIC_NOTICE, source=source, by=by, at=at, key=f"left-{event.message_id}")


def sign_up(*, sent: Sent, number: phone.Identity, name: str = "", at: datetime) -> None:
    """Take a form that somebody sent: keep what it showed, and ask by text. The caller has checked it and its limits.

    Nothing is answered, so that nobody learns from it what is known of a number.
    """
    form = sent.version.form
    by = system(form.workspace_id)
    identity, _ = contacts.find_or_create(identity=number, by=by, at=at, name=name)
    source = forms.keep(sent=sent, identity=identity, at=at)
    topics = topics_of_channel(form.channel_id, sent.topic_ids)
    outcome = optin.request(topics=topics, source=source, by=by, at=at)
    _say(outcome, source=source, by=by, at=at)


def stopped(event: ContactOptedOut, at: datetime) -> None:
    """Whoever opted out of all texts is in no topic any more."""
    told = event.channel_ids or (event.channel_id,)
    channel_ids = [channel_id for channel_id in told if channel_id is not None]
    if event.identity_id is not None:
        optin.end_all(identity_id=event.identity_id, channel_ids=channel_ids, at=at)


def business_of(channel: Channel) -> str:
    """Who texts, as answers to keywords name it."""
    return channel.name or channel.workspace.name


def _say(outcome: Outcome, *, source: Source, by: Actor, at: datetime) -> None:
    if outcome.to_ask:
        asked = outcome.to_ask
        words = rules.request_text(
            business=business_of(source.channel),
            labels=[one.topic.label for one in asked],
            frequency=_frequency(asked),
            is_promotional=any(_is_promotional(one) for one in asked),
        )
        key = "-".join(f"{one.id}.{int(one.requested_at.timestamp())}.{one.asks}" for one in asked)
        _text(words, purpose=Purpose.OPT_IN_REQUEST, source=source, by=by, at=at, key=f"ask-{key}")
    _welcome(outcome.joined, source=source, by=by, at=at)


def _welcome(joined: Sequence[Membership], *, source: Source, by: Actor, at: datetime) -> None:
    """One welcome for those with the usual words, and one for each with words of its own."""
    usual = [one for one in joined if not one.topic.welcome]
    groups = [[one] for one in joined if one.topic.welcome] + ([usual] if usual else [])
    for group in groups:
        words = rules.welcome_text(
            business=business_of(source.channel),
            labels=[one.topic.label for one in group],
            frequency=_frequency(group),
            written=group[0].topic.welcome,
        )
        key = "-".join(f"{one.id}.{int(at.timestamp())}" for one in group)
        _text(words, purpose=Purpose.TOPIC_NOTICE, source=source, by=by, at=at, key=f"welcome-{key}")


def _frequency(group: Sequence[Membership]) -> str:
    """How often, where all of them say the same."""
    said = {one.topic.frequency for one in group}
    return said.pop() if len(said) == 1 else ""


def _is_promotional(membership: Membership) -> bool:
    rule = rules_for(membership.topic.workspace_id, membership.topic.purpose)
    return rule is not None and rule.is_promotional


def _text(words: str, *, purpose: Purpose, source: Source, by: Actor, at: datetime, key: str) -> None:
    """Queue one text. A refusal (an opt-out, a landline) is stored by the door; there is nobody here to tell."""
    key = f"optin-{key}"[: outbound.LONGEST_KEY]
    thread = None
    if source.conversation_id is not None:
        rows = Conversation.objects.select_related("channel__workspace", "identity__contact")
        thread = rows.filter(id=source.conversation_id, channel_id=source.channel.pk).first()
    try:
        if thread is not None:
            outbound.queue_text(
                by=by, conversation=thread, body=words, at=at, purpose=purpose.value, idempotency_key=key
            )
        else:
            address = phone.identify(source.identity.value)
            outbound.queue_first_text(
                by=by,
                channel=source.channel,
                identity=address,
                body=words,
                at=at,
                purpose=purpose.value,
                idempotency_key=key,
            )
    except Refused as refused:
        log.info("optin_text_refused", why=refused.code, purpose=purpose.value)
