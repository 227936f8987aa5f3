"""Files of people that are brought in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.teams.models import Workspace


class ContactImportState(models.TextChoices):
    MAPPING = "mapping", gettext_lazy("Waiting for its columns")
    CHECKING = "checking", gettext_lazy("Being checked")
    CHECKED = "checked", gettext_lazy("Checked")
    RUNNING = "running", gettext_lazy("Running")
    DONE = "done", gettext_lazy("Done")
    FAILED = "failed", gettext_lazy("Stopped")


class ContactImport(models.Model):
    """A file of people. `mapping` says what each column becomes; `options` how rows change people who are known.

    `done` counts the stretches that are through, in the check and then again in the import; `counts` rows by outcome.
    `samples` are the first rows, to guess and show columns by.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    member_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120)
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    headings = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ContactImportState, default=ContactImportState.MAPPING)
    detail = models.CharField(max_length=200, blank=True, default="")
    is_dry = models.BooleanField(default=True)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "contact_import"
        indexes = [models.Index(fields=["workspace", "-id"], name="contact_import_newest")]


class ContactImportStretch(models.Model):
    """Some hundred rows of a file, as (line, cells), and those of them with errors, as (line, why, cells)."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(ContactImport, on_delete=models.CASCADE, db_index=False, related_name="stretches")
    number = models.IntegerField()
    rows = models.JSONField(default=list)
    errors = models.JSONField(default=list)

    class Meta:
        db_table = "contact_import_stretch"
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_import_stretch_per_number")]
