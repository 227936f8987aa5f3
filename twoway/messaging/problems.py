"""Why texts of ours failed in the last days: reasons, the providers' codes, the numbers, and examples to look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from twoway.conversations.queries import visible_to
from twoway.lib.words import t
from twoway.messaging.models import Direction, Message
from twoway.providers import advice, failures
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

FAILED = ("failed", "undelivered")
MOST_CODES = 8
EXAMPLES = 5

Line = tuple[str, int, str, str, int]
"""Reason, channel id, provider, the provider's code, and how many texts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One provider's code for a reason; "" where the provider gave none."""

    provider: str
    code: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One reason. `numbers` are (channel id, how many); the most frequent come first everywhere."""

    reason: str
    label: str
    meaning: str
    advice: str
    count: int
    codes: tuple[Code, ...]
    numbers: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All of them since a time, of how many texts that left in all."""

    problems: tuple[Problem, ...]
    failed: int
    sent: int

    @property
    def percent(self) -> float:
        """How many of a hundred texts failed."""
        return 100 * self.failed / self.sent if self.sent else 0.0


def report(actor: Actor, *, since: datetime) -> Report:
    """What failed since then, of what this actor may see. Raises `NotAllowed`."""
    texts = _visible(actor, since)
    rows = texts.filter(status__in=FAILED).values_list("error", "channel_id", "channel__provider", "error_code")
    lines: list[Line] = [
        (reason or "unknown", channel, provider, code, count)
        for reason, channel, provider, code, count in rows.annotate(texts=Count("id"))
    ]
    by_reason: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_reason[line[0]].append(line)
    found = [_problem(reason, of_it) for reason, of_it in by_reason.items()]
    return Report(
        problems=tuple(sorted(found, key=lambda one: (-one.count, one.reason))),
        failed=sum(line[4] for line in lines),
        sent=texts.exclude(status__in=["queued", "scheduled", "canceled"]).count(),
    )


def examples(actor: Actor, *, reason: str, since: datetime) -> list[Message]:
    """The newest texts that failed for this reason, one of each conversation, with their people and numbers."""
    words = ["", reason] if reason == "unknown" else [reason]
    newest = Window(RowNumber(), partition_by=F("conversation_id"), order_by=F("id").desc())
    texts = _visible(actor, since).filter(status__in=FAILED, error__in=words).annotate(place=newest)
    return list(texts.filter(place=1).select_related("conversation__contact", "identity").order_by("-id")[:EXAMPLES])


def is_reason(word: str) -> bool:
    """Whether texts can fail for this."""
    return word in failures.REASONS


def _visible(actor: Actor, since: datetime) -> QuerySet[Message]:
    """Our texts since then, in conversations this actor may see."""
    require(actor, Right.SEE_QUARANTINE)
    texts = Message.objects.filter(workspace_id=actor.workspace_id, direction=Direction.OUT, created_at__gte=since)
    return texts.filter(conversation__in=visible_to(actor)) if actor.sees_own_teams_only else texts


def _problem(reason: str, lines: Iterable[Line]) -> Problem:
    codes: Counter[tuple[str, str]] = Counter()
    numbers: Counter[int] = Counter()
    for _, channel, provider, code, count in lines:
        codes[provider, code] += count
        numbers[channel] += count
    known: Mapping[str, failures.Reason] = failures.REASONS
    words = known.get(reason, known["unknown"])
    return Problem(
        reason=reason,
        label=t(words.label),
        meaning=t(words.for_agent),
        advice=advice.of(reason),
        count=sum(numbers.values()),
        codes=tuple(Code(provider=p, code=c, count=n) for (p, c), n in codes.most_common(MOST_CODES)),
        numbers=tuple(numbers.most_common()),
    )
