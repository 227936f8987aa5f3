"""Where a workspace and its numbers are, and which texts go only to people near enough."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel
from twoway.teams.models import Workspace


class Unit(models.TextChoices):
    MILES = "mi", gettext_lazy("miles")
    KILOMETERS = "km", gettext_lazy("kilometers")


class OurPlace(models.Model):
    """Where the people behind a number are, or with no number, where the workspace is.

    `typed` is what somebody wrote (coordinates, a US postcode or an area code) and `source` which of them it is;
    `reach_km` is how far off it may be.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    label = models.CharField(max_length=60)
    typed = models.CharField(max_length=40)
    source = models.CharField(max_length=12)
    latitude = models.FloatField()
    longitude = models.FloatField()
    reach_km = models.FloatField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "our_place"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "channel"], name="one_place_per_number", nulls_distinct=False)
        ]


class NearLimit(models.Model):
    """Texts of one purpose go only to people within a distance. `holds_unknown`: who is nowhere known waits too."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    purpose = models.CharField(max_length=20)
    within = models.IntegerField()
    unit = models.CharField(max_length=2, choices=Unit)
    holds_unknown = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "near_limit"
        constraints = [models.UniqueConstraint(fields=["workspace", "purpose"], name="one_limit_per_purpose")]
