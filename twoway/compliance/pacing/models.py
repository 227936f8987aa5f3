"""How often a workspace writes to people who don't answer."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from twoway.teams.models import Workspace

SPARED = ("transactional", "emergency")


def spared() -> list[str]:
    """Purposes the guard leaves alone at first: nobody answers a receipt, and everybody wants it."""
    return list(SPARED)


class Pacing(models.Model):
    """The never-responder guard of a workspace. No row: as the fields begin. `guard_after` 0 switches it off."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="pacing")
    guard_after = models.SmallIntegerField(default=5)
    spared = ArrayField(models.CharField(max_length=20), default=spared)
    question = models.CharField(max_length=300, blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "pacing"
