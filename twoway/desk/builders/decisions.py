"""Why a text went, waits or may not go, from the decisions that are kept about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from django.utils import timezone

from twoway.compliance.deciding.queries import Decision
from twoway.compliance.purposes.rules import PurposeRule, called
from twoway.compliance.relevance.rules import KILOMETERS, far
from twoway.compliance.rules import SendFacts
from twoway.desk.context.decisions import DecisionLine, Why
from twoway.desk.words import when_words
from twoway.lib.words import noted, t
from twoway.messaging.queries import Message

_TITLES = {
    ("door", "allow"): noted("Allowed when it was written"),
    ("door", "hold"): noted("Held when it was written"),
    ("door", "deny"): noted("Refused when it was written"),
    ("claim", "allow"): noted("Allowed when it left"),
    ("claim", "hold"): noted("Held when it was to leave"),
    ("claim", "deny"): noted("Stopped when it was to leave"),
}
_VERDICTS: Mapping[str, Literal["allow", "hold", "deny"]] = {"allow": "allow", "hold": "hold", "deny": "deny"}
_LEVELS = {
    "": noted("none on record"),
    "implied": noted("implied by their own text"),
    "express": noted("express"),
    "written": noted("written"),
}
_PLACED_BY = {
    "coordinates": noted("by their coordinates"),
    "postcode": noted("by their postcode"),
    "area_code": noted("an estimate by their area code"),
}


def why(message: Message, decided: Sequence[Decision], *, purposes: Mapping[str, PurposeRule], now: datetime) -> Why:
    """The popover of one text of ours."""
    rule = purposes.get(message.purpose)
    return Why(
        conversation_id=message.conversation_id,
        message_id=message.pk,
        purpose=called(rule) if rule else message.purpose or t("Not kept"),
        standing=_standing(message, now),
        lines=tuple(_line(each, now) for each in reversed(decided)),
    )


def _standing(message: Message, now: datetime) -> str:
    if message.status != "scheduled" or message.send_after is None:
        return ""
    when = _when(message.send_after, now)
    if not message.held_reason:
        return t("It leaves {when}, as its author chose, if nothing speaks against it then.", when=when)
    return t("It waits. Compliance is asked again {when}.", when=when)


def _line(decision: Decision, now: datetime) -> DecisionLine:
    unsaid = t("Nothing spoke against it.") if decision.verdict == "allow" else _plain(decision.reason)
    return DecisionLine(
        verdict=_VERDICTS.get(decision.verdict, "allow"),
        title=t(_TITLES.get((decision.stage, decision.verdict), noted("Decided"))),
        words=t(decision.for_agent) or unsaid,
        at=decision.at,
        facts=tuple(_facts(decision.facts, now)),
        warnings=tuple(t(str(one.get("for_agent", ""))) for one in decision.facts.get("warnings", ())),
    )


def _facts(facts: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """What was known, in words. Decisions of earlier versions hold fewer facts."""
    yield from _of_send(facts)
    if (consent := facts.get("consent")) is not None:
        level = t(_LEVELS.get(consent.get("level", ""), consent.get("level", "")))
        given = _time(consent.get("given_at"), now)
        yield t("Consent"), t("{level}, given {when}", level=level, when=given) if given else level
        needed = facts.get("rule", {}).get("level", "")
        if needed and not facts.get("is_first_text"):
            yield t("Needed"), t(_LEVELS.get(needed, needed)) if needed != "none" else t("none")
        if withdrawn := _time(consent.get("withdrawn_at"), now):
            yield t("Withdrawn"), withdrawn
    if (quiet := facts.get("quiet")) is not None:
        places = ", ".join(zone.replace("_", " ") for zone in quiet.get("zones", ()))
        yield t("Where they may be"), places or t("unknown")
    if (relevance := facts.get("relevance")) is not None:
        yield from _of_relevance(relevance)
    if (pacing := facts.get("pacing")) is not None:
        yield t("In the last 7 days"), t("{n} of this purpose", n=len(pacing.get("times", ())))
        yield t("Unanswered"), t("{n} in a row", n=pacing.get("unanswered", 0))
    if (mode := facts.get("mode")) is not None:
        yield t("Their request"), _time(mode.get("asked_at"), now) or t("none")
    if (expired := _time(facts.get("expires_at"), now)) is not None:
        yield t("Valid until"), expired


def _of_relevance(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """How far away they are, what says so, and how far such texts go."""
    known, unit = facts.get("distance_km"), str(facts.get("unit", "km"))
    by = t(_PLACED_BY.get(str(facts.get("source", "")), ""))
    if known is None:
        yield t("From us"), t("unknown")
    else:
        yield t("From us"), t("about {distance}, {how}", distance=far(known, unit), how=by)
    within = far(facts.get("within", 0) * KILOMETERS[unit], unit)
    yield t("Goes within"), t("{distance} of {place}", distance=within, place=facts.get("place", ""))


def _of_send(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "is_opted_out" not in facts:
        return
    known = {name: facts[name] for name in SendFacts.__dataclass_fields__ if name in facts}
    yield t("Opted out"), t("yes") if known["is_opted_out"] else t("no")
    if known.get("is_blocked"):
        yield t("Blocked"), t("yes")
    if known.get("reach"):
        yield t("Their number"), str(known["reach"])
    if known.get("is_in_doubt"):
        yield t("Open question"), t("they may have asked us to stop")
    if known.get("is_reply_only"):
        yield t("Our number"), t("only answers")
    if known.get("needs_template"):
        yield t("WhatsApp's window"), t("closed")


def _time(told: Any, now: datetime) -> str | None:
    return _when(datetime.fromisoformat(told), now) if told else None


def _when(at: datetime, now: datetime) -> str:
    return when_words(timezone.localtime(at), now=timezone.localtime(now))


def _plain(code: str) -> str:
    """A code as words, for decisions that kept no sentence."""
    return f"{code.replace('_', ' ').capitalize()}."
