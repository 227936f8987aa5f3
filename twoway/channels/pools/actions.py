"""Changing pools, and retiring numbers. `messaging.pooling` does both together with the conversations."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from twoway.channels.models import Channel, ChannelState, Pool
from twoway.channels.pools.rules import same_kind
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_NAME = 60
MOST_NUMBERS = 100
LONGEST_NOTE = 300
FURTHEST_RETIREMENT = timedelta(days=730)


@transaction.atomic
def create_pool(*, by: Actor, name: str, at: datetime, prefers_local: bool = True) -> Pool:
    """Make an empty pool. Raises `NotAllowed`, and `Invalid` naming the field."""
    require(by, Right.MANAGE_CHANNELS)
    pool = Pool(workspace_id=by.workspace_id, name=_clean_name(name), prefers_local=prefers_local, created_at=at)
    _save(pool)
    record(by=by, action="pool.created", subject=f"pool {pool.pk}", at=at, name=pool.name)
    return pool


@transaction.atomic
def update_pool(*, by: Actor, pool: Pool, at: datetime, name: str, prefers_local: bool) -> Pool:
    """Rename it, or change how numbers are chosen for new people. Raises `NotAllowed`, `Invalid` naming the field."""
    pool = _open(by, pool)
    pool.name, pool.prefers_local = _clean_name(name), prefers_local
    _save(pool)
    record(by=by, action="pool.changed", subject=f"pool {pool.pk}", at=at, name=pool.name, prefers_local=prefers_local)
    tell_workers()
    return pool


@transaction.atomic
def delete_pool(*, by: Actor, pool: Pool, at: datetime) -> None:
    """Remove an empty pool. Raises `NotAllowed`, and `Invalid` while numbers are in it."""
    pool = _open(by, pool)
    if Channel.objects.filter(pool=pool).exists():
        raise Invalid(t("Take its numbers out first."), code="pool_in_use")
    record(by=by, action="pool.deleted", subject=f"pool {pool.pk}", at=at, name=pool.name)
    pool.delete()


@transaction.atomic
def join(*, by: Actor, pool: Pool, channel: Channel, at: datetime) -> Channel:
    """Put a number into a pool. Raises `NotAllowed`, and `Invalid` when it is in another one or of another kind."""
    pool = _open(by, pool)
    channel = _number(by, channel)
    if channel.pool_id == pool.pk:
        return channel
    if channel.pool_id is not None:
        raise Invalid(t("This number is in another pool. Take it out there first."), field="channel", code="in_a_pool")
    others = list(Channel.objects.filter(pool=pool).values_list("kind", flat=True))
    if not same_kind([*others, channel.kind]):
        raise Invalid(t("Numbers of a pool are all of one kind."), field="channel", code="other_kind")
    if len(others) >= MOST_NUMBERS:
        raise Invalid(t("A pool has at most {most} numbers.", most=MOST_NUMBERS), field="channel", code="pool_full")
    channel.pool = pool
    channel.save(update_fields=["pool"])
    record(
        by=by, action="pool.number_added", subject=f"pool {pool.pk}", at=at, channel=channel.pk, address=channel.address
    )
    tell_workers()
    return channel


@transaction.atomic
def leave(*, by: Actor, channel: Channel, at: datetime) -> int | None:
    """Take a number out of its pool; which pool it was. Raises `NotAllowed`, and `Invalid` while it is retiring."""
    channel = _number(by, channel)
    if channel.pool_id is None:
        return None
    if ChannelState.objects.filter(channel=channel, retiring_at__isnull=False).exists():
        raise Invalid(t("This number is being retired: its conversations continue in the pool."), code="retiring")
    pool_id = channel.pool_id
    channel.pool = None
    channel.save(update_fields=["pool"])
    record(
        by=by,
        action="pool.number_removed",
        subject=f"pool {pool_id}",
        at=at,
        channel=channel.pk,
        address=channel.address,
    )
    tell_workers()
    return pool_id


@transaction.atomic
def begin_retirement(
    *, by: Actor, channel: Channel, successor: Channel, retires_at: datetime, at: datetime, forwarding: str = ""
) -> ChannelState:
    """Begin no conversation with a number any more, and say who follows it from `retires_at` on.

    Raises `NotAllowed`, and `Invalid` naming the field.
    """
    channel, successor = _number(by, channel), _number(by, successor)
    if channel.pk == successor.pk:
        raise Invalid(t("Choose another number to follow it."), field="successor")
    if successor.kind != channel.kind or not successor.is_active:
        raise Invalid(t("The number that follows must be in use and of the same kind."), field="successor")
    if ChannelState.objects.filter(channel=successor, retiring_at__isnull=False).exists():
        raise Invalid(t("The number that follows is being retired itself."), field="successor")
    if not at <= retires_at <= at + FURTHEST_RETIREMENT:
        raise Invalid(t("Choose a day within the next two years."), field="retires_at")
    words = " ".join(forwarding.replace("\0", "").split())
    if len(words) > LONGEST_NOTE:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NOTE), field="forwarding")
    if words and "{new}" not in words:
        raise Invalid(t("Write {new} where the new number is to stand."), field="forwarding")
    ChannelState.objects.get_or_create(channel_id=channel.pk)
    state = ChannelState.objects.select_for_update().get(channel_id=channel.pk)
    state.retiring_at, state.retires_at, state.successor, state.forwarding = at, retires_at, successor, words
    state.retired_at = None
    state.save(update_fields=["retiring_at", "retires_at", "successor", "forwarding", "retired_at"])
    told = {"successor": successor.address, "retires_at": retires_at.isoformat()}
    record(by=by, action="channel.retiring", subject=f"channel {channel.pk}", at=at, address=channel.address, **told)
    tell_workers()
    return state


@transaction.atomic
def cancel_retirement(*, by: Actor, channel: Channel, at: datetime) -> None:
    """Keep a number after all. Conversations that moved on stay where they are. Raises `NotAllowed`."""
    channel = _number(by, channel)
    changed = ChannelState.objects.filter(channel=channel, retiring_at__isnull=False).update(
        retiring_at=None, retires_at=None, retired_at=None, successor=None, forwarding=""
    )
    if changed:
        record(by=by, action="channel.kept", subject=f"channel {channel.pk}", at=at, address=channel.address)
        tell_workers()


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned:
        raise Invalid(t("Give it a name."), field="name")
    if len(cleaned) > LONGEST_NAME:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NAME), field="name")
    return cleaned


def _open(by: Actor, pool: Pool) -> Pool:
    require(by, Right.MANAGE_CHANNELS)
    found = Pool.objects.select_for_update().filter(id=pool.pk, workspace_id=by.workspace_id).first()
    if found is None:
        raise NotAllowed(t("This pool is not in this workspace."))
    return found


def _number(by: Actor, channel: Channel) -> Channel:
    require(by, Right.MANAGE_CHANNELS)
    found = Channel.objects.select_for_update(no_key=True).filter(id=channel.pk, workspace_id=by.workspace_id).first()
    if found is None:
        raise NotAllowed(t("This number is not in this workspace."))
    return found


def _save(pool: Pool) -> None:
    try:
        with transaction.atomic():
            pool.save()
    except IntegrityError:
        raise Invalid(t("There is a pool of this name."), field="name", code="name_taken") from None


def tell_workers() -> None:
    """Have intake and delivery read the numbers again when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_channels', '')")


def record(*, by: Actor, action: str, subject: str, at: datetime, **data: Detail) -> None:
    """Put it into the audit trail."""
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
