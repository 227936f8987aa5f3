"""Scheduling a reply, changing what is scheduled, and taking back what was just sent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.compliance.quiet import queries as quiet
from twoway.conversations import actions as conversations
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk import compose
from twoway.desk import inbox_reads as reads
from twoway.desk.builders import chips
from twoway.desk.builders import later as builder
from twoway.desk.context import Toast
from twoway.desk.context.later import LaterMenu
from twoway.desk.inbox_actions import change_patch
from twoway.desk.inbox_frame import asked_of, desk_view, mark_of, require_right, shown, written
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import noted, t
from twoway.messaging.scheduling import actions, queries, undoing
from twoway.messaging.scheduling.actions import Taken
from twoway.teams.rules import Right

MENU, PAGE = "desk/inbox/later_menu.html", "desk/inbox/menu_page.html"
BAD_TIME = noted("Choose a day and a time.")
_LONGEST_KEY = 64


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def later(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The times to choose from, and keeping a text for one of them."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    if request.method != "POST":
        return _menu(request, found)
    now = timezone.now()
    try:
        due_at = _due_at(request, found)
        kept = actions.schedule(
            conversation=found,
            body=request.POST.get("body", ""),
            due_at=due_at,
            by=request.actor,
            at=now,
            key=request.POST.get("key", "")[:_LONGEST_KEY] or secrets.token_hex(16),
            media_ids=compose.files_of(request),
            cancels_on_answer=request.POST.get("cancels") == "1",
            is_confirmed=request.POST.get("confirmed") == "1",
            seen_id=mark_of(request.POST.get("seen", "")),
        )
    except Invalid as refused:
        if refused.field == "due_at":
            return _menu(request, found, error=refused.sentence)
        return compose.kept(request, found, body=request.POST.get("body", ""), refused=refused, now=now)
    except Refused as refused:
        return compose.kept(request, found, body=request.POST.get("body", ""), refused=refused, now=now)
    conversations.clear_draft(conversation=found, by=request.actor)
    words = t("Scheduled for {when}.", when=_when(request, due_at))
    undo_url = reverse("desk:later_edit", args=[found.pk, kept.pk])
    return _changed(request, found, [Toast(words=words, undo_url=undo_url)])


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def move(request: DeskRequest, conversation_id: int, later_id: int) -> HttpResponse:
    """Another time for it."""
    row = queries.access_later(request.actor, conversation_id, later_id)
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    if request.method != "POST":
        return _menu(request, found, later_id=row.pk)
    try:
        due_at = _due_at(request, found)
        actions.move(later=row, due_at=due_at, by=request.actor, at=timezone.now())
    except Invalid as refused:
        return _menu(request, found, later_id=row.pk, error=refused.sentence)
    return _changed(request, found, [Toast(words=t("Scheduled for {when}.", when=_when(request, due_at)))])


@require_POST
@desk_view
def cancel(request: DeskRequest, conversation_id: int, later_id: int) -> HttpResponse:
    """It is not sent."""
    row = queries.access_later(request.actor, conversation_id, later_id)
    actions.cancel(later=row, by=request.actor, at=timezone.now())
    return _changed(request, access_conversation(request.actor, conversation_id), [Toast(words=t("It won't be sent."))])


@require_POST
@desk_view
def now(request: DeskRequest, conversation_id: int, later_id: int) -> HttpResponse:
    """Send it now."""
    row = queries.access_later(request.actor, conversation_id, later_id)
    actions.send_now(later=row, by=request.actor, at=timezone.now())
    return _changed(request, access_conversation(request.actor, conversation_id), [Toast(words=t("Sent."))])


@require_POST
@desk_view
def edit(request: DeskRequest, conversation_id: int, later_id: int) -> HttpResponse:
    """It is not sent, and stands in the reply form again."""
    row = queries.access_later(request.actor, conversation_id, later_id)
    taken = actions.take_back(later=row, by=request.actor, at=timezone.now())
    return _returned(
        request, conversation_id, taken, words=t("It's back in the box. Schedule it again when it's ready.")
    )


@require_POST
@desk_view
def undo(request: DeskRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """What was just sent does not leave, and stands in the reply form again."""
    row, message = queries.access_undo(request.actor, conversation_id, message_id)
    taken = undoing.undo(row=row, message=message, by=request.actor, at=timezone.now())
    return _returned(request, conversation_id, taken, words=t("Taken back. Nothing was sent."))


def _returned(request: DeskRequest, conversation_id: int, taken: Taken, *, words: str) -> HttpResponse:
    """Words and files beside each other again: this member's draft, which is in the form."""
    found = access_conversation(request.actor, conversation_id)
    conversations.save_draft(
        conversation=found,
        body=taken.body,
        is_note=False,
        by=request.actor,
        at=timezone.now(),
        seen_id=found.last_message_id,
    )
    asked = asked_of(request)

    def make() -> Any:
        patch = change_patch(asked, found, toasts=[Toast(words=words)])
        if asked.open_id != found.pk:
            return patch
        read = reads.opened(asked, found)
        composer = replace(reads.composer_of(asked, read), draft=taken.body, is_returned=True)
        return replace(patch, composer=composer, later=reads.later_of(asked, read))

    return written(request, conversation_id, make, words=words)


def _changed(request: DeskRequest, found: Conversation, toasts: Sequence[Toast]) -> HttpResponse:
    asked = asked_of(request)

    def make() -> Any:
        patch = change_patch(asked, found, toasts=toasts)
        return replace(patch, later=reads.later_of(asked, reads.opened(asked, found)), open_id=found.pk)

    return written(request, found.pk, make, words=toasts[0].words)


def _menu(request: DeskRequest, found: Conversation, *, later_id: int = 0, error: str = "") -> HttpResponse:
    """In the popover, or as a page of its own with the draft's words."""
    asked = asked_of(request)
    facts = quiet.identity_facts(found.identity_id, at=asked.now)
    menu: LaterMenu = builder.menu(
        found,
        person=chips.person(found, region=asked.region, to=asked.actor).name.split()[0],
        clock=builder.clocks(facts, known=found.contact.time_zone),
        facts=facts,
        now=asked.now,
        later_id=later_id,
        error=error,
    )
    status = 422 if error else 200
    if request.htmx:
        return shown(request, MENU, {"menu": replace(menu, is_quick=True)}, status=status)
    composer = reads.composer_of(asked, reads.opened(asked, found))
    menu = replace(menu, body=composer.draft, key=composer.key, seen_id=composer.seen_id, files=composer.files.ids)
    return shown(request, PAGE, {"menu": menu, "menu_template": MENU}, status=status)


def _due_at(request: DeskRequest, found: Conversation) -> datetime:
    """The moment that was picked: with an offset, or on the clock that was chosen. Raises `Invalid`."""
    try:
        told = datetime.fromisoformat(request.POST.get("due_at", ""))
        if told.tzinfo is None:
            facts = quiet.identity_facts(found.identity_id, at=timezone.now())
            clock = builder.clocks(facts, known=found.contact.time_zone)
            told = told.replace(tzinfo=clock.first if request.POST.get("zone") == "theirs" else clock.mine)
        told.timestamp()
    except (ValueError, OverflowError):
        raise Invalid(t(BAD_TIME), field="due_at") from None
    return told


def _when(request: DeskRequest, due_at: datetime) -> str:
    return builder.when_words(due_at, builder.clocks(None).mine, now=timezone.now())
