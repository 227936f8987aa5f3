"""What is known of where somebody is, and a workspace's quiet hours."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.contacts.models import Contact
from twoway.teams.models import Workspace


class ToldBy(models.TextChoices):
    CUSTOMER = "customer", gettext_lazy("They told us")
    MEMBER = "member", gettext_lazy("A teammate set it")
    IMPORT = "import", gettext_lazy("An import")
    API = "api", gettext_lazy("A program")


class Place(models.Model):
    """Where a contact is: their zone stands on the contact, their state and country here, and who said so.

    `state` is the part of ISO 3166-2 behind the country, such as FL; "" when unknown.
    """

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, primary_key=True, related_name="place")
    country = models.CharField(max_length=2, blank=True, default="")
    state = models.CharField(max_length=3, blank=True, default="")
    told_by = models.CharField(max_length=10, choices=ToldBy)
    by_name = models.CharField(max_length=120, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "contact_place"


class QuietProfile(models.TextChoices):
    SAFE = "safe", gettext_lazy("Safe hours")
    LEGAL = "legal", gettext_lazy("The legal minimum")


class QuietHours(models.Model):
    """When a workspace lets texts go that answer nobody, in minutes of the recipient's day. No row: the safe hours.

    An empty pair is a closed day. The legal minimum needs an admin's acknowledgement, which is kept.
    """

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="quiet_hours")
    profile = models.CharField(max_length=5, choices=QuietProfile, default=QuietProfile.SAFE)
    weekday_from = models.SmallIntegerField(default=540)
    weekday_to = models.SmallIntegerField(default=1200)
    saturday_from = models.SmallIntegerField(null=True, default=540)
    saturday_to = models.SmallIntegerField(null=True, default=1200)
    sunday_from = models.SmallIntegerField(null=True, default=720)
    sunday_to = models.SmallIntegerField(null=True, default=1200)
    on_holidays = models.BooleanField(default=False)
    acknowledged_by = models.CharField(max_length=120, blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "quiet_hours"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday_from__gte=480, weekday_to__lte=1260), name="quiet_hours_within_the_law"
            ),
        ]
