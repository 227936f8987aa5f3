"""The summary somebody gets with a conversation: facts in lines, each with what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from twoway.conversations.together.queries import Handover
from twoway.conversations.together.rules import Stretch
from twoway.desk.builders.chips import short
from twoway.desk.context.together import HandoverCard
from twoway.desk.words import effort_words, until_words, when_words
from twoway.lib.words import t, tn
from twoway.messaging.handing import Facts

LONGEST_QUOTE = 160
_DAY = 86_400


def summary(facts: Facts, *, now: datetime) -> str:
    """The facts as lines such as "Tags: VIP", to be read and changed before they are handed over."""
    local = timezone.localtime(now)
    opened = timezone.localtime(facts.opened_at)
    lines = [t("Open since: {when}", when=_moment(opened, local))]
    held = trail_words(facts.held)
    lines += [t("Had it: {names}", names=held)] if held else []
    answered = ", ".join(f"{short(name)} {count}" for name, count in facts.answered_by)
    lines += [t("Our texts: {names}", names=answered)] if answered else []
    lines += [t("They wrote last: {text}", text=_quoted(body)) for _, body in facts.last_texts]
    lines += [t("Not answered: {text}", text=_quoted(body)) for _, body in facts.unanswered]
    lines += [t("Tags: {tags}", tags=", ".join(facts.tags))] if facts.tags else []
    lines += [
        t("Note by {name}: {text}", name=short(name) or t("a program"), text=_cut(body)) for name, body in facts.notes
    ]
    if facts.snoozed_until:
        until = until_words(timezone.localtime(facts.snoozed_until), now=local)
        lines.append(t("Snoozed until: {time}", time=until))
    lines += [
        t("Scheduled for {time}: {text}", time=until_words(timezone.localtime(at), now=local), text=_quoted(body))
        for at, body in facts.scheduled
    ]
    lines += [t("Did not arrive: {text} {why}", text=_quoted(body), why=t(why)).rstrip() for body, why in facts.failed]
    return "\n".join(lines)


def _moment(local: datetime, now: datetime) -> str:
    day = when_words(local, now=now)
    return t("today at {time}", time=day) if local.date() == now.date() else day


def _cut(words: str) -> str:
    whole = " ".join(words.split())
    return whole if len(whole) <= LONGEST_QUOTE else f"{whole[: LONGEST_QUOTE - 1].rstrip()}…"


def _quoted(words: str) -> str:
    return f"“{_cut(words)}”"


def trail_words(held: Iterable[Stretch]) -> str:
    """Such as "Ana 12 min, nobody 5 min, Ben 2 h 0 min"; "" where nobody ever had it."""
    found = list(held)
    if not any(one.name for one in found):
        return ""
    nobody = t("nobody")
    return ", ".join(f"{short(one.name) or nobody} {lasting(one.lasted.total_seconds())}" for one in found)


def lasting(seconds: float) -> str:
    """A length of time in words; from two days up in days."""
    days = int(seconds // _DAY)
    return tn("{n} day", "{n} days", days) if days >= 2 else effort_words(int(seconds))


def card(handover: Handover) -> HandoverCard:
    """What stands above the log."""
    by = short(handover.by_name)
    return HandoverCard(
        id=handover.pk,
        conversation_id=handover.conversation_id,
        headline=t("{name} handed this over", name=by) if by else t("Where this stands"),
        at=handover.at,
        lines=lines_of(handover.summary),
    )


def lines_of(text: str) -> tuple[tuple[str, str], ...]:
    """A summary in lines: what comes before the first colon says what about, and may be missing."""
    found = []
    for line in text.splitlines():
        about, colon, what = line.partition(": ")
        if line.strip():
            found.append((about.strip(), what.strip()) if colon and len(about) <= 40 else ("", line.strip()))
    return tuple(found)
