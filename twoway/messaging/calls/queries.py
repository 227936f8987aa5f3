"""Reading calls. Who may see a conversation may see its calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from twoway.channels.calendars import calendar_for
from twoway.channels.models import Channel
from twoway.channels.queries import access_channel
from twoway.compliance.quiet.queries import identity_facts
from twoway.compliance.quiet.rules import clock
from twoway.conversations.queries import Conversation, access_conversation
from twoway.lib.refusal import NotFound
from twoway.lib.words import t
from twoway.messaging.calls.models import Call, CallWords, MemberPhone, NumberCalls
from twoway.messaging.calls.rules import NO_PLAN, Plan, is_diallable
from twoway.messaging.media.queries import MediaFile
from twoway.providers.voice import registry
from twoway.teams.actor import Actor
from twoway.teams.hours.rules import is_open

__all__ = ["Call", "MediaFile"]

CALLED_FROM, CALLED_UNTIL = time(8), time(21)
"""The hours of a person's own day at which calls are usual: those of 47 CFR 64.1200(c)(1)."""
FIELDS = tuple(asdict(NO_PLAN))


def by_ids(call_ids: Iterable[int]) -> Mapping[int, Call]:
    """Calls by id, for lines of conversations somebody has access to. No query for none."""
    ids = list(call_ids)
    return Call.objects.in_bulk(ids) if ids else {}


def recordings(calls: Iterable[Call]) -> Mapping[int, MediaFile]:
    """The recordings of calls, by the id of the file. No query when none has one."""
    ids = [call.recording_id for call in calls if call.recording_id is not None]
    return MediaFile.objects.in_bulk(ids) if ids else {}


def access_call(actor: Actor, call_id: int) -> Call:
    """One call, when this actor may see its conversation. Raises `NotFound`."""
    found = Call.objects.select_related("channel__workspace", "conversation__identity", "conversation__contact").filter(
        id=call_id, workspace_id=actor.workspace_id
    )
    call = found.first()
    if call is None:
        raise NotFound("call", call_id)
    access_conversation(actor, call.conversation_id)
    return call


def calls_of(actor: Actor, conversation_id: int, *, before_id: int | None = None, limit: int = 50) -> Sequence[Call]:
    """The calls of a conversation, newest first. Raises `NotFound`."""
    access_conversation(actor, conversation_id)
    rows = Call.objects.select_related("conversation__contact").filter(conversation_id=conversation_id)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return list(rows.order_by("-id")[:limit])


def call_of_member(member_id: int | None) -> Call | None:
    """The call this member is in, or asked for, and that is not over."""
    if member_id is None:
        return None
    return Call.objects.filter(member_id=member_id, direction="out", ended_at=None).order_by("-id").first()


def phone_of(member_id: int | None) -> str:
    """The phone on which a member is rung, "" when they gave none."""
    found = MemberPhone.objects.filter(member_id=member_id).values_list("number", flat=True) if member_id else ()
    return next(iter(found), "")


def is_verified(member_id: int | None) -> bool:
    """Whether a member's phone was shown to be in their hand."""
    return MemberPhone.objects.filter(member_id=member_id or 0, verified_at__isnull=False).exists()


def asked_for(member_id: int | None, conversation_id: int, *, at: datetime) -> dict[str, int]:
    """How many calls a member asked for lately, as `rules.why_not_again` names the counts."""
    hour, day = at - timedelta(hours=1), at - timedelta(days=1)
    return Call.objects.filter(member_id=member_id or 0, direction="out", started_at__gt=day).aggregate(
        last_hour=Count("id", filter=Q(started_at__gt=hour)),
        to_one=Count("id", filter=Q(started_at__gt=hour, conversation_id=conversation_id)),
        unverified=Count("id", filter=~Q(code="")),
    )


def unusual_hour(conversation: Conversation, *, at: datetime) -> str:
    """What time it is for this person, in words, when that is no time to be called at; else, or when nobody knows
    where they are, ""."""
    facts = identity_facts(conversation.identity_id, at=at)
    zones = [ZoneInfo(zone) for zone in facts.zones] if facts else []
    if not zones or any(CALLED_FROM <= at.astimezone(zone).time() < CALLED_UNTIL for zone in zones):
        return ""
    return t("It's {time} for them.", time=clock(at.astimezone(zones[0])))


def can_call(channel: Channel) -> bool:
    """Whether calls can be placed from this number and understood by us."""
    return channel.is_active and channel.kind in ("sms", "voice") and registry.get(channel.provider) is not None


def can_be_called(conversation: Conversation) -> bool:
    """Whether this person can be rung from the number they text with. No query."""
    return is_diallable(conversation.identity.value) and can_call(conversation.channel)


def understands_calls(provider: str) -> bool:
    """Whether the calls of this provider are understood."""
    return registry.get(provider) is not None


def plans_of(channel_id: int) -> dict[bool, Plan]:
    """What a number does with calls, by whether it is open; what nobody set up is not in it."""
    rows = NumberCalls.objects.filter(channel_id=channel_id)
    return {row.is_open: Plan(**{name: getattr(row, name) for name in FIELDS}) for row in rows}


def plan_for(channel_id: int, *, is_open: bool) -> Plan:
    """What a number does with a call now; a number with words for one half of the day only does the same always."""
    plans = plans_of(channel_id)
    return plans.get(is_open) or plans.get(not is_open) or NO_PLAN


def is_open_at(channel: Channel, at: datetime) -> bool:
    """Whether this number is open, by its hours, its team's or the workspace's."""
    found = calendar_for(channel.workspace_id, team_id=channel.team_id, channel_id=channel.pk, at=at)
    return is_open(found, at)


def access_plans(actor: Actor, channel_id: int) -> tuple[Channel, dict[bool, Plan]]:
    """A number and what it does with calls. Raises `NotFound`."""
    return access_channel(actor, channel_id), plans_of(channel_id)


def plan_kinds(channel_ids: Iterable[int]) -> dict[int, dict[bool, str]]:
    """What these numbers do with calls in one word, by whether they are open."""
    found: dict[int, dict[bool, str]] = {}
    rows = NumberCalls.objects.filter(channel_id__in=list(channel_ids))
    for channel_id, while_open, does in rows.values_list("channel_id", "is_open", "does"):
        found.setdefault(channel_id, {})[while_open] = does
    return found


def words_of(workspace_id: int) -> dict[tuple[str, str], str]:
    """The workspace's own words, by kind and language."""
    rows = CallWords.objects.filter(workspace_id=workspace_id).values_list("kind", "language", "words")
    return {(kind, language): words for kind, language, words in rows}


def last_text_back(channel_id: int, phone: str) -> datetime | None:
    """When this number last texted somebody because they had called in vain."""
    found = Call.objects.filter(channel_id=channel_id, phone=phone, direction="in", text_id__isnull=False)
    return found.order_by("-id").values_list("ended_at", flat=True).first()
