"""Recording opt-outs and their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from twoway.channels.models import Channel
from twoway.compliance import opting
from twoway.compliance.consent import actions as consent
from twoway.compliance.models import OptOut, Source
from twoway.compliance.queries import sharing_channels
from twoway.contacts.models import Identity
from twoway.events.actions import audit, publish
from twoway.events.types import ContactOptedIn, ContactOptedOut
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import require_second
from twoway.teams.approvals.rules import Rule
from twoway.teams.rules import Right, require


@transaction.atomic
def opt_out(
    *,
    identity: Identity,
    channel: Channel,
    source: str,
    at: datetime,
    by: Actor,
    keyword: str = "",
    message_id: int | None = None,
    conversation_id: int | None = None,
    note: str = "",
    proof: Mapping[str, Any] | None = None,
) -> list[OptOut]:
    """Record that this person must not be texted: from every number, or from this one and those of its service.

    Which of the two is the workspace's choice (`consent.actions.set_stop_scope`). The identity is locked first, so that
    no text can be claimed meanwhile, and the ledger gets its entry, with `note` and `proof`. Where an opt-out holds
    already nothing changes; the answer is what was added. Raises `NotAllowed`, `Invalid`.
    """
    people = _open(identity, channel, source, by)
    added = _ids_and_rows(
        opting.OPT_OUT,
        {**_names(identity, channel, at), "source": source, "keyword": keyword[:40], "message": message_id},
    )
    if not added:
        return []
    told = {"channel_id": channel.pk, "keyword": keyword, "message_id": message_id, "conversation_id": conversation_id}
    _write(
        opting.lines_of_opt_out(added, channel_id=channel.pk),
        workspace_id=identity.workspace_id,
        hashes=opting.hashes_of(people, identity.workspace_id),
        source=source,
        by_name=by.audit_name,
        proof={**told, "note": _clean_note(note), **(proof or {})},
        at=at,
    )
    about = _about(identity, channel, by, conversation_id=conversation_id, message_id=message_id)
    publish(ContactOptedOut(**about, channel_ids=_reached(added, channel), source=source, keyword=keyword), at=at)
    _audit_by_hand(by, "consent.withdrawn", identity, channel, at)
    return list(OptOut.objects.filter(id__in=[row.id for row in added]).order_by("id"))


@transaction.atomic
def lift(
    *,
    identity: Identity,
    channel: Channel,
    source: str,
    at: datetime,
    by: Actor,
    keyword: str = "",
    message_id: int | None = None,
    conversation_id: int | None = None,
    note: str = "",
) -> int:
    """Record that this person may be texted again (START); the opt-out stays on record as lifted.

    Covers the numbers it held for; what a provider or a carrier blocks at another number stays blocked there. A member
    must note why, and can't lift what a provider or a carrier blocks: only the customer's START can. The answer is how
    many were lifted. Raises `NotAllowed`, `Invalid` (`customer_must_start`), `SecondPersonNeeded`.
    """
    people = _open(identity, channel, source, by)
    by_customer = source in {Source.KEYWORD, Source.PROVIDER}
    if not by_customer:
        _may_lift_by_hand(people, channel, source, note)
    names = {**_names(identity, channel, at), "by": (keyword or by.name)[:120]}
    lifted, loosened = _ids_and_rows(opting.LIFT, names), _ids_and_rows(opting.LOOSEN, names)
    if not lifted and not loosened:
        return 0
    if not by_customer:
        require_second(by, Rule.LIFT)
    hashes = opting.hashes_of(people, identity.workspace_id)
    told = {"channel_id": channel.pk, "keyword": keyword, "message_id": message_id, "conversation_id": conversation_id}
    _write(
        opting.lines_of_lift(
            lifted,
            loosened,
            channel_id=channel.pk,
            by_customer=by_customer,
            suppressed=_suppressed(hashes, names),
        ),
        workspace_id=identity.workspace_id,
        hashes=hashes,
        source=source,
        by_name=by.audit_name,
        proof={**told, "note": _clean_note(note)},
        at=at,
    )
    numbers = sorted({channel.pk, *(row.channel_id for row in lifted)})
    about = _about(identity, channel, by, conversation_id=conversation_id, message_id=message_id)
    publish(ContactOptedIn(**about, channel_ids=tuple(numbers), source=source, keyword=keyword), at=at)
    _audit_by_hand(by, "consent.given_again", identity, channel, at)
    return len(numbers)


def _open(identity: Identity, channel: Channel, source: str, by: Actor) -> list[opting.Person]:
    """Check who and what, hold the ledger, lock the identity, and give the addresses that are meant."""
    require(by, Right.REPLY)
    if source not in Source.values:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(Source.values)), field="source")
    if not identity.workspace_id == channel.workspace_id == by.workspace_id:
        raise NotAllowed(t("This person and this number are not in this workspace."))
    consent.hold(identity.workspace_id)
    return opting.people_of(_fetch(opting.LOCK, {"identity": identity.id}))


def _about(
    identity: Identity, channel: Channel, by: Actor, *, conversation_id: int | None, message_id: int | None
) -> dict[str, Any]:
    """What both events say."""
    return {
        "workspace_id": identity.workspace_id,
        "conversation_id": conversation_id,
        "contact_id": identity.contact_id,
        "message_id": message_id,
        "member_id": by.member_id,
        "identity_id": identity.id,
        "channel_id": channel.pk,
        "by_name": _name(by),
    }


def _names(identity: Identity, channel: Channel, at: datetime) -> dict[str, Any]:
    return {"identity": identity.id, "channel": channel.pk, "workspace": identity.workspace_id, "at": at}


def _fetch(statement: str, names: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return list(cursor.fetchall())


def _ids_and_rows(statement: str, names: Mapping[str, Any]) -> list[opting.Row]:
    return opting.rows_of(_fetch(statement, names))


def _suppressed(hashes: Mapping[int, str], names: Mapping[str, Any]) -> dict[int, set[int]]:
    return opting.suppressed_of(_fetch(opting.SUPPRESSED, {**names, "hashes": list(hashes.values())}), hashes)


def _write(lines: Sequence[opting.Line], **about: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(opting.ENTRIES, opting.write(lines, **about))


def _reached(added: Sequence[opting.Row], channel: Channel) -> tuple[int, ...]:
    """The numbers a new opt-out holds for: all of the workspace when it covers them."""
    if any(row.covers == "all" for row in added):
        every = Channel.objects.filter(workspace_id=channel.workspace_id)
        return tuple(every.order_by("id").values_list("id", flat=True))
    return tuple(sorted({row.channel_id for row in added}))


def _may_lift_by_hand(people: Sequence[opting.Person], channel: Channel, source: str, note: str) -> None:
    if source == Source.MEMBER and not _clean_note(note):
        raise Invalid(t("Note why they may be texted again: who asked, when and how."), field="note")
    held = OptOut.objects.filter(identity__in=[one.id for one in people], lifted_at=None)
    blocked = held.filter(channel__in=sharing_channels(channel), source__in=[Source.PROVIDER, Source.CARRIER])
    if blocked.exists():
        raise Invalid(
            t(
                "The provider or the carrier blocks this. "
                "Only the customer can lift it, by texting START to this number."
            ),
            field="source",
            code="customer_must_start",
        )


def _clean_note(note: str) -> str:
    return " ".join(note.replace("\0", "").split())[:500]


def _name(by: Actor) -> str:
    return "" if by.kind == "system" else by.name


def _audit_by_hand(by: Actor, action: str, identity: Identity, channel: Channel, at: datetime) -> None:
    """What a customer or a provider did is in the ledger; what a member or a program did is also in the audit trail."""
    if by.kind != "system":
        audit(
            workspace_id=by.workspace_id,
            actor=by.audit_name,
            action=action,
            subject=f"contact {identity.contact_id}",
            data={"identity": identity.id, "channel": channel.pk},
            at=at,
        )
