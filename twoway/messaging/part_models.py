"""Tables of texts that are in several parts: those that come in, and those we sent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel


class PartState(models.TextChoices):
    OPEN = "open", gettext_lazy("Waits for the others")
    JOINED = "joined", gettext_lazy("In a text")
    SHOWN = "shown", gettext_lazy("In a text with a gap")


class InboundPart(models.Model):
    """One piece of a long text from a customer, as it came. `words` are UTF-16-BE, since a piece may end in half a
    character. What was joined or shown is kept for some days, so that the same piece is known when it comes again.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    sender = models.CharField(max_length=120)
    recipient = models.CharField(max_length=120)
    reference = models.CharField(max_length=40)
    number = models.SmallIntegerField()
    total = models.SmallIntegerField()
    provider_id = models.CharField(max_length=120)
    words = models.BinaryField()
    state = models.CharField(max_length=6, choices=PartState, default=PartState.OPEN)
    trace = models.CharField(max_length=32, blank=True, default="", db_default="")
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "inbound_part"
        constraints = [
            models.UniqueConstraint(fields=["channel", "provider_id"], name="one_part_per_provider_id"),
            models.UniqueConstraint(
                fields=["channel", "sender", "recipient", "reference", "number"],
                condition=models.Q(state="open"),
                name="one_open_part_per_number",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "sender", "recipient", "reference"], name="inbound_part_of_text"),
            models.Index(fields=["received_at"], name="inbound_part_waiting", condition=models.Q(state="open")),
            models.Index(fields=["received_at"], name="inbound_part_old"),
        ]


class SentPart(models.Model):
    """One part of a text we sent, where the provider gives each part an id and a receipt of its own (SMPP).

    A text in one part has a row only when its id had been used before: an SMSC may count from 1 again.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    message_id = models.BigIntegerField()
    provider_id = models.CharField(max_length=120)
    status = models.CharField(max_length=12, default="sending")
    error = models.CharField(max_length=30, blank=True, default="", db_default="")
    error_code = models.CharField(max_length=20, blank=True, default="", db_default="")

    class Meta:
        db_table = "sent_part"
        constraints = [
            models.UniqueConstraint(fields=["message_id", "provider_id"], name="one_part_of_a_message_per_id")
        ]
        indexes = [models.Index(fields=["channel", "provider_id", "-id"], name="sent_part_by_id")]
