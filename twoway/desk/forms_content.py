"""Forms of the page about content and sensitive data."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from twoway.compliance.content.actions import LONGEST_LINK, LONGEST_NOTICE, Choices
from twoway.compliance.content.queries import ContentSettings
from twoway.compliance.content.rules import CATEGORIES
from twoway.desk.forms import DeskForm
from twoway.lib.words import t

LEVEL_WORDS = (
    ("off", gettext_lazy("Say nothing")),
    ("warn", gettext_lazy("Warn the writer")),
    ("block", gettext_lazy("Don't send")),
)
LONGEST_TRY = 2000


class ContentForm(DeskForm):
    """What is taken out of texts, how customers are told, and what is warned of or stopped."""

    masks_ssn = forms.BooleanField(required=False, label=gettext_lazy("Social Security numbers"))
    masks_passwords = forms.BooleanField(required=False, label=gettext_lazy("Passwords and PINs"))
    masks_codes = forms.BooleanField(
        required=False, label=gettext_lazy("One-time codes"), help_text=gettext_lazy("In texts that come in.")
    )
    tells_customers = forms.BooleanField(
        required=False,
        label=gettext_lazy("Tell the customer"),
        help_text=gettext_lazy("Once per conversation and day, in a text from Twoway."),
    )
    notice_text = forms.CharField(
        required=False,
        max_length=LONGEST_NOTICE,
        label=gettext_lazy("What it says"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "{business}, {what} and {link} stand for your name, what was removed and the payment link."
        ),
    )
    payment_link = forms.CharField(
        required=False,
        max_length=LONGEST_LINK,
        label=gettext_lazy("Payment link"),
        help_text=gettext_lazy("Named after a card number was removed, so there is a safe way to pay."),
    )
    own_words = forms.CharField(
        required=False,
        max_length=20_000,
        label=gettext_lazy("Your own words"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line. A * at the end stands for any letters."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for key, label in CATEGORIES.items():
            self.fields[f"level_{key}"] = forms.ChoiceField(choices=LEVEL_WORDS, label=t(label))

    @property
    def level_fields(self) -> list[forms.BoundField]:
        """The choice for each category."""
        return [self[f"level_{key}"] for key in CATEGORIES]

    def choices(self) -> Choices:
        """What was chosen, for a valid form."""
        told = self.cleaned_data
        return Choices(
            masks_ssn=told["masks_ssn"],
            masks_passwords=told["masks_passwords"],
            masks_codes=told["masks_codes"],
            tells_customers=told["tells_customers"],
            notice_text=told["notice_text"],
            payment_link=told["payment_link"],
            levels={key: told[f"level_{key}"] for key in CATEGORIES},
            own_words=told["own_words"].splitlines(),
        )


def content_initial(settings: ContentSettings) -> dict[str, object]:
    """The form as the workspace's choices stand."""
    names = ("masks_ssn", "masks_passwords", "masks_codes", "tells_customers", "notice_text", "payment_link")
    levels = {f"level_{key}": settings.levels.get(key, "warn") for key in CATEGORIES}
    own = "\n".join(settings.words.get("own", ()))
    return {name: getattr(settings, name) for name in names} | levels | {"own_words": own}


class TryTextForm(DeskForm):
    """A text to try the rules on. It is not stored."""

    text = forms.CharField(
        max_length=LONGEST_TRY,
        label=gettext_lazy("Text"),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )
