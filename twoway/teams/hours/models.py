"""Named sets of hours, the days on which they differ, and who keeps them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from twoway.teams.models import Team, Workspace


class Hours(models.Model):
    """A named set of hours.

    `week`: seven lists from Monday on, each of [from, until] in minutes of the day; an end after 1440 is on the day
    after. `zone` is "" where it is the workspace's. `country` (ISO 3166-1, "" for none) and `subdivision` say whose
    public holidays close it; on those named in `worked` (as the library names them) the week holds.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="hours")
    name = models.CharField(max_length=60)
    zone = models.CharField(max_length=64, blank=True, default="")
    week = models.JSONField()
    country = models.CharField(max_length=2, blank=True, default="")
    subdivision = models.CharField(max_length=10, blank=True, default="")
    worked = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "hours"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_hours_per_name")]

    def __str__(self) -> str:
        return self.name


class OwnDay(models.Model):
    """One date on which a set of hours differs: `stretches` as in a week, none of them for closed."""

    hours = models.ForeignKey(Hours, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    name = models.CharField(max_length=80, blank=True, default="")
    stretches = models.JSONField(default=list)

    class Meta:
        db_table = "hours_day"
        constraints = [models.UniqueConstraint(fields=["hours", "day"], name="one_own_day_per_date")]


class TeamHours(models.Model):
    """Which hours a team keeps; without a row the workspace's."""

    team = models.OneToOneField(Team, primary_key=True, on_delete=models.CASCADE, related_name="kept_hours")
    hours = models.ForeignKey(Hours, on_delete=models.CASCADE, related_name="team_uses")

    class Meta:
        db_table = "hours_team"


class Kept(models.Model):
    """One row for each workspace that ever had hours: `usual` are those that everybody keeps who has no others.

    `version` is drawn anew with every change, so that calendars kept in memory are known to be old.
    """

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="kept_hours")
    usual = models.ForeignKey(Hours, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.BigIntegerField()

    class Meta:
        db_table = "hours_kept"
