"""Messages, what carriers said about them, and webhooks nobody could use yet."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from twoway.channels.models import Channel
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.teams.models import Member, Workspace


class Direction(models.TextChoices):
    IN = "in", "From the customer"
    OUT = "out", "To the customer"


class Author(models.TextChoices):
    CUSTOMER = "customer", "The customer"
    MEMBER = "member", "A member"
    API = "api", "A program"
    SYSTEM = "system", "Twoway"


class Message(models.Model):
    """One text, in or out. Only `conversation` has a database constraint: it implies the others, on the hot path.

    `status` is `received` for inbound, else a state of the ranked machine; `is_uncertain` says a send's outcome is
    unknown. `priority` is lower for what should leave first. `error` is a canonical reason.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="messages")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    direction = models.CharField(max_length=3, choices=Direction)
    status = models.CharField(max_length=12)
    author = models.CharField(max_length=10, choices=Author)
    by = models.ForeignKey(
        Member, null=True, on_delete=models.SET_NULL, db_constraint=False, db_index=False, related_name="+"
    )
    by_name = models.CharField(max_length=80, blank=True, default="", db_default="")
    sender = models.CharField(max_length=120)
    recipient = models.CharField(max_length=120)
    body = models.TextField()
    encoding = models.CharField(max_length=6)
    segments = models.IntegerField(default=1)
    media = models.JSONField(default=list, db_default=models.Value([], output_field=models.JSONField()))
    provider_id = models.CharField(max_length=120, blank=True, default="", db_default="")
    idempotency_key = models.CharField(max_length=200, null=True)
    purpose = models.CharField(max_length=20, blank=True, default="", db_default="")
    priority = models.SmallIntegerField(default=50, db_default=50)
    trace = models.CharField(max_length=32, blank=True, default="", db_default="")
    error = models.CharField(max_length=30, blank=True, default="", db_default="")
    error_code = models.CharField(max_length=20, blank=True, default="", db_default="")
    is_uncertain = models.BooleanField(default=False, db_default=False)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    claimed_by = models.CharField(max_length=40, blank=True, default="", db_default="")
    claimed_at = models.DateTimeField(null=True)
    send_after = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "message"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="one_message_per_provider_id",
            ),
            models.UniqueConstraint(
                fields=["workspace", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="one_message_per_idempotency_key",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_thread"),
            models.Index(
                fields=["channel", "priority", "id"], name="message_queue", condition=models.Q(status="queued")
            ),
            models.Index(
                fields=["conversation", "id"],
                name="message_in_order",
                condition=models.Q(status__in=["queued", "sending"], provider_id=""),
            ),
            models.Index(
                fields=["claimed_at"], name="message_in_flight", condition=models.Q(status="sending", provider_id="")
            ),
            models.Index(fields=["send_after"], name="message_scheduled", condition=models.Q(status="scheduled")),
            BrinIndex(fields=["created_at"], name="message_by_time", autosummarize=True),
        ]


class MediaState(models.TextChoices):
    WAITING = "waiting", "Not fetched yet"
    READY = "ready", "Here"
    FAILED = "failed", "Could not be fetched"


class MediaFile(models.Model):
    """A picture or file of one message, or of one that is being written (`message` is empty then).

    `key` names its files in the media store. `content_type` is what a provider says until the file is here, and then
    what its content says. `sent_type` and `sent_size` describe the smaller copy a carrier gets, where there is one.
    No constraint leads to the message: a file outlives its row until the sweep has taken it from the store too.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid4, db_default=RandomUUID())
    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    message = models.ForeignKey(
        Message, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    conversation_id = models.BigIntegerField(null=True)
    by_id = models.BigIntegerField(null=True)
    position = models.SmallIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=10, choices=MediaState)
    kind = models.CharField(max_length=10, default="file", db_default="file")
    content_type = models.CharField(max_length=100, blank=True, default="", db_default="")
    name = models.CharField(max_length=200, blank=True, default="", db_default="")
    detail = models.CharField(max_length=300, blank=True, default="", db_default="")
    size = models.BigIntegerField(default=0, db_default=0)
    width = models.IntegerField(default=0, db_default=0)
    height = models.IntegerField(default=0, db_default=0)
    has_thumbnail = models.BooleanField(default=False, db_default=False)
    sent_type = models.CharField(max_length=100, blank=True, default="", db_default="")
    sent_size = models.BigIntegerField(default=0, db_default=0)
    source_url = models.TextField(blank=True, default="", db_default="")
    source_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    attempts = models.SmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=30, blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "media"
        constraints = [
            models.UniqueConstraint(
                fields=["message", "position"], condition=~models.Q(message=None), name="one_media_per_position"
            )
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="media_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["conversation_id", "by_id"], name="media_drafts", condition=models.Q(message=None)),
            models.Index(fields=["created_at"], name="media_unsent", condition=models.Q(message=None)),
        ]


class StatusEvent(models.Model):
    """One word of a carrier about one message, kept for good. `message_id` is empty until the message is known."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    message_id = models.BigIntegerField(null=True)
    provider_id = models.CharField(max_length=120, blank=True, default="")
    status = models.CharField(max_length=12)
    raw_status = models.CharField(max_length=40, blank=True, default="")
    error_code = models.CharField(max_length=20, blank=True, default="")
    provider_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "status_event"
        indexes = [
            models.Index(fields=["message_id", "id"], name="status_of_message", condition=~models.Q(message_id=None)),
            models.Index(
                fields=["channel", "provider_id"], name="status_unmatched", condition=models.Q(message_id=None)
            ),
        ]


class SenderRate(models.Model):
    """The token bucket of one sender, in segments. A negative balance is a debt from one long text."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="sender_rate")
    tokens = models.FloatField(default=0)
    refilled_at = models.DateTimeField()
    paused_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "sender_rate"


class QuarantineReason(models.TextChoices):
    BAD_SIGNATURE = "bad_signature", "The signature did not match"
    UNKNOWN_HOOK = "unknown_hook", "No channel has this address"
    UNKNOWN_NUMBER = "unknown_number", "The number is not one of ours"
    MALFORMED = "malformed", "The request could not be understood"
    REFUSED = "refused", "The database refused the text"


class QuarantineEntry(models.Model):
    """A webhook kept raw because it could not be used. It can be replayed after a fix."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL, related_name="+")
    hook = models.CharField(max_length=64, blank=True, default="")
    kind = models.CharField(max_length=10)
    reason = models.CharField(max_length=20, choices=QuarantineReason)
    detail = models.TextField(blank=True, default="")
    method = models.CharField(max_length=10)
    url = models.TextField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    remote = models.CharField(max_length=64, blank=True, default="")
    trace = models.CharField(max_length=32, blank=True, default="")
    received_at = models.DateTimeField()
    replayed_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "quarantine_entry"
        indexes = [models.Index(fields=["workspace", "-id"], name="quarantine_newest")]
