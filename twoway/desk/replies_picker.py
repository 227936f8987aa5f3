"""Saved replies beside the composer: finding one, putting its files beside the text, keeping a draft as a new one."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.contacts.queries import shown_name
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk import inbox_reads as reads
from twoway.desk.builders.replies import option
from twoway.desk.context import Patch, Toast
from twoway.desk.context.replies import ReplyOption, ReplyPicker, ReplyTab
from twoway.desk.inbox_frame import asked_of, desk_view, patched, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging import pooling
from twoway.replies import actions, queries, rules
from twoway.replies.actions import ReplyTerms
from twoway.replies.queries import Reply, Scope
from twoway.sms import phone
from twoway.teams.rules import Right, may

PICKER, RESULTS, SAVE = (f"desk/replies/{name}.html" for name in ("picker", "picker_results", "save_draft"))
PAGE = "desk/inbox/menu_page.html"
MOST = 30
TABS = ("number", "team", "all")


@require_safe
@desk_view
def pick(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The picker, or with `q` what is found, filled in for this person."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    q = request.GET.get("q", "")[: queries.LONGEST_SEARCH]
    every = queries.usable(request.actor)
    rows = queries.find(_of_tab(every, tab, found), q, limit=MOST)
    picker = ReplyPicker(
        conversation_id=found.pk,
        options=tuple(_options(request, found, rows)),
        tabs=_tabs(found, tab),
        q=q.strip(),
        is_empty=not rows and not every.exists(),
        may_start=may(request.actor, Right.MANAGE_REPLIES),
    )
    if "q" in request.GET:
        return shown(request, RESULTS, {"picker": picker})
    if request.htmx:
        return shown(request, PICKER, {"picker": picker})
    return shown(request, PAGE, {"picker": picker, "menu_template": PICKER})


def _of_tab(rows: QuerySet[Reply], tab: str, found: Conversation) -> QuerySet[Reply]:
    """All of them; those for this number, which is those for no other; or those of teams."""
    if tab == "team":
        return rows.filter(scope=Scope.TEAM)
    return rows.filter(Q(channel=None) | Q(channel=found.channel_id)) if tab == "number" else rows


def _tabs(found: Conversation, tab: str) -> tuple[ReplyTab, ...]:
    labels = {"number": found.channel.name or t("This number"), "team": t("Teams"), "all": t("All")}
    return tuple(ReplyTab(key=key, label=labels[key], is_current=key == tab) for key in TABS)


def _options(request: DeskRequest, found: Conversation, rows: list[Reply]) -> list[ReplyOption]:
    asked = asked_of(request)
    sender = pooling.sender_of(found, at=asked.now)
    quote = reads.quote_of(asked, found, sender.channel)
    return [
        option(
            one,
            is_toll_free=phone.is_toll_free_us(sender.channel.address),
            is_counted=found.channel.kind == "sms",
            quote=quote,
            now=asked.now,
        )
        for one in queries.ready(rows, found, by=request.actor)
    ]


@require_safe
@desk_view
def one(request: DeskRequest, conversation_id: int, reply_id: int) -> HttpResponse:
    """One reply filled in for this person, as JSON for the composer."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    (chosen,) = _options(request, found, [queries.access_reply(request.actor, reply_id)])
    told = {"id": chosen.id, "text": chosen.text, "wording": chosen.wording, "blanks": chosen.blanks}
    return JsonResponse({**told, "files": chosen.files})


@require_POST
@desk_view
def files(request: DeskRequest, conversation_id: int, reply_id: int) -> HttpResponse:
    """Put a reply's pictures and files beside the text."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    reply = queries.access_reply(request.actor, reply_id)
    added = actions.put_beside(reply=reply, conversation=found, by=request.actor, at=timezone.now())
    return JsonResponse({"files": len(added)})


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def save(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Keep a draft as a saved reply: the form, and saving it. Who manages replies may keep it for everybody."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    may_share = may(request.actor, Right.MANAGE_REPLIES)
    given = {name: request.POST.get(name, "") for name in ("name", "word", "body")}
    scope = Scope.ALL.value if may_share and request.POST.get("scope") == "all" else Scope.OWN.value
    error, field = "", ""
    if request.method == "POST":
        try:
            terms = ReplyTerms(name=given["name"], word=given["word"], body=given["body"], scope=scope)
            kept = actions.add_reply(terms=terms, by=request.actor, at=timezone.now())
        except Refused as refused:
            error, field = refused.sentence, getattr(refused, "field", "")
        else:
            return patched(
                request, Patch(toasts=(Toast(words=t("Saved. Type /{word} to use it.", word=kept.word or kept.name)),))
            )
    name = "" if found.contact.is_anonymous else rules.first_name(shown_name(found.contact))
    form = {**given, "scope": scope, "may_share": may_share, "error": error, "field": field, "first_name": name}
    context = {"form": form, "conversation_id": found.pk}
    status = 422 if error else 200
    if request.htmx:
        return shown(request, SAVE, context, status=status)
    return shown(request, PAGE, {**context, "menu_template": SAVE}, status=status)
