"""Compliance, Unsure: texts that may mean stop, until when, and the answer of one click."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.compliance.revocation import queries
from twoway.compliance.revocation.queries import Doubt
from twoway.conversations.queries import access_conversation
from twoway.desk.people_named import person_words
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import noted, t
from twoway.messaging import revoking
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

SAID = {
    "out": noted("Opted out. Nothing more is sent to them."),
    "kept": noted("Noted: they want texts. What waited for them leaves now."),
    "ask": noted("The question is on its way. Texts to them wait for the answer."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A doubt as the page shows it."""

    doubt: Doubt
    whose: str
    words: str
    days_left: int


@guard(Right.SEE_COMPLIANCE)
@require_safe
def unsure(request: HttpRequest) -> HttpResponse:
    """The open ones by their clock, and the newest that were settled."""
    actor = actor_of(request)
    page = {
        "waiting": _rows(actor, queries.doubts(actor)),
        "settled": _rows(actor, queries.doubts(actor, is_open=False, limit=20)),
        "may_answer": may(actor, Right.REPLY),
    }
    return render(request, "desk/compliance/unsure.html", page)


@guard(Right.SEE_COMPLIANCE)
@require_POST
def answer(request: HttpRequest, doubt_id: int) -> HttpResponse:
    """One answer, from the queue."""
    actor = actor_of(request)
    _answer(request, actor, queries.access_doubt(actor, doubt_id))
    return redirect("desk:compliance_unsure")


@guard(Right.REPLY)
@require_POST
def in_thread(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """One answer, from the thread."""
    actor = actor_of(request)
    conversation = access_conversation(actor, conversation_id)
    doubt = queries.open_doubt_of(conversation.identity_id)
    if doubt is None:
        raise NotFound("open question about this person")
    _answer(request, actor, doubt)
    url = reverse("desk:conversation", args=[conversation_id])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _answer(request: HttpRequest, actor: Actor, doubt: Doubt) -> None:
    chosen, at = request.POST.get("answer", ""), timezone.now()
    try:
        if chosen == "ask":
            revoking.ask(doubt=doubt, by=actor, at=at)
        elif chosen in {"out", "kept"}:
            if not revoking.settle(doubt=doubt, wants_texts=chosen == "kept", by=actor, at=at):
                raise Invalid(t("Somebody answered this before you."))
        else:
            raise Invalid(t("Say whether they opted out."))
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        say(request, t(SAID[chosen]))


def _rows(actor: Actor, doubts: list[Doubt]) -> list[Row]:
    words, at = revoking.words_of([doubt.message_id for doubt in doubts]), timezone.now()
    return [
        Row(
            doubt=doubt,
            whose=person_words(actor, doubt.identity.contact),
            words=words.get(doubt.message_id, t("(deleted)")),
            days_left=max((doubt.due_at - at).days, 0),
        )
        for doubt in doubts
    ]
