"""Reading merges: who may be the same person, where old conversations went, and what can still be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from twoway.contacts.audiences.queries import people
from twoway.contacts.models import Contact
from twoway.contacts.queries import visible_to
from twoway.conversations.queries.visibility import visible_to as visible_talks
from twoway.lib.refusal import NotFound
from twoway.lib.words import noted
from twoway.messaging.merging.models import JoinedConversation, Merge
from twoway.messaging.models import MediaFile, MediaState, Message
from twoway.teams.actor import Actor

__all__ = ["Alike", "Merge", "access_merge", "alike", "duplicates", "files_of", "joined_into", "merges_of"]

MOST_HOPS = 20
MOST_PAIRS = 50
WORDS = {
    "email": noted("The same email address"),
    "phone": noted("The same number in a property"),
    "property": noted("The same customer number"),
    "name": noted("Nearly the same name"),
    "whatsapp": noted("The same number on WhatsApp"),
}
KEYS = ("external_id", "customer_id", "customer_number", "account", "account_number", "crm_id")
"""Properties that name one person in a program of theirs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """Somebody who may be the same person, and why, as a word of `WORDS`."""

    contact: Contact
    why: str


_ALIKE = """
WITH me AS (SELECT * FROM contact WHERE id = %(me)s), mine AS (SELECT * FROM identity WHERE contact_id = %(me)s)
SELECT c.id, why FROM (
    SELECT i.contact_id AS id, 'whatsapp' AS why, 1 AS rank FROM mine m
    JOIN identity i ON i.workspace_id = m.workspace_id AND i.kind IN ('phone', 'whatsapp') AND i.value = m.value
    WHERE m.kind IN ('phone', 'whatsapp')
    UNION ALL
    SELECT i.contact_id, CASE i.kind WHEN 'email' THEN 'email' ELSE 'phone' END, 2 FROM me, identity i
    WHERE i.workspace_id = me.workspace_id AND i.kind IN ('phone', 'whatsapp', 'email')
      AND i.value IN (SELECT v.value FROM jsonb_each_text(me.properties) v)
    UNION ALL
    SELECT c.id, CASE WHEN position('@' IN w.value) > 0 THEN 'email' ELSE 'phone' END, 3
    FROM me, jsonb_each_text(me.properties) w
    JOIN contact c ON c.properties <> '{}' AND c.properties @> jsonb_build_object(w.key, w.value)
    WHERE c.workspace_id = me.workspace_id
      AND (w.value ~ '^[^@[:space:]]+@[^@[:space:]]+[.]' OR w.value ~ '^[+][0-9]{7,}')
    UNION ALL
    SELECT c.id, 'property', 4 FROM me, jsonb_each_text(me.properties) w
    JOIN contact c ON c.properties <> '{}' AND c.properties @> jsonb_build_object(w.key, w.value)
    WHERE c.workspace_id = me.workspace_id AND lower(replace(w.key, ' ', '_')) = ANY(%(keys)s) AND w.value <> ''
    UNION ALL
    SELECT c.id, 'phone', 5 FROM me, mine m
    JOIN contact c ON c.properties <> '{}' AND upper(c.properties::text) LIKE '%%' || m.value || '%%'
    WHERE c.workspace_id = m.workspace_id AND m.kind = 'phone' AND length(m.value) > 7
    UNION ALL
    SELECT c.id, 'name', 6 FROM me
    JOIN contact c ON c.workspace_id = me.workspace_id AND c.name <> '' AND upper(c.name) %% upper(me.name)
    WHERE length(me.name) > 4 AND position(' ' IN me.name) > 0 AND similarity(upper(c.name), upper(me.name)) >= 0.6
) found JOIN contact c USING (id), me
WHERE c.id <> me.id AND c.workspace_id = me.workspace_id AND c.merged_into_id IS NULL AND c.erased_at IS NULL
  AND NOT c.is_anonymous AND NOT me.is_anonymous
  AND NOT EXISTS (SELECT FROM contact_not_the_same n
                  WHERE n.one_id = least(c.id, me.id) AND n.other_id = greatest(c.id, me.id))
ORDER BY rank, c.id
"""


def alike(actor: Actor, contact: Contact, *, limit: int = 5) -> list[Alike]:
    """Who may be the same person as this one: likeliest first, each once, only whom the actor may see."""
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, {"me": contact.pk, "keys": list(KEYS)})
        found = cursor.fetchall()
    reasons: dict[int, str] = {}
    for key, why in found:
        reasons.setdefault(key, why)
    seen = set(visible_to(actor).filter(id__in=list(reasons)[:100]).values_list("id", flat=True))
    keys = [key for key in reasons if key in seen][:limit]
    return [Alike(contact=one, why=reasons[one.pk]) for one in people(keys)]


_PAIRS = """
WITH named AS (
    SELECT id, name, lower(regexp_replace(name, '[^[:alnum:]]+', '', 'g')) AS bare FROM contact
    WHERE workspace_id = %(workspace)s AND merged_into_id IS NULL AND erased_at IS NULL AND NOT is_anonymous
      AND name <> '' AND position(' ' IN name) > 0
), valued AS (
    SELECT c.id, lower(v.value) AS value, CASE WHEN position('@' IN v.value) > 0 THEN 'email' ELSE 'phone' END AS why
    FROM contact c, jsonb_each_text(c.properties) v
    WHERE c.workspace_id = %(workspace)s AND c.properties <> '{}' AND c.merged_into_id IS NULL AND NOT c.is_anonymous
      AND (v.value ~ '^[^@[:space:]]+@[^@[:space:]]+[.]' OR v.value ~ '^[+][0-9]{7,}$')
    UNION ALL
    SELECT c.id, lower(replace(v.key, ' ', '_')) || ':' || v.value, 'property'
    FROM contact c, jsonb_each_text(c.properties) v
    WHERE c.workspace_id = %(workspace)s AND c.properties <> '{}' AND c.merged_into_id IS NULL AND NOT c.is_anonymous
      AND lower(replace(v.key, ' ', '_')) = ANY(%(keys)s) AND v.value <> ''
    UNION ALL
    SELECT i.contact_id, lower(i.value), CASE i.kind WHEN 'email' THEN 'email' WHEN 'whatsapp' THEN 'whatsapp'
           ELSE 'phone' END
    FROM identity i JOIN contact c ON c.id = i.contact_id
    WHERE i.workspace_id = %(workspace)s AND i.kind IN ('phone', 'email', 'whatsapp') AND NOT c.is_anonymous
), alike AS (
    SELECT min(id) AS one, max(id) AS other, min(why) AS why, 1 AS rank FROM valued
    GROUP BY value HAVING count(DISTINCT id) BETWEEN 2 AND 5
    UNION ALL
    SELECT min(id), max(id), 'name', 2 FROM named GROUP BY bare HAVING count(*) BETWEEN 2 AND 3
)
SELECT one, other, (array_agg(why ORDER BY rank))[1] FROM alike
WHERE NOT EXISTS (SELECT FROM contact_not_the_same n WHERE n.one_id = alike.one AND n.other_id = alike.other)
GROUP BY one, other ORDER BY min(rank), other DESC LIMIT %(most)s
"""


def duplicates(actor: Actor, *, limit: int = MOST_PAIRS) -> list[tuple[Contact, Contact, str]]:
    """Pairs that may be one person, and why; likeliest first, only whom the actor may see both of."""
    values: dict[str, Any] = {"workspace": actor.workspace_id, "keys": list(KEYS), "most": limit * 2}
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, values)
        pairs = cursor.fetchall()
    keys = sorted({key for one, other, _ in pairs for key in (one, other)})
    seen = set(visible_to(actor).filter(id__in=keys).values_list("id", flat=True))
    known = {row.pk: row for row in people([key for key in keys if key in seen])}
    found = [(known[one], known[other], why) for one, other, why in pairs if one in known and other in known]
    return found[:limit]


def joined_into(actor: Actor, conversation_id: int) -> int | None:
    """Where a conversation went that became part of another one, if this actor may see that."""
    key = conversation_id
    for _ in range(MOST_HOPS):
        row = JoinedConversation.objects.filter(workspace_id=actor.workspace_id, conversation_id=key).first()
        if row is None:
            break
        key = row.into_id
    if key == conversation_id or not visible_talks(actor).filter(id=key).exists():
        return None
    return key


def access_merge(actor: Actor, merge_id: int) -> Merge:
    """One merge. Raises `NotFound`."""
    found = Merge.objects.filter(workspace_id=actor.workspace_id, id=merge_id).select_related("kept", "gone").first()
    if found is None or not visible_to(actor).filter(id__in=[found.kept_id, found.gone_id]).exists():
        raise NotFound("merge", merge_id)
    return found


def merges_of(actor: Actor, contact_id: int, *, at: datetime) -> list[Merge]:
    """The merges of a contact that can still be undone, the latest first."""
    rows = Merge.objects.filter(workspace_id=actor.workspace_id, kept_id=contact_id, undone_at=None, until__gt=at)
    return list(rows.exclude(Q(before={})).order_by("-id")[:MOST_HOPS])


def files_of(actor: Actor, contact_id: int, *, limit: int = 20) -> list[MediaFile]:
    """The pictures and files exchanged with a person in conversations this actor may see, the latest first."""
    talks = visible_talks(actor).filter(contact_id=contact_id).values("id")
    texts = (
        Message.objects.filter(conversation__in=talks).exclude(media=[]).order_by("-id").values_list("id", flat=True)
    )
    rows = MediaFile.objects.filter(message_id__in=list(texts[: limit * 2]), state=MediaState.READY)
    return list(rows.order_by("-message_id", "position")[:limit])
