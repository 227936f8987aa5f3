"""Settings, Contact fields: what a workspace keeps about people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.contacts.fields import actions, queries
from twoway.contacts.fields.actions import FieldWish
from twoway.contacts.fields.queries import ContactField, FieldKind
from twoway.desk.forms import DeskForm
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/fields.html"


class FieldForm(DeskForm):
    """A property. Its type and key are asked of a new one only."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    kind = forms.ChoiceField(
        choices=FieldKind.choices, label=gettext_lazy("Type"), help_text=gettext_lazy("It can't be changed later.")
    )
    key = forms.CharField(
        max_length=60,
        required=False,
        label=gettext_lazy("Key"),
        help_text=gettext_lazy("What programs and files call it. Empty: from the name."),
    )
    choices = forms.CharField(
        max_length=4_000,
        required=False,
        label=gettext_lazy("Choices"),
        widget=forms.Textarea,
        help_text=gettext_lazy("One a line."),
    )
    help = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Hint"),
        help_text=gettext_lazy("What belongs here, in a few words."),
    )
    is_in_panel = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("Show it beside conversations, also while it is empty")
    )

    def __init__(self, *args: Any, of: ContactField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if of is not None:
            del self.fields["kind"], self.fields["key"]
            if of.kind != FieldKind.CHOICE:
                del self.fields["choices"]

    def wish(self, of: ContactField | None = None) -> FieldWish:
        """What the form says the property is to be."""
        given = self.cleaned_data
        return FieldWish(
            name=given["name"],
            kind=of.kind if of else given["kind"],
            key=given.get("key", ""),
            help=given["help"],
            choices=given.get("choices", "").splitlines(),
            is_in_panel=given["is_in_panel"],
        )


@guard(Right.MANAGE_WORKSPACE)
@require_safe
def fields(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return _page(request)


@guard(Right.MANAGE_WORKSPACE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Define a property."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, wrong = actions.add_field(wish=form.wish(), by=actor_of(request), at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=made))
            if wrong:
                warn(request, t("Values that don't fit stay until they are changed: {count:,}.", count=wrong))
            return redirect("desk:settings_fields")
    return _page(request, form=form, panel="add", status=422 if form.errors else 200)


@guard(Right.MANAGE_WORKSPACE)
@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, field_id: int) -> HttpResponse:
    """One property beside the list; POST changes or moves it."""
    actor = actor_of(request)
    found = queries.access_field(actor, field_id)
    if request.method == "POST" and request.POST.get("move"):
        actions.move_field(field=found, up=request.POST["move"] == "up", by=actor, at=timezone.now())
        return redirect("desk:settings_fields")
    initial = {"name": found.name, "help": found.help, "is_in_panel": found.is_in_panel}
    form = FieldForm(request.POST or None, of=found, initial=initial | {"choices": "\n".join(found.choices)})
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.change_field(field=found, wish=form.wish(found), by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=changed))
            return redirect("desk:settings_fields")
    return _page(request, form=form, panel="field", chosen=found, status=422 if form.errors else 200)


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def delete(request: HttpRequest, field_id: int) -> HttpResponse:
    """Remove a property and what people have in it."""
    actor = actor_of(request)
    found = queries.access_field(actor, field_id)
    had = actions.delete_field(field=found, by=actor, at=timezone.now())
    say(request, t("{name} is gone. People who had it: {count:,}.", name=found.name, count=had))
    return redirect("desk:settings_fields")


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "rows": queries.fields(actor_of(request).workspace_id),
        "close_url": reverse("desk:settings_fields"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)
