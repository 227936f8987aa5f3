"""Reading topics, who is in them, and what each number answers to HELP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from twoway.channels.models import Channel
from twoway.compliance.optin.models import ChannelWords, Membership, State, Topic
from twoway.compliance.optin.rules import Standing
from twoway.contacts.models import Identity
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor

__all__ = [
    "ChannelWords",
    "Membership",
    "Topic",
    "access_topic",
    "counts",
    "help_words",
    "memberships_of_contact",
    "open_requests",
    "standing",
    "topic_labels",
    "topics",
    "topics_of_channel",
]


def topics(actor: Actor) -> list[Topic]:
    """The topics of a workspace that are in use, with their numbers, by label."""
    rows = Topic.objects.filter(workspace_id=actor.workspace_id, is_active=True)
    return list(rows.prefetch_related("channels").order_by("label", "id"))


def topic_labels(actor: Actor, topic_ids: Iterable[int]) -> dict[int, str]:
    """What these topics of the workspace are called, by id, those out of use too; deleted ones are not in it."""
    asked = list(topic_ids)
    rows = Topic.objects.filter(workspace_id=actor.workspace_id, id__in=asked) if asked else Topic.objects.none()
    return dict(rows.values_list("id", "label"))


def access_topic(actor: Actor, topic_id: int) -> Topic:
    """A topic in use, with its numbers. Raises `NotFound`."""
    rows = Topic.objects.filter(workspace_id=actor.workspace_id, is_active=True, id=topic_id)
    found = rows.prefetch_related("channels").select_related("workspace").first()
    if found is None:
        raise NotFound("topic", topic_id)
    return found


def topics_of_channel(channel_id: int, topic_ids: Iterable[int]) -> list[Topic]:
    """Those of these topics that are in use and can be joined on this number or another of its pool, by id."""
    here = Q(channels=channel_id) | Q(channels__pool__channels=channel_id)
    rows = Topic.objects.filter(here, id__in=list(topic_ids), is_active=True).distinct()
    return list(rows.select_related("workspace").order_by("id"))


def counts(topic_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many people stand how with each topic: by topic, by state."""
    rows = Membership.objects.filter(topic_id__in=list(topic_ids)).values("topic_id", "state").annotate(n=Count("id"))
    found: dict[int, dict[str, int]] = {topic_id: dict.fromkeys(State.values, 0) for topic_id in topic_ids}
    for row in rows:
        found[row["topic_id"]][row["state"]] = row["n"]
    return found


def standing(membership: Membership | None) -> Standing:
    """A membership as the rules are asked about it."""
    if membership is None:
        return Standing()
    return Standing(
        state=membership.state,
        asks=membership.asks,
        asked_at=membership.asked_at,
        expires_at=membership.expires_at,
    )


def open_requests(*, identity: Identity, channel: Channel, at: datetime) -> QuerySet[Membership]:
    """What this person was asked to confirm on this number or its pool and may still answer, the newest first."""
    here = Q(channel=channel)
    if channel.pool_id is not None:
        here |= Q(channel__pool_id=channel.pool_id)
    rows = Membership.objects.filter(
        here,
        identity=identity,
        state=State.REQUESTED,
        asked_at__isnull=False,
        topic__is_active=True,
    )
    return rows.filter(Q(expires_at=None) | Q(expires_at__gt=at)).order_by("-asked_at", "id")


def memberships_of_contact(contact_id: int) -> list[Membership]:
    """How one contact stands with every topic, with topic and number."""
    rows = Membership.objects.filter(identity__contact_id=contact_id).select_related("topic", "channel")
    return list(rows.order_by("topic__label", "id"))


def help_words(channel_ids: Iterable[int]) -> dict[int, str]:
    """What these numbers answer to HELP instead of the workspace's words, where they have words of their own."""
    rows = ChannelWords.objects.filter(channel_id__in=list(channel_ids)).exclude(help_text="")
    return dict(rows.values_list("channel_id", "help_text"))
