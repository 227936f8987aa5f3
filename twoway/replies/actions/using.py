"""Noting that saved replies were sent, their wording tests, and putting their files beside a text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F

from twoway.conversations.queries import Conversation
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import t
from twoway.messaging.media import actions as media
from twoway.messaging.media import files as store
from twoway.messaging.media import taking
from twoway.replies import queries, rules
from twoway.replies.actions.saving import clean_body, lock_reply, record
from twoway.replies.models import Kind, Reply, ReplyFile, ReplyUse
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 10


def wanted(told: str) -> list[tuple[int, str]]:
    """The replies a form says were put into a text: "12:a,15:b" as ids with wordings, each once; the rest is left."""
    found: dict[int, str] = {}
    for part in told.split(",")[:MOST_AT_ONCE]:
        key, _, wording = part.partition(":")
        if key.isascii() and key.isdigit() and len(key) < 19:
            found.setdefault(int(key), "b" if wording == "b" else "a")
    return list(found.items())


def check_blanks(*, body: str, used: Iterable[tuple[int, str]], by: Actor) -> None:
    """Raises `Invalid` while a blank of a reply that was put in is still to be filled in."""
    rows = queries.visible_to(by).filter(id__in=[key for key, _ in used])
    names = [name for one in rows for text in _bodies(one) for name in rules.variables(text)]
    left = rules.blanks_left(body, names)
    if left:
        raise Invalid(
            t("Fill in {{{blank}}} first. Tab goes to the next blank.", blank=left[0]), field="body", code="blank_left"
        )


def _bodies(reply: Reply) -> list[str]:
    return [queries.worded(reply)[0], reply.other_body, *reply.variants.values()]


@transaction.atomic
def note_use(
    *, used: Iterable[tuple[int, str]], conversation: Conversation, message_id: int, body: str, by: Actor, at: datetime
) -> int:
    """Count the replies that went out in a text; how many were new. Noting the same text again counts nothing."""
    wordings = dict(used)
    noted = 0
    for one in queries.visible_to(by).select_for_update(of=("self",)).filter(id__in=list(wordings)).order_by("id"):
        wording = wordings[one.pk] if one.other_body else "a"
        sent_before = ReplyUse.objects.filter(reply=one, conversation=conversation, at__gte=one.tested_since or at)
        is_turn = bool(one.other_body) and not sent_before.exists()
        own, _ = queries.worded(one, wording=wording)
        kept = any(rules.was_kept(text, body) for text in [own, *one.variants.values()])
        _, is_new = ReplyUse.objects.get_or_create(
            reply=one,
            message_id=message_id,
            defaults={
                "conversation": conversation,
                "member_id": by.member_id,
                "wording": wording,
                "was_kept": kept,
                "at": at,
            },
        )
        if is_new:
            Reply.objects.filter(id=one.pk).update(
                uses=F("uses") + 1, last_used_at=at, turns=F("turns") + (1 if is_turn else 0)
            )
        noted += is_new
    return noted


# Wording tests ----------------------------------------------------------------------------------------------------


@transaction.atomic
def start_test(*, reply: Reply, other_body: str, by: Actor, at: datetime) -> Reply:
    """Use a second wording in turn with the first from now on, a conversation each. Raises `NotAllowed`, `Invalid`."""
    reply = lock_reply(reply, by)
    if reply.kind != Kind.TEXT:
        raise Invalid(t("Only replies have wordings to test, not help articles."), field="other_body")
    cleaned = clean_body(other_body, name="other_body")
    if cleaned == reply.body:
        raise Invalid(t("Write it in other words than the first."), field="other_body")
    reply.other_body, reply.tested_since, reply.turns = cleaned, at, 0
    reply.save(update_fields=["other_body", "tested_since", "turns"])
    record(by, "reply.test_started", reply, at, name=reply.name, wording_a=reply.body, wording_b=cleaned)
    return reply


@transaction.atomic
def end_test(*, reply: Reply, keep: str, by: Actor, at: datetime) -> Reply:
    """End the test and go on with wording "a" or "b". Raises `NotAllowed`, `Invalid`."""
    reply = lock_reply(reply, by)
    if not reply.other_body:
        raise Invalid(t("No test is running."), code="no_test")
    if keep not in {"a", "b"}:
        raise Invalid(t("Choose the wording to keep."), field="keep")
    if keep == "b":
        reply.body = reply.other_body
    reply.other_body, reply.tested_since, reply.turns = "", None, 0
    reply.changed_at, reply.changed_by = at, by.name[:80]
    reply.needle = rules.plain(f"{reply.name} {reply.word} {reply.body} {' '.join(reply.variants.values())}")
    reply.save()
    record(by, "reply.test_ended", reply, at, name=reply.name, kept=keep, body=reply.body)
    return reply


# Files ------------------------------------------------------------------------------------------------------------


def add_file(*, reply: Reply, path: Path, name: str, by: Actor, at: datetime) -> ReplyFile:
    """Keep a picture or file with a reply; `path` is used up. Raises `NotAllowed`, `Invalid`, `Refused`."""
    require(by, Right.REPLY)
    size = path.stat().st_size
    if not size:
        raise Invalid(t("This file is empty."), field="file", code="empty")
    if size > settings.MEDIA_MOST_BYTES:
        raise Invalid(media.too_big(), field="file", code="too_big")
    key = uuid4()
    with transaction.atomic():
        reply = lock_reply(reply, by)
        if ReplyFile.objects.filter(reply=reply).count() >= rules.MOST_FILES:
            raise Invalid(t("A reply has at most {most} files.", most=rules.MOST_FILES), field="file", code="too_many")
        try:
            taken = taking.take(key=key, path=path, name=name, is_ours=True)
        except Exception as error:  # a store may raise anything
            log.exception("reply_file_not_kept", reply_id=reply.pk)
            raise Refused(t("The file could not be kept. Try again in a moment."), code="no_store") from error
        row = ReplyFile.objects.create(
            reply=reply,
            key=key,
            kind=taken.kind,
            content_type=taken.content_type,
            name=taken.name,
            size=taken.size,
            has_thumbnail=taken.has_thumbnail,
        )
        record(by, "reply.file_added", reply, at, name=reply.name, file=taken.name)
    return row


def remove_file(*, file: ReplyFile, by: Actor, at: datetime) -> None:
    """Take a file off a reply. Raises `NotAllowed`."""
    with transaction.atomic():
        reply = lock_reply(file.reply, by)
        record(by, "reply.file_removed", reply, at, name=reply.name, file=file.name)
        file.delete()
    try:
        store.delete(file.key)
    except Exception:  # a store may raise anything; what is left there belongs to nothing
        log.exception("reply_file_not_deleted", reply_id=reply.pk)


def put_beside(*, reply: Reply, conversation: Conversation, by: Actor, at: datetime) -> list[int]:
    """Put copies of a reply's files beside the text a member writes; their ids. Raises `NotAllowed`, `Refused`."""
    if reply.archived_at is not None:
        raise NotFound("saved reply", reply.pk)
    made = []
    for row in reply.files.order_by("id"):
        try:
            with store.on_disk(row.key) as path:
                added = media.add_upload(conversation=conversation, path=path, name=row.name, by=by, at=at)
        except OSError as error:
            raise Refused(t("One of its files is gone. Add it again in Settings."), code="media_gone") from error
        made.append(added.pk)
    return made
