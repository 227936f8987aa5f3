"""What a workspace says about purposes: its own ones, those it made stricter, and how first texts are treated."""

from __future__ import annotations

from django.db import models

from twoway.teams.models import Workspace


class Purpose(models.Model):
    """A purpose of the workspace's own, or a given one (same slug) made stricter. A retired one sends nothing."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    slug = models.CharField(max_length=20)
    label = models.CharField(max_length=60)
    level = models.CharField(max_length=8)
    keeps_quiet_hours = models.BooleanField(default=True)
    is_promotional = models.BooleanField(default=False)
    max_age_days = models.IntegerField(null=True)
    per_day = models.IntegerField(null=True)
    per_week = models.IntegerField(null=True)
    validity_hours = models.IntegerField(null=True)
    retired_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "purpose"
        constraints = [models.UniqueConstraint(fields=["workspace", "slug"], name="one_purpose_per_slug")]


class SendingPolicy(models.Model):
    """How a workspace treats texts to people who have not written. Without a row: with a warning only."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    first_text_needs_consent = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "sending_policy"
