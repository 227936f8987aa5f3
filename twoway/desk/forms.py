"""The forms of the settings pages: what is typed, before the packages that own it check what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import LANGUAGES, noted, t, tn
from twoway.teams.actor import Actor
from twoway.teams.roles.queries import grantable

_AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
ROLES = {
    "agent": noted("Agent: reads and answers"),
    "viewer": noted("Viewer: reads only"),
    "manager": noted("Manager: also teams, costs and quarantine"),
    "admin": noted("Admin: also people, numbers, tokens, settings"),
    "owner": noted("Owner: also other owners"),
}
VALIDITY = (
    (900, gettext_lazy("15 minutes")),
    (3600, gettext_lazy("1 hour")),
    (14_400, gettext_lazy("4 hours")),
    (86_400, gettext_lazy("1 day")),
    (259_200, gettext_lazy("3 days")),
)
TINTS = (
    ("accent", noted("Teal")),
    ("spark", noted("Orange")),
    ("bot", noted("Violet")),
    ("ok", noted("Green")),
    ("warn", noted("Amber")),
    ("danger", noted("Red")),
    ("ink", noted("Gray")),
)


def time_zones(*, current: str = "") -> list[tuple[str, str]]:
    """Every place-named time zone, UTC, and the one in use, as choices."""
    places = {name for name in available_timezones() if name.split("/", 1)[0] in _AREAS}
    return [(name, name.replace("_", " ")) for name in sorted(places | {"UTC"} | ({current} if current else set()))]


def languages_offered() -> list[tuple[str, str]]:
    """What a person may read in, as choices."""
    return [("", t("As the workspace")), *LANGUAGES.items()]


class DeskForm(forms.Form):
    """A form whose refusals by a package's action show at the field they are about."""

    def refuse(self, refused: Refused, *, fields: Iterable[tuple[str, str]] = ()) -> None:
        """Show why the action said no. `fields` translates the action's field names into this form's."""
        named = dict(fields).get(refused.field, refused.field) if isinstance(refused, Invalid) else ""
        self.add_error(named if named in self.fields else None, refused.sentence)


def role_choices(actor: Actor) -> list[tuple[str, str]]:
    """The roles this actor may give, as choices: none with a right they lack."""
    return [(one.word, t(ROLES[one.role]) if one.custom is None else one.name) for one in grantable(actor)]


class MemberForm(DeskForm):
    """A person to add."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    email = forms.EmailField(label=gettext_lazy("Email"), widget=forms.EmailInput)
    role = forms.ChoiceField(label=gettext_lazy("Role"), initial="agent")
    sees_own_teams_only = forms.BooleanField(
        required=False,
        label=gettext_lazy("Sees only their teams' conversations"),
        help_text=gettext_lazy("And those assigned to them."),
    )
    teams = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label=gettext_lazy("Teams"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: object, teams: Iterable[tuple[int, str]], roles: Iterable[tuple[str, str]], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["role"], list(roles))
        _limit(self.fields["teams"], list(teams))


class RoleForm(DeskForm):
    """What a member may do."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    sees_own_teams_only = forms.BooleanField(
        required=False,
        label=gettext_lazy("Sees only their teams' conversations"),
        help_text=gettext_lazy("And those assigned to them."),
    )

    def __init__(self, *args: object, roles: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["role"], list(roles))


class TeamForm(DeskForm):
    """A team's name and who is in it."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    members = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label=gettext_lazy("Members"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, members: Iterable[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["members"], list(members))


def _tints() -> list[tuple[str, str]]:
    return [(color, format_html('<span class="tag" data-tc="{}">{}</span>', color, t(word))) for color, word in TINTS]


class TagForm(DeskForm):
    """A tag's name and colour. Each choice is drawn as the tag it would be."""

    name = forms.CharField(max_length=40, label=gettext_lazy("Name"))
    color = forms.ChoiceField(
        choices=_tints,
        label=gettext_lazy("Color"),
        widget=forms.RadioSelect,
    )


class TokenForm(DeskForm):
    """A token to make."""

    name = forms.CharField(
        max_length=80, label=gettext_lazy("Name"), help_text=gettext_lazy("What uses it, so you know it again.")
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), initial="agent")

    def __init__(self, *args: object, roles: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["role"], list(roles))


class WorkspaceForm(DeskForm):
    """The options of a workspace."""

    name = forms.CharField(
        max_length=80, label=gettext_lazy("Name"), help_text=gettext_lazy("Customers see it in answers to keywords.")
    )
    language = forms.ChoiceField(
        required=False,
        choices=lambda: list(LANGUAGES.items()),
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("What members read who chose no other, and what invitations are written in."),
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    region = forms.CharField(
        max_length=2,
        min_length=2,
        label=gettext_lazy("Country"),
        help_text=gettext_lazy("Two letters, such as US. Numbers typed without + are read as numbers of this country."),
    )
    reply_validity = forms.TypedChoiceField(
        coerce=int,
        choices=VALIDITY,
        label=gettext_lazy("Give up sending a reply after"),
        help_text=gettext_lazy("A reply that couldn't leave in this time is not sent late. You see it and decide."),
    )
    help_text = forms.CharField(
        required=False, max_length=480, label=gettext_lazy("Answer to HELP"), widget=forms.Textarea
    )
    stop_text = forms.CharField(
        required=False, max_length=480, label=gettext_lazy("Answer to STOP"), widget=forms.Textarea
    )
    start_text = forms.CharField(
        required=False, max_length=480, label=gettext_lazy("Answer to START"), widget=forms.Textarea
    )

    def __init__(self, *args: object, time_zone: str, reply_validity: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["time_zone"], time_zones(current=time_zone))
        if reply_validity not in dict(VALIDITY):
            _limit(
                self.fields["reply_validity"],
                [(reply_validity, tn("{n} second", "{n} seconds", reply_validity)), *VALIDITY],
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownKey:
    """One thing an owner types to connect a provider."""

    key: str
    label: str
    help: str
    is_secret: bool
    is_required: bool


class KeysForm(DeskForm):
    """Credentials, write-only: no value is ever put into the page."""

    def __init__(self, *args: object, keys: Iterable[KnownKey], are_stored: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for known in keys:
            self.fields[f"key_{known.key}"] = forms.CharField(
                label=known.label,
                help_text=known.help,
                required=known.is_required and not are_stored,
                strip=True,
                max_length=4000,
                widget=_key_widget(known),
            )

    def credentials(self) -> dict[str, str]:
        """What was typed, by the provider's names."""
        given = {
            name.removeprefix("key_"): value for name, value in self.cleaned_data.items() if name.startswith("key_")
        }
        return {name: value for name, value in given.items() if value}


KIND_WORDS = {"sms": noted("Text messages"), "whatsapp": "WhatsApp", "voice": noted("Calls")}


class AddChannelForm(KeysForm):
    """A number to connect. The simulated carrier gives the number itself."""

    name = forms.CharField(
        required=False,
        max_length=60,
        label=gettext_lazy("Inbox name"),
        help_text=gettext_lazy("What the team calls it, such as Front desk."),
    )
    team = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Team"))
    kind = forms.ChoiceField(label=gettext_lazy("For"), required=False)
    address = forms.CharField(
        max_length=40,
        label=gettext_lazy("Number"),
        help_text=gettext_lazy("With its country code, or a short code."),
        widget=forms.TextInput,
    )

    def __init__(
        self,
        *args: object,
        keys: Iterable[KnownKey],
        teams: Iterable[tuple[int, str]],
        picks_number: bool,
        kinds: Iterable[str] = (),
        **kwargs: object,
    ) -> None:
        super().__init__(*args, keys=keys, are_stored=False, **kwargs)
        choices = [(kind, t(KIND_WORDS.get(kind, kind))) for kind in kinds]
        _limit(self.fields["kind"], choices)
        if len(choices) < 2:
            del self.fields["kind"]
        _limit(self.fields["team"], [("", t("No team: everybody")), *teams])
        if picks_number:
            del self.fields["address"]
        self.key_fields = [name for name in self.fields if name.startswith("key_")]


class ChannelForm(DeskForm):
    """What can be changed about a connected number."""

    name = forms.CharField(required=False, max_length=60, label=gettext_lazy("Inbox name"))
    team = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Team"))
    rate = forms.FloatField(
        min_value=0.01,
        max_value=1000,
        label=gettext_lazy("Segments a second"),
        help_text=gettext_lazy("What the provider lets this number send. Texts beyond it wait their turn."),
    )
    stop_handled_by = forms.ChoiceField(
        choices=(("us", "Twoway"), ("provider", gettext_lazy("The provider"))),
        label=gettext_lazy("STOP and START are answered by"),
        help_text=gettext_lazy("Either way the opt-out is kept here and nothing is sent after it."),
    )

    def __init__(self, *args: object, teams: Iterable[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["team"], [("", t("No team: everybody")), *teams])


class TrialTextForm(DeskForm):
    """A test text."""

    to = forms.CharField(max_length=40, label=gettext_lazy("To"), help_text=gettext_lazy("Your own phone, say."))
    body = forms.CharField(
        max_length=320, label=gettext_lazy("Text"), initial=gettext_lazy("This is a test from Twoway.")
    )


class ProfileForm(DeskForm):
    """A person's own name and how the desk behaves for them."""

    name = forms.CharField(
        max_length=80, label=gettext_lazy("Name"), help_text=gettext_lazy("Teammates see it beside what you do.")
    )
    language = forms.ChoiceField(
        required=False,
        choices=languages_offered,
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("Of the desk and of your emails. What you write to customers stays as you write it."),
    )
    theme = forms.ChoiceField(
        choices=(
            ("system", gettext_lazy("Same as this device")),
            ("light", gettext_lazy("Light")),
            ("dark", gettext_lazy("Dark")),
        ),
        label=gettext_lazy("Theme"),
        widget=forms.RadioSelect,
    )
    uses_single_keys = forms.BooleanField(
        required=False,
        label=gettext_lazy("Single-key shortcuts"),
        help_text=gettext_lazy("J, K, E and so on, while you aren't typing."),
    )
    undo_seconds = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=(
            ("0", gettext_lazy("Off")),
            ("5", gettext_lazy("5 seconds")),
            ("10", gettext_lazy("10 seconds")),
            ("20", gettext_lazy("20 seconds")),
        ),
        label=gettext_lazy("Undo send"),
        help_text=gettext_lazy("How long a text waits after Send, so that you can take it back."),
    )


class SetupForm(DeskForm):
    """First run: the workspace and its owner."""

    workspace = forms.CharField(max_length=80, label=gettext_lazy("What is the business called?"))
    name = forms.CharField(max_length=80, label=gettext_lazy("Your name"))
    email = forms.EmailField(label=gettext_lazy("Your email"), widget=forms.EmailInput)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(render_value=False),
        help_text=gettext_lazy("At least 10 characters. A few unrelated words work well."),
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), initial="America/Los_Angeles")
    code = forms.CharField(
        required=False,
        label=gettext_lazy("Set-up code"),
        help_text=gettext_lazy(
            "Twoway printed it when it started; it is also in the file setup-code in the data folder."
        ),
    )
    wants_simulator = forms.BooleanField(
        required=False,
        label=gettext_lazy("Add a number to try things out"),
        help_text=gettext_lazy("A simulated phone on this machine. No text leaves it."),
    )
    wants_starter = forms.BooleanField(
        required=False,
        label=gettext_lazy("Add saved replies for common questions"),
        help_text=gettext_lazy("Short answers to begin with, found with / while you write. They are yours to change."),
    )

    def __init__(self, *args: object, needs_code: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["time_zone"], time_zones())
        if needs_code:
            self.fields["code"].required = True
        else:
            del self.fields["code"]


def _key_widget(known: KnownKey) -> forms.Widget:
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    if known.is_secret:
        return forms.PasswordInput(attrs=attrs | {"autocomplete": "new-password"}, render_value=False)
    return forms.TextInput(attrs=attrs)


def _limit(field: forms.Field, choices: Sequence[tuple[object, object]]) -> None:
    """Offer these choices in a field that has choices."""
    field.choices = choices  # type: ignore[attr-defined]
