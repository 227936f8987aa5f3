"""Reading what a workspace wants of its automatic texts, which words hold where, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twoway.messaging.greeting.models import Greeting, GreetingSettings, Wording
from twoway.messaging.greeting.wording import rules as wording
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = ["Greeting", "Held", "Wordings", "access_wordings", "active", "sent_texts", "settings_of", "wordings_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """One kind of text as it holds somewhere. `source` is number, team, workspace, or "" where nobody set it."""

    kind: str
    is_on: bool = False
    texts: Mapping[str, str]
    source: str = ""

    def words(self, language: str) -> str:
        """Its words in this language, before anything is filled in."""
        return wording.words_for(self.kind, language, self.texts)


class Wordings:
    """All wordings of one workspace, looked up by number and team: the number's, else the team's, else everybody's."""

    def __init__(self, rows: Iterable[Wording]) -> None:
        self._rows = {(row.team_id, row.channel_id, row.kind): row for row in rows}

    def at(self, *, channel_id: int | None, team_id: int | None) -> dict[str, Held]:
        """Each kind as it holds for this number and team."""
        return {kind: self._held(kind, channel_id, team_id) for kind in wording.KINDS}

    def own(self, *, channel_id: int | None, team_id: int | None) -> dict[str, Held]:
        """What was set just here, by kind; kinds without are missing."""
        found = {}
        for kind in wording.KINDS:
            row = self._rows.get((team_id, channel_id, kind))
            if row is not None:
                found[kind] = _held(row, "number" if channel_id else "team" if team_id else "workspace")
        return found

    def _held(self, kind: str, channel_id: int | None, team_id: int | None) -> Held:
        places = [(None, channel_id, "number"), (team_id, None, "team"), (None, None, "workspace")]
        for team, channel, source in places:
            if (source == "number" and channel is None) or (source == "team" and team is None):
                continue
            row = self._rows.get((team, channel, kind))
            if row is not None:
                return _held(row, source)
        return Held(kind=kind, texts={})


def _held(row: Wording, source: str) -> Held:
    return Held(kind=row.kind, is_on=row.is_on, texts=row.texts, source=source)


def settings_of(workspace_id: int) -> GreetingSettings:
    """What a workspace chose, or a row with the defaults that is not kept."""
    found = GreetingSettings.objects.filter(workspace_id=workspace_id).first()
    return found or GreetingSettings(workspace_id=workspace_id)


def wordings_of(workspace_id: int) -> Wordings:
    """Every wording of a workspace, in one read."""
    return Wordings(Wording.objects.filter(workspace_id=workspace_id))


def access_wordings(actor: Actor) -> Wordings:
    """The same for whoever may set them. Raises `NotAllowed`."""
    require(actor, Right.MANAGE_WORKSPACE)
    return wordings_of(actor.workspace_id)


def active() -> dict[int, GreetingSettings]:
    """The settings of every workspace in which some automatic text is switched on."""
    ids = Wording.objects.filter(is_on=True).values("workspace_id")
    return {row.workspace_id: row for row in GreetingSettings.objects.filter(workspace_id__in=ids)}


def sent_texts(message_ids: Iterable[int]) -> dict[int, Greeting]:
    """Automatic texts by the id of the message, with why each went."""
    rows = Greeting.objects.filter(sent_id__in=list(message_ids))
    return {row.sent_id: row for row in rows if row.sent_id is not None}
