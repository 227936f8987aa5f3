"""Sending a WhatsApp template: choose one, fill in its values, see what the person will read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.channels.templates import queries as templates
from twoway.channels.templates import rules
from twoway.channels.templates.queries import Template
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk.builders import chips
from twoway.desk.context import Toast
from twoway.desk.context.templates import TemplateCard, TemplateField, TemplateForm, TemplatePicker
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import desk_view, mark_of, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.messaging import outbound
from twoway.messaging.overtaking import Overtaken
from twoway.messaging.templating import TemplateWish
from twoway.sms import segments
from twoway.teams.rules import Right, may

PICK, LIST, FORM, SEEN = (f"desk/inbox/template_{name}.html" for name in ("pick", "list", "form", "seen"))
PAGE = "desk/inbox/menu_page.html"
MOST_SHOWN = 50
SEARCH_FROM = 6
"""Fewer templates are seen at a glance."""
LONGEST_SEARCH = 80


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def template(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """GET: the number's templates, or with a name and language its form. POST: send it; the same key sends once."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    if request.method == "POST":
        return _send(request, found)
    name, language = request.GET.get("name", ""), request.GET.get("language", "")
    if not name:
        return _pick(request, found)
    chosen = templates.access_template(found.channel, name=name, language=language)
    return _form(request, found, chosen, values=_likely(found, chosen))


@require_POST
@desk_view
def preview(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """What the person will read, while the values are typed."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    chosen = _chosen(request, found)
    return shown(request, SEEN, {"form": _built(request, found, chosen, values=_typed(request, chosen))})


def _send(request: DeskRequest, found: Conversation) -> HttpResponse:
    chosen = _chosen(request, found)
    values = _typed(request, chosen)
    try:
        outbound.queue_text(
            by=request.actor,
            conversation=found,
            body="",
            template=TemplateWish(name=chosen.name, language=chosen.language, values=values),
            at=timezone.now(),
            idempotency_key=request.POST.get("key", "")[: outbound.LONGEST_KEY],
            seen_id=mark_of(request.POST.get("seen", "")),
        )
    except Refused as refused:
        return _form(request, found, chosen, values=values, refused=refused)
    return after_change(request, found.pk, toasts=[Toast(words=t("Template sent."))])


def _chosen(request: DeskRequest, found: Conversation) -> Template:
    return templates.access_template(
        found.channel, name=request.POST.get("name", ""), language=request.POST.get("language", "")
    )


def _typed(request: DeskRequest, chosen: Template) -> list[str]:
    """The values of the form, in order of the places."""
    longest = rules.LONGEST_ADDRESS + 1
    return [request.POST.get(f"value-{number}", "")[:longest] for number, _ in enumerate(chosen.places)]


def _likely(found: Conversation, chosen: Template) -> list[str]:
    """A value that is called a name begins as the person's own."""
    name = "" if found.contact.is_anonymous else found.contact.name
    first = name.split()[0] if name else ""
    names = {"body.name": name, "body.first_name": first, "body.customer_name": name}
    return [names.get(place, "") for place in chosen.places]


# What is shown ----------------------------------------------------------------------------------------------------


def _pick(request: DeskRequest, found: Conversation) -> HttpResponse:
    q = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    every = templates.sendable(found.channel)
    matching = [one for one in every if q.lower() in f"{one.name} {_title(one)} {one.body}".lower()]
    is_admin = may(request.actor, Right.MANAGE_CHANNELS)
    picker = TemplatePicker(
        url=reverse("desk:template", args=[found.pk]),
        person_name=_person_name(request, found),
        cards=tuple(_card(one) for one in matching[:MOST_SHOWN]),
        q=q,
        has_more_than_fit=len(every) > SEARCH_FROM,
        settings_url=reverse("desk:settings_channel", args=[found.channel_id]) if is_admin else "",
    )
    if request.htmx and request.htmx.target == "tpl-list":
        return shown(request, LIST, {"picker": picker})
    return _dialog(request, PICK, {"picker": picker})


def _form(
    request: DeskRequest,
    found: Conversation,
    chosen: Template,
    *,
    values: Sequence[str],
    refused: Refused | None = None,
) -> HttpResponse:
    form = _built(request, found, chosen, values=values, refused=refused)
    return _dialog(request, FORM, {"form": form}, status=422 if refused else 200)


def _dialog(request: DeskRequest, name: str, context: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """In the dialog for htmx, on a page of its own without."""
    if request.htmx:
        return shown(request, name, dict(context), status=status)
    return shown(request, PAGE, {**context, "menu_template": name}, status=status)


def _built(
    request: DeskRequest,
    found: Conversation,
    chosen: Template,
    *,
    values: Sequence[str],
    refused: Refused | None = None,
) -> TemplateForm:
    at_fault = _place_at_fault(refused)
    fields = tuple(
        TemplateField(
            name=f"value-{number}",
            label=rules.label(place),
            value=value,
            error=refused.sentence if refused and number == at_fault else "",
            is_address=rules.is_file(place),
        )
        for number, (place, value) in enumerate(zip(chosen.places, values, strict=True))
    )
    shown_values = [segments.prepare(value).strip() for value in values]
    return TemplateForm(
        url=reverse("desk:template", args=[found.pk]),
        person_name=_person_name(request, found),
        title=_title(chosen),
        name=chosen.name,
        language=chosen.language,
        key=request.POST.get("key") or secrets.token_hex(16),
        fields=fields,
        preview=rules.filled(templates.words_of(chosen), shown_values),
        buttons=tuple(chosen.buttons),
        error=refused.sentence if refused and at_fault is None else "",
        seen_id=_seen_id(request, found, refused),
    )


def _seen_id(request: DeskRequest, found: Conversation, refused: Refused | None) -> int:
    """What they have seen: what there was when the form was opened, and after a stop what it says has come."""
    if isinstance(refused, Overtaken):
        return refused.seen_id
    told = mark_of(request.POST.get("seen", ""))
    return told if told is not None else found.last_message_id or 0


def _place_at_fault(refused: Refused | None) -> int | None:
    """Which value a refusal is about: its field is `values.NUMBER`."""
    field = refused.field if isinstance(refused, Invalid) else ""
    number = field.removeprefix("values.")
    return int(number) if number.isascii() and number.isdigit() else None


def _card(one: Template) -> TemplateCard:
    return TemplateCard(
        title=_title(one),
        language=one.language,
        category=one.category,
        words=rules.filled(templates.words_of(one), ()),
        query=urlencode({"name": one.name, "language": one.language}),
    )


def _title(one: Template) -> str:
    """The name as people read it: order_ready is "Order ready"."""
    return one.name.replace("_", " ").capitalize()


def _person_name(request: DeskRequest, found: Conversation) -> str:
    return chips.person(found, region=request.signed.member.workspace.region, to=request.actor).name
