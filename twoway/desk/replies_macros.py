"""Macros in the inbox: the menu, running one, taking it back, and their shortcuts."""

from __future__ import annotations

import secrets

import orjson
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations.queries import Conversation, access_conversation
from twoway.conversations.together import answering
from twoway.conversations.views.queries import habit_of
from twoway.desk import commands
from twoway.desk import inbox_reads as reads
from twoway.desk.builders.replies import macro_line
from twoway.desk.context import Patch, Toast
from twoway.desk.context.replies import MacroMenu
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import asked_of, desk_view, mark_of, patched, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging import outbound, screening
from twoway.replies import actions, macro_queries, macro_rules
from twoway.replies.actions import Ran
from twoway.replies.macro_queries import Macro
from twoway.teams.rules import Right

MENU, PAGE = "desk/replies/macro_menu.html", "desk/inbox/menu_page.html"
ASKS = frozenset({screening.ASKS, answering.ASKS})
"""Codes of refusals that whoever sends may overrule: "Send anyway"."""
ASKS_SECONDS = 60


@require_safe
@desk_view
def menu(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The macros that fit this conversation; where no text may go, those that hold none."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    fitting = macro_queries.fitting(request.actor, found)
    if any(macro_rules.holds_text(one.steps) for one in fitting) and _is_blocked(request, found):
        fitting = [one for one in fitting if not macro_rules.holds_text(one.steps)]
    names = macro_queries.names_of(request.actor, [step for one in fitting for step in one.steps])
    shows = MacroMenu(
        conversation_id=found.pk,
        lines=tuple(macro_line(one, names) for one in fitting),
        seen_id=found.last_message_id or 0,
        key=secrets.token_hex(12),
    )
    if request.htmx:
        return shown(request, MENU, {"menu": shows})
    return shown(request, PAGE, {"menu": shows, "menu_template": MENU})


def _is_blocked(request: DeskRequest, found: Conversation) -> bool:
    """Whether the reply form takes no text here."""
    asked = asked_of(request)
    return reads.composer_of(asked, reads.opened(asked, found)).blocked is not None


@require_safe
@desk_view
def keys(request: DeskRequest) -> HttpResponse:
    """The shortcuts of this member's macros, as JSON: [{"key": "alt+1", "id": 3, "name": "Refund"}].

    A key that they have given to a command of the desk stays with that command.
    """
    require_right(request.actor, Right.REPLY)
    desk = set(commands.keys_of(habit_of(request.actor).keys).values())
    rows = macro_queries.macros(request.actor).exclude(key="").values_list("key", "id", "name")
    return JsonResponse({"keys": [{"key": key, "id": pk, "name": name} for key, pk, name in rows if key not in desk]})


@require_POST
@desk_view
def run(request: DeskRequest, conversation_id: int, macro_id: int) -> HttpResponse:
    """Run one. What it puts into the composer is told to the page as the event `desk:fill`.

    A text that its sender may overrule a refusal of is asked about: the same run again, with a button.
    """
    found = access_conversation(request.actor, conversation_id)
    macro = macro_queries.access_macro(request.actor, macro_id)
    try:
        ran = actions.run_macro(
            conversation=found,
            macro=macro,
            by=request.actor,
            at=timezone.now(),
            key=request.POST.get("key", "")[: outbound.LONGEST_KEY],
            is_confirmed=request.POST.get("confirmed") == "1",
            seen_id=mark_of(request.POST.get("seen", "")),
        )
    except Refused as refused:
        if refused.code not in ASKS or not request.htmx:
            raise
        return _asks(request, refused)
    response = after_change(request, found.pk, toasts=[_toast(macro, ran)], with_panel=True)
    if ran.fill is not None and request.htmx:
        response.headers["HX-Trigger"] = orjson.dumps(
            {"desk:fill": {"id": found.pk, "reply": ran.fill.reply.pk}}
        ).decode()
    return response


def _asks(request: DeskRequest, refused: Refused) -> HttpResponse:
    """Why the text was not sent, and the same run with a yes to it."""
    same = tuple((name, request.POST.get(name, "")) for name in ("key", "seen"))
    toast = Toast(
        words=t("Nothing was done. {sentence}", sentence=refused.sentence),
        undo_url=request.path,
        undo_fields=(*same, ("confirmed", "1")),
        seconds=ASKS_SECONDS,
        label=t("Send anyway"),
    )
    return patched(request, Patch(toasts=(toast,)), status=422)


def _toast(macro: Macro, ran: Ran) -> Toast:
    if ran.fill is None:
        words = t("{name}: done.", name=macro.name)
    else:
        words = t("{name}: look it over, then send.", name=macro.name)
    if not ran.undo:
        return Toast(words=words)
    url = reverse("desk:macro_undo", args=[ran.conversation.pk])
    return Toast(words=words, undo_url=url, undo_fields=ran.undo)


@require_POST
@desk_view
def undo(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Take back what a macro changed; a text or note it wrote stays."""
    found = access_conversation(request.actor, conversation_id)
    told = {name: request.POST.getlist(name)[:20] for name in actions.UNDO_FIELDS}
    actions.undo_macro(conversation=found, fields=told, by=request.actor, at=timezone.now())
    return after_change(request, conversation_id, toasts=[Toast(words=t("Taken back."))], with_panel=True)
