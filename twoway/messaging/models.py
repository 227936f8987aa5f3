"""Messages, what carriers said about them, and webhooks nobody could use yet."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy

from twoway.channels.models import Campaign, Channel
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.messaging.gap_models import GapCheck  # noqa: F401 - so that Django knows this table
from twoway.messaging.part_models import InboundPart, SentPart  # noqa: F401 - so that Django knows these tables
from twoway.teams.models import Member, Team, Workspace


class Direction(models.TextChoices):
    IN = "in", gettext_lazy("From the customer")
    OUT = "out", gettext_lazy("To the customer")


class Author(models.TextChoices):
    CUSTOMER = "customer", gettext_lazy("The customer")
    MEMBER = "member", gettext_lazy("A member")
    API = "api", gettext_lazy("A program")
    SYSTEM = "system", gettext_lazy("Twoway")


class Message(models.Model):
    """One text, in or out. Only `conversation` has a database constraint: it implies the others, on the hot path.

    `status` is `received` for inbound, else a state of the ranked machine; `is_uncertain` says a send's outcome is
    unknown; `was_uncertain` that it once was, so that it never leaves from another number than that one. `priority` is
    lower for what should leave first. `error` is a canonical reason. `held_reason` is compliance's code while a text
    that is `scheduled` waits for what compliance says; empty when its author chose the time.

    `price` is an estimate until the provider reported one; it is in `Spend` under `spent_on` once that is set.
    `price_due_at` is when the provider is to be asked for it. `redacted_at` is when retention or an erasure took its
    words or its files away; the row stays. `shielded` names what was taken out of it before it was stored, such as
    "card cvv".
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
    template = models.JSONField(null=True)
    provider_id = models.CharField(max_length=120, blank=True, default="", db_default="")
    idempotency_key = models.CharField(max_length=200, null=True)
    purpose = models.CharField(max_length=20, blank=True, default="", db_default="")
    priority = models.SmallIntegerField(default=50, db_default=50)
    trace = models.CharField(max_length=32, blank=True, default="", db_default="")
    error = models.CharField(max_length=30, blank=True, default="", db_default="")
    error_code = models.CharField(max_length=20, blank=True, default="", db_default="")
    is_uncertain = models.BooleanField(default=False, db_default=False)
    was_uncertain = models.BooleanField(default=False, db_default=False)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    claimed_by = models.CharField(max_length=40, blank=True, default="", db_default="")
    claimed_at = models.DateTimeField(null=True)
    send_after = models.DateTimeField(null=True)
    held_reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    price = models.DecimalField(null=True, max_digits=14, decimal_places=6)
    price_currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    price_is_reported = models.BooleanField(default=False, db_default=False)
    price_due_at = models.DateTimeField(null=True)
    spent_on = models.DateField(null=True)
    spent_team_id = models.BigIntegerField(null=True)
    redacted_at = models.DateTimeField(null=True)
    shielded = models.CharField(max_length=40, blank=True, default="", db_default="")

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
            models.Index(
                fields=["conversation"], name="message_failed", condition=models.Q(status__in=["failed", "undelivered"])
            ),
            models.Index(
                fields=["price_due_at"], name="message_price_due", condition=models.Q(price_due_at__isnull=False)
            ),
            models.Index(
                fields=["identity", "id"],
                name="message_proactive",
                condition=models.Q(direction="out") & ~models.Q(purpose__in=["", "reply"]),
            ),
            models.Index(fields=["workspace", "created_at"], name="message_shielded", condition=~models.Q(shielded="")),
            BrinIndex(fields=["created_at"], name="message_by_time", autosummarize=True),
        ]


class MediaState(models.TextChoices):
    WAITING = "waiting", gettext_lazy("Not fetched yet")
    READY = "ready", gettext_lazy("Here")
    FAILED = "failed", gettext_lazy("Could not be fetched")


class MediaFile(models.Model):
    """A picture or file of one message, or of one that is being written (`message` is empty then).

    `is_kept`: it belongs to a text for later or to a member's own pictures, so no sweep takes it and no draft shows it.

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
    is_kept = models.BooleanField(default=False, db_default=False)
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
    """One word of a carrier about one message, kept for good. `message_id` is empty until the message is known.

    `category` is what the provider bills the message as, where it says so (WhatsApp).
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    message_id = models.BigIntegerField(null=True)
    provider_id = models.CharField(max_length=120, blank=True, default="")
    status = models.CharField(max_length=12)
    raw_status = models.CharField(max_length=40, blank=True, default="")
    error_code = models.CharField(max_length=20, blank=True, default="")
    category = models.CharField(max_length=40, blank=True, default="", db_default="")
    provider_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    price = models.DecimalField(null=True, max_digits=14, decimal_places=6)
    price_currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    price_is_taken = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "status_event"
        indexes = [
            models.Index(
                fields=["id"],
                name="status_price_to_take",
                condition=models.Q(price__isnull=False, price_is_taken=False),
            ),
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


class CampaignRate(models.Model):
    """The token bucket that the numbers of one campaign share, in segments."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, primary_key=True, related_name="bucket")
    tokens = models.FloatField(default=0)
    refilled_at = models.DateTimeField()

    class Meta:
        db_table = "campaign_rate"


class QuarantineReason(models.TextChoices):
    BAD_SIGNATURE = "bad_signature", gettext_lazy("The signature did not match")
    UNKNOWN_HOOK = "unknown_hook", gettext_lazy("No channel has this address")
    UNKNOWN_NUMBER = "unknown_number", gettext_lazy("The number is not one of ours")
    MALFORMED = "malformed", gettext_lazy("The request could not be understood")
    REFUSED = "refused", gettext_lazy("The database refused the text")


class QuarantineEntry(models.Model):
    """A webhook kept raw because it could not be used. It can be replayed after a fix.

    `shielded` names what was taken out of it, such as "card": such a body no longer fits its signature.
    """

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
    shielded = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        db_table = "quarantine_entry"
        indexes = [models.Index(fields=["workspace", "-id"], name="quarantine_newest")]


class Spend(models.Model):
    """What one number spent on one day of the workspace's calendar, by team, direction and currency.

    `team_id` is 0 where there was no team. Texts whose price nobody knows stand under the currency "".
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    team_id = models.BigIntegerField(default=0)
    day = models.DateField()
    direction = models.CharField(max_length=3, choices=Direction)
    currency = models.CharField(max_length=3, blank=True, default="")
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    texts = models.BigIntegerField()

    class Meta:
        db_table = "spend"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "day", "channel", "team_id", "direction", "currency"], name="one_spend_per_day"
            )
        ]


class OwnPrice(models.Model):
    """What the workspace pays by its contract, for all its numbers or for one; empty columns mean any."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=20, blank=True, default="")
    direction = models.CharField(max_length=3, choices=Direction)
    kind = models.CharField(max_length=10)
    country = models.CharField(max_length=2, blank=True, default="")
    sender = models.CharField(max_length=10, blank=True, default="")
    per = models.CharField(max_length=7)
    amount = models.DecimalField(max_digits=14, decimal_places=6)
    currency = models.CharField(max_length=3)
    since = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "own_price"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "provider", "direction", "kind", "country", "sender", "since"],
                condition=models.Q(channel=None),
                name="one_own_price",
            ),
            models.UniqueConstraint(
                fields=["channel", "provider", "direction", "kind", "country", "sender", "since"],
                condition=~models.Q(channel=None),
                name="one_own_price_of_a_number",
            ),
        ]


class Budget(models.Model):
    """How much may be spent in a day or a month by the workspace, one team or one number, in one currency."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    period = models.CharField(max_length=5)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    warn_share = models.SmallIntegerField(default=80)
    stops = models.BooleanField(default=False)
    replies_always = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "budget"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team=None) | models.Q(channel=None), name="budget_of_a_team_or_a_number"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="budget_has_an_amount"),
        ]


class BudgetNotice(models.Model):
    """That a budget's warning, or its end, was told in one period."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="notices")
    period_start = models.DateField()
    level = models.CharField(max_length=7)
    spent = models.DecimalField(max_digits=18, decimal_places=6)
    at = models.DateTimeField()

    class Meta:
        db_table = "budget_notice"
        constraints = [
            models.UniqueConstraint(fields=["budget", "period_start", "level"], name="one_notice_per_period")
        ]


class PriceMark(models.Model):
    """How far the texts people sent us have been priced: the id of the last one looked at."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    message_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "price_mark"
