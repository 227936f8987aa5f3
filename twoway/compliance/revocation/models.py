"""Messages that may mean "stop" and wait for an answer, and the words a workspace added to the keyword families."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel
from twoway.contacts.models import Identity
from twoway.teams.models import Workspace


class DoubtState(models.TextChoices):
    OPEN = "open", gettext_lazy("Waiting")
    OUT = "out", gettext_lazy("They opted out")
    KEPT = "kept", gettext_lazy("They want texts")


class Doubt(models.Model):
    """A text that may mean "stop". While it is `open` nothing is sent to this person; past `due_at` it means stop.

    `why` is what the judgement said, `asked_at` when the neutral question went out, `settled_by` who or what answered.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, db_index=False, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation_id = models.BigIntegerField()
    message_id = models.BigIntegerField()
    why = models.CharField(max_length=120)
    state = models.CharField(max_length=4, choices=DoubtState, default=DoubtState.OPEN, db_default=DoubtState.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=120, blank=True, default="", db_default="")

    class Meta:
        db_table = "revocation_doubt"
        constraints = [
            models.UniqueConstraint(fields=["identity"], condition=models.Q(state="open"), name="one_open_doubt")
        ]
        indexes = [
            models.Index(fields=["workspace", "due_at"], name="doubts_open", condition=models.Q(state="open")),
            models.Index(fields=["conversation_id"], name="doubts_of_thread"),
        ]


class OwnWord(models.Model):
    """A word this workspace added to a family; `folded` is how it is compared. Words of the law are never removed."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    family = models.CharField(max_length=5)
    word = models.CharField(max_length=40)
    folded = models.CharField(max_length=40)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "own_keyword"
        constraints = [models.UniqueConstraint(fields=["workspace", "folded"], name="one_own_keyword")]


class JudgedUpTo(models.Model):
    """How far this installation's texts were judged: the id of the last message that was looked at. One row."""

    id = models.SmallAutoField(primary_key=True)
    message_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "revocation_judged"
