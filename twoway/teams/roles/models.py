"""Roles a workspace made itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower


class CustomRole(models.Model):
    """A name and a list of rights that stands in the place of those of the built-in role `base`.

    `base` says whom its holders may give roles to (its rank), and what they are when this role is deleted. `rights` are
    words of `teams.rules.Right`.
    """

    workspace = models.ForeignKey("teams.Workspace", on_delete=models.CASCADE, related_name="custom_roles")
    name = models.CharField(max_length=40)
    base = models.CharField(max_length=8)
    rights = ArrayField(models.CharField(max_length=32), default=list)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "custom_role"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_role_per_name")]

    def __str__(self) -> str:
        return self.name
