"""One macro on all that are selected: the menu, running it on each by itself, and what became of them."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations import queries as conversations
from twoway.conversations.actions import Outcome
from twoway.desk import inbox_bulk
from twoway.desk.builders.replies import macro_line
from twoway.desk.context import Toast
from twoway.desk.context.replies import MacroMenu
from twoway.desk.inbox_frame import asked_of, desk_view, id_of, mark_of, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.replies_macros import ASKS, ASKS_SECONDS
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import noted, t, tn
from twoway.messaging import outbound, overtaking
from twoway.replies import actions, macro_queries, macro_rules
from twoway.replies.macro_queries import Macro
from twoway.teams.rules import Right

MENU, PAGE = "desk/replies/bulk_macros.html", "desk/inbox/menu_page.html"
MOST = 100
"""Conversations a macro is run on at once: each takes a transaction, and may send a text."""
NOT_WAITING = noted("The macro is only for customers who wait for an answer.")
GONE = noted("It isn't there any more, or it is another team's.")


@dataclass
class _Ran:
    """Which it was run on, which it would be run on with a yes, and how many were left out, by reason."""

    done: list[int] = field(default_factory=list)
    asks: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


@require_safe
@desk_view
def menu(request: DeskRequest) -> HttpResponse:
    """The macros that need nobody to look their text over first."""
    require_right(request.actor, Right.REPLY)
    every = [one for one in macro_queries.macros(request.actor) if macro_rules.runs_alone(one.steps)]
    names = macro_queries.names_of(request.actor, [step for one in every for step in one.steps])
    shows = MacroMenu(
        conversation_id=0,
        lines=tuple(macro_line(one, names) for one in every),
        seen_id=overtaking.newest_id(),
        key=secrets.token_hex(12),
    )
    if request.htmx:
        return shown(request, MENU, {"menu": shows, "most": MOST})
    return shown(request, PAGE, {"menu": shows, "most": MOST, "menu_template": MENU})


@require_POST
@desk_view
def run(request: DeskRequest, macro_id: int) -> HttpResponse:
    """Run it on each that is selected, or with `all` on the view on screen: each is done whole, or not at all."""
    require_right(request.actor, Right.REPLY)
    macro = macro_queries.access_macro(request.actor, macro_id)
    if not macro_rules.runs_alone(macro.steps):
        raise Invalid(t("This macro puts a text into the composer. Run it in one conversation at a time."))
    ran = _Ran()
    now = timezone.now()
    for conversation_id in _ids(request):
        _one(request, macro, conversation_id, ran, at=now)
    outcome = Outcome(changed=tuple(ran.done), refused=dict(ran.refused))
    return inbox_bulk.answer(request, outcome, _toast(request, macro, ran))


def _ids(request: DeskRequest) -> list[int]:
    """Which were selected. Raises `Invalid` for none, and for too many."""
    if request.POST.get("all") == "1":
        ids = list(conversations.ids_in_view(request.actor, asked_of(request).view, limit=MOST + 1))
    else:
        ids = [key for key in map(id_of, request.POST.get("ids", "").split(",")[: MOST + 1]) if key]
    if not ids:
        raise Invalid(t("Select a conversation first."), field="ids")
    if len(ids) > MOST:
        raise Invalid(
            t("Run a macro on at most {most} conversations at once.", most=MOST), field="ids", code="too_many"
        )
    return sorted(set(ids))


def _one(request: DeskRequest, macro: Macro, conversation_id: int, ran: _Ran, *, at: datetime) -> None:
    """Run it on one of them, with a key of its own, so that a repeat sends nothing twice."""
    told = request.POST.get("key", "")[:40]
    try:
        found = conversations.access_conversation(request.actor, conversation_id)
        if not macro_rules.is_shown(macro.when, needs_reply=found.needs_reply):
            raise Invalid(t(NOT_WAITING))
        actions.run_macro(
            conversation=found,
            macro=macro,
            by=request.actor,
            at=at,
            key=f"{told}-{conversation_id}"[: outbound.LONGEST_KEY] if told else "",
            is_confirmed=request.POST.get("confirmed") == "1",
            seen_id=mark_of(request.POST.get("seen", "")),
        )
    except NotFound as gone:
        ran.refused[t(GONE) if gone.what == "conversation" else gone.sentence] += 1
    except Refused as refused:
        ran.refused[refused.sentence] += 1
        if refused.code in ASKS:
            ran.asks.append(conversation_id)
    else:
        ran.done.append(conversation_id)


def _toast(request: DeskRequest, macro: Macro, ran: _Ran) -> Toast:
    count = len(ran.done)
    said = [_done_words(macro.name, count)] if count else []
    said += [t("{name}: nothing was done.", name=macro.name)] if not count else []
    said += [t("{n} left out: {sentence}", n=left, sentence=sentence) for sentence, left in ran.refused.items()]
    words = " ".join(said)
    if not ran.asks:
        return Toast(words=words, seconds=20 if ran.refused else 0)
    same = tuple((name, request.POST.get(name, "")) for name in ("key", "seen"))
    again = (*same, ("ids", ",".join(map(str, ran.asks))), ("confirmed", "1"))
    return Toast(words=words, undo_url=request.path, undo_fields=again, seconds=ASKS_SECONDS, label=t("Send anyway"))


def _done_words(name: str, n: int) -> str:
    return tn("{name}: done in {n} conversation.", "{name}: done in {n} conversations.", n, name=name)
