"""How a workspace wants its texts to sound."""

from __future__ import annotations

from django.db import models

from twoway.teams.models import Workspace


class ToneGuide(models.Model):
    """What is shown beside the reply form, and the words to avoid: pairs of the words and what to say instead."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    guide = models.TextField(blank=True, default="")
    avoided = models.JSONField(default=list)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "tone_guide"
