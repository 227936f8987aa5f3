"""Audiences: people by what is true of them, under a name."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from twoway.teams.models import Workspace


class Audience(models.Model):
    """A saved filter over contacts. `conditions` is a tree as `twoway.lib.conditions` writes it."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=60)
    conditions = models.JSONField(default=dict)
    by_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "audience"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_audience_per_name")]

    def __str__(self) -> str:
        return self.name
