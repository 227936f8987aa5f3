"""The forms of getting, connecting, text-enabling and giving back a number."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy

from twoway.channels.numbers.queries import Ability, NumberKind
from twoway.desk.forms import DeskForm, KeysForm
from twoway.lib.words import noted, t

KINDS = {
    NumberKind.LOCAL: noted("Local"),
    NumberKind.MOBILE: noted("Mobile"),
    NumberKind.NATIONAL: noted("National"),
    NumberKind.TOLL_FREE: noted("Toll-free"),
    NumberKind.SHORT_CODE: noted("Short code"),
}


class SearchForm(DeskForm):
    """What sort of number to look for."""

    kind = forms.ChoiceField(label=gettext_lazy("Type"))
    country = forms.RegexField(
        r"^[A-Za-z]{2}$", label=gettext_lazy("Country"), help_text=gettext_lazy("Two letters, such as US.")
    )
    area = forms.RegexField(r"^[0-9]{0,6}$", required=False, label=gettext_lazy("Area code"))
    contains = forms.RegexField(
        r"^[0-9]{0,10}$", required=False, label=gettext_lazy("Contains"), help_text=gettext_lazy("Digits in a row.")
    )
    mms = forms.BooleanField(required=False, label=gettext_lazy("Can send pictures"))
    voice = forms.BooleanField(required=False, label=gettext_lazy("Can take calls"))

    def __init__(self, *args: object, kinds: Iterable[NumberKind], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["kind"].choices = [(kind.value, t(KINDS[kind])) for kind in kinds]  # type: ignore[attr-defined]
        for name in ("country", "area", "contains"):
            self.fields[name].error_messages["invalid"] = (
                t("Use letters here.") if name == "country" else t("Digits only.")
            )

    def abilities(self) -> frozenset[Ability]:
        """What the number must carry."""
        wanted = {Ability.SMS}
        wanted |= {Ability.MMS} if self.cleaned_data["mms"] else set()
        wanted |= {Ability.VOICE} if self.cleaned_data["voice"] else set()
        return frozenset(wanted)


class InboxForm(DeskForm):
    """What the number will be here. The number itself travels along unseen."""

    number = forms.CharField(max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(
        required=False,
        max_length=60,
        label=gettext_lazy("Inbox name"),
        help_text=gettext_lazy("What the team calls it, such as Front desk."),
    )
    team = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Team"))

    def __init__(self, *args: object, teams: Iterable[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["team"].choices = [("", t("No team: everybody")), *teams]  # type: ignore[attr-defined]


class BuyForm(InboxForm):
    """A number to buy."""

    country = forms.RegexField(r"^[A-Za-z]{2}$", widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=[(kind.value, word) for kind, word in KINDS.items()], widget=forms.HiddenInput)


class HostForm(KeysForm):
    """A number of another phone company, with what the provider asks about it."""

    number = forms.CharField(
        max_length=40, label=gettext_lazy("Number"), help_text=gettext_lazy("A landline or toll-free number of yours.")
    )
    name = forms.CharField(required=False, max_length=60, label=gettext_lazy("Inbox name"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, are_stored=False, **kwargs)  # type: ignore[arg-type]
        self.key_fields = [name for name in self.fields if name.startswith("key_")]


class ReleaseForm(DeskForm):
    """Typed, so that nobody gives a number back by a slip of the finger."""

    typed = forms.CharField(max_length=20, label=gettext_lazy("Last four digits"))
