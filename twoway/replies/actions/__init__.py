"""Changing saved replies and macros, and using them. Keyword-only; one transaction each."""

from twoway.replies.actions.macros import MacroTerms, add_macro, archive_macro, change_macro, restore_macro
from twoway.replies.actions.moving import Imported, export_replies, import_replies
from twoway.replies.actions.pictures import add_picture, remove_picture, use_picture
from twoway.replies.actions.running import UNDO_FIELDS, Ran, run_macro, undo_macro
from twoway.replies.actions.saving import (
    ReplyTerms,
    add_reply,
    archive_reply,
    change_reply,
    delete_folder,
    rename_folder,
    restore_reply,
)
from twoway.replies.actions.starting import add_starter_set
from twoway.replies.actions.using import (
    add_file,
    check_blanks,
    end_test,
    note_use,
    put_beside,
    remove_file,
    start_test,
    wanted,
)

__all__ = [
    "UNDO_FIELDS",
    "Imported",
    "MacroTerms",
    "Ran",
    "ReplyTerms",
    "add_file",
    "add_macro",
    "add_picture",
    "add_reply",
    "add_starter_set",
    "archive_macro",
    "archive_reply",
    "change_macro",
    "change_reply",
    "check_blanks",
    "delete_folder",
    "end_test",
    "export_replies",
    "import_replies",
    "note_use",
    "put_beside",
    "remove_file",
    "remove_picture",
    "rename_folder",
    "restore_macro",
    "restore_reply",
    "run_macro",
    "start_test",
    "undo_macro",
    "use_picture",
    "wanted",
]
