"""What half hours were like, counted once so that no page counts texts, and how a workspace staffs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from twoway.teams.models import Workspace


class HalfHour(models.Model):
    """One half hour of a workspace that had any texts, by its beginning (UTC).

    `arrivals`: customers who began to wait for an answer. `waits`: open seconds until a member answered, one for each
    of them that was answered. `replies`: texts by members. `staff`: how many people were there; half a person was there
    half of the time. Whom it was about is not kept.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    start = models.DateTimeField()
    arrivals = models.IntegerField(default=0)
    replies = models.IntegerField(default=0)
    waits = ArrayField(models.IntegerField(), default=list)
    staff = models.FloatField(default=0)

    class Meta:
        db_table = "half_hour"
        constraints = [models.UniqueConstraint(fields=["workspace", "start"], name="one_half_hour")]


class HalfHourMark(models.Model):
    """Until when a workspace's half hours are counted, and how long an answer takes.

    `handle` is seconds, None while too little is known; `handle_from` is a word of `handling_rules.Source`. Half hours
    before `brought_until` were brought along, without the texts behind them, and are not counted again.
    """

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+")
    counted_until = models.DateTimeField()
    brought_until = models.DateTimeField(null=True)
    handle = models.FloatField(null=True)
    handle_from = models.CharField(max_length=8, blank=True, default="", db_default="")

    class Meta:
        db_table = "half_hour_mark"


class StaffingTerms(models.Model):
    """How a workspace staffs, in the words of `rules.Terms`; without a row, as those have it.

    `handle` is None to measure it.
    """

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+")
    target = models.PositiveIntegerField()
    share = models.PositiveSmallIntegerField()
    handle = models.PositiveIntegerField(null=True)
    concurrency = models.PositiveSmallIntegerField()
    shrinkage = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "staffing_terms"
