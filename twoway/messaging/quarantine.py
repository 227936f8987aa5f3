"""Webhooks nobody could use: shown, replayed after a fix, or marked as handled."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote_plus

import psycopg
import structlog
from django.conf import settings
from django.db import connection
from django.db.models import ExpressionWrapper, F, Func, IntegerField, Q, QuerySet, Value

from twoway.compliance.modes.queries import raw_sight
from twoway.compliance.retention.queries import HELD_RAW
from twoway.contacts.rules import may_search
from twoway.events.actions import audit
from twoway.lib.refusal import NotFound, Refused
from twoway.lib.words import t
from twoway.messaging import database, inbound, parts, receipts
from twoway.messaging.calls import replaying
from twoway.messaging.directory import Directory, Route
from twoway.messaging.intake import understand
from twoway.messaging.models import QuarantineEntry, QuarantineReason
from twoway.messaging.quarantine_bulk import QuarantineRow
from twoway.messaging.rows import InboundRow
from twoway.providers.base import Malformed, RawRequest
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, is_owner, require

log = structlog.get_logger(__name__)

LONGEST_SEARCH = 100
HANDLED_KEPT_FOR = timedelta(days=30)
OPEN_KEPT_FOR = timedelta(days=90)
REASONS = dict(QuarantineReason.choices)
_EXPIRE = f"""DELETE FROM quarantine_entry q
    WHERE (q.resolved_at < %(handled)s OR q.received_at < %(open)s) AND NOT {HELD_RAW}"""  # noqa: S608 - of constants
UNVERIFIED = frozenset({QuarantineReason.BAD_SIGNATURE, QuarantineReason.UNKNOWN_HOOK})
"""Reasons for which nobody has vouched for the request yet; the others come after its signature was found right."""


def _visible(actor: Actor) -> QuerySet[QuarantineEntry]:
    """Those of the workspace's channels. Entries without a workspace (an unknown address) are the owner's to see."""
    require(actor, Right.SEE_QUARANTINE)
    mine = Q(workspace_id=actor.workspace_id)
    if is_owner(actor):
        mine |= Q(workspace_id__isnull=True)
    return QuarantineEntry.objects.filter(mine).select_related("channel")


def entries(
    actor: Actor,
    *,
    is_open: bool = True,
    reason: str = "",
    words: str = "",
    before_id: int | None = None,
    limit: int = 50,
) -> Sequence[QuarantineEntry]:
    """Newest first, of one reason and with certain words where that is said. Raises `NotAllowed`.

    A number is found however it is written; words are looked for in what came, its address and the reason's details.
    """
    found = _visible(actor).filter(resolved_at__isnull=is_open)
    if reason:
        found = found.filter(reason=reason)
    if words.strip():
        if not may_search(words, sees_numbers=raw_sight(actor).is_whole):
            return []
        found = _with_words(found, words.strip()[:LONGEST_SEARCH])
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return list(found.order_by("-id")[:limit])


def _with_words(found: QuerySet[QuarantineEntry], words: str) -> QuerySet[QuarantineEntry]:
    bare = re.sub(r"[\s().-]", "", words).removeprefix("+")
    looked_for = bare if bare.isdigit() else words
    forms = {looked_for.encode(), quote_plus(looked_for).encode()}
    in_body = Q()
    for number, form in enumerate(sorted(forms)):
        name = f"place_{number}"
        place = Func(Value(form), F("body"), template="position(%(expressions)s)", arg_joiner=" in ")
        found = found.annotate(**{name: ExpressionWrapper(place, output_field=IntegerField())})
        in_body |= Q(**{f"{name}__gt": 0})
    plain = Q(detail__icontains=words) | Q(url__icontains=words) | Q(hook=words) | Q(remote=words) | Q(trace=words)
    return found.filter(in_body | plain)


def expire(*, at: datetime) -> int:
    """Forget what was handled 30 days ago, and what nobody handled for 90, but for legal holds; how many entries."""
    names = {"handled": at - HANDLED_KEPT_FOR, "open": at - OPEN_KEPT_FOR}
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, names)
        gone: int = cursor.rowcount
    if gone:
        log.info("quarantine_expired", entries=gone)
    return gone


def count_open(actor: Actor) -> int:
    """How many wait for somebody, up to 100."""
    return _visible(actor).filter(resolved_at__isnull=True)[:100].count()


def access_entry(actor: Actor, entry_id: int) -> QuarantineEntry:
    """One entry. Raises `NotFound`, `NotAllowed`."""
    entry = _visible(actor).filter(id=entry_id).first()
    if entry is None:
        raise NotFound("quarantine entry", entry_id)
    return entry


def resolve(*, entry: QuarantineEntry, by: Actor, at: datetime) -> None:
    """Mark as handled by hand."""
    _settle(entry, by, at, "Marked as handled")


def replay(*, entry: QuarantineEntry, by: Actor, at: datetime) -> str:
    """Take the webhook in as if it came now; what happened, as a sentence.

    Raises `Refused` when it still cannot be used. A text that was stored meanwhile is not stored twice.
    """
    require(by, Right.SEE_QUARANTINE)
    try:
        count = _replay_call(entry, by) if entry.kind == "voice" else asyncio.run(_replay(entry, by))
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        raise Refused(
            t("The database still refuses it: {why}.", why=error.diag.message_primary),
            code="refused",
        ) from error
    entry.replayed_at = at
    _settle(entry, by, at, f"Taken in again: {count} {'record' if count == 1 else 'records'}")
    return t("It was taken in.")


def _settle(entry: QuarantineEntry, by: Actor, at: datetime, how: str) -> None:
    require(by, Right.SEE_QUARANTINE)
    entry.resolved_at = at
    entry.resolution = f"{how} by {by.name}"[:200]
    entry.save(update_fields=["resolved_at", "resolution", "replayed_at"])
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="quarantine.settled",
        subject=f"entry {entry.id}",
        data={"how": how},
        at=at,
    )


def _replay_call(entry: QuarantineEntry, by: Actor) -> int:
    is_verified = entry.reason not in UNVERIFIED
    route, raw = asyncio.run(_route(entry, by)), _raw(entry)
    if not is_verified and entry.shielded:
        raise _shielded()
    replaying.take_again(route, raw, is_verified=is_verified)
    return 1


async def _route(entry: QuarantineEntry, by: Actor) -> Route:
    directory = Directory(settings.SEALING_KEY)
    async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
        await directory.refresh(connection)
    return _of_hook(directory, entry, by)


def _of_hook(directory: Directory, entry: QuarantineEntry, by: Actor) -> Route:
    route = next((one for one in directory.routes.values() if one.hook == entry.hook), None)
    if route is None or route.workspace_id != by.workspace_id:
        raise Refused(t("There is still no channel with this webhook address."), code="unknown_hook")
    return route


def _raw(entry: QuarantineEntry) -> RawRequest:
    return RawRequest(
        method=entry.method,
        url=entry.url,
        headers=entry.headers,
        body=bytes(entry.body),
        received_at=entry.received_at,
        remote=entry.remote,
    )


def _shielded() -> Refused:
    return Refused(
        t("A card number or another secret was taken out of it, so its signature can't be checked any more."),
        code="shielded",
    )


async def _replay(entry: QuarantineEntry, by: Actor) -> int:
    directory = Directory(settings.SEALING_KEY)
    async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
        await directory.refresh(connection)
        rows = _understand(entry, by, directory)
        async with connection.transaction():
            texts = await parts.gather(connection, [row for row in rows if isinstance(row, InboundRow)])
            heard = [row for row in rows if isinstance(row, receipts.ReceiptRow)]
            if texts:
                await inbound.store(connection, texts)
            if heard:
                await receipts.store(connection, heard)
    return len(rows)


def _understand(entry: QuarantineEntry, by: Actor, directory: Directory) -> list[InboundRow | receipts.ReceiptRow]:
    raw, route = _raw(entry), _of_hook(directory, entry, by)
    if entry.reason in UNVERIFIED and entry.shielded:
        raise _shielded()
    if entry.reason in UNVERIFIED and not route.adapter.verify(route.account, raw):
        raise Refused(
            t("The signature still doesn't match. Check the channel's credentials and the public address."),
            code="bad_signature",
        )
    try:
        rows = understand(directory, route, raw, entry.trace, entry.kind)
    except Malformed as error:
        raise Refused(t("It still can't be understood: {error}", error=t(str(error))), code="malformed") from error
    usable = [row for row in rows if not isinstance(row, QuarantineRow)]
    if len(usable) != len(rows) or not rows:
        raise Refused(t("The number it was sent to is still not an active channel."), code="unknown_number")
    return usable
