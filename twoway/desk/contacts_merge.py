"""People, Duplicates: who may be one person, what a merge makes of them, and undoing it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.contacts import queries as contacts
from twoway.contacts.fields.queries import by_key
from twoway.contacts.queries import Contact
from twoway.conversations.queries import conversations_of
from twoway.desk.contacts_frame import people_page, person_of
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.merging import actions, queries
from twoway.messaging.merging.rules import preview
from twoway.messaging.merging.seen import person
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right

DUPLICATES, CHOOSE, MERGE = (
    "desk/contacts/duplicates.html",
    "desk/contacts/merge_choose.html",
    "desk/contacts/merge.html",
)
MOST_HITS = 12


@guard(Right.MANAGE_CONTACTS)
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that look like one person."""
    actor = actor_of(request)
    pairs = [
        (_shown(actor, one), _shown(actor, other), t(queries.WORDS[why]))
        for one, other, why in queries.duplicates(actor)
    ]
    return people_page(request, DUPLICATES, {"pairs": pairs, "here": "duplicates"})


@guard(Right.MANAGE_CONTACTS)
@require_safe
def choose(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Whom to merge somebody with: those who look alike, and a search."""
    actor = actor_of(request)
    found = contacts.access_contact(actor, contact_id)
    words = request.GET.get("q", "").strip()[:120]
    hits = contacts.search(actor, words, region=workspace_of(actor).region, limit=MOST_HITS) if words else []
    context = {
        "contact": found,
        "person": _shown(actor, found),
        "alike": [(_shown(actor, one.contact), t(queries.WORDS[one.why])) for one in queries.alike(actor, found)],
        "q": words,
        "hits": [_shown(actor, one) for one in hits if one.pk != found.pk],
    }
    return people_page(request, CHOOSE, context)


@guard(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, contact_id: int, other_id: int) -> HttpResponse:
    """What becomes of everything; POST merges the other one into this one."""
    actor = actor_of(request)
    kept, gone = contacts.access_contact(actor, contact_id), contacts.access_contact(actor, other_id)
    if request.method == "POST":
        try:
            actions.merge(kept=kept, gone=gone, by=actor, at=timezone.now())
        except Refused as refused:
            warn(request, refused.sentence)
            return redirect("desk:contact_merge_with", contact_id, other_id)
        say(request, t("Merged. You can undo it for 30 days on this page."))
        return redirect("desk:contact", contact_id)
    return people_page(request, MERGE, _preview(actor, kept, gone))


def _preview(actor: Actor, kept: Contact, gone: Contact) -> dict[str, Any]:
    names = {key: field.name for key, field in by_key(actor.workspace_id).items()}
    own = {one.channel_id for one in conversations_of(actor, kept.pk, limit=200)}
    talks = conversations_of(actor, gone.pk, limit=200)
    region = workspace_of(actor).region
    is_hidden = kept.is_anonymous or gone.is_anonymous or not actor.sees_numbers
    return {
        "kept": _shown(actor, kept),
        "gone": _shown(actor, gone),
        "lines": [] if is_hidden else preview(person(kept), person(gone), names=names),
        "addresses": [
            (contacts.shown_address(one, held.value, to=actor, region=region), one.pk == gone.pk)
            for one in (kept, gone)
            for held in contacts.identities(one)
        ],
        "joined": sum(one.channel_id in own for one in talks),
        "moved": sum(one.channel_id not in own for one in talks),
        "notes": len(contacts.notes(gone)),
        "close_url": reverse("desk:contact", args=[kept.pk]),
    }


@guard(Right.MANAGE_CONTACTS)
@require_POST
def not_the_same(request: HttpRequest, contact_id: int, other_id: int) -> HttpResponse:
    """Say that two are two, so that they aren't suggested again."""
    actor = actor_of(request)
    one, other = contacts.access_contact(actor, contact_id), contacts.access_contact(actor, other_id)
    actions.not_the_same(one=one, other=other, by=actor, at=timezone.now())
    say(request, t("They won't be suggested again."))
    return redirect("desk:contacts_duplicates")


@guard(Right.MANAGE_CONTACTS)
@require_POST
def undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Take a merge back."""
    actor = actor_of(request)
    row = queries.access_merge(actor, merge_id)
    try:
        actions.unmerge(merge=row, by=actor, at=timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        say(request, t("Undone. They are two people again."))
    return redirect("desk:contact", row.kept_id)


def _shown(actor: Actor, contact: Contact) -> Any:
    return person_of(contact, to=actor, region=workspace_of(actor).region)
