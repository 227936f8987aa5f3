"""Settings, Tags: what they are called, their colours, and removing them. They are made in conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.conversations import actions, queries
from twoway.desk.builders.chips import tag_chip
from twoway.desk.context import TagChip
from twoway.desk.forms import TagForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/tags.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A tag in the list. `uses` counts the conversations with it that this member may see."""

    tag: TagChip
    uses: int


@guard(Right.TAG)
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return _page(request)


@guard(Right.TAG)
@require_http_methods(["GET", "POST"])
def tag(request: HttpRequest, tag_id: int) -> HttpResponse:
    """One tag beside the list; POST changes its name and colour."""
    actor = actor_of(request)
    found = queries.access_tag(actor, tag_id)
    form = TagForm(request.POST or None, initial={"name": found.name, "color": tag_chip(found).color})
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.change_tag(tag=found, by=actor, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=changed))
            return redirect("desk:settings_tags")
    return _page(request, form=form, chosen=found, status=422 if form.errors else 200)


@guard(Right.TAG)
@require_POST
def delete(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Remove a tag."""
    actor = actor_of(request)
    found = queries.access_tag(actor, tag_id)
    actions.delete_tag(tag=found, by=actor, at=timezone.now())
    say(request, t("{name} is gone from every conversation.", name=found.name))
    return redirect("desk:settings_tags")


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "rows": _rows(actor_of(request)),
        "panel": "tag" if "chosen" in extra else "",
        "close_url": reverse("desk:settings_tags"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _rows(actor: Actor) -> list[Row]:
    uses = queries.tag_uses(actor)
    return [Row(tag=tag_chip(tag), uses=uses.get(tag.pk, 0)) for tag in queries.tags(actor)]
