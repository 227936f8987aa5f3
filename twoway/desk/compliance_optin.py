"""Compliance, Opt-in: the topics people join, who is in them, and what each number answers to HELP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels.queries import Channel, access_channel, visible_channels
from twoway.compliance.optin import queries, rules
from twoway.compliance.optin.forms import queries as form_queries
from twoway.compliance.optin.imports import queries as import_queries
from twoway.compliance.optin.queries import Topic
from twoway.compliance.optin.topics import actions
from twoway.compliance.optin.topics.actions import TopicWish
from twoway.compliance.purposes.queries import rules_of
from twoway.compliance.purposes.rules import INTERNAL, called
from twoway.desk.forms_optin import HelpForm, TopicForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/optin.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicRow:
    """A topic in the list, with its numbers and how many people stand how with it."""

    topic: Topic
    numbers: tuple[str, ...]
    counts: dict[str, int]
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HelpRow:
    """A number and its answer to HELP; `warnings` are what that leaves out."""

    channel: Channel
    number: str
    text: str
    is_own: bool
    warnings: tuple[str, ...]


@guard(Right.SEE_COMPLIANCE)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Topics, forms, answers to HELP and imports."""
    return _page(request)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def topic_add(request: HttpRequest) -> HttpResponse:
    """A new topic."""
    return _topic(request, None)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """One topic; POST changes it."""
    return _topic(request, queries.access_topic(actor_of(request), topic_id))


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def topic_retire(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Take a topic out of use."""
    actor = actor_of(request)
    found = queries.access_topic(actor, topic_id)
    actions.retire(topic=found, by=actor, at=timezone.now())
    say(request, t("{topic} is out of use. Who was in it stays on record.", topic=found.label))
    return redirect("desk:compliance_optin")


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def help_words(request: HttpRequest, channel_id: int) -> HttpResponse:
    """What one number answers to HELP."""
    actor = actor_of(request)
    found = access_channel(actor, channel_id)
    own = queries.help_words([found.pk]).get(found.pk, "")
    form = HelpForm(request.POST or None, initial={"help_text": own})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_help(channel=found, text=form.cleaned_data["help_text"], by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=found))
            return redirect("desk:compliance_optin")
    typed = form["help_text"].value() or ""
    return _page(
        request,
        panel="help",
        form=form,
        chosen=found,
        warnings=rules.help_warnings(str(typed)),
        status=422 if form.errors else 200,
    )


def _topic(request: HttpRequest, found: Topic | None) -> HttpResponse:
    actor = actor_of(request)
    form = TopicForm(
        request.POST or None,
        initial=_initial(found) if found else {"is_double": True},
        purposes=_purposes(actor),
        channels=texting(actor),
    )
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        wish = TopicWish(channel_ids=given.pop("channels"), **given)
        try:
            saved = actions.save(wish=wish, topic=found, by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            words = t("{topic}: saved. People join with JOIN {keyword}.", topic=saved.label, keyword=saved.keyword)
            say(request, words)
            return redirect("desk:compliance_optin")
    welcome = str(form["welcome"].value() or "")
    return _page(
        request,
        panel="topic" if found else "topic_add",
        form=form,
        chosen=found,
        warnings=rules.welcome_warnings(welcome),
        status=422 if form.errors else 200,
    )


def _initial(topic: Topic) -> dict[str, Any]:
    names = ("label", "keyword", "purpose", "description", "frequency", "is_double", "takes_bare", "welcome")
    return {name: getattr(topic, name) for name in names} | {"channels": [one.pk for one in topic.channels.all()]}


def texting(actor: Actor) -> list[tuple[int, str]]:
    """The numbers people can text, as choices."""
    rows = visible_channels(actor).filter(is_active=True, kind="sms")
    return [(channel.pk, _called(channel)) for channel in rows]


def _called(channel: Channel) -> str:
    number = phone.pretty(channel.address, region="US")
    return f"{channel.name} · {number}" if channel.name else number


def _purposes(actor: Actor) -> list[tuple[str, str]]:
    """The purposes a topic can have: those that ask for consent of their own."""
    rows = rules_of(actor.workspace_id).values()
    return [
        (rule.slug, called(rule)) for rule in rows if rule.slug not in INTERNAL and rule.level in {"express", "written"}
    ]


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "topics": _topics(actor),
        "forms": [{"form": form, "counts": form_queries.counts(form)} for form in form_queries.forms(actor)],
        "helps": _helps(actor),
        "imports": import_queries.recent(actor),
        "may_change": may(actor, Right.MANAGE_COMPLIANCE),
        "close_url": reverse("desk:compliance_optin"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _topics(actor: Actor) -> list[TopicRow]:
    rows = queries.topics(actor)
    counted = queries.counts([topic.id for topic in rows])
    purposes = rules_of(actor.workspace_id)
    return [
        TopicRow(
            topic=topic,
            numbers=tuple(phone.pretty(channel.address, region="US") for channel in topic.channels.all()),
            counts=counted[topic.id],
            purpose=called(purposes[topic.purpose]) if topic.purpose in purposes else topic.purpose,
        )
        for topic in rows
    ]


def _helps(actor: Actor) -> list[HelpRow]:
    channels = list(visible_channels(actor).filter(is_active=True, kind="sms").select_related("workspace"))
    own = queries.help_words([channel.pk for channel in channels])
    rows = []
    for channel in channels:
        text = own.get(channel.pk) or channel.workspace.help_text
        rows.append(
            HelpRow(
                channel=channel,
                number=_called(channel),
                text=text,
                is_own=channel.pk in own,
                warnings=rules.help_warnings(text),
            )
        )
    return rows
