"""The outbox of typed events and the audit trail. Ids of other tables are plain numbers: events sit below them."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One thing that happened, written in the transaction that caused it.

    `is_pending` is true while a reaction still has to run; `is_shown` marks the ones a thread shows as a line.
    """

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    type = models.CharField(max_length=40)
    conversation_id = models.BigIntegerField(null=True)
    contact_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    trace = models.CharField(max_length=32, blank=True, default="")
    at = models.DateTimeField()
    is_pending = models.BooleanField(default=False)
    is_shown = models.BooleanField(default=False)

    class Meta:
        db_table = "event"
        indexes = [
            models.Index(fields=["id"], name="event_pending", condition=models.Q(is_pending=True)),
            models.Index(fields=["conversation_id", "id"], name="event_shown", condition=models.Q(is_shown=True)),
        ]


class Follower(models.Model):
    """How far one of those who follow the outbox has read it: the last id, and those still missing before it."""

    name = models.CharField(max_length=40, primary_key=True)
    high = models.BigIntegerField()
    gaps = models.JSONField(default=list)

    class Meta:
        db_table = "event_follower"


class AuditEntry(models.Model):
    """Who did what, append-only; `hash` covers the entry and the one before it in the workspace."""

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, blank=True, default="")
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_entry"
        indexes = [models.Index(fields=["workspace_id", "-id"], name="audit_newest")]
