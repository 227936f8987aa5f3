"""Signs of life."""

from __future__ import annotations

from django.db import models


class WorkerBeat(models.Model):
    """One running worker process. `beat_at` is renewed every few seconds; an old one means the worker is gone."""

    name = models.CharField(primary_key=True, max_length=300)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    lanes = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    class Meta:
        db_table = "worker_beat"
