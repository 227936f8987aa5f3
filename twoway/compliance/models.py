"""Who must not be texted, and every decision about a send."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel
from twoway.contacts.models import Identity
from twoway.teams.models import Workspace


class Source(models.TextChoices):
    KEYWORD = "keyword", gettext_lazy("They texted a keyword")
    WORDS = "words", gettext_lazy("They said so in their own words")
    PROVIDER = "provider", gettext_lazy("The provider told us")
    CARRIER = "carrier", gettext_lazy("The carrier refused a text")
    MEMBER = "member", gettext_lazy("A member recorded it")
    API = "api", gettext_lazy("A program recorded it")


class Covers(models.TextChoices):
    ALL = "all", gettext_lazy("Every number of the workspace")
    SERVICE = "service", gettext_lazy("The number and those of its service or pool")


class OptOut(models.Model):
    """One identity's withdrawal for one channel. It holds while `lifted_at` is empty and is never deleted.

    `covers` says for which other channels it holds too: as the workspace had it when it came.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="opt_outs")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    keyword = models.CharField(max_length=40, blank=True, default="")
    covers = models.CharField(max_length=8, choices=Covers, default="service", db_default="service")
    message_id = models.BigIntegerField(null=True)
    opted_out_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        db_table = "opt_out"
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "channel"], condition=models.Q(lifted_at=None), name="one_open_opt_out"
            )
        ]


class Decision(models.Model):
    """What compliance said about one message, with the facts it saw. `stage` is the door or the claim.

    `for_agent` is the sentence it said then, `until` when a hold was to end; what it warned of is with the facts.
    """

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    message_id = models.BigIntegerField(null=True)
    stage = models.CharField(max_length=8)
    verdict = models.CharField(max_length=8)
    reason = models.CharField(max_length=40, blank=True, default="")
    purpose = models.CharField(max_length=20)
    facts = models.JSONField(default=dict)
    for_agent = models.CharField(max_length=400, blank=True, default="", db_default="")
    until = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "send_decision"
        indexes = [
            models.Index(fields=["message_id"], name="decision_of_message"),
            models.Index(fields=["at"], name="decision_never_responds", condition=models.Q(reason="never_responds")),
        ]
