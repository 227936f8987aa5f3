"""Who may see the wallboard, and the links that show its numbers without a person."""

from __future__ import annotations

from django.db import models

from twoway.teams.models import Workspace


class BoardSetting(models.Model):
    """Whether everybody may see the wallboard; without a row managers and up may."""

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+")
    is_for_all = models.BooleanField(default=False)

    class Meta:
        db_table = "board_setting"


class BoardLink(models.Model):
    """A secret address for a screen on the wall. Of the secret only its SHA-256 is kept; `name` says where it hangs."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "board_link"
