"""Reading conversations: one, a page of many, how many, and what members added to a thread."""

from twoway.conversations.models import Conversation, Draft, Episode, Note, State, Tag
from twoway.conversations.queries.counting import MOST, Counts, Totals, count_unread, counts, open_of_members, totals
from twoway.conversations.queries.lists import ListItem, Page, item_in_view, page, recent, rows_in_view, search
from twoway.conversations.queries.threads import (
    ThreadItems,
    access_conversation,
    access_tag,
    conversations_of,
    draft_of,
    episodes,
    read_ids,
    tag_uses,
    tags,
    thread_items,
    with_relations,
)
from twoway.conversations.queries.visibility import visible_condition, visible_sql, visible_to

__all__ = [
    "MOST",
    "Conversation",
    "Counts",
    "Draft",
    "Episode",
    "ListItem",
    "Note",
    "Page",
    "State",
    "Tag",
    "ThreadItems",
    "Totals",
    "access_conversation",
    "access_tag",
    "conversations_of",
    "count_unread",
    "counts",
    "draft_of",
    "episodes",
    "item_in_view",
    "open_of_members",
    "page",
    "read_ids",
    "recent",
    "rows_in_view",
    "search",
    "tag_uses",
    "tags",
    "thread_items",
    "totals",
    "visible_condition",
    "visible_sql",
    "visible_to",
    "with_relations",
]
