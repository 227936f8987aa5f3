"""The tone guide: its settings page, and what is shown beside the reply form."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from twoway.desk.forms import DeskForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.tone import actions, queries, rules
from twoway.teams.rules import Right

PAGE, POP, POP_PAGE = "desk/settings/tone.html", "desk/inbox/tone.html", "desk/inbox/menu_page.html"


class ToneForm(DeskForm):
    """What the guide says, and the words to avoid."""

    guide = forms.CharField(
        required=False,
        max_length=rules.LONGEST_GUIDE,
        label=gettext_lazy("How our texts sound"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Shown beside the reply form to whoever asks for it."),
    )
    lines = forms.CharField(
        required=False,
        label=gettext_lazy("Words to avoid"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "One a line, with what to say instead: issue = question. A text with one of them may still be sent."
        ),
    )


@guard(Right.MANAGE_WORKSPACE)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Write the guide."""
    actor = actor_of(request)
    row = queries.guide_of(actor.workspace_id)
    form = ToneForm(request.POST or None, initial={"guide": row.guide, "lines": rules.written(row.avoided)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.change(guide=given["guide"], lines=given["lines"], by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:settings_tone")
    return render(request, PAGE, {"form": form}, status=422 if form.errors else 200)


@guard(Right.REPLY)
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The guide, beside the reply form or as a page."""
    row = queries.guide_of(actor_of(request).workspace_id)
    if request.headers.get("HX-Request"):
        return render(request, POP, {"menu": row})
    return render(request, POP_PAGE, {"menu": row, "menu_template": POP})
