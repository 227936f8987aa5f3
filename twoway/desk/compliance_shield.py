"""Compliance, Content: what is taken out of texts, what is warned of before sending, and a box to try a text."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.compliance.content import actions, queries
from twoway.compliance.content.rules import CATEGORIES, ContentFacts, Warned, check
from twoway.compliance.content.words import CATEGORIES as LISTED
from twoway.compliance.content.words import SHORTENERS
from twoway.compliance.shield.rules import LABELS, redact
from twoway.desk.forms_content import LEVEL_WORDS, ContentForm, TryTextForm, content_initial
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.shielding import NOTICE_TEXT, notice
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/content.html"
DAYS = 30
_FEW_WORDS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One category as the table shows it. `words` are the first of its list, `more` how many follow."""

    label: str
    level: str
    level_words: str
    words: str = ""
    more: int = 0
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedText:
    """What the box answers about one text."""

    kept: str
    removed: tuple[str, ...]
    warnings: tuple[Warned, ...]


@guard(Right.SEE_COMPLIANCE)
@require_safe
def content(request: HttpRequest) -> HttpResponse:
    """The rules and what they did in the last 30 days."""
    return _page(request)


@guard(Right.SEE_COMPLIANCE)
@require_POST
def attempt(request: HttpRequest) -> HttpResponse:
    """What the rules say about one text, which is kept nowhere."""
    form = TryTextForm(request.POST)
    if not form.is_valid():
        return _page(request, try_form=form, status=422)
    text = form.cleaned_data["text"]
    settings = queries.access_settings(actor_of(request))
    kept, found = redact(text)
    facts = ContentFacts(levels=settings.levels, own_words=tuple(settings.words.get("own", ())))
    tried = TriedText(
        kept=kept,
        removed=tuple(dict.fromkeys(t(LABELS[one.kind]) for one in found)),
        warnings=check(text, facts=facts),
    )
    return _page(request, try_form=TryTextForm(initial={"text": kept}), tried=tried)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Change what is taken out, told and warned of."""
    actor = actor_of(request)
    form = ContentForm(request.POST or None, initial=content_initial(queries.access_settings(actor)))
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose(choices=form.choices(), by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:compliance_content")
    status = 422 if form.errors else 200
    return _page(request, form=form, panel="edit", status=status)


def _page(
    request: HttpRequest,
    *,
    try_form: TryTextForm | None = None,
    tried: TriedText | None = None,
    form: ContentForm | None = None,
    panel: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    settings = queries.access_settings(actor)
    taken = queries.taken_out(actor, at=at, days=DAYS)
    context = {
        "row": settings,
        "taken": [(t(LABELS[one.kind]), one.texts) for one in taken],
        "confirmed": queries.confirmed(actor, at=at, days=DAYS),
        "days": DAYS,
        "rules": _rules(settings.levels, settings.words.get("own", ())),
        "notice": NOTICE_TEXT,
        "shown_notice": notice(
            settings.notice_text,
            business=workspace_of(actor).name,
            kinds=["card"],
            link=settings.payment_link,
        ),
        "may_change": may(actor, Right.MANAGE_COMPLIANCE),
        "try_form": try_form or TryTextForm(),
        "tried": tried,
        "form": form,
        "panel": panel,
        "close_url": reverse("desk:compliance_content"),
    }
    return render(request, TEMPLATE, context, status=status)


def _rules(levels: dict[str, str], own: list[str]) -> list[Rule]:
    words = dict(LEVEL_WORDS)
    rules = []
    for key, label in CATEGORIES.items():
        level = levels.get(key, "warn")
        listed, source = _listed(key, own)
        rules.append(
            Rule(
                label=t(label),
                level=level,
                level_words=t(str(words[level])),
                words=", ".join(listed[:_FEW_WORDS]),
                more=max(0, len(listed) - _FEW_WORDS),
                source=source,
            )
        )
    return rules


def _listed(key: str, own: list[str]) -> tuple[list[str], str]:
    """The words of a category in all its languages, and where they are from."""
    if key == "own":
        return own, ""
    if key == "links":
        return list(SHORTENERS), t("Carriers' rules; Bandwidth error 4771")
    category = LISTED.get(key)
    if category is None:
        return [], ""
    return [word for spoken in category.words.values() for word in spoken], category.source
