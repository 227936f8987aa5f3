"""The table of comparisons with providers' lists."""

from __future__ import annotations

from django.db import models

from twoway.channels.models import Channel


class GapCheck(models.Model):
    """What one comparison of a channel with its provider's list found. `error` is empty when all went well.

    `asked` texts of ours had no receipt for a while and were asked after, up to the message `last_asked`.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    listed = models.IntegerField(default=0)
    filled = models.IntegerField(default=0)
    asked = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    last_asked = models.BigIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        db_table = "gap_check"
        indexes = [models.Index(fields=["channel", "-id"], name="gap_check_newest")]
