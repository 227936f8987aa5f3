"""How long members read and write, in sums of a day."""

from __future__ import annotations

from django.db import models

from twoway.conversations.models import Conversation
from twoway.teams.models import Member, Workspace


class Effort(models.Model):
    """Seconds one member spent on one conversation on one day of the workspace's calendar.

    No moments are kept, only these sums. They go with the conversation when it is erased.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    reading = models.PositiveIntegerField(default=0)
    writing = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "effort"
        constraints = [models.UniqueConstraint(fields=["member", "day", "conversation"], name="one_effort_per_day")]


class EffortClock(models.Model):
    """Until when a member's time is accounted for, as nobody can spend more than has passed; whether they take part."""

    member = models.OneToOneField(Member, primary_key=True, on_delete=models.CASCADE, related_name="+")
    told_until = models.DateTimeField(null=True)
    is_off = models.BooleanField(default=False)

    class Meta:
        db_table = "effort_clock"


class EffortSwitch(models.Model):
    """A workspace that does not measure; without a row it does."""

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+")
    is_off = models.BooleanField(default=False)

    class Meta:
        db_table = "effort_switch"
