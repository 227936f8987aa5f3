"""People: the list with its filters, and the audiences saved from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.contacts.audiences import actions, queries
from twoway.contacts.audiences.queries import MOST_COUNTED, ORDERS, Wanted
from twoway.contacts.queries import Contact
from twoway.contacts.rules import is_blocked
from twoway.conversations.queries import tags
from twoway.desk import contacts_builder as builder
from twoway.desk.builders.chips import tag_chip
from twoway.desk.contacts_frame import Asked, asked_of, fields_of, people_page, person_of, where_of
from twoway.desk.context import Person, TagChip
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.conditions import read
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

LIST, FILTER, COUNTS = "desk/contacts/list.html", "desk/contacts/filter.html", "desk/contacts/counts.html"
PAGE = 50
MOST_AUDIENCES_COUNTED = 12
MOST_IN_COLUMN = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A person in the list."""

    id: int
    person: Person
    others: int
    consent: str
    is_blocked: bool
    tags: tuple[TagChip, ...]
    heard: datetime | None
    added: datetime


@guard(Right.READ)
@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """A page of people."""
    asked = asked_of(request)
    actor = actor_of(request)
    found = queries.page(actor, asked.wanted, cursor=request.GET.get("cursor", ""), limit=PAGE)
    total = queries.count(actor, asked.wanted)
    context = {
        "asked": asked,
        "rows": rows_of(actor, found.rows, found.heard, asked.wanted),
        "orders": [(word, t(label), asked.query(order=word)) for word, label in ORDERS],
        "total": total,
        "is_more": total >= MOST_COUNTED,
        "next": asked.query(cursor=found.following) if found.following else "",
        "is_first_page": not request.GET.get("cursor"),
        "phrases": builder.words_of(asked.wanted.conditions, fields=asked.wanted.fields),
        "filter_query": replace(asked, where=where_of(asked.wanted.conditions), audience_id=None).query(),
        "audience": _chosen(actor, asked),
    }
    return people_page(request, LIST, context)


def _chosen(actor: Actor, asked: Asked) -> queries.Audience | None:
    return None if asked.audience_id is None else queries.access_audience(actor, asked.audience_id)


def rows_of(actor: Actor, people: tuple[Contact, ...], heard: Any, wanted: Wanted) -> list[Row]:
    """People as the list shows them, read together."""
    named = {str(tag.pk): tag for tag in tags(actor)}
    standing = queries.standing(actor, [one.pk for one in people], at=wanted.clock.at)
    rows = []
    for one in people:
        consent, held = standing.get(one.pk, ("none", frozenset()))
        shown = sorted((named[key] for key in held if key in named), key=lambda tag: (tag.name.casefold(), tag.pk))
        rows.append(
            Row(
                id=one.pk,
                person=person_of(one, to=actor, region=wanted.region),
                others=max(0, len(one.identities.all()) - 1) if not one.is_anonymous else 0,
                consent=consent,
                is_blocked=is_blocked(one.blocked_at, one.blocked_until, at=wanted.clock.at),
                tags=tuple(tag_chip(tag) for tag in shown[:4]),
                heard=heard.get(one.pk),
                added=one.created_at,
            )
        )
    return rows


@guard(Right.READ)
@require_safe
def contacts_filter(request: HttpRequest) -> HttpResponse:
    """The form that builds a filter; its button "Show" leads back to the list."""
    actor, fields = actor_of(request), fields_of(actor_of(request))
    asked = asked_of(request)
    verb = request.GET.get("do", "")
    form = (
        builder.from_form(request.GET, fields=fields)
        if verb
        else builder.from_tree(asked.wanted.conditions, fields=fields)
    )
    if verb == "show":
        form.error = builder.problem_of(form, fields=fields)
        if not form.error:
            shown = replace(asked, where=where_of(builder.tree_of(form, fields=fields)), audience_id=None)
            return redirect(f"{reverse('desk:contacts')}?{shown.query()}")
    context = {"form": form, "hows": [(how, t(words)) for how, words in builder.HOWS], "asked": asked}
    if request.headers.get("HX-Request"):
        return render(request, FILTER, context, status=200)
    found = queries.page(actor, asked.wanted, limit=PAGE)
    rows = rows_of(actor, found.rows, found.heard, asked.wanted)
    more = {
        "rows": rows,
        "is_first_page": True,
        "panel": "filter",
        "close_url": f"{reverse('desk:contacts')}?{asked.query()}",
    }
    return people_page(request, LIST, context | more, status=422 if form.error else 200)


@guard(Right.READ)
@require_safe
def contacts_counts(request: HttpRequest) -> HttpResponse:
    """How many people are in each audience now, for the column."""
    actor = actor_of(request)
    everybody = replace(asked_of(request).wanted, words="")
    counts = []
    for row in queries.audiences(actor)[:MOST_AUDIENCES_COUNTED]:
        try:
            tree = read(row.conditions, fields=everybody.fields)
        except Invalid:
            continue
        count = queries.count(actor, replace(everybody, conditions=tree), most=MOST_IN_COLUMN)
        counts.append((row.pk, f"{count:,}" + ("+" if count >= MOST_IN_COLUMN else "")))
    return render(request, COUNTS, {"counts": counts})


@guard(Right.MANAGE_CONTACTS)
@require_POST
def save_audience(request: HttpRequest) -> HttpResponse:
    """Keep the filter of the list under a name."""
    actor = actor_of(request)
    asked = asked_of(request)
    try:
        row = actions.save_audience(
            name=request.POST.get("name", ""),
            conditions=asked.wanted.conditions,
            fields=asked.wanted.fields,
            by=actor,
            at=timezone.now(),
        )
    except Refused as refused:
        warn(request, refused.sentence)
        return redirect(f"{reverse('desk:contacts')}?{asked.query()}")
    say(request, t("{name}: saved.", name=row.name))
    return redirect(f"{reverse('desk:contacts')}?audience={row.pk}")


@guard(Right.MANAGE_CONTACTS)
@require_POST
def delete_audience(request: HttpRequest, audience_id: int) -> HttpResponse:
    """Forget an audience."""
    actor = actor_of(request)
    row = queries.access_audience(actor, audience_id)
    actions.delete_audience(audience=row, by=actor, at=timezone.now())
    say(request, t("{audience} is gone. The people in it stay.", audience=row.name))
    return redirect("desk:contacts")
