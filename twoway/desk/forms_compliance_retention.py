"""The forms of the retention and requests pages."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from twoway.compliance.retention.rules import LAWS, LEAST, MOST, Kind
from twoway.desk.forms import DeskForm
from twoway.lib.words import noted, t

KINDS = (("export", gettext_lazy("A copy of their data")), ("erase", gettext_lazy("Erasure of their data")))


def _hint(kind: Kind, forever: bool, hint: str) -> str:
    days = {"least": f"{LEAST[kind]:,}", "most": f"{MOST[kind]:,}"}
    if not forever:
        return t("Days, from {least} to {most}.", **days)
    told = t("Days, from {least} to {most}. Empty keeps it for good.", **days)
    return f"{told} {t(hint)}".strip()


def _days(kind: Kind, label: str, *, forever: bool = True, hint: str = "") -> forms.IntegerField:
    """Worded for whoever reads the form."""
    return forms.IntegerField(
        required=not forever,
        label=lazy(t, str)(label),
        help_text=lazy(_hint, str)(kind, forever, hint),
        widget=forms.TextInput,
    )


class RetentionForm(DeskForm):
    """Days of each kind; what they may be is the package's to say."""

    raw_days = _days("raw", noted("Raw webhooks in quarantine"), forever=False)
    body_days = _days("body", noted("Words of texts, notes and drafts"))
    media_days = _days("media", noted("Pictures and files"))
    decision_days = _days(
        "decision", noted("Decisions about sends"), hint=noted("Keep them as long as somebody may sue.")
    )
    is_on = forms.BooleanField(
        required=False,
        label=gettext_lazy("Delete what is older, every night"),
        help_text=gettext_lazy("Without this, nothing is deleted. Try a dry run first."),
    )


class HoldForm(DeskForm):
    """Why nothing may be deleted."""

    reason = forms.CharField(
        max_length=300, label=gettext_lazy("Why"), help_text=gettext_lazy("A case, a letter, who asked. It is kept.")
    )


class RequestForm(DeskForm):
    """What a person asked for, by which law, on which day."""

    kind = forms.ChoiceField(choices=KINDS, label=gettext_lazy("What they asked for"))
    law = forms.ChoiceField(choices=lambda: [(law.slug, t(law.label)) for law in LAWS], label=gettext_lazy("Under"))
    asked_at = forms.DateField(label=gettext_lazy("Asked on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["asked_at"].initial = today.isoformat()


class ConfirmForm(DeskForm):
    """The second confirmation of an erasure."""

    confirmation = forms.CharField(max_length=10, label=gettext_lazy("Type ERASE to confirm"))


class RefuseForm(DeskForm):
    """Why a request is not done."""

    reason = forms.CharField(max_length=300, label=gettext_lazy("Reason they were given"))
