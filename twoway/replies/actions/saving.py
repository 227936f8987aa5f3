"""Writing saved replies: adding, changing, putting away, bringing back; and their folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from twoway.channels.queries import access_channel
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.lib.words import t
from twoway.replies import queries, rules
from twoway.replies.models import Kind, Prepared, Reply, ReplyFolder, Scope
from twoway.teams.actor import Actor
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, require

MOST_FOLDERS = 200
LONGEST_FOLDER = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyTerms:
    """What a saved reply is to be. `folder` is a name, made when it is new; `variants` are bodies by language."""

    name: str
    body: str = ""
    word: str = ""
    scope: str = Scope.OWN.value
    team_id: int | None = None
    channel_id: int | None = None
    folder: str = ""
    kind: str = Kind.TEXT.value
    variants: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[str] = ()
    url: str = ""


@transaction.atomic
def add_reply(*, terms: ReplyTerms, by: Actor, at: datetime) -> Reply:
    """Keep a new saved reply. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    if Reply.objects.filter(workspace_id=by.workspace_id).count() >= rules.MOST_REPLIES:
        raise Invalid(
            t("There are {most:,} saved replies already. Archive isn't enough: change one.", most=rules.MOST_REPLIES)
        )
    reply = Reply(workspace_id=by.workspace_id, created_at=at)
    _put(reply, terms, by=by, at=at)
    record(by, "reply.added", reply, at, **_told(reply))
    return reply


@transaction.atomic
def change_reply(*, reply: Reply, terms: ReplyTerms, by: Actor, at: datetime) -> Reply:
    """Change a saved reply. New words end a wording test. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    reply = lock_reply(reply, by)
    before = _told(reply)
    _put(reply, terms, by=by, at=at)
    after = _told(reply)
    changed = {name for name in after if before[name] != after[name]}
    if changed:
        pairs = {f"{name}_{when}": told[name] for name in changed for when, told in _sides(before, after)}
        record(by, "reply.changed", reply, at, name=reply.name, **pairs)
    return reply


def _sides(before: Mapping[str, Detail], after: Mapping[str, Detail]) -> tuple[tuple[str, Mapping[str, Detail]], ...]:
    return ("before", before), ("after", after)


@transaction.atomic
def archive_reply(*, reply: Reply, by: Actor, at: datetime) -> Reply:
    """Put a saved reply away: nobody finds it any more, nothing is lost. Raises `NotAllowed`, `NotFound`."""
    reply = lock_reply(reply, by)
    if reply.archived_at is None:
        reply.archived_at = at
        reply.save(update_fields=["archived_at"])
        record(by, "reply.archived", reply, at, name=reply.name)
    return reply


@transaction.atomic
def restore_reply(*, reply: Reply, by: Actor, at: datetime) -> Reply:
    """Bring a saved reply back; a word that another one has by now is left off. Raises `NotAllowed`, `NotFound`."""
    reply = lock_reply(reply, by)
    if reply.archived_at is not None:
        if _word_is_taken(reply):
            reply.word = ""
        reply.archived_at = None
        reply.save(update_fields=["archived_at", "word"])
        record(by, "reply.restored", reply, at, name=reply.name)
    return reply


def lock_reply(reply: Reply, by: Actor) -> Reply:
    """The reply as it is now, locked, if this actor may change it. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.REPLY)
    locked = queries.visible_to(by).select_for_update(of=("self",)).filter(id=reply.pk).first()
    if locked is None:
        raise NotFound("saved reply", reply.pk)
    check_may_change(by, scope=locked.scope, owner_id=locked.owner_id)
    return locked


def check_may_change(by: Actor, *, scope: str, owner_id: int | None) -> None:
    """Raises `NotAllowed` for what is shared without the right to it, or is somebody else's."""
    if not queries.may_change(by, scope=scope, owner_id=owner_id):
        raise NotAllowed(t("What a team or everybody uses is changed by managers. Save a copy for yourself instead."))


def _put(reply: Reply, terms: ReplyTerms, *, by: Actor, at: datetime) -> None:
    require(by, Right.REPLY)
    place(reply, scope=terms.scope, team_id=terms.team_id, by=by)
    reply.name = clean_name(terms.name)
    reply.kind = _kind(terms.kind)
    reply.word = terms.word.strip().lower().removeprefix("/")
    refuse(rules.word_problem(reply.word), "word")
    _put_words(reply, terms)
    reply.channel = None if terms.channel_id is None else access_channel(by, terms.channel_id)
    reply.folder = folder_of(terms.folder, by=by)
    reply.changed_at, reply.changed_by = at, by.name[:80]
    reply.needle = rules.plain(
        f"{reply.name} {reply.word} {queries.worded(reply)[0]} {' '.join(reply.variants.values())}"
    )
    if _word_is_taken(reply):
        raise Invalid(t("Another saved reply has the word /{word}.", word=reply.word), field="word", code="word_taken")
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError:
        raise Invalid(
            t("Another saved reply has the word /{word}.", word=reply.word), field="word", code="word_taken"
        ) from None


def _put_words(reply: Reply, terms: ReplyTerms) -> None:
    """What it says: a body with its languages, or the steps of an article."""
    is_article = reply.kind == Kind.ARTICLE
    body = "" if is_article else clean_body(terms.body)
    steps = [one for step in terms.steps if (one := " ".join(step.replace("\0", "").split()))] if is_article else []
    url = terms.url.strip() if is_article else ""
    if is_article and not (steps or url):
        raise Invalid(t("Give an article at least one step or a link."), field="steps")
    refuse(rules.steps_problem(steps), "steps")
    refuse(rules.url_problem(url), "url")
    if body != reply.body or is_article:
        reply.other_body, reply.tested_since, reply.turns = "", None, 0
    reply.body, reply.steps, reply.url = body, steps, url
    reply.variants = {} if is_article else _clean_variants(terms.variants)
    if is_article and len(queries.worded(reply)[0]) > rules.LONGEST_BODY:
        raise Invalid(t("Use at most {most:,} characters in all.", most=rules.LONGEST_BODY), field="steps")


def clean_body(body: str, *, name: str = "body") -> str:
    """The words of a reply. Raises `Invalid`."""
    cleaned = body.replace("\0", "").replace("\r\n", "\n").strip()
    refuse(rules.body_problem(cleaned), name)
    return cleaned


def _clean_variants(given: Mapping[str, str]) -> dict[str, str]:
    kept = {}
    for language, body in given.items():
        code = language.strip().lower().replace("_", "-")
        if not code and not body.strip():
            continue
        refuse(rules.language_problem(code), "variants")
        if body.strip():
            kept[code] = clean_body(body, name="variants")
    if len(kept) > rules.MOST_VARIANTS:
        raise Invalid(t("Use at most {most} languages.", most=rules.MOST_VARIANTS), field="variants")
    return kept


def clean_name(name: str) -> str:
    """A name without surplus blanks. Raises `Invalid`."""
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned:
        raise Invalid(t("Give it a name."), field="name")
    if len(cleaned) > rules.LONGEST_NAME:
        raise Invalid(t("Use at most {most} characters.", most=rules.LONGEST_NAME), field="name")
    return cleaned


def place(row: Prepared, *, scope: str, team_id: int | None, by: Actor) -> None:
    """Whose it is to be. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    if scope not in Scope.values:
        raise Invalid(t("Choose who may use it."), field="scope")
    if scope == Scope.OWN and by.member_id is None:
        raise Invalid(t("A program has no replies of its own. Choose a team or everybody."), field="scope")
    check_may_change(by, scope=scope, owner_id=by.member_id)
    if scope == Scope.TEAM and team_id is None:
        raise Invalid(t("Choose the team."), field="team")
    row.scope = scope
    row.owner_id = by.member_id if scope == Scope.OWN else None
    row.team = access_team(by, team_id) if scope == Scope.TEAM and team_id is not None else None


def _kind(told: str) -> str:
    if told not in Kind.values:
        raise Invalid(t("Choose a reply or a help article."), field="kind")
    return told


def _word_is_taken(reply: Reply) -> bool:
    """Whether somebody who sees this reply may see another one with its word."""
    if not reply.word:
        return False
    same = Reply.objects.filter(workspace_id=reply.workspace_id, word=reply.word, archived_at=None).exclude(id=reply.pk)
    seen_by = Q(team=None) if reply.team_id is None else Q(team_id=reply.team_id)
    return same.filter(seen_by, scope=reply.scope, owner_id=reply.owner_id).exists()


def refuse(problem: str, name: str) -> None:
    """Raises `Invalid` when there is a problem."""
    if problem:
        raise Invalid(problem, field=name)


def _told(reply: Reply) -> dict[str, Detail]:
    """What the audit trail keeps of it."""
    return {
        "name": reply.name,
        "word": reply.word,
        "body": queries.worded(reply)[0],
        "scope": reply.scope,
        "team": reply.team_id,
        "number": reply.channel_id,
        "folder": reply.folder.name if reply.folder else "",
        "languages": [f"{code}: {body}" for code, body in sorted(reply.variants.items())],
    }


def record(by: Actor, action: str, row: Prepared, at: datetime, **more: Any) -> None:
    """Say in the audit trail what became of it."""
    subject = f"{row._meta.db_table} {row.pk}"
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=more, at=at)


# Folders ----------------------------------------------------------------------------------------------------------


def folder_of(name: str, *, by: Actor) -> ReplyFolder | None:
    """The folder of this name, whatever its capitals, made when there is none; None for no name. Raises `Invalid`."""
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned:
        return None
    if len(cleaned) > LONGEST_FOLDER:
        raise Invalid(t("Use at most {most} characters for a folder.", most=LONGEST_FOLDER), field="folder")
    every = ReplyFolder.objects.filter(workspace_id=by.workspace_id)
    found = every.filter(name__iexact=cleaned).first()
    if found is not None:
        return found
    if every.count() >= MOST_FOLDERS:
        raise Invalid(t("There are {most} folders already. Use one of them.", most=MOST_FOLDERS), field="folder")
    try:
        with transaction.atomic():
            return ReplyFolder.objects.create(workspace_id=by.workspace_id, name=cleaned)
    except IntegrityError:
        return every.get(name__iexact=cleaned)


@transaction.atomic
def rename_folder(*, folder: ReplyFolder, name: str, by: Actor, at: datetime) -> ReplyFolder:
    """Give a folder another name. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_REPLIES)
    before = folder.name
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned or len(cleaned) > LONGEST_FOLDER:
        raise Invalid(t("Write a name of at most {most} characters.", most=LONGEST_FOLDER), field="name")
    folder.name = cleaned
    try:
        with transaction.atomic():
            folder.save(update_fields=["name"])
    except IntegrityError:
        raise Invalid(t("There is a folder with this name."), field="name", code="name_taken") from None
    _record_folder(by, "reply.folder_renamed", folder, at, before=before, after=cleaned)
    return folder


@transaction.atomic
def delete_folder(*, folder: ReplyFolder, by: Actor, at: datetime) -> None:
    """Remove a folder; its replies stay, in none. Raises `NotAllowed`."""
    require(by, Right.MANAGE_REPLIES)
    _record_folder(by, "reply.folder_deleted", folder, at, name=folder.name)
    folder.delete()


def _record_folder(by: Actor, action: str, folder: ReplyFolder, at: datetime, **more: str) -> None:
    subject = f"reply folder {folder.pk}"
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=more, at=at)
