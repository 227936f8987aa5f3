"""Writing what a workspace chose, and what was warned of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from twoway.compliance.content.models import ContentSettings, ContentWarning
from twoway.compliance.content.queries import settings_for
from twoway.compliance.content.rules import CATEGORIES, LEVELS, LONGEST_WORD, MOST_WORDS, Warned
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_NOTICE, LONGEST_LINK = 320, 300
_IS_LINK = URLValidator(schemes=["https"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What a workspace may choose. Card numbers and their codes are always taken out: there is no choice about them."""

    masks_ssn: bool = True
    masks_passwords: bool = True
    masks_codes: bool = True
    tells_customers: bool = True
    notice_text: str = ""
    payment_link: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    own_words: Sequence[str] = ()


@transaction.atomic
def choose(*, choices: Choices, by: Actor, at: datetime) -> ContentSettings:
    """Keep what the workspace chose about the shield and the checks. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_COMPLIANCE)
    for key, level in choices.levels.items():
        if key not in CATEGORIES or level not in LEVELS:
            raise Invalid(t("Choose one of: {choices}.", choices=", ".join(LEVELS)), field=f"level_{key}")
    values = asdict(choices) | {
        "notice_text": _notice(choices.notice_text),
        "payment_link": _link(choices.payment_link),
        "levels": dict(choices.levels),
        "words": {"own": _words(choices.own_words)},
    }
    values.pop("own_words")
    before = settings_for(by.workspace_id)
    changed = sorted(name for name, value in values.items() if getattr(before, name) != value)
    kept, _ = ContentSettings.objects.update_or_create(workspace_id=by.workspace_id, defaults=values)
    if changed:
        audit(
            workspace_id=by.workspace_id,
            actor=by.audit_name,
            action="content.changed",
            subject="content settings",
            data={name: values[name] for name in changed},
            at=at,
        )
    return kept


def _notice(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_NOTICE:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NOTICE), field="notice_text")
    return text


def _link(link: str) -> str:
    link = link.strip()
    if len(link) > LONGEST_LINK:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_LINK), field="payment_link")
    try:
        if link:
            _IS_LINK(link)
    except ValidationError:
        raise Invalid(t("Use an address that begins with https://."), field="payment_link") from None
    return link


def _words(words: Sequence[str]) -> list[str]:
    clean = list(dict.fromkeys(" ".join(word.split()).lower() for word in words if word.strip(" *")))
    if len(clean) > MOST_WORDS:
        raise Invalid(t("Use at most {most} words.", most=MOST_WORDS), field="own_words")
    if any(len(word) > LONGEST_WORD for word in clean):
        raise Invalid(t("A word has at most {most} characters.", most=LONGEST_WORD), field="own_words")
    return clean


def record(*, by: Actor, message_id: int, warnings: Sequence[Warned], confirmed: bool, at: datetime) -> None:
    """Keep what was warned of before a text was queued; what its writer was asked about is audited too."""
    if not warnings:
        return
    ContentWarning.objects.create(
        workspace_id=by.workspace_id,
        message_id=message_id,
        warnings=[one.as_json() for one in warnings],
        confirmed=confirmed,
        by_name=by.name[:120],
        at=at,
    )
    if confirmed:
        audit(
            workspace_id=by.workspace_id,
            actor=by.audit_name,
            action="content.sent_anyway",
            subject=f"message {message_id}",
            data={"warnings": [one.code for one in warnings]},
            at=at,
        )
