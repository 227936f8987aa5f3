"""What the pages about people share: which contacts are asked for, the column beside them, and how one is shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from twoway.channels.queries import visible_channels
from twoway.contacts.audiences import queries as audiences
from twoway.contacts.audiences.columns import fields_for
from twoway.contacts.audiences.queries import ORDERS, Order, Wanted
from twoway.contacts.queries import Contact, shown_address, shown_name
from twoway.conversations.queries import tags
from twoway.desk.context import UNKNOWN_HUE, Person, hue_of
from twoway.desk.settings_frame import actor_of
from twoway.lib.conditions import ALWAYS, Field, Group, read, written
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may

LONGEST_WHERE = 6_000
LONGEST_WORDS = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The contacts a page is about, and the parts of its address that say so."""

    wanted: Wanted
    where: str
    audience_id: int | None
    problem: str = ""

    def query(self, **more: str) -> str:
        """The part of an address after the question mark that asks for the same contacts."""
        told = {"q": self.wanted.words, "where": self.where, "order": self.wanted.order} | more
        if self.audience_id is not None:
            told["audience"] = str(self.audience_id)
        return urlencode(
            {name: value for name, value in told.items() if value and (name, value) != ("order", "newest")}
        )


def fields_of(actor: Actor) -> dict[str, Field]:
    """What this member may filter by, with the names of their tags and numbers."""
    region = workspace_of(actor).region
    return fields_for(
        actor,
        tags=[(str(tag.pk), tag.name) for tag in tags(actor)],
        channels=[
            (str(one.pk), one.name or phone.pretty(one.address, region=region)) for one in visible_channels(actor)
        ],
    )


def asked_of(request: HttpRequest) -> Asked:
    """What the address asks for. A filter nobody can read any more is said so, and everybody is shown."""
    return asked_in(actor_of(request), request.GET)


def asked_in(actor: Actor, told: QueryDict) -> Asked:
    """The same for the part of an address after the question mark."""
    workspace = workspace_of(actor)
    fields = fields_of(actor)
    where, problem, tree = told.get("where", "")[:LONGEST_WHERE], "", ALWAYS
    audience_id = _id(told.get("audience", ""))
    try:
        if audience_id is not None:
            tree = read(audiences.access_audience(actor, audience_id).conditions, fields=fields)
        elif where:
            tree = read(json.loads(where), fields=fields)
    except (Invalid, ValueError, RecursionError) as error:
        problem = error.sentence if isinstance(error, Invalid) else t("This filter can't be read.")
        where = ""
    order: Order = next((word for word, _ in ORDERS if word == told.get("order")), "newest")
    wanted = Wanted(
        fields=fields,
        clock=audiences.clock_of(at=timezone.now(), zone=workspace.time_zone),
        conditions=tree,
        words=told.get("q", "").replace("\0", "").strip()[:LONGEST_WORDS],
        order=order,
        region=workspace.region,
    )
    return Asked(wanted=wanted, where=where, audience_id=audience_id, problem=problem)


def where_of(tree: Group) -> str:
    """A tree as the address holds it."""
    return json.dumps(written(tree), separators=(",", ":"), ensure_ascii=False) if tree.parts else ""


def person_of(contact: Contact, *, to: Actor, region: str) -> Person:
    """A contact as this member may see them: by name, or by their first address."""
    name = shown_name(contact)
    held = sorted(contact.identities.all(), key=lambda one: (not one.is_first, one.pk))
    address = shown_address(contact, held[0].value, to=to, region=region) if held else ""
    hue = hue_of(contact.pk) if name else UNKNOWN_HUE
    shown = name or address or t("No name")
    return Person(id=contact.pk, name=shown, address=address if address != shown else "", hue=hue, is_known=bool(name))


def people_page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page beside the column of audiences."""
    actor = actor_of(request)
    shared = {
        "audiences": audiences.audiences(actor),
        "may_manage_people": may(actor, Right.MANAGE_CONTACTS),
        "may_move_people": may(actor, Right.MOVE_CONTACTS),
        "may_define": may(actor, Right.MANAGE_WORKSPACE),
        "list_url": reverse("desk:contacts"),
        "now": timezone.now(),
    }
    return render(request, template, shared | context, status=status)


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None
