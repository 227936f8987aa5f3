"""The forms of the costs pages: budgets and own prices."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy

from twoway.desk.forms import DeskForm
from twoway.lib.words import t

PERIODS = (("month", gettext_lazy("Each month")), ("day", gettext_lazy("Each day")))
DIRECTIONS = (("out", gettext_lazy("We send")), ("in", gettext_lazy("We receive")))
KINDS = (("sms", "SMS"), ("mms", gettext_lazy("MMS, with pictures or files")), ("whatsapp", "WhatsApp"))
PERS = (("segment", gettext_lazy("For each segment")), ("message", gettext_lazy("For each message")))
SENDERS = (
    ("", gettext_lazy("Any")),
    ("long_code", gettext_lazy("Ordinary number")),
    ("toll_free", gettext_lazy("Toll-free number")),
    ("short_code", gettext_lazy("Short code")),
    ("name", gettext_lazy("Name")),
)


class BudgetForm(DeskForm):
    """How much may be spent. `scope` is "workspace", "team-<id>" or "number-<id>"."""

    scope = forms.ChoiceField(label=gettext_lazy("What it is for"))
    period = forms.ChoiceField(choices=PERIODS, label=gettext_lazy("How often it begins again"), initial="month")
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2, widget=forms.TextInput
    )
    currency = forms.CharField(max_length=3, min_length=3, label=gettext_lazy("Currency"), initial="USD")
    warn_share = forms.IntegerField(
        min_value=0,
        max_value=99,
        label=gettext_lazy("Warn at, in percent"),
        initial=80,
        help_text=gettext_lazy("0 for no warning."),
    )
    stops = forms.BooleanField(
        required=False,
        label=gettext_lazy("Stop texts when it is used up"),
        help_text=gettext_lazy("Without this it only warns."),
    )
    replies_always = forms.BooleanField(
        required=False,
        initial=True,
        label=gettext_lazy("Replies always leave"),
        help_text=gettext_lazy("A person's answer to a customer who waits is never stopped."),
    )

    def __init__(self, *args: object, scopes: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["scope"].choices = list(scopes)  # type: ignore[attr-defined]


class PriceForm(DeskForm):
    """What the workspace pays by its contract."""

    amount = forms.DecimalField(
        label=gettext_lazy("Price"),
        min_value=Decimal(0),
        max_value=Decimal(1000),
        decimal_places=6,
        help_text=gettext_lazy("Such as 0.0075."),
        widget=forms.TextInput,
    )
    currency = forms.CharField(max_length=3, min_length=3, label=gettext_lazy("Currency"), initial="USD")
    per = forms.ChoiceField(choices=PERS, label=gettext_lazy("Charged"), initial="segment")
    direction = forms.ChoiceField(choices=DIRECTIONS, label=gettext_lazy("For texts"), initial="out")
    kind = forms.ChoiceField(choices=KINDS, label=gettext_lazy("Sent as"), initial="sms")
    country = forms.CharField(
        required=False,
        max_length=2,
        min_length=2,
        label=gettext_lazy("Recipient's country"),
        help_text=gettext_lazy("Two letters, such as US. Empty: any."),
    )
    sender = forms.ChoiceField(required=False, choices=SENDERS, label=gettext_lazy("Kind of our number"))
    channel = forms.ChoiceField(required=False, label=gettext_lazy("Number"))
    since = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, numbers: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["channel"].choices = [("", t("Every number")), *numbers]  # type: ignore[attr-defined]
