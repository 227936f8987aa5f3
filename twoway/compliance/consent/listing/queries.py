"""The lists of the compliance centre: what changed in the ledger, who opted out and how that ends, who has no proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Exists, OuterRef, Q, QuerySet

from twoway.compliance.consent.actions import hash_of
from twoway.compliance.consent.models import ConsentEntry, ConsentState, Suppression
from twoway.compliance.consent.rules import GRANTS, REFUSALS
from twoway.compliance.models import OptOut
from twoway.contacts.models import Identity
from twoway.contacts.queries import visible_to
from twoway.lib.refusal import NotFound
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

Which = Literal["all", "granted", "withdrawn", "requested"]
CHANGES: Mapping[str, frozenset[str]] = {
    "granted": GRANTS,
    "withdrawn": REFUSALS,
    "requested": frozenset({"requested"}),
}
MOST_COUNTED = 10_000
"""Counts stop here; a page says "10,000+"."""
WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How many people agreed to something, opted out, were asked, and have nothing on record; at most MOST_COUNTED."""

    agreed: int
    opted_out: int
    opted_out_this_week: int
    asked: int
    missing: int


def figures(actor: Actor, *, at: datetime) -> Figures:
    """The figures on top of the ledger. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    states = ConsentState.objects.filter(workspace_id=actor.workspace_id).exclude(identity=None)
    held = OptOut.objects.filter(workspace_id=actor.workspace_id, lifted_at=None)
    agreed = states.filter(change__in=GRANTS).exclude(level="implied")
    return Figures(
        agreed=_count(agreed.filter(~Exists(held.filter(identity=OuterRef("identity")))).values("identity").distinct()),
        opted_out=_count(held.values("identity").distinct()),
        opted_out_this_week=_count(held.filter(opted_out_at__gte=at - WEEK).values("identity").distinct()),
        asked=_count(states.filter(change="requested").values("identity").distinct()),
        missing=_count(missing(actor).values("id")),
    )


def count_opted_out(actor: Actor, at: datetime) -> int:
    """How many people have an opt-out that holds."""
    return _count(OptOut.objects.filter(workspace_id=actor.workspace_id, lifted_at=None).values("identity").distinct())


def _count(rows: QuerySet[Any, Any]) -> int:
    return rows.order_by()[:MOST_COUNTED].count()


def changes(actor: Actor, *, which: Which = "all", before: int | None = None) -> QuerySet[ConsentEntry]:
    """Entries of the ledger with their people, newest first. `before` is a position. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    rows = ConsentEntry.objects.filter(workspace_id=actor.workspace_id).select_related("identity__contact")
    if actor.sees_own_teams_only:
        rows = rows.filter(identity__contact__in=visible_to(actor))
    if which != "all":
        rows = rows.filter(change__in=CHANGES[which])
    if before is not None:
        rows = rows.filter(position__lt=before)
    return rows.order_by("-position")


def access_entry(actor: Actor, position: int) -> ConsentEntry:
    """One entry. Raises `NotAllowed`, `NotFound`."""
    found = changes(actor).filter(position=position).first()
    if found is None:
        raise NotFound("entry of the ledger", position)
    return found


def missing(actor: Actor, *, before: int | None = None) -> QuerySet[Identity]:
    """Phone addresses without any consent on record that never wrote to us, newest first: nothing may be sent first.

    `before` is an identity's id. Raises `NotAllowed`.
    """
    require(actor, Right.SEE_COMPLIANCE)
    agreed = ConsentState.objects.filter(identity=OuterRef("pk"), change__in=[*GRANTS, *REFUSALS, "requested"])
    wrote = Identity.objects.filter(pk=OuterRef("pk"), contact__conversations__last_inbound_at__isnull=False)
    rows = Identity.objects.filter(
        ~Exists(agreed), ~Exists(wrote), workspace_id=actor.workspace_id, kind__in=["phone", "whatsapp"]
    ).select_related("contact")
    if actor.sees_own_teams_only:
        rows = rows.filter(contact__in=visible_to(actor))
    if before is not None:
        rows = rows.filter(id__lt=before)
    return rows.order_by("-id")


def opt_outs(actor: Actor, *, before: int | None = None) -> QuerySet[OptOut]:
    """The opt-outs that hold, newest first, with their people and numbers. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    rows = OptOut.objects.filter(workspace_id=actor.workspace_id, lifted_at=None)
    if actor.sees_own_teams_only:
        rows = rows.filter(identity__contact__in=visible_to(actor))
    if before is not None:
        rows = rows.filter(id__lt=before)
    return rows.select_related("identity__contact", "channel").order_by("-id")


def access_opt_out(actor: Actor, opt_out_id: int) -> OptOut:
    """One opt-out that holds. Raises `NotAllowed`, `NotFound`."""
    found = opt_outs(actor).filter(id=opt_out_id).first()
    if found is None:
        raise NotFound("opt-out", opt_out_id)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedUp:
    """What is known of a number: who has it, and since when it is suppressed though nobody has it."""

    identity: Identity | None
    suppressed_since: datetime | None


def look_up(actor: Actor, address: phone.Identity) -> LookedUp:
    """Whose number it is and whether it is suppressed, also when nobody is known by it. Raises `NotAllowed`.

    People who stay anonymous aren't found by their number.
    """
    require(actor, Right.SEE_COMPLIANCE)
    either = Q(kind=address.kind, value=address.value)
    if address.kind == "phone":
        either |= Q(kind="whatsapp", value=address.value)
    rows = Identity.objects.filter(either, workspace_id=actor.workspace_id, contact__in=visible_to(actor))
    rows = rows.filter(contact__is_anonymous=False)
    digest = hash_of(actor.workspace_id, kind=address.kind, value=address.value)
    since = Suppression.objects.filter(workspace_id=actor.workspace_id, address_hash=digest).order_by("since")
    return LookedUp(
        identity=rows.select_related("contact").order_by("kind", "id").first(),
        suppressed_since=since.values_list("since", flat=True).first(),
    )
