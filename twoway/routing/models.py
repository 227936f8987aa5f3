"""Queues, the rules that fill them, what members are good at, and the conversations that wait for somebody."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from twoway.conversations.models import Conversation
from twoway.teams.models import Member, Team, Workspace


class Mode(models.TextChoices):
    PUSH = "push", gettext_lazy("Given out")
    PULL = "pull", gettext_lazy("Taken with Next")


class Strategy(models.TextChoices):
    LEAST_BUSY = "least_busy", gettext_lazy("Least busy")
    ROUND_ROBIN = "round_robin", gettext_lazy("In turn")


class WhenEmpty(models.TextChoices):
    """What becomes of those who wait while nobody of the queue is there."""

    WAIT = "wait", gettext_lazy("They wait")
    OVERFLOW = "overflow", gettext_lazy("Another queue may take them")


class EntryState(models.TextChoices):
    WAITING = "waiting", gettext_lazy("Waiting")
    TAKEN = "taken", gettext_lazy("Taken")


class RoutingSettings(models.Model):
    """What holds for all queues of a workspace.

    `capacity`: how many conversations a member has at once, unless they have a `MemberCapacity`. One that they hold
    counts while the customer waits for us and for `quiet_minutes` after the last text. Who is seen by no browser for
    `away_minutes` is offline; after `return_minutes` offline, what they had not answered returns (0: never).
    """

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    capacity = models.PositiveSmallIntegerField(default=5)
    quiet_minutes = models.PositiveIntegerField(default=60)
    away_minutes = models.PositiveIntegerField(default=2)
    return_minutes = models.PositiveIntegerField(default=10)

    class Meta:
        db_table = "routing_settings"


class Queue(models.Model):
    """A line of conversations. With a team its members serve it, else whoever may answer.

    `priority` 1 (low) to 5 (urgent) grows by one for each `ageing_minutes` of waiting (0: never). For
    `last_agent_minutes` only the member who wrote last gets it, while they are there. After `skill_minutes` whoever has
    the most of the skills wanted is suited (None: only who has them all). The default queue takes what no rule does.
    `position` is its place where queues are listed; while nobody ordered them all have the same.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    mode = models.CharField(max_length=4, choices=Mode, default=Mode.PUSH)
    strategy = models.CharField(max_length=12, choices=Strategy, default=Strategy.LEAST_BUSY)
    priority = models.PositiveSmallIntegerField(default=3)
    ageing_minutes = models.PositiveIntegerField(default=15)
    last_agent_minutes = models.PositiveIntegerField(default=5)
    skill_minutes = models.PositiveIntegerField(null=True, blank=True, default=10)
    when_empty = models.CharField(max_length=8, choices=WhenEmpty, default=WhenEmpty.WAIT)
    overflow = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "routing_queue"
        constraints = [
            models.UniqueConstraint("workspace", Lower("name"), name="one_queue_per_name"),
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(is_default=True), name="one_default_queue"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """Something members are good at: a language, a product."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "skill"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_skill_per_name")]

    def __str__(self) -> str:
        return self.name


class MemberSkill(models.Model):
    """How good a member is at it, 1 to 5."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField(default=3)

    class Meta:
        db_table = "member_skill"
        constraints = [models.UniqueConstraint(fields=["member", "skill"], name="one_level_per_skill")]


class MemberCapacity(models.Model):
    """How many conversations this member has at once, where it isn't the workspace's number; and when they got one.

    `capacity` None is the workspace's. `given_at`: the last time one was given to them or taken by them with Next.
    """

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    capacity = models.PositiveSmallIntegerField(null=True)
    given_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "member_capacity"


class RoutingRule(models.Model):
    """If all of this is true of a conversation, it goes to this queue. The first that matches in order of `position`.

    `conditions` are a tree of `lib.conditions` over `rules.fields`. `priority` None is the queue's; `team` None leaves
    the team to the queue.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=60)
    position = models.IntegerField(default=0)
    conditions = models.JSONField(default=dict)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="rules")
    priority = models.PositiveSmallIntegerField(null=True, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "routing_rule"
        indexes = [models.Index(fields=["workspace", "position", "id"], name="rules_in_order")]

    def __str__(self) -> str:
        return self.name


class RuleSkill(models.Model):
    """A skill a rule asks for, and at which level or above."""

    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField(default=1)

    class Meta:
        db_table = "routing_rule_skill"
        constraints = [models.UniqueConstraint(fields=["rule", "skill"], name="one_rule_skill")]


class QueueEntry(models.Model):
    """One conversation in a queue: waiting for somebody, or taken by `taken_by`. While it waits, `taken_by` is who put
    it there by hand, and so doesn't get it back.

    `priority` and `skills` (pairs of skill and level) are what the rule wanted. `entered_at` is since when they wait,
    also after it came back. `last_agent` is the member who wrote to them last. `why` is a word of `words.WHYS`.
    """

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True, related_name="+")
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="entries")
    rule = models.ForeignKey(RoutingRule, null=True, on_delete=models.SET_NULL, related_name="+")
    priority = models.PositiveSmallIntegerField()
    skills = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=EntryState, default=EntryState.WAITING)
    entered_at = models.DateTimeField()
    last_agent = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)
    returns = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        db_table = "queue_entry"
        indexes = [
            models.Index(
                fields=["workspace", "queue", "entered_at"],
                name="entries_waiting",
                condition=models.Q(state="waiting"),
            ),
        ]
