"""The contact panel: changing who somebody is, and remarks about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.contacts import actions
from twoway.contacts.fields.queries import usual
from twoway.contacts.queries import BlockReason, shown_name
from twoway.conversations.actions import done, wrong_number
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk.builders import chips
from twoway.desk.contacts_writing import change_address, change_line
from twoway.desk.context import ContactField, ContactForm, Patch, Toast
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import desk_view, patched, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t
from twoway.sms import phone
from twoway.teams.rules import Right

EDIT, PAGE = "desk/inbox/contact_edit.html", "desk/inbox/menu_page.html"
BLOCK = "desk/inbox/contact_block.html"
SPANS = (
    ("", noted("Until somebody unblocks them")),
    ("1", noted("1 day")),
    ("7", noted("7 days")),
    ("30", noted("30 days")),
    ("365", noted("1 year")),
)
"""How long a block lasts, in days."""
_PREFIX = "property-"


def spans() -> list[tuple[str, str]]:
    """How long a block may last, as a form offers it."""
    return [(days, t(words)) for days, words in SPANS]


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def edit(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The form with name and properties, and saving them."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    keys = _keys(found)
    if request.method != "POST":
        return _form(request, found, _values(found, keys))
    given = {"name": request.POST.get("name", "")}
    given |= {field: request.POST[field] for field in keys if field in request.POST}
    try:
        actions.update(
            contact=found.contact,
            name=given["name"],
            changes={keys[field]: value for field, value in given.items() if field in keys},
            by=request.actor,
            at=timezone.now(),
            conversation_id=conversation_id,
        )
    except Invalid as refused:
        return _form(request, found, given, error=refused)
    return after_change(request, conversation_id, toasts=[Toast(words=t("Saved."))], with_panel=True)


def _keys(found: Conversation) -> dict[str, str]:
    """The form's field of each property, in order."""
    own = () if found.contact.is_anonymous else (str(key) for key in found.contact.properties)
    every = dict.fromkeys([*(field.key for field in usual(found.workspace_id)), *own])
    return {f"{_PREFIX}{number}": key for number, key in enumerate(every)}


def _values(found: Conversation, keys: Mapping[str, str]) -> dict[str, str]:
    properties = found.contact.properties
    return {"name": shown_name(found.contact), **{field: str(properties.get(key, "")) for field, key in keys.items()}}


def _form(
    request: DeskRequest, found: Conversation, values: Mapping[str, str], *, error: Invalid | None = None
) -> HttpResponse:
    about_name = error is not None and error.field != "properties"
    fields = []
    if not found.contact.is_anonymous or about_name:
        wrong = error.sentence if error and about_name else ""
        value = "" if found.contact.is_anonymous else values["name"]
        fields.append(ContactField(name="name", label=t("Name"), value=value, error=wrong))
    labels = {field.key: field.name for field in usual(found.workspace_id)}
    for field, key in _keys(found).items():
        shows_error = error is not None and not about_name and field == f"{_PREFIX}0"
        fields.append(
            ContactField(
                name=field,
                label=labels.get(key, key),
                value=values.get(field, ""),
                kind="email" if key == "Email" else "text",
                error=error.sentence if error and shows_error else "",
            )
        )
    person = chips.person(found, region=request.signed.member.workspace.region, to=request.actor)
    form = ContactForm(conversation_id=found.pk, person=person, fields=tuple(fields))
    status = 422 if error else 200
    if request.htmx:
        return shown(request, EDIT, {"form": form}, status=status)
    return shown(request, PAGE, {"form": form, "menu_template": EDIT}, status=status)


@require_POST
@desk_view
def line(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Change one line where it stands: the name, a property, the language or the time zone."""
    found = access_conversation(request.actor, conversation_id)
    key, value = request.POST.get("key", ""), request.POST.get("value", "")
    try:
        change_line(found.contact, key, value, by=request.actor, at=timezone.now(), conversation_id=conversation_id)
    except Invalid as refused:
        return _said(request, conversation_id, refused.sentence)
    return after_change(request, conversation_id, toasts=[Toast(words=t("Saved."))], with_panel=True)


@require_POST
@desk_view
def address(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Give the person one more number or address, take one away, or make one the first."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.MANAGE_CONTACTS)
    try:
        words = change_address(found.contact, request.POST, by=request.actor)
    except (phone.NotANumber, Invalid) as refused:
        return _said(request, conversation_id, refused.sentence if isinstance(refused, Invalid) else str(refused))
    return after_change(request, conversation_id, toasts=[Toast(words=words)], with_panel=True)


def _said(request: DeskRequest, conversation_id: int, words: str) -> HttpResponse:
    """A refusal beside what was typed, which stays."""
    if request.htmx:
        return patched(request, Patch(open_id=conversation_id, toasts=(Toast(words=words),)), status=422)
    messages.error(request, words)
    return redirect("desk:conversation", conversation_id)


@require_safe
@desk_view
def block_form(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Why somebody is to be blocked, and for how long."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    return _block_form(request, found)


def _block_form(request: DeskRequest, found: Conversation, *, error: str = "") -> HttpResponse:
    context = {
        "conversation_id": found.pk,
        "person": chips.person(found, region=request.signed.member.workspace.region, to=request.actor),
        "reasons": BlockReason.choices,
        "chosen": request.POST.get("reason", BlockReason.SPAM),
        "spans": spans(),
        "span": request.POST.get("days", ""),
        "note": request.POST.get("note", ""),
        "error": error,
    }
    status = 422 if error else 200
    if request.htmx:
        return shown(request, BLOCK, context, status=status)
    return shown(request, PAGE, {**context, "menu_template": BLOCK}, status=status)


@require_POST
@desk_view
def block(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Hear no more of somebody: nothing is sent to them, their texts wait for nobody, and this conversation is done."""
    found = access_conversation(request.actor, conversation_id)
    at, days = timezone.now(), request.POST.get("days", "")
    try:
        actions.block(
            contact=found.contact,
            by=request.actor,
            at=at,
            reason=request.POST.get("reason", BlockReason.OTHER),
            note=request.POST.get("note", ""),
            until=at + timedelta(days=int(days)) if days in dict(SPANS) and days else None,
            conversation_id=conversation_id,
        )
    except Invalid as refused:
        return _block_form(request, found, error=refused.sentence)
    done(conversation=found, by=request.actor, at=at)
    return after_change(request, conversation_id, toasts=[Toast(words=t("Blocked."))], with_panel=True)


@require_POST
@desk_view
def part(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """This number isn't theirs: part the two, and never text the number again unless whoever has it asks."""
    found = access_conversation(request.actor, conversation_id)
    wrong_number(conversation=found, by=request.actor, at=timezone.now())
    words = t("Parted. The number is opted out, and the person keeps the rest.")
    return after_change(request, conversation_id, toasts=[Toast(words=words)], with_panel=True)


@require_POST
@desk_view
def unblock(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Take a block back."""
    found = access_conversation(request.actor, conversation_id)
    actions.unblock(contact=found.contact, by=request.actor, at=timezone.now(), conversation_id=conversation_id)
    return after_change(request, conversation_id, toasts=[Toast(words=t("Unblocked."))], with_panel=True)


@require_POST
@desk_view
def add_note(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Write a remark about the person."""
    found = access_conversation(request.actor, conversation_id)
    try:
        actions.add_note(contact=found.contact, body=request.POST.get("body", ""), by=request.actor, at=timezone.now())
    except Invalid as refused:
        if request.htmx:
            return patched(request, Patch(open_id=found.pk, toasts=(Toast(words=refused.sentence),)), status=422)
        return redirect("desk:conversation", conversation_id)
    return after_change(request, conversation_id, with_panel=True)
