"""Writing the ledger. Entries are added and never changed; the database chains them (migration 0002).

`compliance.actions.opt_out` and `lift` are for "no more texts at all" and its end: they also keep the opt-outs that
the send path reads, and call `record` here. Consent for one purpose is given and taken with the others below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from twoway.channels.models import Channel
from twoway.compliance.consent.models import (
    Change,
    ConsentEntry,
    ConsentSetting,
    ConsentState,
    Method,
    Suppression,
)
from twoway.compliance.consent.rules import GRANTS, REFUSALS, address_hash, canonical, minimised
from twoway.compliance.purposes.rules import RANK
from twoway.contacts.models import Identity
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_PROOF = 16_384
"""Bytes of a proof as JSON."""
ANSWER_WITHIN = timedelta(days=7)
"""How long a double opt-in waits for its answer. Twoway's own choice."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('consent', %(workspace)s))"


def hold(workspace_id: int) -> None:
    """Keep the workspace's ledger until the transaction ends, before any row is locked: nobody waits in a ring."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, {"workspace": workspace_id})


def hash_of(workspace_id: int, *, kind: str, value: str) -> str:
    """The keyed hash that stands for an address in this installation."""
    return address_hash(key=settings.ADDRESS_KEY, workspace_id=workspace_id, kind=kind, value=value)


@transaction.atomic
def record(
    *,
    change: str,
    method: str,
    at: datetime,
    by: Actor,
    identity: Identity | None = None,
    address: phone.Identity | None = None,
    channel: Channel | None = None,
    purpose: str = "all",
    level: str = "",
    proof: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> ConsentEntry:
    """Add one entry about an identity, or about an address nobody is known by.

    `channel` None is every number, `purpose` a slug or `all`. `proof` may hold text, whole numbers, true, false, None,
    lists and mappings: what was shown and answered, where, by whom. Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.REPLY)
    _check(change=change, method=method, purpose=purpose, level=level, expires_at=expires_at, at=at)
    for owner in (identity, channel):
        if owner is not None and owner.workspace_id != by.workspace_id:
            raise NotAllowed(t("This person and this number are not in this workspace."))
    about = (identity.kind, identity.value) if identity else (address.kind, address.value) if address else None
    if about is None:
        raise Invalid(t("Say whose consent this is."), field="identity")
    return ConsentEntry.objects.create(
        workspace_id=by.workspace_id,
        identity=identity,
        address_hash=hash_of(by.workspace_id, kind=about[0], value=about[1]),
        channel_id=channel.pk if channel else None,
        purpose=purpose,
        change=change,
        level=level,
        method=method,
        by_name=by.audit_name[:120],
        at=at,
        expires_at=expires_at,
        proof=clean_proof(proof or {}),
    )


def _check(*, change: str, method: str, purpose: str, level: str, expires_at: datetime | None, at: datetime) -> None:
    if change not in Change.values:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(Change.values)), field="change")
    if method not in Method.values:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(Method.values)), field="method")
    if not _SLUG.fullmatch(purpose):
        raise Invalid(t("Name a purpose, or all."), field="purpose")
    if change in GRANTS and RANK.get(level, 0) == 0:
        raise Invalid(t("Say which level of consent was given: implied, express or written."), field="level")
    if level and level not in RANK:
        raise Invalid(t("A level is implied, express or written."), field="level")
    if expires_at is not None and expires_at <= at and change != Change.EXPIRED:
        raise Invalid(t("Consent can't expire before it is given."), field="expires_at")


def clean_proof(proof: Mapping[str, Any]) -> dict[str, Any]:
    """A proof as it can be kept and hashed alike by us and the database. Raises `Invalid`."""
    cleaned = {_text(str(key)): _value(value) for key, value in proof.items()}
    if len(canonical(cleaned).encode()) > LONGEST_PROOF:
        raise Invalid(t("A proof has at most {most} bytes.", most=LONGEST_PROOF), field="proof")
    return cleaned


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {_text(str(key)): _value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_value(each) for each in value]
    raise Invalid(t("A proof holds text, whole numbers, yes and no, and lists of them."), field="proof")


def _text(text: str) -> str:
    """What PostgreSQL can keep: no NUL, no half of a character."""
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@transaction.atomic
def grant(
    *,
    identity: Identity,
    purpose: str,
    level: str,
    method: str,
    at: datetime,
    by: Actor,
    channel: Channel | None = None,
    proof: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> ConsentEntry:
    """Record consent for a purpose; what a member or a program records is audited. Raises `NotAllowed`, `Invalid`."""
    entry = record(
        change=Change.GRANTED,
        identity=identity,
        purpose=purpose,
        level=level,
        method=method,
        channel=channel,
        proof=proof,
        expires_at=expires_at,
        at=at,
        by=by,
    )
    _audit_by_hand(entry, "consent.granted", by)
    return entry


@transaction.atomic
def withdraw(
    *,
    identity: Identity,
    purpose: str,
    method: str,
    at: datetime,
    by: Actor,
    channel: Channel | None = None,
    proof: Mapping[str, Any] | None = None,
) -> ConsentEntry:
    """Record that somebody wants no more texts of one purpose. All texts at once: `compliance.actions.opt_out`.

    Raises `NotAllowed`, `Invalid`.
    """
    if purpose == "all":
        raise Invalid(t("Record an opt-out to end all texts."), field="purpose")
    entry = record(
        change=Change.WITHDRAWN,
        identity=identity,
        purpose=purpose,
        method=method,
        channel=channel,
        proof=proof,
        at=at,
        by=by,
    )
    _audit_by_hand(entry, "consent.withdrawn_for_purpose", by)
    return entry


def request(
    *,
    identity: Identity,
    purpose: str,
    level: str,
    method: str,
    at: datetime,
    by: Actor,
    channel: Channel | None = None,
    proof: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> ConsentEntry:
    """Record that somebody was asked to confirm (double opt-in); it lapses at `expires_at`, else after a week.

    Raises `NotAllowed`, `Invalid`.
    """
    return record(
        change=Change.REQUESTED,
        identity=identity,
        purpose=purpose,
        level=level,
        method=method,
        channel=channel,
        proof=proof,
        expires_at=expires_at or at + ANSWER_WITHIN,
        at=at,
        by=by,
    )


@transaction.atomic
def confirm(
    *,
    identity: Identity,
    purpose: str,
    at: datetime,
    by: Actor,
    channel: Channel | None = None,
    method: str = "reply",
    proof: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> ConsentEntry:
    """Record their yes to the open request for this purpose and channel, at the level that was asked for.

    The entry's proof holds what was shown at the request and names its position. Raises `NotAllowed`, and `Invalid`
    (code `not_requested`) when there is none or it has lapsed.
    """
    asked = open_request(identity=identity, purpose=purpose, channel=channel, at=at)
    if asked is None:
        raise Invalid(t("Nothing waits for their answer, or it came too late."), field="purpose", code="not_requested")
    return record(
        change=Change.CONFIRMED,
        identity=identity,
        purpose=purpose,
        level=asked.level,
        method=method,
        channel=channel,
        proof={**asked.proof, **(proof or {}), "requested_at_position": asked.position},
        expires_at=expires_at,
        at=at,
        by=by,
    )


def open_request(
    *, identity: Identity, purpose: str, at: datetime, channel: Channel | None = None
) -> ConsentEntry | None:
    """The request that still waits for an answer; the ledger is held, so that one answer counts once."""
    hold(identity.workspace_id)
    rows = ConsentEntry.objects.filter(
        workspace_id=identity.workspace_id,
        address_hash=hash_of(identity.workspace_id, kind=identity.kind, value=identity.value),
        channel_id=channel.pk if channel else None,
        purpose=purpose,
        identity=identity,
    )
    last = rows.order_by("-position").first()
    if last is None or last.change != Change.REQUESTED or last.expires_at is None or last.expires_at <= at:
        return None
    return last


def expire_due(*, at: datetime, limit: int = 500) -> int:
    """Write `expired` for consent and requests whose time is over; how many. Each in its own transaction."""
    due = ConsentState.objects.filter(expires_at__lte=at, change__in=[*GRANTS, Change.REQUESTED])
    return sum(_expire(state_id, at) for state_id in due.order_by("expires_at").values_list("id", flat=True)[:limit])


@transaction.atomic
def _expire(state_id: int, at: datetime) -> bool:
    workspace_id = ConsentState.objects.values_list("workspace_id", flat=True).get(id=state_id)
    hold(workspace_id)
    state = ConsentState.objects.get(id=state_id)
    is_open = state.change in GRANTS or state.change == Change.REQUESTED
    if not is_open or state.expires_at is None or state.expires_at > at:
        return False
    ConsentEntry.objects.create(
        workspace_id=workspace_id,
        identity_id=state.identity_id,
        address_hash=state.address_hash,
        channel_id=state.channel_id,
        purpose=state.purpose,
        change=Change.EXPIRED,
        method=Method.SYSTEM,
        by_name="Twoway",
        at=at,
        proof={"position": state.position, "was": state.change, "expired_at": state.expires_at.isoformat()},
    )
    return True


@transaction.atomic
def minimise(*, identity_ids: Sequence[int], at: datetime, by: Actor) -> int:
    """Reduce the proofs about these addresses to what the law wants kept, and cut their tie to the identities.

    For erasure, before the identities are deleted. The chain still verifies; withdrawals and suppressions still hold.
    The answer is how many proofs were reduced. Raises `NotAllowed`.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    rows = ConsentEntry.objects.select_for_update().filter(workspace_id=by.workspace_id, identity__in=identity_ids)
    count = 0
    for entry in rows.order_by("position"):
        entry.proof, entry.minimised_at, entry.identity = minimised(entry.proof), at, None
        entry.save(update_fields=["proof", "minimised_at", "identity"])
        count += 1
    for table in (ConsentState, Suppression):
        table.objects.filter(workspace_id=by.workspace_id, identity__in=identity_ids).update(identity=None)
    return count


@transaction.atomic
def rebuild(*, workspace_id: int) -> int:
    """Make the current states and the suppressions again from the ledger; how many entries were read."""
    hold(workspace_id)
    states = ConsentState.objects.filter(workspace_id=workspace_id)
    suppressed = Suppression.objects.filter(workspace_id=workspace_id)
    found_again = {row.address_hash: row.identity_id for row in suppressed.exclude(identity=None)}
    found_again |= {row.address_hash: row.identity_id for row in states.exclude(identity=None)}
    states.delete()
    suppressed.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_replay(%s)", [workspace_id])
        count: int = cursor.fetchone()[0]
    for row in suppressed.filter(identity=None, address_hash__in=found_again):
        suppressed.filter(id=row.id).update(identity=found_again[row.address_hash])
    for state in states.filter(identity=None, address_hash__in=found_again, change__in=REFUSALS):
        states.filter(id=state.id).update(identity=found_again[state.address_hash])
    return count


@transaction.atomic
def set_stop_scope(*, scope: str, by: Actor, at: datetime) -> None:
    """Choose what a STOP covers from now on: `all` numbers or one `service`. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if scope not in {"all", "service"}:
        raise Invalid(t("Choose what a STOP covers."), field="stop_scope")
    ConsentSetting.objects.update_or_create(workspace_id=by.workspace_id, defaults={"stop_scope": scope})
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="consent.stop_scope_changed",
        subject="workspace",
        data={"scope": scope},
        at=at,
    )


def _audit_by_hand(entry: ConsentEntry, action: str, by: Actor) -> None:
    """What a member or a program did is also in the audit trail."""
    if by.kind != "system":
        audit(
            workspace_id=entry.workspace_id,
            actor=by.audit_name,
            action=action,
            subject=f"consent entry {entry.position}",
            data={"identity": entry.identity_id, "purpose": entry.purpose, "level": entry.level},
            at=entry.at,
        )
