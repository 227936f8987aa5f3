"""Settings, People: inviting somebody by mail or by a link to hand over, and the invitations that are open."""

from __future__ import annotations

from smtplib import SMTPException

import structlog
from django import forms
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from twoway.desk import accounts
from twoway.desk.builders.qr import qr
from twoway.desk.forms import MemberForm, role_choices
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.settings_members import show, team_choices
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams import languages
from twoway.teams.inviting import actions, queries
from twoway.teams.rules import Right

log = structlog.get_logger(__name__)

_DAYS = {1: gettext_lazy("1 day"), 3: gettext_lazy("3 days"), 7: gettext_lazy("7 days"), 30: gettext_lazy("30 days")}


class InviteForm(MemberForm):
    """A person to invite: everything a member is given, and how long the link works."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"), required=False)
    email = forms.EmailField(
        label=gettext_lazy("Email"),
        required=False,
        help_text=gettext_lazy("Without one, whoever has the link can join with it, once."),
    )
    days = forms.TypedChoiceField(
        coerce=int, choices=list(_DAYS.items()), label=gettext_lazy("The link works for"), initial=actions.USUAL_DAYS
    )


@guard(Right.MANAGE_MEMBERS)
@never_cache
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a person; the answer holds the link, which is shown this once."""
    actor = actor_of(request)
    form = InviteForm(request.POST or None, teams=team_choices(actor), roles=role_choices(actor))
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        given["team_ids"] = given.pop("teams")
        try:
            made, raw = actions.invite(by=actor, at=timezone.now(), **given)
        except Refused as refused:
            form.refuse(refused)
        else:
            return _made(request, made, raw)
    return show(request, form=form, panel="invite", status=422 if form.errors else 200)


@guard(Right.MANAGE_MEMBERS)
@never_cache
@require_POST
def renew(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """A new link for an open invitation, mailed again when it was; the old one stops working."""
    actor = actor_of(request)
    found = queries.access_invitation(actor, invitation_id)
    raw = actions.renew(by=actor, invitation=found, at=timezone.now())
    return _made(request, queries.access_invitation(actor, invitation_id), raw)


@guard(Right.MANAGE_MEMBERS)
@require_POST
def revoke(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    actor = actor_of(request)
    found = queries.access_invitation(actor, invitation_id)
    actions.revoke(by=actor, invitation=found, at=timezone.now())
    say(request, t("The invitation is taken back. Its link doesn't work any more."))
    return redirect("desk:settings_members")


def _made(request: HttpRequest, made: queries.Invitation, raw: str) -> HttpResponse:
    link = f"{settings.PUBLIC_URL}{reverse('invited', args=[raw])}"
    is_sent = bool(made.email) and accounts.sends_mail() and _send(request, made, link)
    return show(request, panel="invited", invitation=made, link=link, code=qr(link), is_sent=is_sent)


def _send(request: HttpRequest, made: queries.Invitation, link: str) -> bool:
    """Mail the link; whether the mail server took it."""
    actor = actor_of(request)
    words = {"by": actor.name, "workspace": made.workspace.name, "link": link, "until": made.expires_at}
    with languages.worded_in(languages.language_at(made.workspace, email=made.email)):
        subject = t("{name} invites you to {workspace} on Twoway", name=actor.name, workspace=made.workspace.name)
        body = render_to_string("account/email/invitation_message.txt", words)
    try:
        EmailMessage(subject=" ".join(subject.split()), body=body, to=[made.email]).send()
    except (SMTPException, OSError) as error:
        log.warning("invitation_not_mailed", invitation=made.pk, why=type(error).__name__)
        return False
    return True
