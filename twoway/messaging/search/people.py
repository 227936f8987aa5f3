"""Finding people: by the words of their name in any order, by numbers in any notation, by alias."""

from __future__ import annotations

from typing import LiteralString

from django.db import connection

from twoway.conversations.queries import Conversation, visible_sql, visible_to
from twoway.conversations.queries import search as by_address
from twoway.messaging.search.rules import is_number
from twoway.messaging.search.words import plain_words
from twoway.teams.actor import Actor

SHORTEST_BEGINNING = 2
_CANDIDATES = 2000
"""People with such a name who are looked at; of more the latest are not known without looking at all."""

_NAMED: LiteralString = """
    WITH hit AS MATERIALIZED (
        SELECT id FROM search_person WHERE workspace_id = %(workspace)s AND words @@ %(q)s::tsquery LIMIT %(candidates)s
    )
    SELECT v.id FROM hit JOIN conversation v ON v.contact_id = hit.id WHERE {visible}
    ORDER BY v.last_message_at DESC, v.id DESC LIMIT %(limit)s
"""


def threads(actor: Actor, text: str, *, region: str, limit: int) -> list[int]:
    """The conversations with whom this text names, as far as the actor may see them; the latest first."""
    text = " ".join(text.replace("\0", "").split())
    words = plain_words(text)
    if not words:
        return []
    if not is_number(text) and max(map(len, words)) >= SHORTEST_BEGINNING:
        found = _named(actor, words, limit)
        if found:
            return found
    return [row.pk for row in by_address(actor, text, region=region, limit=limit)]


def _named(actor: Actor, words: list[str], limit: int) -> list[int]:
    visible, values = visible_sql(actor)
    said = " & ".join(f"'{word}':*" for word in words[:8])
    with connection.cursor() as cursor:
        cursor.execute(_NAMED.format(visible=visible), {**values, "q": said, "limit": limit, "candidates": _CANDIDATES})
        return [row[0] for row in cursor.fetchall()]


def find(actor: Actor, text: str, *, region: str, limit: int) -> list[Conversation]:
    """One conversation with each person this text names, the latest; with contact, identity and channel."""
    ids = threads(actor, text, region=region, limit=limit * 3)
    rows = visible_to(actor).filter(id__in=ids).select_related("contact", "identity", "channel")
    by_id = {row.pk: row for row in rows}
    found: dict[int, Conversation] = {}
    for key in ids:
        if key in by_id:
            found.setdefault(by_id[key].contact_id, by_id[key])
    return list(found.values())[:limit]
