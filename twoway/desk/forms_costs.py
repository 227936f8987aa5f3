"""The forms of the costs pages: budgets and own prices."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django import forms

from twoway.desk.forms import DeskForm

PERIODS = (("month", "Each month"), ("day", "Each day"))
DIRECTIONS = (("out", "We send"), ("in", "We receive"))
KINDS = (("sms", "SMS"), ("mms", "MMS, with pictures or files"), ("whatsapp", "WhatsApp"))
PERS = (("segment", "For each segment"), ("message", "For each message"))
SENDERS = (
    ("", "Any"),
    ("long_code", "Ordinary number"),
    ("toll_free", "Toll-free number"),
    ("short_code", "Short code"),
    ("name", "Name"),
)


class BudgetForm(DeskForm):
    """How much may be spent. `scope` is "workspace", "team-<id>" or "number-<id>"."""

    scope = forms.ChoiceField(label="What it is for")
    period = forms.ChoiceField(choices=PERIODS, label="How often it begins again", initial="month")
    amount = forms.DecimalField(
        label="Amount", min_value=Decimal("0.01"), max_digits=12, decimal_places=2, widget=forms.TextInput
    )
    currency = forms.CharField(max_length=3, min_length=3, label="Currency", initial="USD")
    warn_share = forms.IntegerField(
        min_value=0, max_value=99, label="Warn at, in percent", initial=80, help_text="0 for no warning."
    )
    stops = forms.BooleanField(
        required=False,
        label="Stop texts when it is used up",
        help_text="Without this it only warns.",
    )
    replies_always = forms.BooleanField(
        required=False,
        initial=True,
        label="Replies always leave",
        help_text="A person's answer to a customer who waits is never stopped.",
    )

    def __init__(self, *args: object, scopes: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["scope"].choices = list(scopes)  # type: ignore[attr-defined]


class PriceForm(DeskForm):
    """What the workspace pays by its contract."""

    amount = forms.DecimalField(
        label="Price",
        min_value=Decimal(0),
        max_value=Decimal(1000),
        decimal_places=6,
        help_text="Such as 0.0075.",
        widget=forms.TextInput,
    )
    currency = forms.CharField(max_length=3, min_length=3, label="Currency", initial="USD")
    per = forms.ChoiceField(choices=PERS, label="Charged", initial="segment")
    direction = forms.ChoiceField(choices=DIRECTIONS, label="For texts", initial="out")
    kind = forms.ChoiceField(choices=KINDS, label="Sent as", initial="sms")
    country = forms.CharField(
        required=False,
        max_length=2,
        min_length=2,
        label="Recipient's country",
        help_text="Two letters, such as US. Empty: any.",
    )
    sender = forms.ChoiceField(required=False, choices=SENDERS, label="Kind of our number")
    channel = forms.ChoiceField(required=False, label="Number")
    since = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, numbers: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["channel"].choices = [("", "Every number"), *numbers]  # type: ignore[attr-defined]
