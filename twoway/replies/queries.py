"""Reading saved replies: which somebody may use, finding them by a few letters, and filling them in for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, Count, F, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from twoway.contacts.queries import Contact, shown_name
from twoway.conversations.queries import Conversation
from twoway.lib.refusal import NotFound
from twoway.replies import rules
from twoway.replies.models import Kind, Reply, ReplyFile, ReplyFolder, ReplyUse, Scope
from twoway.replies.rules import Filled
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.queries import own_teams, workspace_of
from twoway.teams.rules import Right, may

__all__ = [
    "Kind",
    "Ready",
    "Reply",
    "ReplyFile",
    "ReplyFolder",
    "Scope",
    "access_file",
    "access_folder",
    "access_reply",
    "counted_folders",
    "find",
    "folders",
    "may_change",
    "ready",
    "usable",
    "values_for",
    "values_of",
    "visible_to",
]

MOST_FOUND = 40
LONGEST_SEARCH = 80
LIKENESS = "0.5"
"""How much of a word typed wrong must be in a reply: the share of its groups of three letters."""


def visible_to(actor: Actor) -> QuerySet[Reply]:
    """The replies this actor may see, archived ones too: everybody's, their teams', their own."""
    every = Reply.objects.filter(workspace_id=actor.workspace_id)
    return every.filter(mine(actor))


def mine(actor: Actor) -> Q:
    """The condition that something prepared is for this actor."""
    shared = Q(scope=Scope.ALL) | Q(scope=Scope.TEAM, team__in=own_teams(actor).order_by())
    return shared | Q(scope=Scope.OWN, owner_id=actor.member_id) if actor.member_id is not None else shared


def usable(actor: Actor) -> QuerySet[Reply]:
    """Those that are not archived, with what showing them needs."""
    rows = visible_to(actor).filter(archived_at=None).select_related("folder", "team", "channel")
    return rows.prefetch_related(Prefetch("files", queryset=ReplyFile.objects.order_by("id")))


def access_reply(actor: Actor, reply_id: int) -> Reply:
    """A reply this actor may see. Raises `NotFound`."""
    row = visible_to(actor).filter(id=reply_id).select_related("folder", "team", "channel").prefetch_related("files")
    found = row.first()
    if found is None:
        raise NotFound("saved reply", reply_id)
    return found


def may_change(actor: Actor, *, scope: str, owner_id: int | None) -> bool:
    """Whether this actor may change what has this scope: their own, or with `MANAGE_REPLIES` what is shared."""
    if scope == Scope.OWN:
        return owner_id is not None and owner_id == actor.member_id and may(actor, Right.REPLY)
    return may(actor, Right.MANAGE_REPLIES)


def access_file(actor: Actor, file_id: int) -> ReplyFile:
    """A file of a reply this actor may see. Raises `NotFound`."""
    found = ReplyFile.objects.filter(id=file_id, reply__in=visible_to(actor)).select_related("reply").first()
    if found is None:
        raise NotFound("file", file_id)
    return found


def folders(actor: Actor) -> list[ReplyFolder]:
    """The folders of the workspace, by name."""
    return list(ReplyFolder.objects.filter(workspace_id=actor.workspace_id).order_by(Lower("name")))


def counted_folders(actor: Actor) -> list[tuple[ReplyFolder, int]]:
    """The folders with how many usable replies of this actor are in each."""
    rows = usable(actor).exclude(folder=None).order_by().values_list("folder_id").annotate(many=Count("id"))
    counts = dict(rows)
    return [(folder, counts.get(folder.pk, 0)) for folder in folders(actor)]


def access_folder(actor: Actor, folder_id: int) -> ReplyFolder:
    """A folder of the workspace. Raises `NotFound`."""
    found = ReplyFolder.objects.filter(workspace_id=actor.workspace_id, id=folder_id).first()
    if found is None:
        raise NotFound("folder", folder_id)
    return found


# Finding ----------------------------------------------------------------------------------------------------------


def find(rows: QuerySet[Reply], text: str, *, limit: int = MOST_FOUND) -> list[Reply]:
    """Those of `rows` whose name, word or body is meant by `text`; the most used first for an empty text.

    Every word typed must be in them. Where too few have all, those with words much like them follow.
    """
    words = rules.plain(text.replace("\0", "")[:LONGEST_SEARCH])
    if not words:
        return list(rows.order_by("-uses", "-id")[:limit])
    inside = Q()
    for one in words.split():
        inside &= Q(needle__contains=one)
    exact: list[Reply] = list(rows.filter(inside).annotate(rank=_rank(words)).order_by("rank", "-uses", "-id")[:limit])
    if len(exact) >= min(5, limit) or len(words) < 3:
        return exact
    return exact + _alike(rows.exclude(id__in=[one.pk for one in exact]), words, limit=limit - len(exact))


def _rank(words: str) -> Case:
    """Which of those that have the words come first: the word itself, a name that begins so, a name, a body."""
    return Case(
        When(word=words, then=Value(0)),
        When(word__startswith=words, then=Value(1)),
        When(needle__startswith=words, then=Value(2)),
        When(name__icontains=words, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )


def _alike(rows: QuerySet[Reply], words: str, *, limit: int) -> list[Reply]:
    """Those with words like these, the likest first."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [LIKENESS])
        alike = rows.filter(needle__trigram_word_similar=words)
        for one in [word for word in words.split() if len(word) > 2][:6]:
            alike = alike.filter(needle__trigram_word_similar=one)
        likeness = TrigramWordSimilarity(words, "needle")
        return list(alike.annotate(likeness=likeness).order_by("-likeness", "-uses", "-id")[:limit])


# Filling in -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A reply filled in for one conversation. `language` is "" for its own wording; `wording` is "a" or "b"."""

    reply: Reply
    filled: Filled
    language: str = ""
    wording: str = "a"


def values_for(conversation: Conversation, *, by: Actor) -> dict[str, str]:
    """What variables stand for in this conversation. People who stay anonymous have neither name nor properties."""
    return values_of(conversation.contact, address=conversation.channel.address, by=by)


def values_of(contact: Contact, *, address: str, by: Actor) -> dict[str, str]:
    """The same for a person who is texted from this number of ours, "" for none in particular."""
    workspace = workspace_of(by)
    name = "" if contact.is_anonymous else shown_name(contact)
    known = {
        "first_name": rules.first_name(name),
        "name": name,
        "agent_first_name": rules.first_name(by.name) if by.kind == "member" else "",
        "business": workspace.name,
        "number": phone.pretty(address, region=workspace.region) if address else "",
    }
    properties: Mapping[str, object] = {} if contact.is_anonymous else contact.properties
    named = {f"{rules.PROPERTY}{key.casefold()}": str(value) for key, value in properties.items()}
    return {**named, **known}


def ready(replies: Sequence[Reply], conversation: Conversation, *, by: Actor) -> list[Ready]:
    """These replies as they would be sent in this conversation now: in the person's language, wording in turn."""
    values, language = values_for(conversation, by=by), conversation.contact.language
    known = _wordings([one for one in replies if one.other_body], conversation)
    found = []
    for one in replies:
        wording = known.get(one.pk) or next_wording(one)
        body, spoken = worded(one, wording=wording, language=language)
        found.append(
            Ready(reply=one, filled=rules.fill(body, values), language=spoken, wording="a" if spoken else wording)
        )
    return found


def worded(reply: Reply, *, wording: str = "a", language: str = "") -> tuple[str, str]:
    """The body of a reply in one of its wordings, and the language it is in, "" for its own."""
    if reply.kind == Kind.ARTICLE:
        return rules.article_text(reply.name, reply.steps, reply.url), ""
    own = reply.other_body if wording == "b" and reply.other_body else reply.body
    return rules.body_for(language, own, reply.variants)


def next_wording(reply: Reply) -> str:
    """The wording whose turn it is."""
    return "b" if reply.other_body and reply.turns % 2 else "a"


def _wordings(replies: Iterable[Reply], conversation: Conversation) -> dict[int, str]:
    """The wordings these replies had in this conversation before, while the test runs."""
    tested = [one.pk for one in replies]
    if not tested:
        return {}
    rows = ReplyUse.objects.filter(conversation=conversation, reply__in=tested, at__gte=F("reply__tested_since"))
    return dict(rows.order_by("id").values_list("reply_id", "wording"))
