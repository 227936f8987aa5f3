"""Settings, Saved replies: the list by folder, the editor with its meter and preview, putting away, bringing back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.contacts import queries as contacts
from twoway.desk import audit_words
from twoway.desk.builders.meters import meter
from twoway.desk.builders.replies import used_words
from twoway.desk.context import Meter
from twoway.desk.replies_forms import ReplyForm, WordingForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.words import when_words
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Refused
from twoway.lib.words import t, tn
from twoway.replies import actions, queries, rules, trial_queries, trial_rules
from twoway.replies.queries import Reply
from twoway.replies.rules import Filled
from twoway.replies.starter import sample
from twoway.sms import segments
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may

TEMPLATE, SEEN = "desk/replies/settings.html", "desk/replies/seen.html"
MOST_ROWS = 200
MOST_HISTORY = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A reply in the list. `segments` is what it takes filled with values of a usual length."""

    reply: Reply
    used: str
    encoding: str
    segments: int
    scope: str


@guard(Right.REPLY)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return page(request)


@guard(Right.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new one beside the list; POST keeps it."""
    actor = actor_of(request)
    form = ReplyForm(request.POST if request.method == "POST" else None, by=actor)
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.add_reply(terms=form.terms(), by=actor, at=timezone.now())
        except Refused as refused:
            _refuse(form, refused)
        else:
            say(request, t("{name}: saved.", name=kept.name))
            return redirect("desk:settings_reply", kept.pk)
    return page(request, panel="add", form=form, status=422 if form.errors else 200)


@guard(Right.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, reply_id: int) -> HttpResponse:
    """One reply beside the list; POST changes it."""
    actor = actor_of(request)
    found = queries.access_reply(actor, reply_id)
    form = ReplyForm(request.POST if request.method == "POST" else None, by=actor, reply=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.change_reply(reply=found, terms=form.terms(), by=actor, at=timezone.now())
        except Refused as refused:
            _refuse(form, refused)
        else:
            say(request, t("{name}: saved.", name=changed.name))
            return redirect("desk:settings_reply", changed.pk)
    return page(request, panel="reply", form=form, chosen=found, status=422 if form.errors else 200)


def _refuse(form: ReplyForm, refused: Refused) -> None:
    form.refuse(refused, fields=(("scope", "place"), ("team", "place")))


@guard(Right.REPLY)
@require_POST
def archive(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Put it away."""
    actor = actor_of(request)
    gone = actions.archive_reply(reply=queries.access_reply(actor, reply_id), by=actor, at=timezone.now())
    say(request, t("{name} is archived. Nothing is lost: bring it back any time.", name=gone.name))
    return redirect("desk:settings_replies")


@guard(Right.REPLY)
@require_POST
def restore(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Bring it back."""
    actor = actor_of(request)
    back = actions.restore_reply(reply=queries.access_reply(actor, reply_id), by=actor, at=timezone.now())
    say(request, t("{name} is back.", name=back.name))
    return redirect("desk:settings_reply", back.pk)


@guard(Right.REPLY)
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """What the words in the editor become: the bubble, the meter, what makes it dearer."""
    actor = actor_of(request)
    steps = request.POST.get("steps", "")[:4000].splitlines()
    body = request.POST.get("body", "")
    if request.POST.get("kind") == "article":
        name = request.POST.get("name", "")[: rules.LONGEST_NAME]
        body = rules.article_text(name, [step for step in steps if step.strip()], request.POST.get("url", ""))
    who = " ".join(request.POST.get("as", "").split())[:120]
    filled, note = _preview(body[: rules.LONGEST_BODY], who, actor=actor)
    return render(request, SEEN, {"seen": filled, "meter": counted(filled.text), "note": note})


def _preview(body: str, who: str, *, actor: Actor) -> tuple[Filled, str]:
    """The words filled in for somebody, or with values of a usual length; and whose they are."""
    if not who:
        return rules.fill(body, sample()), t("With made-up values of a usual length.")
    region = workspace_of(actor).region
    person = next(iter(contacts.search(actor, who, region=region, limit=1)), None)
    if person is None:
        return rules.fill(body, {}), t("Nobody found for “{who}”.", who=who)
    return rules.fill(body, queries.values_of(person, address="", by=actor)), t(
        "As {name} gets it.", name=contacts.shown_name(person) or who
    )


def counted(text: str) -> Meter:
    """What a text takes from an ordinary number."""
    return meter(text, is_toll_free=False)


def page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    """The list, with what stands beside it."""
    actor = actor_of(request)
    q = request.GET.get("q", "")[: queries.LONGEST_SEARCH]
    folder, shows = request.GET.get("folder", ""), request.GET.get("show", "")
    base = queries.visible_to(actor).filter(archived_at__isnull=shows != "archived")
    rows = base.select_related("folder", "team", "channel").prefetch_related("files")
    if folder.isdigit() and len(folder) < 19:
        rows = rows.filter(folder_id=int(folder))
    found = queries.find(rows, q, limit=MOST_ROWS)
    chosen = extra.get("chosen")
    context = {
        "rows": [_row(one) for one in found],
        "folders": queries.counted_folders(actor),
        "folder": folder,
        "shows": shows,
        "q": q,
        "is_full": len(found) == MOST_ROWS,
        "may_manage": may(actor, Right.MANAGE_REPLIES),
        "variables": rules.VARIABLES,
        "close_url": reverse("desk:settings_replies"),
        **extra,
    }
    if chosen is not None:
        context |= _of_chosen(request, chosen)
    return render(request, TEMPLATE, context, status=status)


def _row(reply: Reply) -> Row:
    text = rules.fill(queries.worded(reply)[0], sample()).text
    told = segments.count(segments.prepare(text))
    scope = {"own": t("Only me"), "all": t("Everybody")}.get(reply.scope) or (reply.team.name if reply.team else "")
    used = used_words(reply, now=timezone.now())
    return Row(reply=reply, used=used, encoding=told.encoding, segments=told.segments, scope=scope)


def _of_chosen(request: HttpRequest, chosen: Reply) -> dict[str, Any]:
    actor = actor_of(request)
    told: dict[str, Any] = {
        "may_change": queries.may_change(actor, scope=chosen.scope, owner_id=chosen.owner_id),
        "used": used_words(chosen, now=timezone.now()),
        "changed": trial_rules.changed_words(*trial_queries.changed(chosen)),
        "files": list(chosen.files.all()),
        "seen": rules.fill(queries.worded(chosen)[0], sample()),
        "note": t("With made-up values of a usual length."),
        "wording_form": WordingForm(),
    }
    told["meter"] = counted(told["seen"].text)
    if chosen.other_body:
        told["trial"] = _trial(chosen)
    if "history" in request.GET:
        told["history"] = _history(actor, chosen)
    return told


def _trial(chosen: Reply) -> dict[str, Any]:
    """The two wordings with what became of them."""
    a, b = trial_queries.outcomes(chosen)
    sides = [
        {
            "key": key,
            "body": body,
            "sent": side.sent,
            "answered": trial_rules.share_words(side.answered, side.sent),
            "done": trial_rules.share_words(side.done, side.sent),
            "wait": _span(side.wait),
        }
        for key, body, side in (("a", chosen.body, a), ("b", chosen.other_body, b))
    ]
    return {"sides": sides, "verdict": trial_rules.verdict(a, b)}


def _span(seconds: float | None) -> str:
    """A middle time to answer, in words."""
    if seconds is None:
        return t("no answers yet")
    minutes = round(seconds / 60)
    if minutes < 1:
        return t("under a minute")
    if minutes < 120:
        return tn("{n} minute", "{n} minutes", minutes)
    return tn("{n} hour", "{n} hours", round(minutes / 60))


def _history(actor: Actor, chosen: Reply) -> list[dict[str, str]]:
    """Who changed what, the latest first."""
    rows = audit_entries(actor.workspace_id).filter(subject=f"saved_reply {chosen.pk}").order_by("-id")[:MOST_HISTORY]
    now = timezone.localtime()
    return [
        {
            "who": audit_words.actor(row.actor),
            "did": audit_words.sentence(row.action),
            "when": when_words(timezone.localtime(row.at), now=now),
            "details": audit_words.details(row.data),
        }
        for row in rows
    ]
