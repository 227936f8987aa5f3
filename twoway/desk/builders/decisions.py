"""Why a text went, waits or may not go, from the decisions that are kept about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from django.utils import timezone

from twoway.compliance.deciding.queries import Decision
from twoway.compliance.purposes.rules import PurposeRule
from twoway.compliance.relevance.rules import KILOMETERS, far
from twoway.compliance.rules import SendFacts
from twoway.desk.context.decisions import DecisionLine, Why
from twoway.desk.words import when_words
from twoway.messaging.queries import Message

_TITLES = {
    ("door", "allow"): "Allowed when it was written",
    ("door", "hold"): "Held when it was written",
    ("door", "deny"): "Refused when it was written",
    ("claim", "allow"): "Allowed when it left",
    ("claim", "hold"): "Held when it was to leave",
    ("claim", "deny"): "Stopped when it was to leave",
}
_VERDICTS: Mapping[str, Literal["allow", "hold", "deny"]] = {"allow": "allow", "hold": "hold", "deny": "deny"}
_LEVELS = {"": "none on record", "implied": "implied by their own text", "express": "express", "written": "written"}
_PLACED_BY = {
    "coordinates": "by their coordinates",
    "postcode": "by their postcode",
    "area_code": "an estimate by their area code",
}
_NOTHING_AGAINST = "Nothing spoke against it."


def why(message: Message, decided: Sequence[Decision], *, purposes: Mapping[str, PurposeRule], now: datetime) -> Why:
    """The popover of one text of ours."""
    rule = purposes.get(message.purpose)
    return Why(
        conversation_id=message.conversation_id,
        message_id=message.pk,
        purpose=rule.label if rule else message.purpose or "Not kept",
        standing=_standing(message, now),
        lines=tuple(_line(each, now) for each in reversed(decided)),
    )


def _standing(message: Message, now: datetime) -> str:
    if message.status != "scheduled" or message.send_after is None:
        return ""
    when = _when(message.send_after, now)
    if not message.held_reason:
        return f"It leaves {when}, as its author chose, if nothing speaks against it then."
    return f"It waits. Compliance is asked again {when}."


def _line(decision: Decision, now: datetime) -> DecisionLine:
    words = decision.for_agent or (_NOTHING_AGAINST if decision.verdict == "allow" else _plain(decision.reason))
    return DecisionLine(
        verdict=_VERDICTS.get(decision.verdict, "allow"),
        title=_TITLES.get((decision.stage, decision.verdict), "Decided"),
        words=words,
        at=decision.at,
        facts=tuple(_facts(decision.facts, now)),
        warnings=tuple(str(one.get("for_agent", "")) for one in decision.facts.get("warnings", ())),
    )


def _facts(facts: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """What was known, in words. Decisions of earlier versions hold fewer facts."""
    yield from _of_send(facts)
    if (consent := facts.get("consent")) is not None:
        level = _LEVELS.get(consent.get("level", ""), consent.get("level", ""))
        given = _time(consent.get("given_at"), now)
        yield "Consent", f"{level}, given {given}" if given else level
        needed = facts.get("rule", {}).get("level", "")
        if needed and not facts.get("is_first_text"):
            yield "Needed", _LEVELS.get(needed, needed) if needed != "none" else "none"
        if withdrawn := _time(consent.get("withdrawn_at"), now):
            yield "Withdrawn", withdrawn
    if (quiet := facts.get("quiet")) is not None:
        yield "Where they may be", ", ".join(zone.replace("_", " ") for zone in quiet.get("zones", ())) or "unknown"
    if (relevance := facts.get("relevance")) is not None:
        yield from _of_relevance(relevance)
    if (pacing := facts.get("pacing")) is not None:
        yield "In the last 7 days", f"{len(pacing.get('times', ()))} of this purpose"
        yield "Unanswered", f"{pacing.get('unanswered', 0)} in a row"
    if (mode := facts.get("mode")) is not None:
        yield "Their request", _time(mode.get("asked_at"), now) or "none"
    if (expired := _time(facts.get("expires_at"), now)) is not None:
        yield "Valid until", expired


def _of_relevance(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """How far away they are, what says so, and how far such texts go."""
    known, unit = facts.get("distance_km"), str(facts.get("unit", "km"))
    by = _PLACED_BY.get(str(facts.get("source", "")), "")
    yield "From us", f"about {far(known, unit)}, {by}" if known is not None else "unknown"
    yield "Goes within", f"{far(facts.get('within', 0) * KILOMETERS[unit], unit)} of {facts.get('place', '')}"


def _of_send(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "is_opted_out" not in facts:
        return
    known = {name: facts[name] for name in SendFacts.__dataclass_fields__ if name in facts}
    yield "Opted out", "yes" if known["is_opted_out"] else "no"
    if known.get("is_blocked"):
        yield "Blocked", "yes"
    if known.get("reach"):
        yield "Their number", str(known["reach"])
    if known.get("is_in_doubt"):
        yield "Open question", "they may have asked us to stop"
    if known.get("is_reply_only"):
        yield "Our number", "only answers"
    if known.get("needs_template"):
        yield "WhatsApp's window", "closed"


def _time(told: Any, now: datetime) -> str | None:
    return _when(datetime.fromisoformat(told), now) if told else None


def _when(at: datetime, now: datetime) -> str:
    return when_words(timezone.localtime(at), now=timezone.localtime(now))


def _plain(code: str) -> str:
    """A code as words, for decisions that kept no sentence."""
    return f"{code.replace('_', ' ').capitalize()}."
