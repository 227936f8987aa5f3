"""The forms of the settings pages: what is typed, before the packages that own it check what it means."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import available_timezones

from django import forms

from twoway.lib.refusal import Invalid, Refused

_AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
ROLES = (
    ("agent", "Agent: reads and answers"),
    ("viewer", "Viewer: reads only"),
    ("manager", "Manager: also teams and quarantine"),
    ("admin", "Admin: also people, numbers, tokens, settings"),
    ("owner", "Owner: also other owners"),
)
VALIDITY = (
    (900, "15 minutes"),
    (3600, "1 hour"),
    (14_400, "4 hours"),
    (86_400, "1 day"),
    (259_200, "3 days"),
)


def time_zones(*, current: str = "") -> list[tuple[str, str]]:
    """Every place-named time zone, UTC, and the one in use, as choices."""
    places = {name for name in available_timezones() if name.split("/", 1)[0] in _AREAS}
    return [(name, name.replace("_", " ")) for name in sorted(places | {"UTC"} | ({current} if current else set()))]


class DeskForm(forms.Form):
    """A form whose refusals by a package's action show at the field they are about."""

    def refuse(self, refused: Refused, *, fields: Iterable[tuple[str, str]] = ()) -> None:
        """Show why the action said no. `fields` translates the action's field names into this form's."""
        named = dict(fields).get(refused.field, refused.field) if isinstance(refused, Invalid) else ""
        self.add_error(named if named in self.fields else None, refused.sentence)


class MemberForm(DeskForm):
    """A person to add."""

    name = forms.CharField(max_length=80, label="Name")
    email = forms.EmailField(label="Email", widget=forms.EmailInput)
    role = forms.ChoiceField(choices=ROLES, label="Role", initial="agent")
    sees_own_teams_only = forms.BooleanField(
        required=False, label="Sees only their teams' conversations", help_text="And those assigned to them."
    )
    teams = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label="Teams", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, teams: Iterable[tuple[int, str]], roles: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["role"], [choice for choice in ROLES if choice[0] in set(roles)])
        _limit(self.fields["teams"], list(teams))


class RoleForm(DeskForm):
    """What a member may do."""

    role = forms.ChoiceField(choices=ROLES, label="Role")
    sees_own_teams_only = forms.BooleanField(
        required=False, label="Sees only their teams' conversations", help_text="And those assigned to them."
    )

    def __init__(self, *args: object, roles: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["role"], [choice for choice in ROLES if choice[0] in set(roles)])


class TeamForm(DeskForm):
    """A team's name and who is in it."""

    name = forms.CharField(max_length=60, label="Name")
    members = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label="Members", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, members: Iterable[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["members"], list(members))


class TokenForm(DeskForm):
    """A token to make."""

    name = forms.CharField(max_length=80, label="Name", help_text="What uses it, so you know it again.")
    role = forms.ChoiceField(choices=ROLES, label="Role", initial="agent")

    def __init__(self, *args: object, roles: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["role"], [choice for choice in ROLES if choice[0] in set(roles)])


class WorkspaceForm(DeskForm):
    """The options of a workspace."""

    name = forms.CharField(max_length=80, label="Name", help_text="Customers see it in answers to keywords.")
    time_zone = forms.ChoiceField(label="Time zone")
    region = forms.CharField(
        max_length=2,
        min_length=2,
        label="Country",
        help_text="Two letters, such as US. Numbers typed without + are read as numbers of this country.",
    )
    reply_validity = forms.TypedChoiceField(
        coerce=int,
        choices=VALIDITY,
        label="Give up sending a reply after",
        help_text="A reply that couldn't leave in this time is not sent late. You see it and decide.",
    )
    help_text = forms.CharField(required=False, max_length=480, label="Answer to HELP", widget=forms.Textarea)
    stop_text = forms.CharField(required=False, max_length=480, label="Answer to STOP", widget=forms.Textarea)
    start_text = forms.CharField(required=False, max_length=480, label="Answer to START", widget=forms.Textarea)

    def __init__(self, *args: object, time_zone: str, reply_validity: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["time_zone"], time_zones(current=time_zone))
        if reply_validity not in dict(VALIDITY):
            _limit(self.fields["reply_validity"], [(reply_validity, f"{reply_validity} seconds"), *VALIDITY])


class ProfileForm(DeskForm):
    """A person's own name and how the desk behaves for them."""

    name = forms.CharField(max_length=80, label="Name", help_text="Teammates see it beside what you do.")
    theme = forms.ChoiceField(
        choices=(("system", "Same as this device"), ("light", "Light"), ("dark", "Dark")),
        label="Theme",
        widget=forms.RadioSelect,
    )
    uses_single_keys = forms.BooleanField(
        required=False, label="Single-key shortcuts", help_text="J, K, E and so on, while you aren't typing."
    )


class SetupForm(DeskForm):
    """First run: the workspace and its owner."""

    workspace = forms.CharField(max_length=80, label="What is the business called?")
    name = forms.CharField(max_length=80, label="Your name")
    email = forms.EmailField(label="Your email", widget=forms.EmailInput)
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(render_value=False),
        help_text="At least 10 characters. A few unrelated words work well.",
    )
    time_zone = forms.ChoiceField(label="Time zone", initial="America/Los_Angeles")
    code = forms.CharField(
        required=False,
        label="Set-up code",
        help_text="Twoway printed it when it started; it is also in the file setup-code in the data folder.",
    )
    wants_simulator = forms.BooleanField(
        required=False,
        label="Add a number to try things out",
        help_text="A simulated phone on this machine. No text leaves it.",
    )

    def __init__(self, *args: object, needs_code: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _limit(self.fields["time_zone"], time_zones())
        if needs_code:
            self.fields["code"].required = True
        else:
            del self.fields["code"]


def _limit(field: forms.Field, choices: list[tuple[object, str]] | list[tuple[str, str]] | list[tuple[int, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
