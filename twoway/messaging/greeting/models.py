"""Automatic texts: how they are worded, which went to whom, what was promised in them, and how long answers took."""

from __future__ import annotations

from django.db import models

from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.teams.models import Team, Workspace


class GreetingSettings(models.Model):
    """What a workspace wants of its automatic texts. `history_at` is when waits of before were counted.

    `percentile`: how many of a hundred are to hear back within what is said. `least_cases`: with fewer answers to go
    by, nothing is said about times. `grace_seconds`: so long somebody may answer first. `warn_minutes`: so long before
    a promise runs out the person is told that it takes longer. `language`: of people whose language nobody knows.
    """

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    percentile = models.SmallIntegerField(default=80)
    least_cases = models.SmallIntegerField(default=30)
    grace_seconds = models.SmallIntegerField(default=20)
    warn_minutes = models.SmallIntegerField(default=3)
    language = models.CharField(max_length=2, default="en")
    history_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "greeting_settings"


class Wording(models.Model):
    """One kind of text for a number, a team, or (both empty) the whole workspace. `texts` goes by language."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    is_on = models.BooleanField(default=False)
    texts = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "greeting_wording"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "team", "channel", "kind"], nulls_distinct=False, name="one_greeting_wording"
            ),
            models.CheckConstraint(
                condition=models.Q(team=None) | models.Q(channel=None), name="greeting_of_team_or_number"
            ),
        ]


class Greeting(models.Model):
    """An automatic text that waits to be decided (`kind` is empty), or one that went, with why.

    Of each kind one goes in an episode, and one waits in a conversation: the constraints see to it, whatever crashes.
    `message_id` is the customer's text that began it, `sent_id` ours.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    episode = models.IntegerField()
    message_id = models.BigIntegerField()
    kind = models.CharField(max_length=12, blank=True, default="")
    due_at = models.DateTimeField()
    sent_id = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(null=True)
    why = models.JSONField(default=dict)

    class Meta:
        db_table = "greeting"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(sent_at=None), name="one_greeting_waits"
            ),
            models.UniqueConstraint(
                fields=["conversation", "episode", "kind"],
                condition=models.Q(sent_at__isnull=False),
                name="one_greeting_of_each_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="greeting_due", condition=models.Q(sent_at=None)),
            models.Index(fields=["sent_id"], name="greeting_sent", condition=models.Q(sent_id__isnull=False)),
        ]


class Promise(models.Model):
    """What was said about the wait in one text, and what became of it.

    `said_minutes` is empty for "more than an hour", which can't be broken. `estimate_seconds` is the figure before it
    was rounded, of open time; `basis` the numbers it comes from. `due_at` is when it runs out and `warn_at` when the
    person is told that it takes longer; `warned_at` when they were. `outcome` is "" while it runs, else kept, broken
    or void (nobody waited for it any more). `answer_id` is the answer once it is written, `answered_at` when it left,
    and `waited_seconds` the open time until then.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    queue_id = models.BigIntegerField(null=True)
    episode = models.IntegerField()
    message_id = models.BigIntegerField(null=True)
    percentile = models.SmallIntegerField()
    said_minutes = models.SmallIntegerField(null=True)
    estimate_seconds = models.FloatField()
    basis = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    answer_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    waited_seconds = models.FloatField(null=True)
    outcome = models.CharField(max_length=6, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wait_promise"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "episode"], name="one_promise_per_episode"),
        ]
        indexes = [
            models.Index(fields=["workspace", "made_at"], name="promise_by_time"),
            models.Index(fields=["channel", "made_at"], name="promise_of_channel"),
            models.Index(
                fields=["due_at"], name="promise_running", condition=models.Q(outcome="", due_at__isnull=False)
            ),
            models.Index(
                fields=["warn_at"],
                name="promise_to_warn",
                condition=models.Q(outcome="", warned_at=None, warn_at__isnull=False),
            ),
            models.Index(
                fields=["answer_id"],
                name="promise_answering",
                condition=models.Q(answered_at=None, answer_id__isnull=False),
            ),
        ]


class FirstWait(models.Model):
    """How long somebody waited for the first answer of an episode that began in open hours; what estimates rest on.

    `hour` is the hour of the week it began in, 0 for Monday 0:00 to 167, on the number's clock. `waiting` is how many
    waited longer than they then, `staff` how many members were there (empty: not known); with a `queue_id` both are of
    that queue, else of the number. `answer_id` is the answer once it is written; `ended_at` is when it left or a call
    was answered, and `seconds` the open time until then, both empty while it lasts.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")
    queue_id = models.BigIntegerField(null=True)
    episode = models.IntegerField()
    began_at = models.DateTimeField()
    hour = models.SmallIntegerField()
    waiting = models.IntegerField(null=True)
    staff = models.IntegerField(null=True)
    answer_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)

    class Meta:
        db_table = "first_wait"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "episode"], name="one_first_wait_per_episode"),
        ]
        indexes = [
            models.Index(fields=["channel", "hour", "began_at"], name="first_wait_of_hour"),
            models.Index(
                fields=["queue_id", "hour", "began_at"],
                name="first_wait_of_queue",
                condition=models.Q(queue_id__isnull=False),
            ),
            models.Index(fields=["began_at"], name="first_wait_by_time"),
            models.Index(
                fields=["answer_id"],
                name="first_wait_answering",
                condition=models.Q(ended_at=None, answer_id__isnull=False),
            ),
        ]


class Correction(models.Model):
    """What a number has learned from its promises: added to the percentile that is looked up, as a share of 1."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="+")
    shift = models.FloatField(default=0.0)
    promises = models.IntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "promise_correction"
