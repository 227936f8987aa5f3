"""For which deeds a workspace wants a second person, and what was asked of one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class TwoPeople(models.Model):
    """The rules that are on in a workspace, as words of `rules.Rule`. A workspace without a row has none."""

    workspace = models.OneToOneField("teams.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    rules = ArrayField(models.CharField(max_length=16), default=list)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "two_people"


class Approval(models.Model):
    """One deed somebody asked a second person to agree to: what it is (`rules.KINDS`) and all that is needed to do it.

    `payload` is as `rules.clean` lets it through; once it is closed only ids are left of it. `contact_id` is the person
    it is about, without a key: people belong to a package above. `usable_until` is until when an agreed export may be
    taken, which happens once, `used_at`.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey("teams.Workspace", on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=20)
    payload = models.JSONField(default=dict)
    contact_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=12)
    asked_by = models.ForeignKey("teams.Member", on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey("teams.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True, default="")
    usable_until = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "approval"
        indexes = [
            models.Index(fields=["workspace", "-id"], name="approval_newest"),
            models.Index(
                fields=["workspace"],
                name="approval_open",
                condition=models.Q(state__in=["asked", "agreed"]),
            ),
        ]
