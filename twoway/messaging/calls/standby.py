"""What callers hear while the database is away: what each number does with calls, kept in memory and read now and then.

Nobody can be looked up then: a call is answered by the number's own plan in the workspace's language, and what was said
about it is taken in later (`webhooks.voice`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from twoway.channels.calendars import calendar_for
from twoway.channels.models import Channel
from twoway.messaging.calls import rules, wording
from twoway.messaging.calls.hearing import comes_in, key_of
from twoway.messaging.calls.models import CallWords, NumberCalls
from twoway.messaging.calls.queries import FIELDS
from twoway.messaging.calls.rules import NO_PLAN, Known, Plan, Voiced
from twoway.providers.voice.base import Hangup, Heard, Instruction, Say, Step
from twoway.teams.hours.queries import Calendar
from twoway.teams.hours.rules import is_open
from twoway.teams.models import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number of ours, as far as a call needs it. `hook` is its address, `business` what callers know us by."""

    channel_id: int
    workspace_id: int
    hook: str
    address: str
    business: str


@dataclass(kw_only=True, slots=True)
class Standby:
    """What was read at last: plans and hours by number, words and languages by workspace."""

    plans: dict[int, dict[bool, Plan]] = field(default_factory=dict)
    hours: dict[int, Calendar] = field(default_factory=dict)
    words: dict[int, dict[tuple[str, str], str]] = field(default_factory=dict)
    languages: dict[int, str] = field(default_factory=dict)

    def tell(self, number: Number, heard: Heard, *, at: datetime) -> tuple[tuple[Instruction, ...], str]:
        """What the provider is told of a call nobody can look up, and our name of it."""
        ref = heard.ref or key_of(number.hook, heard.provider_id).hex
        voiced = self._voiced(number)
        if heard.step == Step.CALLED or comes_in(ref):
            return rules.tell(heard, self._plan(number, at), voiced, caller_id=number.address, is_over=False), ref
        if heard.step in (Step.AGENT, Step.KEYED):
            return (voiced.say("sorry"), Hangup()), ref
        known = Known(direction="out")
        return rules.tell_agent(heard, voiced, known=known, customer="", caller_id=number.address, ring=0), ref

    def sorry(self, number: Number) -> tuple[Instruction, ...]:
        """What whoever can't be helped at all hears."""
        said: Say = self._voiced(number).say("sorry")
        return (said, Hangup())

    def _plan(self, number: Number, at: datetime) -> Plan:
        plans = self.plans.get(number.channel_id, {})
        hours = self.hours.get(number.channel_id)
        while_open = hours is None or is_open(hours, at)
        return plans.get(while_open) or plans.get(not while_open) or NO_PLAN

    def _voiced(self, number: Number) -> Voiced:
        language = wording.language_of(self.languages.get(number.workspace_id))
        words = wording.all_of(language, self.words.get(number.workspace_id, {}), business=number.business)
        return Voiced(words=words, language=wording.SPOKEN[language])


def read(*, at: datetime) -> Standby:
    """Read it anew: four queries, and one or more for each workspace with hours that has set up its calls."""
    found = Standby(languages=dict(Workspace.objects.values_list("id", "language")))
    for row in NumberCalls.objects.all():
        plan = Plan(**{name: getattr(row, name) for name in FIELDS})
        found.plans.setdefault(row.channel_id, {})[row.is_open] = plan
    for workspace_id, kind, language, own in CallWords.objects.values_list("workspace_id", "kind", "language", "words"):
        found.words.setdefault(workspace_id, {})[kind, language] = own
    both = [channel_id for channel_id, plans in found.plans.items() if plans.get(True) != plans.get(False)]
    for channel_id, workspace_id, team_id in Channel.objects.filter(id__in=both).values_list(
        "id", "workspace_id", "team_id"
    ):
        found.hours[channel_id] = calendar_for(workspace_id, team_id=team_id, channel_id=channel_id, at=at)
    return found
