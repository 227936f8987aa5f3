"""The worker's loop that tells devices. Any number of workers may run it; one push is one worker's at a time.

What was read meanwhile is not pushed. A browser the push service no longer knows is forgotten; other failures are tried
again, later each time, for a day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django.db.models import F

from twoway.lib import web_push
from twoway.lib.public_addresses import NotFetched
from twoway.lib.rounds import keep_at
from twoway.lib.safe_post import Posted, Poster
from twoway.lib.sealing import WrongKey, unseal
from twoway.lib.words import t
from twoway.notifications import devices, rules
from twoway.notifications.models import Device, Notification, Push
from twoway.notifications.queries import news, pushed_line, wish_of
from twoway.teams import languages
from twoway.teams.actor import Actor
from twoway.teams.queries import actor_of_user

T = TypeVar("T")
log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
AT_ONCE = 50
LEASE = timedelta(minutes=2)
"""So long a push is left to the worker that took it."""
MOST_TRIES = 12
GOOD_FOR = 24 * 3600
"""Seconds a push service keeps what it can't deliver yet."""
TOKEN_GOOD_FOR = timedelta(hours=12)
LONGEST = 3000
"""Bytes of a message; browsers and services take a little more."""
EVERY = timedelta(seconds=5)
"""Between two pushes to one device."""
_GONE = frozenset({404, 410})


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One push, made up: where it goes and what it holds. `urgency` and `topic` as in RFC 8030."""

    push_id: int
    device_id: int
    notification_id: int | None
    tries: int
    endpoint: str
    body: bytes
    authorization: str
    topic: str


async def run(stop: asyncio.Event) -> None:
    """Push until `stop` is set; whatever a round raises only makes it wait."""
    async with Poster(trusted=devices.trusted()) as poster:

        async def work() -> float:
            return 0.0 if await round_of(poster) >= AT_ONCE else LOOK_EVERY

        await keep_at(stop, work, name="pushing", every=LOOK_EVERY)


async def round_of(poster: Poster, *, at: datetime | None = None) -> int:
    """Push what is due; how many were tried."""
    now = at or datetime.now(UTC)
    parcels = await sync_to_async(partial(_closing, _take, at=now), thread_sensitive=False)()
    answers = await asyncio.gather(*(_send(poster, parcel) for parcel in parcels))
    if parcels:
        finish = partial(_finish, list(zip(parcels, answers, strict=True)))
        await sync_to_async(partial(_closing, finish, at=now), thread_sensitive=False)()
    return len(parcels)


def _closing(work: Callable[..., T], *, at: datetime) -> T:
    """Do it in this thread and give its connection back: which thread comes next, nobody knows."""
    close_old_connections()
    try:
        return work(at=at)
    finally:
        connections.close_all()


async def _send(poster: Poster, parcel: Parcel) -> Posted | NotFetched:
    headers = {
        "Authorization": parcel.authorization,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(GOOD_FOR),
        "Urgency": "high",
        **({"Topic": parcel.topic} if parcel.topic else {}),
    }
    try:
        return await poster.post(parcel.endpoint, body=parcel.body, headers=headers)
    except NotFetched as error:
        return error


# What is sent ---------------------------------------------------------------------------------------------------------


def _take(*, at: datetime) -> list[Parcel]:
    """Lease what is due and make it up; what was read, or can't be made up, is dropped."""
    with transaction.atomic():
        due = Push.objects.select_for_update(skip_locked=True).filter(due_at__lte=at).order_by("due_at")[:AT_ONCE]
        rows = {row.pk: row for row in due}
        Push.objects.filter(id__in=rows).update(due_at=at + LEASE, tries=F("tries") + 1)
    if not rows:
        return []
    found = (
        Push.objects.filter(id__in=rows)
        .select_related("device__member__user", "device__member__workspace", "notification")
        .order_by("id")
    )
    parcels, seen = [], set[int]()
    for row in found:
        wait = _wait(row.device, at=at)
        if wait is not None or row.device_id in seen:
            later = wait or at + EVERY
            Push.objects.filter(id=row.pk).update(due_at=later, tries=F("tries") - 1)
            continue
        parcel = _made_up(row, at=at)
        if parcel is None:
            row.delete()
        else:
            seen.add(row.device_id)
            parcels.append(parcel)
    return parcels


def _wait(device: Device, *, at: datetime) -> datetime | None:
    """Until when this device is left alone: its service asked for it, or it was told a moment ago."""
    waits = [device.slow_until, device.told_at + EVERY if device.told_at else None]
    return max((one for one in waits if one is not None and one > at), default=None)


def _made_up(row: Push, *, at: datetime) -> Parcel | None:
    message = _message(row, at=at)
    if message is None:
        return None
    try:
        kept = unseal(bytes(row.device.sealed), key=settings.SEALING_KEY)
        keys = devices.own_keys(at=at)
    except WrongKey:
        log.warning("push_keys_sealed_otherwise", device_id=row.device_id)
        return None
    parts = urlsplit(kept["endpoint"])
    return Parcel(
        push_id=row.pk,
        device_id=row.device_id,
        notification_id=row.notification_id,
        tries=row.tries,
        endpoint=kept["endpoint"],
        body=web_push.encrypt(message, public=kept["public"], auth=kept["auth"]),
        authorization=web_push.authorization(
            keys=keys,
            audience=f"{parts.scheme}://{parts.netloc}",
            expires=int((at + TOKEN_GOOD_FOR).timestamp()),
            subject=_subject(),
        ),
        topic=f"n{row.notification_id}" if row.notification_id else "",
    )


def _subject() -> str:
    """Where a push service may write to: this installation's address, or who its mails are from."""
    if settings.PUBLIC_URL.startswith("https://"):
        return str(settings.PUBLIC_URL)
    return f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}"


def _message(row: Push, *, at: datetime) -> bytes | None:
    """What the device shows, as JSON; None when there is nothing to tell any more."""
    member = row.device.member
    actor = actor_of_user(user_id=member.user_id, workspace_id=member.workspace_id)
    if actor is None:
        return None
    with languages.worded_in(languages.language_of(member)):
        return _worded(row, actor, at=at)


def _worded(row: Push, actor: Actor, *, at: datetime) -> bytes | None:
    """The same, in the language that is set."""
    told: dict[str, Any] = {
        "title": t("Notifications work"),
        "body": t("This is a test."),
        "url": "/notifications/",
        "tag": "",
    }
    if row.notification_id is not None:
        wish = wish_of(actor)
        line = pushed_line(actor, row.notification_id, with_words=wish.push_words)
        if line is None:
            return None
        told = {"title": line.title, "body": line.words, "url": f"/notifications/{line.id}/", "tag": f"n{line.id}"}
        told["conversation"] = line.conversation_id
    told["unread"] = news(actor, at=at).unread
    return fitted(told)


def fitted(told: dict[str, Any]) -> bytes:
    """As JSON of at most `LONGEST` bytes: words are cut first, then the title."""
    for name, most in (("body", 200), ("title", 200), ("body", 0)):
        if len(message := orjson.dumps(told)) <= LONGEST:
            return message
        told = {**told, name: told[name][:most]}
    return orjson.dumps(told)


# What became of it ----------------------------------------------------------------------------------------------------


def _finish(results: list[tuple[Parcel, Posted | NotFetched]], *, at: datetime) -> None:
    for parcel, answer in results:
        status = answer.status if isinstance(answer, Posted) else 0
        if 200 <= status < 300:
            _told(parcel, at=at)
        elif status in _GONE or (isinstance(answer, NotFetched) and answer.is_final):
            log.info("push_device_gone", device_id=parcel.device_id, status=status)
            Device.objects.filter(id=parcel.device_id).delete()
        else:
            _failed(parcel, answer, status, at=at)


def _told(parcel: Parcel, *, at: datetime) -> None:
    Push.objects.filter(id=parcel.push_id).delete()
    Device.objects.filter(id=parcel.device_id).update(told_at=at, failures=0, slow_until=None)
    if parcel.notification_id:
        Notification.objects.filter(id=parcel.notification_id).update(pushed_at=at)


def _failed(parcel: Parcel, answer: Posted | NotFetched, status: int, *, at: datetime) -> None:
    """Try again later; what is not ours to mend (a message refused as too big, say) not at all."""
    said = answer.retry_after if isinstance(answer, Posted) else None
    log.warning("push_failed", device_id=parcel.device_id, status=status, tries=parcel.tries)
    is_refused = status in {400, 413} or parcel.tries >= MOST_TRIES
    wait = rules.push_again_after(parcel.tries, said=said)
    Device.objects.filter(id=parcel.device_id).update(failures=F("failures") + 1)
    if status == 429:
        Device.objects.filter(id=parcel.device_id).update(slow_until=at + wait)
    if is_refused:
        Push.objects.filter(id=parcel.push_id).delete()
    else:
        Push.objects.filter(id=parcel.push_id).update(due_at=at + wait)
