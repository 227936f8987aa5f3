"""Who is there: what a member chose, when an open browser of theirs was last seen, and the stretches that were."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.teams.models import Member, Workspace


class Chosen(models.TextChoices):
    ONLINE = "online", gettext_lazy("Online")
    AWAY = "away", gettext_lazy("Away")
    BREAK = "break", gettext_lazy("On break")


class Presence(models.Model):
    """One member: what they chose and when, and when a browser of theirs was last open.

    `chosen` is empty, which counts as away, while they never chose. `seen_at` is None until a browser was open.
    `rules.state_of` says what both mean together. `shown` is what the open stretch of the history says, so that a
    change is found by one comparison.
    """

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    chosen = models.CharField(max_length=8, choices=Chosen, default=Chosen.AWAY, db_default="away")
    chosen_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    shown = models.CharField(max_length=8, default="offline", db_default="offline")
    shown_at = models.DateTimeField()

    class Meta:
        db_table = "presence"


class Stretch(models.Model):
    """One stretch in which a member was online, away or on break. `ended_at` is None while it lasts."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, db_index=False, related_name="+")
    state = models.CharField(max_length=8)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "presence_stretch"
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(ended_at__isnull=True), name="one_open_stretch_per_member"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "started_at"], name="stretch_of_workspace"),
            models.Index(fields=["member", "-started_at"], name="stretch_of_member"),
            models.Index(fields=["ended_at"], name="stretch_ended"),
        ]
