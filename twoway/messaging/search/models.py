"""What is looked for in: one row of words for each text, note and person, and a lexicon of all words.

The rows are copies: a worker writes them after the commit, and triggers take them away in the transaction that changes
or removes what they are copies of. Nothing refers to them, and all can be made again.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models

_PENDING_KB = 512
"""Rows that are not yet in the index proper; every search reads them one by one, so they stay few."""


class SearchText(models.Model):
    """The words of one text; `id` is the message's. Marks such as #in say its day, number, direction and files."""

    id = models.BigIntegerField(primary_key=True)
    workspace_id = models.BigIntegerField()
    conversation_id = models.BigIntegerField()
    at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        db_table = "search_text"
        indexes = [
            GinIndex(fields=["words"], name="search_text_words", gin_pending_list_limit=_PENDING_KB),
            BrinIndex(fields=["at"], name="search_text_by_time", pages_per_range=32, autosummarize=True),
        ]


class SearchNote(models.Model):
    """The words of one private note, `id` is the note's."""

    id = models.BigIntegerField(primary_key=True)
    workspace_id = models.BigIntegerField()
    conversation_id = models.BigIntegerField()
    at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        db_table = "search_note"
        indexes = [GinIndex(fields=["words"], name="search_note_words", gin_pending_list_limit=_PENDING_KB)]


class SearchPerson(models.Model):
    """The words of a person's name and of their addresses that are not numbers; `id` is the contact's.

    Nobody who is anonymous is in it.
    """

    id = models.BigIntegerField(primary_key=True)
    workspace_id = models.BigIntegerField()
    words = SearchVectorField()

    class Meta:
        db_table = "search_person"
        indexes = [GinIndex(fields=["words"], name="search_person_words", gin_pending_list_limit=_PENDING_KB)]


class SearchWord(models.Model):
    """A word of the workspace's texts, notes and names, and in how many of them it occurs."""

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    word = models.CharField(max_length=30)
    texts = models.BigIntegerField()

    class Meta:
        db_table = "search_word"
        constraints = [models.UniqueConstraint(fields=["workspace_id", "word"], name="one_row_per_word")]
        indexes = [
            models.Index(
                "workspace_id", OpClass(models.F("word"), name="varchar_pattern_ops"), name="search_word_begins"
            ),
            GinIndex(OpClass(models.F("word"), name="gin_trgm_ops"), name="search_word_near"),
        ]


class SearchPlace(models.Model):
    """How far one kind of rows is indexed: every id up to `done_id`, but for those that come late."""

    kind = models.CharField(max_length=16, primary_key=True)
    done_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "search_place"


class SearchAgain(models.Model):
    """Something that changed or went; written by triggers, taken by the worker within a second or two.

    `gone` are the words that were taken out of the index, which the lexicon has yet to forget.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10)
    row_id = models.BigIntegerField()
    workspace_id = models.BigIntegerField(null=True)
    gone = SearchVectorField(null=True)

    class Meta:
        db_table = "search_again"
