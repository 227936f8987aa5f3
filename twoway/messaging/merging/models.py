"""What became of two contacts that are one person, so that it can be undone exactly."""

from __future__ import annotations

from django.db import models

from twoway.contacts.models import Contact
from twoway.teams.models import Workspace


class Merge(models.Model):
    """One merge: `gone` became part of `kept`. It can be undone until `until`.

    `before` holds the rows as they were, by table; `moved` the ids of rows that changed hands. Both are emptied once it
    can't be undone any more, and when the person is erased.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    kept = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    gone = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    before = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        db_table = "contact_merge"
        indexes = [models.Index(fields=["workspace", "-id"], name="contact_merge_newest")]


class JoinedConversation(models.Model):
    """A conversation that became part of another one; its old address leads there."""

    conversation_id = models.BigIntegerField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="joined")
    into_id = models.BigIntegerField()

    class Meta:
        db_table = "joined_conversation"


class NotTheSame(models.Model):
    """Two contacts that look like one person, and of whom a member said that they aren't. `one_id` is the lower id."""

    one = models.ForeignKey(Contact, on_delete=models.CASCADE, db_index=False, related_name="+")
    other = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "contact_not_the_same"
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="one_not_the_same")]
