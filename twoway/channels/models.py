"""The addresses we own and what connects them to a provider."""

from __future__ import annotations

from django.db import models

from twoway.teams.models import Team, Workspace


class Kind(models.TextChoices):
    SMS = "sms", "Text messages"
    WHATSAPP = "whatsapp", "WhatsApp"
    EMAIL = "email", "Email"
    CHAT = "chat", "Chat"
    VOICE = "voice", "Voice"


class StopHandledBy(models.TextChoices):
    US = "us", "Twoway confirms STOP"
    PROVIDER = "provider", "The provider confirms STOP"


class Channel(models.Model):
    """One address of ours at one provider. `sealed_credentials` is encrypted and never shown again.

    `hook` is the unguessable part of its webhook addresses; `rate` is in segments per second. Channels that share a
    `service_id` (a provider's pool, such as a Messaging Service) share opt-outs.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SMS)
    provider = models.CharField(max_length=20)
    address = models.CharField(max_length=80)
    service_id = models.CharField(max_length=80, blank=True, default="")
    name = models.CharField(max_length=60, blank=True, default="")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="channels")
    sealed_credentials = models.BinaryField()
    settings = models.JSONField(default=dict)
    hook = models.CharField(max_length=32, unique=True)
    rate = models.FloatField(default=1.0)
    stop_handled_by = models.CharField(max_length=8, choices=StopHandledBy, default=StopHandledBy.US)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    check_detail = models.TextField(blank=True, default="")
    check_ok = models.BooleanField(null=True)

    class Meta:
        db_table = "channel"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "provider", "kind", "address"],
                condition=models.Q(is_active=True),
                name="one_channel_per_address",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.address
