"""The consent ledger, what follows from it, and who stays suppressed. Triggers of migration 0002 keep all three right.

Nothing here is written but by inserting into `consent_entry`: the database chains each entry to the one before it,
brings `consent_state` and `suppression` up to date, and refuses every other change.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.contacts.models import Identity


class Change(models.TextChoices):
    GRANTED = "granted", gettext_lazy("Granted")
    REQUESTED = "requested", gettext_lazy("Requested")
    CONFIRMED = "confirmed", gettext_lazy("Confirmed")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
    LIFTED = "lifted", gettext_lazy("Opted back in")
    EXPIRED = "expired", gettext_lazy("Expired")
    DENIED = "denied", gettext_lazy("Declined")


class Method(models.TextChoices):
    FORM = "form", gettext_lazy("Web form")
    KEYWORD = "keyword", gettext_lazy("Keyword")
    REPLY = "reply", gettext_lazy("Reply")
    IMPORT = "import", gettext_lazy("Import")
    AGENT = "agent", gettext_lazy("Teammate")
    API = "api", gettext_lazy("Program")
    PAPER = "paper", gettext_lazy("Paper form")
    VOICE = "voice", gettext_lazy("By voice")
    PROVIDER = "provider", gettext_lazy("Provider")
    CARRIER = "carrier", gettext_lazy("Carrier")
    SYSTEM = "system", gettext_lazy("Twoway")


class ConsentEntry(models.Model):
    """One change of consent. `channel_id` None is every number of the workspace; purpose `all` is every purpose.

    `address_hash` names the address by a keyed hash, so that the entry outlives the identity. `hash` is SHA-256 over
    `rules.chained`: it covers `proof_hash` and not the proof, which the law may ask us to minimise later.
    """

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    position = models.BigIntegerField(db_default=0)
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, db_constraint=False, related_name="+")
    address_hash = models.CharField(max_length=64)
    channel_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=40, default="all")
    change = models.CharField(max_length=10, choices=Change)
    level = models.CharField(max_length=8, blank=True, default="")
    method = models.CharField(max_length=10, choices=Method)
    by_name = models.CharField(max_length=120, blank=True, default="")
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    proof = models.JSONField(default=dict)
    minimised_at = models.DateTimeField(null=True)
    proof_hash = models.CharField(max_length=64, db_default="")
    previous_hash = models.CharField(max_length=64, db_default="")
    hash = models.CharField(max_length=64, db_default="")

    class Meta:
        db_table = "consent_entry"
        constraints = [models.UniqueConstraint(fields=["workspace_id", "position"], name="one_entry_per_position")]
        indexes = [models.Index(fields=["workspace_id", "address_hash", "-position"], name="consent_of_address")]


class ConsentState(models.Model):
    """How consent stands for one address, channel and purpose: the fold of the ledger, `consent_apply` in SQL.

    `refused_at` and `refused_position` are the last withdrawal's, also after a later agreement: what was agreed to for
    all purposes before it doesn't count for this one again.
    """

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, db_constraint=False, related_name="+")
    address_hash = models.CharField(max_length=64)
    channel_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=40)
    change = models.CharField(max_length=10, choices=Change)
    level = models.CharField(max_length=8)
    rank = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    position = models.BigIntegerField()
    refused_at = models.DateTimeField(null=True)
    refused_position = models.BigIntegerField(null=True)

    class Meta:
        db_table = "consent_state"
        indexes = [
            models.Index(fields=["expires_at"], name="consent_to_expire", condition=models.Q(expires_at__isnull=False)),
            models.Index(fields=["workspace_id", "-position"], name="consent_state_newest"),
        ]


class Suppression(models.Model):
    """An address that must not be texted, whether or not anybody is known by it now.

    `channel_id` None is every number of the workspace. Without an `identity` (erased, or never made) it waits for the
    address to turn up again.
    """

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    identity = models.ForeignKey(
        Identity, null=True, on_delete=models.SET_NULL, db_constraint=False, db_index=True, related_name="+"
    )
    address_hash = models.CharField(max_length=64)
    channel_id = models.BigIntegerField(null=True)
    method = models.CharField(max_length=10, choices=Method)
    basis = models.CharField(max_length=20, default="legal_obligation")
    since = models.DateTimeField()

    class Meta:
        db_table = "suppression"
        indexes = [
            models.Index(
                fields=["workspace_id", "address_hash"],
                name="suppression_waiting",
                condition=models.Q(identity__isnull=True),
            )
        ]


class ConsentSetting(models.Model):
    """What a workspace chose about consent. `stop_scope`: what a STOP covers; no row is `all`."""

    workspace_id = models.BigIntegerField(primary_key=True)
    stop_scope = models.CharField(
        max_length=8,
        choices=[
            ("all", "Every number of this workspace"),
            ("service", "That number and those of its service or pool"),
        ],
        default="all",
    )

    class Meta:
        db_table = "consent_setting"
