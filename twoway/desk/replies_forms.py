"""The forms of saved replies and macros."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from twoway.channels.queries import visible_channels
from twoway.desk.forms import DeskForm
from twoway.lib.words import noted, t
from twoway.replies import macro_rules, rules
from twoway.replies.actions import MacroTerms, ReplyTerms
from twoway.replies.queries import Kind, Reply, Scope
from twoway.teams.actor import Actor
from twoway.teams.queries import own_teams
from twoway.teams.rules import Right, may

ONLY_ME = ("own", noted("Only me"))
VARIABLES = gettext_lazy(
    "{first_name|there} is filled in, with “there” for people whose name we don't know. {eta} is a blank."
)
MOST_ROWS = rules.MOST_VARIANTS + 1
LEAST_ROWS = 4


def scopes(actor: Actor) -> list[tuple[str, str]]:
    """Who a member may prepare words for, as choices: a value is "own", "all" or "team-3"."""
    only_me = (ONLY_ME[0], t(ONLY_ME[1]))
    if not may(actor, Right.MANAGE_REPLIES):
        return [only_me]
    teams = [(f"team-{one.pk}", t("Team: {name}", name=one.name)) for one in own_teams(actor)]
    own = [only_me] if actor.member_id is not None else []
    return [("all", t("Everybody")), *teams, *own]


def place_of(told: str) -> tuple[str, int | None]:
    """The scope and the team of one of `scopes`."""
    kind, _, team = told.partition("-")
    return (kind, int(team)) if kind == "team" and team.isdigit() else (kind, None)


def told_place(scope: str, team_id: int | None) -> str:
    """The other way round."""
    return f"team-{team_id}" if scope == Scope.TEAM else scope


class ReplyForm(DeskForm):
    """A saved reply. Its languages come as pairs of fields beside it."""

    name = forms.CharField(max_length=rules.LONGEST_NAME, label=gettext_lazy("Name"))
    word = forms.CharField(
        max_length=rules.LONGEST_WORD + 1,
        required=False,
        label=gettext_lazy("Short word"),
        help_text=gettext_lazy("Typed after / to find it at once, such as late."),
    )
    folder = forms.CharField(
        max_length=60,
        required=False,
        label=gettext_lazy("Folder"),
        help_text=gettext_lazy("A new name makes a new folder."),
    )
    kind = forms.ChoiceField(
        choices=Kind.choices, label=gettext_lazy("What it is"), initial="text", widget=forms.RadioSelect
    )
    body = forms.CharField(
        max_length=rules.LONGEST_BODY,
        required=False,
        label=gettext_lazy("What it says"),
        help_text=VARIABLES,
        widget=forms.Textarea,
    )
    steps = forms.CharField(
        max_length=4000,
        required=False,
        label=gettext_lazy("Steps"),
        help_text=gettext_lazy("For a help article: one step a line. They are numbered."),
        widget=forms.Textarea,
    )
    url = forms.CharField(max_length=rules.LONGEST_URL, required=False, label=gettext_lazy("Link"))
    place = forms.ChoiceField(label=gettext_lazy("Who may use it"))
    channel = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None, label=gettext_lazy("For which number")
    )

    def __init__(self, data: QueryDict | None = None, *, by: Actor, reply: Reply | None = None) -> None:
        super().__init__(data, initial=_initial(reply) if reply else {"place": scopes(by)[0][0]})
        chosen: Any = self.fields["place"]
        chosen.choices = scopes(by)
        numbers: Any = self.fields["channel"]
        numbers.choices = [
            ("", t("All numbers")),
            *((one.pk, str(one.name or one.address)) for one in visible_channels(by)),
        ]
        self.variants = _variants(data) if data is not None else list(reply.variants.items()) if reply else []

    def rows(self) -> list[tuple[str, str]]:
        """The languages with a row for one more."""
        return [*self.variants, ("", "")][:MOST_ROWS]

    def terms(self) -> ReplyTerms:
        """What was typed."""
        given = self.cleaned_data
        scope, team_id = place_of(given["place"])
        return ReplyTerms(
            name=given["name"],
            word=given["word"],
            folder=given["folder"],
            kind=given["kind"],
            body=given["body"],
            steps=given["steps"].splitlines(),
            url=given["url"],
            scope=scope,
            team_id=team_id,
            channel_id=given["channel"],
            variants=dict(self.variants),
        )


def _initial(reply: Reply) -> dict[str, object]:
    return {
        "name": reply.name,
        "word": reply.word,
        "folder": reply.folder.name if reply.folder else "",
        "kind": reply.kind,
        "body": reply.body,
        "steps": "\n".join(reply.steps),
        "url": reply.url,
        "place": told_place(reply.scope, reply.team_id),
        "channel": reply.channel_id,
    }


def _variants(data: QueryDict) -> list[tuple[str, str]]:
    pairs = zip(data.getlist("language")[:MOST_ROWS], data.getlist("wording")[:MOST_ROWS], strict=False)
    return [(language.strip(), words) for language, words in pairs if language.strip() or words.strip()]


class MacroForm(DeskForm):
    """A macro. Its steps come as triples of fields beside it."""

    name = forms.CharField(max_length=rules.LONGEST_NAME, label=gettext_lazy("Name"))
    key = forms.CharField(
        max_length=8,
        required=False,
        label=gettext_lazy("Shortcut"),
        help_text=gettext_lazy("One letter or digit, alone or with Alt: w, or alt+1."),
    )
    when = forms.ChoiceField(
        choices=[
            ("always", gettext_lazy("Always")),
            ("replying", gettext_lazy("Only while a customer waits for an answer")),
        ],
        label=gettext_lazy("Offered"),
    )
    place = forms.ChoiceField(label=gettext_lazy("Who may use it"))

    def __init__(self, data: QueryDict | None = None, *, by: Actor, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial or {"place": scopes(by)[0][0], "when": "always"})
        chosen: Any = self.fields["place"]
        chosen.choices = scopes(by)
        self.steps: Sequence[dict[str, str]] = _steps(data) if data is not None else (initial or {}).get("steps", [])

    def rows(self) -> list[dict[str, str]]:
        """The steps, with at least one empty row."""
        blank = {"do": "", "value": "", "key": ""}
        return [*self.steps, *([blank] * max(1, LEAST_ROWS - len(self.steps)))][: macro_rules.MOST_STEPS]

    def terms(self) -> MacroTerms:
        """What was typed."""
        given = self.cleaned_data
        scope, team_id = place_of(given["place"])
        return MacroTerms(
            name=given["name"], key=given["key"], when=given["when"], scope=scope, team_id=team_id, steps=self.steps
        )


def _steps(data: QueryDict) -> list[dict[str, str]]:
    """Rows of `do`, the value of the field that goes with it, and for a property its name; empty rows are left out."""
    found = []
    for number, do in enumerate(data.getlist("do")[: macro_rules.MOST_STEPS]):
        if do:
            kind = VALUE_OF.get(do, "")
            value = data.get(f"{kind}-{number}", "") if kind else ""
            found.append({"do": do, "value": value, "key": data.get(f"key-{number}", "")})
    return found


VALUE_OF = {
    "reply": "reply",
    "fill": "reply",
    "tag": "tag",
    "untag": "tag",
    "assign_member": "member",
    "assign_team": "team",
    "property": "words",
    "note": "words",
    "snooze": "snooze",
}
"""Which field holds the value of a kind of step."""


class ImportForm(DeskForm):
    """A table of saved replies."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("In UTF-8, with at least the columns name and body. Export one to see them all."),
    )


class WordingForm(DeskForm):
    """The second wording of a test."""

    other_body = forms.CharField(
        max_length=rules.LONGEST_BODY, label=gettext_lazy("Wording B"), help_text=VARIABLES, widget=forms.Textarea
    )
