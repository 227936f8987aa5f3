"""Rules that give a conversation to somebody else when it must not go on as it is, and hints when to call."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.conversations.models import Conversation, Tag
from twoway.routing.models import Queue
from twoway.teams.models import Member, Team, Workspace


class Gives(models.TextChoices):
    """Who gets it."""

    NOBODY = "", gettext_lazy("Leave it where it is")
    MANAGER = "manager", gettext_lazy("A manager")
    MEMBER = "member", gettext_lazy("A member")
    TEAM = "team", gettext_lazy("A team")
    QUEUE = "queue", gettext_lazy("A queue")


class EscalationRule(models.Model):
    """If all of this is true of a conversation, do this, once in an episode. The first that matches, by `position`.

    `conditions` are a tree of `lib.conditions` over `vocabulary.fields`. A target that was deleted is None: the rest is
    still done. `priority` 1 (low) to 5 (urgent) is that of its place in a queue; None leaves it. `tells_managers` adds
    a notification for everybody who manages.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=60)
    position = models.IntegerField(default=0)
    conditions = models.JSONField(default=dict)
    gives = models.CharField(max_length=8, choices=Gives, blank=True, default=Gives.NOBODY)
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    tag = models.ForeignKey(Tag, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    priority = models.PositiveSmallIntegerField(null=True, blank=True)
    tells_managers = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "escalation_rule"
        indexes = [models.Index(fields=["workspace", "position", "id"], name="escalations_in_order")]

    def __str__(self) -> str:
        return self.name


class Escalated(models.Model):
    """That a rule acted on a conversation in one of its episodes; it goes with either. `why` names no person."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    episode = models.IntegerField()
    rule = models.ForeignKey(EscalationRule, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "escalated"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "episode", "rule"], name="one_escalation_per_episode")
        ]


class CallHint(models.Model):
    """A sentence for whoever answers, shown above the thread while its conditions hold."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    sentence = models.CharField(max_length=160)
    position = models.IntegerField(default=0)
    conditions = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "call_hint"
        indexes = [models.Index(fields=["workspace", "position", "id"], name="hints_in_order")]

    def __str__(self) -> str:
        return self.sentence


class HintDismissed(models.Model):
    """That somebody closed a hint, for the episode it stood in."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    episode = models.IntegerField()
    hint = models.ForeignKey(CallHint, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "call_hint_dismissed"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "episode", "hint"], name="one_dismissal_per_episode")
        ]
