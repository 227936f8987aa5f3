"""Changing conversations. Keyword-only; one transaction each; an event and a live notice for what changed."""

from twoway.conversations.actions.additions import (
    COLORS,
    LONGEST_DRAFT,
    LONGEST_NOTE,
    LONGEST_TAG,
    add_note,
    clear_draft,
    mark_read,
    mark_unread,
    save_draft,
    tag,
    tag_named,
    untag,
)
from twoway.conversations.actions.bulk import Deed, Outcome, change_many, forget_changes, undo_many
from twoway.conversations.actions.changing import tell_of_contact
from twoway.conversations.actions.giving import Gift, give_many, take_back_many
from twoway.conversations.actions.handing import LONGEST_SUMMARY, Handed, hand_over, pick_up
from twoway.conversations.actions.holders import UNCHANGED, Choice, assign, release
from twoway.conversations.actions.opening import lock_conversation_with, open_conversation
from twoway.conversations.actions.parting import wrong_number
from twoway.conversations.actions.states import done, reopen, snooze, wake_due
from twoway.conversations.actions.tags import change_tag, delete_tag

__all__ = [
    "COLORS",
    "LONGEST_DRAFT",
    "LONGEST_NOTE",
    "LONGEST_SUMMARY",
    "LONGEST_TAG",
    "UNCHANGED",
    "Choice",
    "Deed",
    "Gift",
    "Handed",
    "Outcome",
    "add_note",
    "assign",
    "change_many",
    "change_tag",
    "clear_draft",
    "delete_tag",
    "done",
    "forget_changes",
    "give_many",
    "hand_over",
    "lock_conversation_with",
    "mark_read",
    "mark_unread",
    "open_conversation",
    "pick_up",
    "release",
    "reopen",
    "save_draft",
    "snooze",
    "tag",
    "tag_named",
    "take_back_many",
    "tell_of_contact",
    "undo_many",
    "untag",
    "wake_due",
    "wrong_number",
]
