"""Counting what happens to a number's texts, and pausing and resuming numbers, by hand and by rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from twoway.channels.health import queries, rules
from twoway.channels.models import Channel, ChannelDelta, ChannelSlot, ChannelState, PauseCode
from twoway.events.actions import audit, publish
from twoway.events.types import ChannelPaused, ChannelResumed
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor, system
from twoway.teams.rules import Right, require

LONGEST_WORDS = 200
KEEP_SLOTS = timedelta(days=90)
LONGEST_PAUSE = timedelta(days=366)
_MOST_AT_ONCE = 20_000

_ROLL_UP = """
    WITH taken AS (
        DELETE FROM channel_delta WHERE id IN (
            SELECT id FROM channel_delta ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
        RETURNING *
    ), summed AS (
        SELECT channel_id, date_bin('10 minutes', at, TIMESTAMPTZ '2000-01-01 00:00+00') AS slot,
               sum(sent)::int AS sent, sum(segments)::int AS segments, sum(delivered)::int AS delivered,
               sum(failed)::int AS failed, sum(filtered)::int AS filtered, sum(refused)::int AS refused,
               sum(opted_out)::int AS opted_out
        FROM taken GROUP BY 1, 2
    )
    INSERT INTO channel_slot AS s (channel_id, at, sent, segments, delivered, failed, filtered, refused, opted_out)
    SELECT n.channel_id, n.slot, n.sent, n.segments, n.delivered, n.failed, n.filtered, n.refused, n.opted_out
    FROM summed n JOIN channel c ON c.id = n.channel_id ORDER BY 1, 2
    ON CONFLICT (channel_id, at) DO UPDATE SET
        sent = s.sent + excluded.sent, segments = s.segments + excluded.segments,
        delivered = s.delivered + excluded.delivered, failed = s.failed + excluded.failed,
        filtered = s.filtered + excluded.filtered, refused = s.refused + excluded.refused,
        opted_out = s.opted_out + excluded.opted_out
    RETURNING s.channel_id
"""


def roll_up() -> set[int]:
    """Add what transactions left behind to the slots, each once; the channels it was about."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, {"limit": _MOST_AT_ONCE})
        return {row[0] for row in cursor.fetchall()}


def count_opt_out(*, channel_id: int, at: datetime) -> None:
    """Count one person who opted out after texts from this number."""
    ChannelDelta.objects.create(channel_id=channel_id, at=at, opted_out=1)


def judge(*, channel_ids: Iterable[int], at: datetime) -> list[int]:
    """Pause the numbers whose counters have crossed a threshold; which."""
    paused = []
    for channel in Channel.objects.filter(id__in=list(channel_ids), is_active=True).select_related("state"):
        state = queries.state_of(channel)
        if state.paused_at is not None:
            continue
        why = rules.should_pause(queries.windows(channel, at=at, resumed_at=state.resumed_at), at=at)
        if why is not None:
            _pause(channel, code=why.code, words=why.words, until=why.until, by=system(channel.workspace_id), at=at)
            paused.append(channel.pk)
    return paused


@transaction.atomic
def pause_channel(
    *, by: Actor, channel: Channel, at: datetime, words: str = "", until: datetime | None = None
) -> ChannelState:
    """Send nothing from a number until somebody resumes it, or until `until`. Texts to it still come in.

    Raises `NotAllowed`, `Invalid` naming the field.
    """
    _check(by, channel)
    if until is not None and not at < until <= at + LONGEST_PAUSE:
        raise Invalid(t("Choose a time in the next year."), field="until")
    cleaned = " ".join(words.replace("\0", "").split())
    if len(cleaned) > LONGEST_WORDS:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_WORDS), field="words")
    return _pause(channel, code=PauseCode.BY_HAND, words=cleaned, until=until, by=by, at=at)


@transaction.atomic
def resume_channel(*, by: Actor, channel: Channel, at: datetime) -> ChannelState:
    """Send from a paused number again; what was counted before is forgiven. Raises `NotAllowed`."""
    _check(by, channel)
    state = _locked(channel)
    if state.paused_at is None:
        return state
    return _resume(state, by=by, at=at)


def resume_due(*, at: datetime) -> list[int]:
    """Resume the numbers whose rest is over; which."""
    due = ChannelState.objects.filter(paused_at__isnull=False, paused_until__lte=at).values_list(
        "channel_id", flat=True
    )
    resumed = []
    for channel_id in list(due):
        with transaction.atomic():
            state = ChannelState.objects.select_for_update().select_related("channel").get(channel_id=channel_id)
            if state.paused_at is not None and state.paused_until is not None and state.paused_until <= at:
                _resume(state, by=system(state.channel.workspace_id), at=at)
                resumed.append(channel_id)
    return resumed


def prune(*, at: datetime) -> int:
    """Forget counters older than 90 days; how many slots."""
    gone, _ = ChannelSlot.objects.filter(Q(at__lt=at - KEEP_SLOTS)).delete()
    return gone


def tell_workers(channel_ids: Sequence[int]) -> None:
    """Have intake and delivery read the numbers again when this transaction commits."""
    told = "SELECT pg_notify('twoway_channels', id::text) FROM unnest(%s::bigint[]) AS id"
    with connection.cursor() as cursor:
        cursor.execute(told, [list(channel_ids)])


def _check(by: Actor, channel: Channel) -> None:
    require(by, Right.MANAGE_CHANNELS)
    if channel.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))


def _locked(channel: Channel) -> ChannelState:
    ChannelState.objects.get_or_create(channel_id=channel.pk)
    return ChannelState.objects.select_for_update().select_related("channel").get(channel_id=channel.pk)


@transaction.atomic
def _pause(channel: Channel, *, code: str, words: str, until: datetime | None, by: Actor, at: datetime) -> ChannelState:
    state = _locked(channel)
    state.paused_at, state.paused_until = at, until
    state.pause_code, state.pause_words = code, words[:LONGEST_WORDS]
    state.paused_by = "" if by.kind == "system" and code != PauseCode.BY_HAND else by.name[:80]
    state.save(update_fields=["paused_at", "paused_until", "pause_code", "pause_words", "paused_by"])
    publish(
        ChannelPaused(
            workspace_id=channel.workspace_id,
            member_id=by.member_id,
            channel_id=channel.pk,
            code=code,
            words=state.pause_words,
            until=until,
            by_name=state.paused_by,
        ),
        at=at,
    )
    data = {"address": channel.address, "code": code, "words": state.pause_words}
    audit(
        workspace_id=channel.workspace_id,
        actor=by.audit_name,
        action="channel.paused",
        subject=f"channel {channel.pk}",
        data=data,
        at=at,
    )
    tell_workers([channel.pk])
    return state


def _resume(state: ChannelState, *, by: Actor, at: datetime) -> ChannelState:
    state.paused_at = state.paused_until = None
    state.pause_code = state.pause_words = state.paused_by = ""
    state.resumed_at = at
    state.save(update_fields=["paused_at", "paused_until", "pause_code", "pause_words", "paused_by", "resumed_at"])
    channel = state.channel
    publish(
        ChannelResumed(
            workspace_id=channel.workspace_id,
            member_id=by.member_id,
            channel_id=channel.pk,
            by_name="" if by.member_id is None and by.name == "Twoway" else by.name,
        ),
        at=at,
    )
    audit(
        workspace_id=channel.workspace_id,
        actor=by.audit_name,
        action="channel.resumed",
        subject=f"channel {channel.pk}",
        data={"address": channel.address},
        at=at,
    )
    tell_workers([channel.pk])
    return state
