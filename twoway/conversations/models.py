"""The continuous thread of one contact on one channel, and what members add to it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel, Pool
from twoway.contacts.models import Contact, Identity
from twoway.teams.models import Member, Team, Workspace


class State(models.TextChoices):
    OPEN = "open", gettext_lazy("Open")
    SNOOZED = "snoozed", gettext_lazy("Snoozed")
    DONE = "done", gettext_lazy("Done")


class Tag(models.Model):
    """A word members put on conversations. `color` is one of the palette names of the stylesheet."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)
    color = models.CharField(max_length=10, default="accent")

    class Meta:
        db_table = "tag"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_tag_per_name")]

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """One thread, in episodes.

    `needs_reply` is true while the customer spoke last, and never when it is done. `sort_at` is the time they have been
    waiting since, or else the time of the last message; it does not change while somebody waits, so further texts leave
    the indexes alone. `unanswered` counts their texts since our last reply. `identity` is the address they last wrote
    from. With numbers of a `pool` a person has one conversation, whichever of them is used; `channel` is the number we
    write from. The composite indexes serve the foreign keys too; fewer indexes keep intake fast and its plans plain.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, db_index=False, related_name="conversations")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="conversations")
    pool = models.ForeignKey(Pool, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, db_index=False, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    snoozed_until = models.DateTimeField(null=True)
    assignee = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")
    tags = models.ManyToManyField(Tag, related_name="+", db_table="conversation_tag")
    needs_reply = models.BooleanField(default=False)
    sort_at = models.DateTimeField()
    unanswered = models.IntegerField(default=0)
    episode = models.IntegerField(default=1)
    last_message_at = models.DateTimeField()
    last_inbound_at = models.DateTimeField(null=True)
    last_message_id = models.BigIntegerField(null=True)
    last_inbound_id = models.BigIntegerField(null=True)
    preview = models.CharField(max_length=160, blank=True, default="")
    preview_by = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "conversation"
        constraints = [
            models.UniqueConstraint(fields=["contact", "channel"], name="one_conversation_per_channel"),
            models.UniqueConstraint(
                fields=["contact", "pool"], condition=models.Q(pool__isnull=False), name="one_conversation_per_pool"
            ),
            models.CheckConstraint(condition=~models.Q(state="done", needs_reply=True), name="done_never_waits"),
        ]
        indexes = [
            models.Index(fields=["workspace", "state", "needs_reply", "sort_at"], name="conv_all"),
            models.Index(fields=["channel", "state", "needs_reply", "sort_at"], name="conv_of_channel"),
            models.Index(
                fields=["assignee", "state", "needs_reply", "sort_at"],
                name="conv_of_assignee",
                condition=models.Q(assignee__isnull=False),
            ),
            models.Index(
                fields=["team", "state", "needs_reply", "sort_at"],
                name="conv_of_team",
                condition=models.Q(team__isnull=False),
            ),
            models.Index(
                fields=["workspace", "needs_reply", "sort_at"],
                name="conv_unassigned",
                condition=models.Q(assignee__isnull=True, state="open"),
            ),
            models.Index(fields=["snoozed_until"], name="conv_to_wake", condition=models.Q(state="snoozed")),
            models.Index(
                fields=["workspace", "last_inbound_at", "contact"],
                name="conv_heard",
                condition=models.Q(last_inbound_at__isnull=False),
            ),
        ]


class Episode(models.Model):
    """One stretch of a conversation, from a first text to done."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="episodes")
    number = models.IntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "episode"
        constraints = [models.UniqueConstraint(fields=["conversation", "number"], name="one_episode_per_number")]


class Note(models.Model):
    """A private remark in the thread; the customer never sees it. One `key` of a writer is one note.

    `untold` is not kept: right after it was written, the names in it of those who can't see the conversation.
    """

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="notes")
    body = models.TextField()
    by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=80, blank=True, default="")
    key = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    untold: tuple[str, ...] = ()

    class Meta:
        db_table = "note"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "by", "key"], condition=~models.Q(key=""), name="one_note_per_key"
            )
        ]
        indexes = [models.Index(fields=["conversation", "id"], name="note_thread")]


class Draft(models.Model):
    """What one member has begun to write in one conversation.

    `seen_id` is the newest text they had seen when they began, or when they last said that they have read what is new.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="drafts")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    body = models.TextField()
    is_note = models.BooleanField(default=False)
    seen_id = models.BigIntegerField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "draft"
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="one_draft_per_member")]


class ReadMark(models.Model):
    """How far one member has read one conversation: the id of the last inbound message they saw."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="read_marks")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    message_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "read_mark"
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="one_read_mark_per_member")]
