"""The forms of the retention and requests pages."""

from __future__ import annotations

from datetime import date

from django import forms

from twoway.compliance.retention.rules import LAWS, LEAST, MOST, Kind
from twoway.desk.forms import DeskForm

KINDS = (("export", "A copy of their data"), ("erase", "Erasure of their data"))


def _days(kind: Kind, label: str, *, forever: bool = True, hint: str = "") -> forms.IntegerField:
    words = f"Days, from {LEAST[kind]:,} to {MOST[kind]:,}.{' Empty keeps it for good.' if forever else ''} {hint}"
    return forms.IntegerField(required=not forever, label=label, help_text=words.strip(), widget=forms.TextInput)


class RetentionForm(DeskForm):
    """Days of each kind; what they may be is the package's to say."""

    raw_days = _days("raw", "Raw webhooks in quarantine", forever=False)
    body_days = _days("body", "Words of texts, notes and drafts")
    media_days = _days("media", "Pictures and files")
    decision_days = _days("decision", "Decisions about sends", hint="Keep them as long as somebody may sue.")
    is_on = forms.BooleanField(
        required=False,
        label="Delete what is older, every night",
        help_text="Without this, nothing is deleted. Try a dry run first.",
    )


class HoldForm(DeskForm):
    """Why nothing may be deleted."""

    reason = forms.CharField(max_length=300, label="Why", help_text="A case, a letter, who asked. It is kept.")


class RequestForm(DeskForm):
    """What a person asked for, by which law, on which day."""

    kind = forms.ChoiceField(choices=KINDS, label="What they asked for")
    law = forms.ChoiceField(choices=[(law.slug, law.label) for law in LAWS], label="Under")
    asked_at = forms.DateField(label="Asked on", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["asked_at"].initial = today.isoformat()


class ConfirmForm(DeskForm):
    """The second confirmation of an erasure."""

    confirmation = forms.CharField(max_length=10, label="Type ERASE to confirm")


class RefuseForm(DeskForm):
    """Why a request is not done."""

    reason = forms.CharField(max_length=300, label="Reason they were given")
