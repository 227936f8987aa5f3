"""Texts for later, sends that can still be taken back, and how long each member wants for that."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.conversations.models import Conversation
from twoway.messaging.models import Message
from twoway.teams.models import Member, Workspace


class LaterState(models.TextChoices):
    WAITING = "waiting", gettext_lazy("Waits for its time")
    SENT = "sent", gettext_lazy("Handed to the door")
    ANSWERED = "answered", gettext_lazy("Not sent: they wrote first")
    REFUSED = "refused", gettext_lazy("Not sent: it may not go")
    GONE = "gone", gettext_lazy("Cancelled, or taken back to be edited")


class Later(models.Model):
    """A text a member wants sent at a time. It becomes a message then, through the door, and not before.

    `after_id` is the last text of the customer when it was written: with `cancels_on_answer` any newer one stops it.
    `code` and `why` say why it was not sent. `media_ids` are its files, kept for it. One `key` of a workspace is one.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, db_index=False, related_name="+")
    body = models.TextField()
    media_ids = models.JSONField(default=list)
    due_at = models.DateTimeField()
    cancels_on_answer = models.BooleanField(default=False)
    after_id = models.BigIntegerField(default=0)
    is_confirmed = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=LaterState, default=LaterState.WAITING)
    code = models.CharField(max_length=40, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    message_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "scheduled_text"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="one_scheduled_text_per_key")]
        indexes = [
            models.Index(fields=["due_at"], name="scheduled_due", condition=models.Q(state="waiting")),
            models.Index(
                fields=["conversation", "due_at"],
                name="scheduled_shown",
                condition=models.Q(state__in=["waiting", "answered", "refused"]),
            ),
            models.Index(fields=["created_at"], name="scheduled_by_time"),
        ]


class Undo(models.Model):
    """A text that waits some seconds, so that its writer can take it back. `before` is how the conversation stood."""

    message = models.OneToOneField(
        Message, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    member = models.ForeignKey(Member, on_delete=models.CASCADE, db_index=False, related_name="+")
    until = models.DateTimeField(db_index=True)
    marked_done = models.BooleanField(default=False)
    before = models.JSONField(default=dict)

    class Meta:
        db_table = "send_undo"


class SendHabit(models.Model):
    """How many seconds a member's texts wait, so that they can be taken back."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    undo_seconds = models.SmallIntegerField()

    class Meta:
        db_table = "send_habit"
