"""Working on one conversation together: who is named in notes, who follows, handovers, and who may answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from twoway.conversations.models import Conversation, Note
from twoway.teams.models import Member, Team, Workspace


class Mention(models.Model):
    """A member or a team named in a note. `start` and `length` say where in the note's body, in characters.

    The database removes it with its note, also where notes go in bulk.
    """

    id = models.BigAutoField(primary_key=True)
    note = models.ForeignKey(Note, on_delete=models.CASCADE, db_constraint=False, related_name="mentions")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, db_index=False, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, db_index=False, related_name="+")
    start = models.IntegerField()
    length = models.IntegerField()

    class Meta:
        db_table = "mention"
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False, team__isnull=True) | Q(member__isnull=True, team__isnull=False),
                name="mention_of_one",
            )
        ]
        indexes = [
            models.Index(fields=["member", "conversation"], name="mention_member", condition=Q(member__isnull=False)),
            models.Index(fields=["team", "conversation"], name="mention_team", condition=Q(team__isnull=False)),
        ]


class UnseenMention(models.Model):
    """A note that names a member or a team of theirs, unopened by them. Opening the conversation deletes the row."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    note = models.ForeignKey(Note, on_delete=models.CASCADE, db_constraint=False, related_name="+")

    class Meta:
        db_table = "unseen_mention"
        constraints = [models.UniqueConstraint(fields=["member", "note"], name="one_unseen_per_note")]
        indexes = [models.Index(fields=["member", "conversation"], name="unseen_of_member")]


class Follower(models.Model):
    """A member who wants to hear of news in a conversation, whoever has it."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "follower"
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="one_follow_per_member")]


class Handover(models.Model):
    """What whoever gets a conversation should know. Its newest one stands above the log until they dismiss it."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=80, blank=True, default="")
    summary = models.TextField()
    at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "handover"
        indexes = [models.Index(fields=["conversation", "-id"], name="handover_newest")]


class Answering(models.TextChoices):
    OFF = "off", gettext_lazy("Everybody may answer")
    WARN = "warn", gettext_lazy("Ask first when somebody else has it")
    ENFORCE = "enforce", gettext_lazy("Only whoever has it")


class AnsweringRule(models.Model):
    """Who may answer what somebody has, in a workspace or, with `team`, in conversations of that team.

    `claims`: whoever answers an unassigned conversation has it; only the workspace's row says so.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    answering = models.CharField(max_length=8, choices=Answering, default=Answering.OFF)
    claims = models.BooleanField(default=True)

    class Meta:
        db_table = "answering_rule"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "team"], nulls_distinct=False, name="one_answering_rule")
        ]


class ClaimHabit(models.Model):
    """Whether answering claims, for one member who wants it other than the workspace."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    claims = models.BooleanField()

    class Meta:
        db_table = "claim_habit"
