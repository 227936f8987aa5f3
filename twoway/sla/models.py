"""Promises about time: policies, where each conversation stands against them, and the clocks that run."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from twoway.channels.models import Channel
from twoway.contacts.audiences.models import Audience
from twoway.conversations.models import Conversation
from twoway.teams.models import Team, Workspace


class Policy(models.Model):
    """How soon customers are to be answered. The first one in order that fits a conversation counts.

    One without numbers, teams and an audience fits every conversation; the default one comes last and can be switched
    off but not removed. Goals and warnings are minutes, `None` for none; a warning counts from the same beginning as
    its goal. `first` is the relaxed gear before a person has replied, `next` the strict one after it. `same_day`: every
    text is to be answered before that day closes. `wrap_up_hours` is how long an answered conversation may be quiet
    before its holder is asked to close it. `changed_at` is later than `settled_at` while clocks have to be set anew.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=60)
    position = models.IntegerField(default=0)
    is_default = models.BooleanField(default=False)
    is_on = models.BooleanField(default=True)
    channels = models.ManyToManyField(Channel, related_name="+", db_table="sla_policy_channel")
    teams = models.ManyToManyField(Team, related_name="+", db_table="sla_policy_team")
    audience = models.ForeignKey(Audience, null=True, on_delete=models.SET_NULL, related_name="+")
    is_for_audience = models.BooleanField(default=False, help_text="Fits nobody once its audience is gone.")
    first_minutes = models.PositiveIntegerField(null=True)
    first_warn = models.PositiveIntegerField(null=True)
    next_minutes = models.PositiveIntegerField(null=True)
    next_warn = models.PositiveIntegerField(null=True)
    resolution_minutes = models.PositiveIntegerField(null=True)
    resolution_warn = models.PositiveIntegerField(null=True)
    same_day = models.BooleanField(default=False)
    wrap_up_hours = models.PositiveIntegerField(null=True)
    in_hours = models.BooleanField(default=True)
    pauses_snoozed = models.BooleanField(default=False)
    programs_count = models.BooleanField(default=False)
    on_warn = models.JSONField(default=list)
    on_breach = models.JSONField(default=list)
    changed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    hours_version = models.BigIntegerField(null=True, help_text="Of the default one: the hours clocks were set by.")

    class Meta:
        db_table = "sla_policy"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_default=True), name="one_default_policy_per_workspace"
            )
        ]
        indexes = [models.Index(fields=["workspace", "position"], name="sla_policy_order")]

    def __str__(self) -> str:
        return self.name


class Track(models.Model):
    """Where one conversation stands: what its clocks follow from.

    `event_id` is the last event that was taken into account. `waiting_since` is the first text nobody has answered,
    `answered_at` the last reply of a person in this episode, `heard_at` its first text. `team_id` and `channel_id` are
    those its clocks are counted by. `warn_at` and `due_at` are those of the most urgent clock, if one runs.
    """

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, related_name="sla_track"
    )
    workspace_id = models.BigIntegerField()
    event_id = models.BigIntegerField(default=0)
    episode = models.IntegerField(default=1)
    state = models.CharField(max_length=8, default="open")
    waiting_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    team_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField(null=True)
    policy = models.ForeignKey(Policy, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sla_track"
        indexes = [
            models.Index(fields=["workspace_id", "due_at"], name="sla_track_due", condition=Q(due_at__isnull=False)),
        ]


class Clock(models.Model):
    """One goal of one conversation, from when it began to count until it was met or nobody waited for it any more.

    `goal` and `warn` are seconds that count, `used` those that had gone by before `since`; `since` is empty while it
    stands still, and `pause` says why. An `outcome` is met, late or stopped (nobody waited any more before it was due);
    `ended_by` is the text that ended it. `warned_at` and `breached_at` are when that was told, once each.
    """

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="sla_clocks")
    policy = models.ForeignKey(Policy, null=True, on_delete=models.SET_NULL, related_name="+")
    episode = models.IntegerField()
    kind = models.CharField(max_length=12)
    started_at = models.DateTimeField()
    goal = models.FloatField(null=True)
    warn = models.FloatField(null=True)
    used = models.FloatField(default=0)
    since = models.DateTimeField(null=True)
    pause = models.CharField(max_length=10, blank=True, default="")
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=8, blank=True, default="")
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sla_clock"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind"], condition=Q(ended_at__isnull=True), name="one_live_clock_per_kind"
            )
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="sla_clock_of"),
            models.Index(
                fields=["warn_at"],
                name="sla_clock_to_warn",
                condition=Q(ended_at__isnull=True, warned_at__isnull=True, warn_at__isnull=False),
            ),
            models.Index(
                fields=["due_at"],
                name="sla_clock_to_breach",
                condition=Q(ended_at__isnull=True, breached_at__isnull=True, due_at__isnull=False),
            ),
            models.Index(fields=["workspace_id", "due_at"], name="sla_clock_told", condition=Q(due_at__isnull=False)),
        ]
