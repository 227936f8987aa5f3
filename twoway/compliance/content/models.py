"""What a workspace wants of the shield and of the checks before sending, and what was warned of and sent anyway."""

from __future__ import annotations

from django.db import models

from twoway.teams.models import Workspace


class ContentSettings(models.Model):
    """One workspace's choices; without a row the defaults hold. Card numbers and their codes are always taken out.

    `levels` is off, warn or block by category of the content rules; `words` has the workspace's own words by category.
    """

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+")
    masks_ssn = models.BooleanField(default=True, db_default=True)
    masks_passwords = models.BooleanField(default=True, db_default=True)
    masks_codes = models.BooleanField(default=True, db_default=True)
    tells_customers = models.BooleanField(default=True, db_default=True)
    notice_text = models.CharField(max_length=320, blank=True, default="", db_default="")
    payment_link = models.CharField(max_length=300, blank=True, default="", db_default="")
    levels = models.JSONField(default=dict)
    words = models.JSONField(default=dict)

    class Meta:
        db_table = "content_settings"


class ContentWarning(models.Model):
    """What the checks said about one text of ours that was queued. `confirmed`: its writer was asked and sent it."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    message_id = models.BigIntegerField()
    warnings = models.JSONField(default=list)
    confirmed = models.BooleanField(default=False)
    by_name = models.CharField(max_length=120, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "content_warning"
        indexes = [
            models.Index(fields=["message_id"], name="content_warning_message"),
            models.Index(fields=["workspace", "at"], name="content_warning_newest"),
        ]
