"""Making and changing topics, and what a number answers to HELP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from twoway.channels.models import Channel
from twoway.compliance.optin.models import ChannelWords, Topic
from twoway.compliance.optin.rules import clean_keyword
from twoway.compliance.purposes.queries import rules_for
from twoway.compliance.purposes.rules import INTERNAL
from twoway.compliance.revocation.queries import words_by_fold
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.sms import keywords
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

MOST_TOPICS = 50
LONGEST_HELP = 480
_LIMITS = (("label", 60), ("description", 300), ("frequency", 80), ("welcome", 320))


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicWish:
    """A topic as somebody wants it; `channel_ids` are the numbers it can be joined on."""

    keyword: str
    label: str
    purpose: str
    channel_ids: Sequence[int]
    description: str = ""
    frequency: str = ""
    is_double: bool = True
    takes_bare: bool = False
    welcome: str = ""


@transaction.atomic
def save(*, wish: TopicWish, topic: Topic | None = None, by: Actor, at: datetime) -> Topic:
    """Make a topic, or change one. Raises `NotAllowed`, `Invalid` (fields of `TopicWish`)."""
    require(by, Right.MANAGE_COMPLIANCE)
    if topic is not None and topic.workspace_id != by.workspace_id:
        raise NotAllowed(t("This topic is not in this workspace."))
    if topic is None and Topic.objects.filter(workspace_id=by.workspace_id, is_active=True).count() >= MOST_TOPICS:
        raise Invalid(t("A workspace has at most {most} topics.", most=MOST_TOPICS), code="too_many_topics")
    channels = _channels(wish, by)
    values = _values(wish, by)
    _check_bare(wish, by)
    row = topic or Topic(workspace_id=by.workspace_id, created_at=at)
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(t("Another topic has this keyword."), field="keyword", code="keyword_taken") from None
    row.channels.set(channels)
    _tell_intake(row.channels.all())
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="topic.changed" if topic else "topic.made",
        subject=f"topic {row.id}",
        data={"keyword": row.keyword, "purpose": row.purpose, "is_double": row.is_double},
        at=at,
    )
    return row


def _values(wish: TopicWish, by: Actor) -> dict[str, str | bool]:
    """The columns of a wish. Raises `Invalid`."""
    texts = {name: " ".join(getattr(wish, name).replace("\0", "").split()) for name, _ in _LIMITS}
    for name, most in _LIMITS:
        if len(texts[name]) > most:
            raise Invalid(t("Use at most {most} characters.", most=most), field=name)
    if not texts["label"]:
        raise Invalid(t("Say what people get, such as Order updates."), field="label")
    rule = rules_for(by.workspace_id, wish.purpose)
    if rule is None or rule.slug in INTERNAL or rule.level not in {"express", "written"}:
        raise Invalid(t("Choose what these texts are for."), field="purpose")
    if rule.level == "written" and not wish.is_double:
        raise Invalid(t("Offers ask for written consent: keep the question by text."), field="is_double")
    return {
        **texts,
        "keyword": clean_keyword(wish.keyword),
        "purpose": rule.slug,
        "is_double": wish.is_double,
        "takes_bare": wish.takes_bare,
    }


def _check_bare(wish: TopicWish, by: Actor) -> None:
    """Raises `Invalid` when the keyword alone is to join, and is a word of the workspace's own that means otherwise."""
    if not wish.takes_bare:
        return
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    keyword = clean_keyword(wish.keyword)
    family = words_by_fold(by.workspace_id).get(keywords.folded(keyword))
    if family is not None:
        raise Invalid(
            t(
                "{keyword} alone means {meaning} by your own keywords. Take it off that list, or choose another.",
                keyword=keyword,
                meaning=family.upper(),
            ),
            field="keyword",
        )


def _channels(wish: TopicWish, by: Actor) -> list[Channel]:
    wanted = set(wish.channel_ids)
    found = list(Channel.objects.filter(id__in=wanted, workspace_id=by.workspace_id, is_active=True))
    if not wanted or len(found) != len(wanted):
        raise Invalid(t("Choose the numbers people can join on."), field="channels")
    return found


@transaction.atomic
def retire(*, topic: Topic, by: Actor, at: datetime) -> None:
    """Take a topic out of use: nobody joins it any more. Who was in it, and the ledger, stay on record."""
    require(by, Right.MANAGE_COMPLIANCE)
    if topic.workspace_id != by.workspace_id:
        raise NotAllowed(t("This topic is not in this workspace."))
    Topic.objects.filter(id=topic.id).update(is_active=False)
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="topic.retired",
        subject=f"topic {topic.id}",
        data={"keyword": topic.keyword},
        at=at,
    )
    _tell_intake(topic.channels.all())


@transaction.atomic
def set_help(*, channel: Channel, text: str, by: Actor, at: datetime) -> None:
    """What one number answers to HELP; "" is the workspace's answer again. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if channel.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))
    words = text.replace("\0", "").strip()
    if len(words) > LONGEST_HELP:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_HELP), field="help_text")
    ChannelWords.objects.update_or_create(channel=channel, defaults={"help_text": words})
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="help_answer.changed",
        subject=f"channel {channel.pk}",
        data={"text": words},
        at=at,
    )
    _tell_intake([channel])


def _tell_intake(channels: Iterable[Channel]) -> None:
    """Every process reads the numbers again, with their topics, when this commits."""
    if any(True for _ in channels):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('twoway_channels', 'topics')")
