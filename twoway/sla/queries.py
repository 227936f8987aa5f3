"""Reading clocks: of conversations on a screen, of a workspace at this moment, of a report; and the policies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from twoway.conversations.models import Conversation
from twoway.events.types import ClockBreached, ClockWarned
from twoway.lib.refusal import NotFound
from twoway.sla import clock_rules
from twoway.sla.clock_rules import Kind, Rule, Running, State
from twoway.sla.models import Clock as ClockRow
from twoway.sla.models import Policy, Track
from twoway.sla.policies import Place, books, terms_of
from twoway.sla.tracking import running_of
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = [
    "AtRisk",
    "Attained",
    "Clock",
    "Detail",
    "Policy",
    "access_policy",
    "at_risk",
    "attainment",
    "clocks_of",
    "default_of",
    "details_of",
    "goal_of",
    "policies",
    "rule_for",
    "steps_of",
    "terms_of",
    "would_be",
]

MOST_ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """The most urgent clock of a conversation. `pause` says why it stands still: customer or snoozed. With
    `asks_to_wrap_up` an answered conversation has been quiet for as long as its policy lets it."""

    kind: Kind
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    state: State
    pause: str = ""
    asks_to_wrap_up: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """One clock of a conversation with all there is to know: seconds `used` of its `goal`, and whose promise it is."""

    id: int
    clock: Clock
    goal: float | None
    used: float
    policy: str
    policy_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AtRisk:
    """How many conversations of a workspace are warned of and late now, with the ids of those due first."""

    warned: int
    breached: int
    conversation_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attained:
    """Of the goals due in a stretch of time: met, breached, and `share` met of both (None without any)."""

    met: int
    breached: int

    @property
    def share(self) -> float | None:
        """0 to 1."""
        return clock_rules.attainment(self.met, self.breached)


# Of conversations -----------------------------------------------------------------------------------------------------


def clocks_of(conversation_ids: Collection[int], at: datetime) -> dict[int, Clock]:
    """The most urgent live clock of each of these conversations that has one; one statement for all."""
    by_talk: dict[int, list[Running]] = defaultdict(list)
    for row in ClockRow.objects.filter(conversation_id__in=list(conversation_ids), ended_at=None):
        by_talk[row.conversation_id].append(running_of(row))
    found = {}
    for key, clocks in by_talk.items():
        quiet = any(one.kind == "wrap_up" and one.breached_at is not None for one in clocks)
        first = clock_rules.front(clocks) or (clocks[0] if quiet else None)
        if first is not None:
            found[key] = _clock(first, at, asks_to_wrap_up=quiet)
    return found


def _clock(one: Running, at: datetime, *, asks_to_wrap_up: bool = False) -> Clock:
    return Clock(
        kind=one.kind,
        started_at=one.started_at,
        due_at=one.due_at,
        warn_at=one.warn_at,
        state=clock_rules.state_of(one, at=at),
        pause=one.pause,
        asks_to_wrap_up=asks_to_wrap_up,
    )


def details_of(conversation: Conversation, *, at: datetime) -> list[Detail]:
    """Every live clock of a conversation that was loaded by `access_conversation`, the most urgent first."""
    rows = list(ClockRow.objects.filter(conversation=conversation, ended_at=None).select_related("policy"))
    place = Place(channel_id=conversation.channel_id, team_id=conversation.team_id, contact_id=conversation.contact_id)
    book = books({conversation.workspace_id: [place]}, at=at).get(conversation.workspace_id)
    found = []
    for row in rows:
        one = running_of(row)
        rule = book.rule_by(row.policy_id, place.team_id, place.channel_id) if book else None
        used = clock_rules.used_by(one, at, rule.calendar) if rule and one.goal is not None else 0.0
        asks = one.kind == "wrap_up" and one.breached_at is not None
        found.append(
            Detail(
                id=row.pk,
                clock=_clock(one, at, asks_to_wrap_up=asks),
                goal=one.goal,
                used=used,
                policy=row.policy.name if row.policy else "",
                policy_id=row.policy_id,
            )
        )
    return sorted(found, key=lambda one: (one.clock.due_at is None, one.clock.due_at or at, one.id))


def rule_for(conversation: Conversation, *, at: datetime) -> Rule | None:
    """What the clocks of a conversation are counted by now; None where no policy fits it."""
    place = Place(channel_id=conversation.channel_id, team_id=conversation.team_id, contact_id=conversation.contact_id)
    book = books({conversation.workspace_id: [place]}, at=at).get(conversation.workspace_id)
    return book.rule_for(place) if book else None


def would_be(conversation: Conversation, *, at: datetime) -> tuple[Policy | None, list[Clock]]:
    """The policy that fits a conversation, and the clocks that would begin if its customer wrote at this moment.

    What runs already is left aside: it is the answer to "what would happen to a text that comes now?".
    """
    rule = rule_for(conversation, at=at)
    if rule is None:
        return None, []
    track = Track.objects.filter(conversation=conversation).first()
    has_answer = track is not None and track.answered_at is not None and conversation.state != "done"
    gear: Kind = "next" if has_answer else "first"
    kinds: tuple[Kind, ...] = (gear, "same_day", "resolution")
    begun = [clock_rules.begun(kind, at, rule) for kind in kinds if rule.terms.has(kind)]
    return Policy.objects.get(id=rule.terms.policy_id), [_clock(one, at) for one in begun]


# Of a workspace -------------------------------------------------------------------------------------------------------


def at_risk(workspace_id: int, at: datetime) -> AtRisk:
    """How many conversations wait for a reply beyond their warning, and beyond their time: open ones, and snoozed ones
    whose clock goes on meanwhile.
    """
    rows = Track.objects.filter(workspace_id=workspace_id, due_at__isnull=False)
    warned, late = Q(warn_at__lte=at, due_at__gt=at), Q(due_at__lte=at)
    counted = rows.aggregate(warned=Count("pk", filter=warned), late=Count("pk", filter=late))
    first = rows.filter(warned | late).order_by("due_at", "pk").values_list("pk", flat=True)[:MOST_ROWS]
    return AtRisk(warned=counted["warned"], breached=counted["late"], conversation_ids=tuple(first))


def attainment(
    workspace_id: int, *, start: datetime, end: datetime, at: datetime, team_id: int | None = None
) -> dict[str, Attained]:
    """By kind of clock, how many goals due in [start, end) were met and how many breached.

    Met / (met + breached), measured on due times: what is open and not yet due is left out, what is open and past due
    counts as breached, and what nobody waited for any more before it was due counts as neither.
    """
    rows = ClockRow.objects.filter(workspace_id=workspace_id, due_at__gte=start, due_at__lt=end)
    rows = rows.exclude(kind="wrap_up")
    if team_id is not None:
        rows = rows.filter(conversation__team_id=team_id)
    late = Q(breached_at__isnull=False) | Q(outcome="late") | Q(ended_at=None, due_at__lte=at)
    counted = rows.values("kind").annotate(
        met=Count("id", filter=Q(outcome="met", breached_at=None)), breached=Count("id", filter=late)
    )
    return {row["kind"]: Attained(met=row["met"], breached=row["breached"]) for row in counted.order_by("kind")}


def steps_of(event: ClockWarned | ClockBreached) -> frozenset[str]:
    """What is to follow from a warning or a breach, as words of `actions.STEPS`: nothing once its clock has ended.

    A quiet conversation is its holder's to close, whatever the policy says.
    """
    row = ClockRow.objects.filter(id=event.clock_id, ended_at=None).select_related("policy").first()
    if row is None:
        return frozenset()
    if row.kind == "wrap_up":
        return frozenset({"holder"})
    if row.policy is None:
        return frozenset()
    return frozenset(row.policy.on_breach if isinstance(event, ClockBreached) else row.policy.on_warn)


# Policies -------------------------------------------------------------------------------------------------------------


def policies(actor: Actor) -> list[Policy]:
    """The policies of a workspace in order, the default one last, with what they are for. Raises `NotAllowed`."""
    require(actor, Right.MANAGE_WORKSPACE)
    rows = Policy.objects.filter(workspace_id=actor.workspace_id).select_related("audience")
    return list(rows.prefetch_related("channels", "teams").order_by("is_default", "position", "id"))


def access_policy(actor: Actor, policy_id: int) -> Policy:
    """One policy. Raises `NotAllowed`, `NotFound`."""
    found = next((row for row in policies(actor) if row.pk == policy_id), None)
    if found is None:
        raise NotFound("policy", policy_id)
    return found


def default_of(workspace_id: int) -> Policy | None:
    """The default policy, if the workspace has one by now."""
    return Policy.objects.filter(workspace_id=workspace_id, is_default=True).first()


def goal_of(workspace_id: int) -> int | None:
    """Within how many minutes a text should be answered by the default policy; None while it is off."""
    found = default_of(workspace_id)
    return found.next_minutes if found is not None and found.is_on else None
