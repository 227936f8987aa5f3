"""Compliance, Opt-in: the forms people fill in, what their versions said, and how they get onto other sites."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.compliance.optin.forms import actions, queries, rules
from twoway.compliance.optin.forms.actions import FormWish
from twoway.compliance.optin.forms.queries import Form, FormVersion
from twoway.compliance.optin.forms.rules import Change, Wording
from twoway.compliance.optin.queries import topics
from twoway.compliance.purposes.queries import rules_of
from twoway.desk.compliance_optin import texting
from twoway.desk.forms_optin import OptInForm
from twoway.desk.optin_page import card_of
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.optin import business_of
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/compliance/optin_form.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionRow:
    """A version with what changed since the one before it, word by word."""

    version: FormVersion
    changes: list[tuple[Change, str]]


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def form_add(request: HttpRequest) -> HttpResponse:
    """A new form."""
    return _form(request, None)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, form_id: int) -> HttpResponse:
    """One form, its versions, its link and its snippet; POST changes it, other words become a new version."""
    return _form(request, queries.access_form(actor_of(request), form_id))


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def form_switch(request: HttpRequest, form_id: int) -> HttpResponse:
    """Take a form off the web, or put it back."""
    actor = actor_of(request)
    found = queries.access_form(actor, form_id)
    is_active = request.POST.get("to") == "on"
    actions.set_active(form=found, is_active=is_active, by=actor, at=timezone.now())
    said = (
        t("{form} is on the web again.", form=found.name) if is_active else t("{form} is off the web.", form=found.name)
    )
    say(request, said)
    return redirect("desk:compliance_optin_form", found.pk)


def _form(request: HttpRequest, found: Form | None) -> HttpResponse:
    actor = actor_of(request)
    newest = queries.latest(found) if found else None
    shown = queries.wording_of(newest) if newest else None
    typed = OptInForm(
        request.POST or None,
        initial=_initial(found, shown),
        topics=topics(actor),
        channels=texting(actor),
        shown=shown,
    )
    if request.method == "POST" and typed.is_valid():
        given = typed.cleaned_data
        wish = FormWish(
            name=given["name"],
            slug=given["slug"],
            channel_id=given["channel"],
            wording=typed.wording(),
            origins=given["origins"],
            countries=given["countries"],
        )
        try:
            saved = actions.save(wish=wish, form=found, by=actor, at=timezone.now())
        except Refused as refused:
            typed.refuse(refused)
        else:
            say(request, t("{form}: published.", form=saved.name))
            return redirect("desk:compliance_optin_form", saved.pk)
    context = {"form": typed, "chosen": found, **(_shown(actor, found, shown) if found and shown else {})}
    return render(request, TEMPLATE, context, status=422 if typed.errors else 200)


def _initial(found: Form | None, shown: Wording | None) -> dict[str, Any]:
    if found is None or shown is None:
        return {"countries": "US"}
    names = ("title", "lede", "disclosure", "terms_url", "privacy_url")
    return {name: getattr(shown, name) for name in names} | {
        "name": found.name,
        "slug": found.slug,
        "channel": found.channel_id,
        "countries": ", ".join(found.countries),
        "origins": "\n".join(found.allowed_origins),
    }


def _shown(actor: Actor, found: Form, shown: Wording) -> dict[str, Any]:
    """What the page says of a form that exists."""
    url = f"{settings.PUBLIC_URL}{reverse('join', args=[found.slug])}"
    purposes = rules_of(actor.workspace_id)
    offered = {box.topic_id for box in shown.boxes}
    promotional = [one for one in topics(actor) if one.id in offered and one.purpose in purposes]
    return {
        "url": url,
        "snippet": _snippet(url, business_of(found.channel)),
        "card": card_of(found, shown),
        "counts": queries.counts(found),
        "rows": _versions(found),
        "warnings": rules.disclosure_warnings(
            shown,
            business=business_of(found.channel),
            is_promotional=any(purposes[one.purpose].is_promotional for one in promotional),
        ),
    }


def _snippet(url: str, business: str) -> str:
    """What goes into another site's page, as text: whoever shows it escapes it once more."""
    title = escape(f"Text with {business}")
    return f'<iframe src="{escape(url)}embed/" title="{title}" width="100%" height="820" loading="lazy"></iframe>'


def _versions(found: Form) -> list[VersionRow]:
    rows = queries.versions(found)
    lines = [rules.wording_lines(queries.wording_of(version)) for version in rows]
    before = [*lines[1:], ""]
    return [
        VersionRow(version=version, changes=rules.difference(old, new) if old else [("same", new)])
        for version, old, new in zip(rows, before, lines, strict=True)
    ]
