"""What somebody who texts now would get: the same rules and estimate as for a real text, and nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.channels.queries import access_channel, calendar_for
from twoway.lib.words import t, tn
from twoway.messaging.greeting import deciding, knowing, live
from twoway.messaging.greeting.queries import settings_of, wordings_of
from twoway.messaging.greeting.rules import WORDS, Facts, choose
from twoway.messaging.greeting.wait.rules import Estimate
from twoway.messaging.greeting.wording import rules as wording
from twoway.messaging.greeting.wording.rules import Filling
from twoway.messaging.optin import business_of
from twoway.sms import phone, segments
from twoway.sms.segments import Segmented
from twoway.teams.actor import Actor
from twoway.teams.hours.rules import is_open
from twoway.teams.rules import Right, require

SAMPLE_NAME = "Dana"
SAMPLE_MINUTES = 20
SAMPLE_OPENING = {"en": "tomorrow at 9:00 AM", "es": "mañana a las 9:00"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """The text that would go, or why none would (a sentence); and what is known about the wait, in a sentence."""

    kind: str
    body: str
    why_not: str
    about_wait: str
    meter: Segmented | None


def would_send(actor: Actor, *, channel_id: int, is_first: bool, language: str, at: datetime) -> Tried:
    """What a person of this language who texts a number now would get. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.MANAGE_WORKSPACE)
    channel = access_channel(actor, channel_id)
    settings = settings_of(actor.workspace_id)
    held = wordings_of(actor.workspace_id).at(channel_id=channel.pk, team_id=channel.team_id)
    calendar = calendar_for(actor.workspace_id, team_id=channel.team_id, channel_id=channel.pk, at=at)
    queue_id = live.usual_queue(actor.workspace_id)
    estimate = knowing.estimate_for(
        workspace_id=actor.workspace_id,
        channel_id=channel.pk,
        team_id=channel.team_id,
        queue_id=queue_id,
        since=at,
        settings=settings,
        calendar=calendar,
        at=at,
    )
    facts = Facts(
        body="",
        is_first=is_first,
        is_open=is_open(calendar, at),
        is_wait_known=estimate.is_known,
        is_on=frozenset(kind for kind, one in held.items() if one.is_on),
    )
    choice = choose(facts)
    waiting, staff = live.load(
        actor.workspace_id, channel.pk, team_id=channel.team_id, queue_id=queue_id, since=at, at=at
    )
    about = about_wait(estimate, percentile=settings.percentile, waiting=waiting, staff=staff)
    if choice.kind is None:
        return Tried(kind="", body="", why_not=t(WORDS[choice.dropped]), about_wait=about, meter=None)
    language = wording.language_of(language, usual=settings.language)
    says_wait = estimate.is_known and facts.is_open and "wait" in facts.is_on
    filling = Filling(
        business=business_of(channel),
        wait=wording.wait_words(language, estimate.minutes) if says_wait else "",
        opens=deciding.opens(calendar, language=language, region=channel.workspace.region, at=at),
    )
    body = wording.fill(held[choice.kind].words(language), filling)
    meter = segments.count(segments.prepare(body), toll_free_us=phone.is_toll_free_us(channel.address))
    return Tried(kind=choice.kind, body=body, why_not="", about_wait=about, meter=meter)


def about_wait(estimate: Estimate, *, percentile: int, waiting: int, staff: int | None) -> str:
    """What is known about the wait, for whoever sets it up."""
    if estimate.why_not == "few_cases":
        known = tn(
            "Only {n} answer at this hour is on record, too few to say anything about times.",
            "Only {n} answers at this hour are on record, too few to say anything about times.",
            estimate.cases,
        )
    elif estimate.why_not == "nobody_here":
        known = t("Nobody is online, so nothing is said about times.")
    elif estimate.why_not == "busier_than_known":
        known = t("More people wait than ever at this hour, so nothing is said about times.")
    elif estimate.why_not == "closes_first":
        known = t("You close before most would hear back, so nothing is said about times.")
    else:
        known = tn(
            "{percentile} in a hundred heard back within {minutes} minutes, going by {n} answer at this hour.",
            "{percentile} in a hundred heard back within {minutes} minutes, going by {n} answers at this hour.",
            estimate.cases,
            percentile=percentile,
            minutes=f"{estimate.seconds / 60:.0f}",
        )
    now = tn("{n} person waits.", "{n} people wait.", waiting)
    online = "" if staff is None else tn("{n} member is online.", "{n} members are online.", staff)
    return " ".join(part for part in (known, now, online) if part)


def sample(kind: str, text: str, *, language: str, business: str) -> tuple[str, Segmented]:
    """Some words as they may look once filled in, and their segments."""
    filling = Filling(
        business=business,
        first_name=SAMPLE_NAME,
        wait=wording.wait_words(language, SAMPLE_MINUTES),
        opens=SAMPLE_OPENING[language],
    )
    body = wording.fill(text or wording.TEXTS[kind][language], filling)
    return body, segments.count(segments.prepare(body))
