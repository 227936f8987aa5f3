"""How a workspace gives out calls, as somebody chooses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from twoway.events.actions import audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t
from twoway.messaging.callbacks import queries, wording
from twoway.messaging.callbacks.models import CallbackSetting
from twoway.sms.keywords import folded, match
from twoway.teams.actor import Actor
from twoway.teams.models import Team
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, require

MOST_WORDS = 30
LONGEST_WORD = 40
LIMITS: Mapping[str, tuple[int, int]] = {
    "slot_minutes": (5, 120),
    "per_slot": (1, 50),
    "lead_minutes": (0, 1440),
    "days": (1, 6),
    "remind_minutes": (1, 120),
    "attempts": (1, 5),
}
CONSENT_WORD = noted("{word} opts people in or out of texts or asks for help, so it can't ask for a call.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """All of it. `texts` is {language: {key: words}}; words that are empty or Twoway's own are not kept."""

    is_on: bool
    words: Sequence[str]
    slot_minutes: int
    per_slot: int
    lead_minutes: int
    days: int
    remind_minutes: int
    attempts: int
    team_id: int | None = None
    texts: Mapping[str, Mapping[str, str]] | None = None


@transaction.atomic
def choose(*, choice: Choice, by: Actor, at: datetime) -> CallbackSetting:
    """Save how calls are given out. Raises `NotAllowed`, `NotFound`, `Invalid` with the field."""
    require(by, Right.MANAGE_WORKSPACE)
    words = _words(choice.words)
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(choice, name) <= most:
            raise Invalid(t("Choose from {least} to {most}.", least=least, most=most), field=name)
    team = access_team(by, choice.team_id) if choice.team_id is not None else None
    row = CallbackSetting.objects.select_for_update().filter(workspace_id=by.workspace_id).first()
    row = row or queries.setting_of(by.workspace_id)
    before = _told(row)
    _fill(row, choice, words=words, team=team, texts=_texts(choice.texts or {}), at=at)
    row.save()
    after = _told(row)
    if after != before:
        changed = sorted(name for name, value in after.items() if before.get(name) != value)
        audit(
            workspace_id=by.workspace_id,
            actor=by.audit_name,
            action="callbacks.changed",
            subject="workspace",
            data={"is_on": row.is_on, "changed": ", ".join(changed)},
            at=at,
        )
    return row


def _fill(
    row: CallbackSetting,
    choice: Choice,
    *,
    words: list[str],
    team: Team | None,
    texts: dict[str, dict[str, str]],
    at: datetime,
) -> None:
    for name in LIMITS:
        setattr(row, name, getattr(choice, name))
    row.is_on, row.words, row.team, row.texts, row.changed_at = choice.is_on, words, team, texts, at


def _told(row: CallbackSetting) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("is_on", "words", "team_id", "texts", *LIMITS)}


def _words(asked: Sequence[str]) -> list[str]:
    """The words in capitals, each once. Raises `Invalid`."""
    words = list(dict.fromkeys(" ".join(word.upper().split()) for word in asked if folded(word)))
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
        told = t("Up to {most} words of {longest} characters.", most=MOST_WORDS, longest=LONGEST_WORD)
        raise Invalid(told, field="words")
    taken = next((word for word in words if match(word)), "")
    if taken:
        raise Invalid(t(CONSENT_WORD, word=taken), field="words")
    return words


def _texts(asked: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Own wordings that differ from Twoway's. Raises `Invalid` with the field `text-<language>-<key>`."""
    kept: dict[str, dict[str, str]] = {}
    for language in wording.LANGUAGES:
        for key, words in asked.get(language, {}).items():
            told = " ".join(words.split())
            if key not in wording.DEFAULTS or not told or told == wording.DEFAULTS[key][language]:
                continue
            problem = wording.problem(key, told)
            if problem:
                raise Invalid(t(problem), field=f"text-{language}-{key}")
            kept.setdefault(language, {})[key] = told
    return kept
