"""Reading forms and what their versions said."""

from __future__ import annotations

from django.db.models import Count, Q

from twoway.compliance.optin.forms.rules import Wording, boxes_of
from twoway.compliance.optin.models import Form, FormVersion, Membership, State, Submission
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor

__all__ = [
    "Form",
    "FormVersion",
    "access_form",
    "counts",
    "forms",
    "latest",
    "public_form",
    "version_of",
    "versions",
    "wording_of",
]


def forms(actor: Actor) -> list[Form]:
    """The forms of a workspace, by name."""
    rows = Form.objects.filter(workspace_id=actor.workspace_id).select_related("channel")
    return list(rows.order_by("-is_active", "name", "id"))


def access_form(actor: Actor, form_id: int) -> Form:
    """A form with its number. Raises `NotFound`."""
    rows = Form.objects.select_related("channel__workspace").filter(id=form_id, workspace_id=actor.workspace_id)
    found = rows.first()
    if found is None:
        raise NotFound("form", form_id)
    return found


def public_form(slug: str) -> Form:
    """A form that is on the web, whose number is too. Raises `NotFound`."""
    rows = Form.objects.select_related("channel__workspace").filter(slug=slug, is_active=True)
    found = rows.filter(channel__is_active=True).first()
    if found is None:
        raise NotFound("form", slug)
    return found


def latest(form: Form) -> FormVersion | None:
    """The newest version of a form."""
    return FormVersion.objects.filter(form=form).select_related("form__channel__workspace").order_by("-number").first()


def version_of(form: Form, version_id: int) -> FormVersion | None:
    """One version of this form."""
    rows = FormVersion.objects.filter(form=form, id=version_id).select_related("form__channel__workspace")
    return rows.first()


def versions(form: Form) -> list[FormVersion]:
    """Every version, newest first."""
    return list(FormVersion.objects.filter(form=form).order_by("-number"))


def wording_of(version: FormVersion) -> Wording:
    """What a version says."""
    return Wording(
        title=version.title,
        lede=version.lede,
        boxes=boxes_of(version.boxes),
        disclosure=version.disclosure,
        terms_url=version.terms_url,
        privacy_url=version.privacy_url,
    )


def counts(form: Form) -> dict[str, int]:
    """How often a form was sent, and how many of those it brought are in a topic now."""
    sent = Submission.objects.filter(version__form=form).count()
    found = Membership.objects.filter(version__form=form).aggregate(
        joined=Count("id", filter=Q(state=State.JOINED)), waiting=Count("id", filter=Q(state=State.REQUESTED))
    )
    return {"sent": sent, "joined": found["joined"], "waiting": found["waiting"]}
