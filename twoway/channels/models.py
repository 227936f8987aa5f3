"""The addresses we own and what connects them to a provider."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from twoway.teams.hours.models import Hours
from twoway.teams.models import Team, Workspace


class Kind(models.TextChoices):
    SMS = "sms", gettext_lazy("Text messages")
    WHATSAPP = "whatsapp", gettext_lazy("WhatsApp")
    EMAIL = "email", gettext_lazy("Email")
    CHAT = "chat", gettext_lazy("Chat")
    VOICE = "voice", gettext_lazy("Voice")


class StopHandledBy(models.TextChoices):
    US = "us", gettext_lazy("Twoway confirms STOP")
    PROVIDER = "provider", gettext_lazy("The provider confirms STOP")


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
    pool = models.ForeignKey("Pool", null=True, blank=True, on_delete=models.SET_NULL, related_name="channels")
    campaign = models.ForeignKey("Campaign", null=True, blank=True, on_delete=models.SET_NULL, related_name="channels")
    hours = models.ForeignKey(Hours, null=True, blank=True, on_delete=models.SET_NULL, related_name="channels")
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


class Pool(models.Model):
    """Several numbers behind one purpose. A person has one conversation with all of them (docs/decisions/0006).

    `prefers_local`: a person who has no number yet gets one with their own area code, when there is one.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pools")
    name = models.CharField(max_length=60)
    prefers_local = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "pool"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_pool_per_name")]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """The company carriers see behind numbers. All of its numbers share one limit of segments a day.

    `daily_cap` is what `tier` allows unless the owner wrote another; None is no limit. A day begins at midnight in
    `zone`. Nothing is sent for it until `held_until`, when a carrier has said that the day's limit is reached.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="brands")
    name = models.CharField(max_length=60)
    tier = models.CharField(max_length=20, blank=True, default="")
    daily_cap = models.IntegerField(null=True, blank=True)
    zone = models.CharField(max_length=40, default="America/Los_Angeles")
    held_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "brand"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_brand_per_name")]

    def __str__(self) -> str:
        return self.name


class BrandDay(models.Model):
    """What one brand has sent on one day of its zone. `warned` is the highest share, in percent, people know of."""

    id = models.BigAutoField(primary_key=True)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    segments = models.IntegerField(default=0, db_default=0)
    warned = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "brand_day"
        constraints = [models.UniqueConstraint(fields=["brand", "day"], name="one_count_per_brand_and_day")]


class Campaign(models.Model):
    """A registered use of a brand's numbers: its channels share one bucket of `per_minute` segments.

    `carrier_class` is the carrier's class it was given, which says the rate unless the owner wrote another.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="campaigns")
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.SET_NULL, related_name="campaigns")
    name = models.CharField(max_length=60)
    carrier_class = models.CharField(max_length=20, blank=True, default="")
    per_minute = models.IntegerField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "campaign"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_campaign_per_name")]

    def __str__(self) -> str:
        return self.name


class PauseCode(models.TextChoices):
    BY_HAND = "by_hand", gettext_lazy("Paused by hand")
    FILTERED = "filtered", gettext_lazy("Carriers block its texts")
    FAILING = "failing", gettext_lazy("Most of its texts don't arrive")
    OPT_OUTS = "opt_outs", gettext_lazy("Too many people opt out")
    REFUSED = "refused", gettext_lazy("The provider refuses to send for it")


class ChannelState(models.Model):
    """How one number stands now. A row exists once there is something to say.

    Paused: nothing is sent from `paused_at` until `paused_until`, or until somebody resumes it. Down: the provider
    can't be reached since `down_since`; `probe_at` is when it is asked again, or None while one text may try it.
    Retiring: from `retiring_at` it begins no conversation; from `retires_at` who texts it is told of `successor`.
    """

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="state")
    paused_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    pause_code = models.CharField(max_length=20, choices=PauseCode, blank=True, default="", db_default="")
    pause_words = models.CharField(max_length=200, blank=True, default="", db_default="")
    paused_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    resumed_at = models.DateTimeField(null=True)
    down_since = models.DateTimeField(null=True)
    probe_at = models.DateTimeField(null=True)
    probes = models.IntegerField(default=0, db_default=0)
    retiring_at = models.DateTimeField(null=True)
    retires_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    successor = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL, related_name="+")
    forwarding = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        db_table = "channel_state"


class Forwarded(models.Model):
    """One person who was told of a retired number's successor; nobody is told twice."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    identity_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "channel_forwarded"
        constraints = [models.UniqueConstraint(fields=["channel", "identity_id"], name="one_forwarding_note_each")]


class ChannelCounts(models.Model):
    """What is counted of one number; `refused` are texts the provider would not take for reasons of ours."""

    sent = models.IntegerField(default=0, db_default=0)
    segments = models.IntegerField(default=0, db_default=0)
    delivered = models.IntegerField(default=0, db_default=0)
    failed = models.IntegerField(default=0, db_default=0)
    filtered = models.IntegerField(default=0, db_default=0)
    refused = models.IntegerField(default=0, db_default=0)
    opted_out = models.IntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


class ChannelSlot(ChannelCounts):
    """Ten minutes of one number, from `at`."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="slots")
    at = models.DateTimeField()

    class Meta:
        db_table = "channel_slot"
        constraints = [models.UniqueConstraint(fields=["channel", "at"], name="one_slot_per_channel_and_time")]


class ChannelDelta(ChannelCounts):
    """What one transaction adds to a number's counts: written beside the facts, so that nobody waits for a counter."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "channel_delta"


class ProviderAccount(models.Model):
    """An account at a provider in which numbers are bought and looked up. Credentials are sealed, never shown again.

    `key` tells accounts of one provider apart, so that typing the same one again replaces its credentials.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="provider_accounts")
    provider = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    sealed_credentials = models.BinaryField()
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "provider_account"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "provider", "key"], name="one_account_per_provider_and_key")
        ]


class Registered(models.TextChoices):
    UNKNOWN = "unknown", gettext_lazy("Not known")
    NOT_NEEDED = "not_needed", gettext_lazy("Not needed")
    MISSING = "missing", gettext_lazy("Not registered")
    PENDING = "pending", gettext_lazy("In review")
    APPROVED = "approved", gettext_lazy("Registered")
    REJECTED = "rejected", gettext_lazy("Rejected")


class Webhook(models.TextChoices):
    UNKNOWN = "", gettext_lazy("Not compared yet")
    OURS = "ours", gettext_lazy("Texts come here")
    ELSEWHERE = "elsewhere", gettext_lazy("Texts go elsewhere")
    NOWHERE = "nowhere", gettext_lazy("Texts go nowhere")
    GONE = "gone", gettext_lazy("Not in the account")
    UNREADABLE = "unreadable", gettext_lazy("The provider can't be asked")


class NumberRecord(models.Model):
    """What the provider says of one number of ours. A row exists once it was asked.

    `registration`: how it stands with the carriers, in parts (`registration_parts`: name, state, detail), as of
    `registration_at`; `cleared_at` is when what held its texts ended. `is_waived`: the owner says that carriers don't
    block it. `webhook`: where the provider sends its texts, as of `webhook_at`; `webhook_was_ours` once it was right.
    """

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="record")
    provider_number_id = models.CharField(max_length=80, blank=True, default="")
    monthly_price = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    bought_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    registration = models.CharField(max_length=12, choices=Registered, default=Registered.UNKNOWN, db_default="unknown")
    registration_detail = models.CharField(max_length=500, blank=True, default="", db_default="")
    registration_parts = models.JSONField(default=list)
    registration_link = models.CharField(max_length=300, blank=True, default="")
    registration_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    is_waived = models.BooleanField(default=False, db_default=False)
    webhook = models.CharField(max_length=12, choices=Webhook, blank=True, default=Webhook.UNKNOWN)
    webhook_url = models.CharField(max_length=500, blank=True, default="")
    webhook_detail = models.CharField(max_length=500, blank=True, default="")
    webhook_at = models.DateTimeField(null=True)
    webhook_was_ours = models.BooleanField(default=False)

    class Meta:
        db_table = "number_record"


class HostOrder(models.Model):
    """A number of another phone company that is being text-enabled at a provider. `channel` is set once it works."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="host_orders")
    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="host_orders")
    address = models.CharField(max_length=80)
    name = models.CharField(max_length=60, blank=True, default="")
    reference = models.CharField(max_length=120)
    state = models.CharField(max_length=14, default="waiting")
    detail = models.CharField(max_length=500, blank=True, default="")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "host_order"


class Template(models.Model):
    """A WhatsApp template as the provider last told it. `places` name where its values go, in order.

    `status` is the provider's word in lower case; only `approved` ones without a `why_not` can be sent. One that is no
    longer in the provider's list is deleted: messages keep their own words.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="templates")
    provider_id = models.CharField(max_length=80, blank=True, default="")
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=20)
    category = models.CharField(max_length=30, blank=True, default="")
    status = models.CharField(max_length=30)
    header = models.TextField(blank=True, default="")
    body = models.TextField(blank=True, default="")
    footer = models.TextField(blank=True, default="")
    buttons = models.JSONField(default=list)
    places = models.JSONField(default=list)
    why_not = models.CharField(max_length=200, blank=True, default="")
    fetched_at = models.DateTimeField()

    class Meta:
        db_table = "template"
        constraints = [
            models.UniqueConstraint(fields=["channel", "name", "language"], name="one_template_per_name_and_language")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class Session(models.Model):
    """How the standing session of a channel is (SMPP). `seen_at` moves each second while a worker holds the channel.

    `since` is when `state` began; `detail` is a sentence for an owner.
    """

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="session")
    state = models.CharField(max_length=10)
    detail = models.CharField(max_length=300, blank=True, default="", db_default="")
    worker = models.CharField(max_length=40)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "channel_session"
