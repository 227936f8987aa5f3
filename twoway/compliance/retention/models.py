"""How long each kind of data is kept, what a legal hold stops, and what people asked for under their rights."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.compliance.retention import rules
from twoway.contacts.models import Contact
from twoway.teams.models import Workspace


class RetentionPolicy(models.Model):
    """What one workspace keeps for how many days; null is for good. Nothing is deleted until `is_on`.

    `bodies_through` is the id of the last message the sweep has looked at, so that each night goes on where it was.
    """

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    is_on = models.BooleanField(default=False)
    raw_days = models.IntegerField(null=True, default=rules.DEFAULTS["raw"])
    body_days = models.IntegerField(null=True, default=rules.DEFAULTS["body"])
    media_days = models.IntegerField(null=True, default=rules.DEFAULTS["media"])
    decision_days = models.IntegerField(null=True, default=rules.DEFAULTS["decision"])
    bodies_through = models.BigIntegerField(default=0)

    class Meta:
        db_table = "retention_policy"


class LegalHold(models.Model):
    """While `lifted_at` is empty nothing of this contact is deleted; without a contact, nothing of the workspace."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=120)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        db_table = "legal_hold"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(contact=None, lifted_at=None),
                name="one_hold_of_a_workspace",
            ),
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(lifted_at=None), name="one_hold_of_a_contact"
            ),
        ]


class RetentionRun(models.Model):
    """The report of one sweep, or of a dry run that only counted. `lines` are `rules.Line` as JSON."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    is_dry = models.BooleanField()
    by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lines = models.JSONField(default=list)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "retention_run"
        indexes = [models.Index(fields=["workspace", "-id"], name="retention_run_newest")]


class RequestKind(models.TextChoices):
    EXPORT = "export", gettext_lazy("A copy of their data")
    ERASE = "erase", gettext_lazy("Erasure")


class RequestState(models.TextChoices):
    OPEN = "open", gettext_lazy("Waits for you")
    DOING = "doing", gettext_lazy("Under way")
    DONE = "done", gettext_lazy("Done")
    REFUSED = "refused", gettext_lazy("Refused")
    FAILED = "failed", gettext_lazy("Failed")


class RightsRequest(models.Model):
    """What one person asked for, by which law, and what became of it. The person is known by the contact's id alone.

    `file` names the export in the media store until `file_until`.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=RequestKind)
    law = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=RequestState, default=RequestState.OPEN)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    logged_at = models.DateTimeField()
    logged_by = models.CharField(max_length=120)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=120, blank=True, default="")
    words = models.CharField(max_length=300, blank=True, default="")
    file = models.UUIDField(null=True)
    file_size = models.BigIntegerField(default=0)
    file_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "rights_request"
        indexes = [
            models.Index(fields=["workspace", "-id"], name="rights_request_newest"),
            models.Index(fields=["file_until"], name="rights_file_until", condition=models.Q(file__isnull=False)),
        ]
