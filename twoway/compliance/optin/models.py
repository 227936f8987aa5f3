"""Topics people join, the forms they join by, and how each person stands with each topic."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel
from twoway.contacts.models import Identity
from twoway.teams.models import Workspace


class Topic(models.Model):
    """Texts of one kind that people ask for. `keyword` is what they text, in capitals; `purpose` is its purpose's slug.

    `is_double`: only an affirmative answer to a text makes somebody a member. `takes_bare`: the keyword alone joins,
    not only JOIN and the keyword. `frequency` is how often, as it is disclosed. Empty `welcome` is the usual one.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="optin_topics")
    keyword = models.CharField(max_length=20)
    label = models.CharField(max_length=60)
    purpose = models.CharField(max_length=20)
    description = models.CharField(max_length=300, blank=True, default="")
    frequency = models.CharField(max_length=80, blank=True, default="")
    is_double = models.BooleanField(default=True)
    takes_bare = models.BooleanField(default=False)
    welcome = models.CharField(max_length=320, blank=True, default="")
    channels = models.ManyToManyField(Channel, related_name="optin_topics", db_table="optin_topic_channel")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "optin_topic"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "keyword"], condition=models.Q(is_active=True), name="one_topic_per_keyword"
            )
        ]

    def __str__(self) -> str:
        return self.label


class Form(models.Model):
    """A page on which people join topics. What it says is in its versions; here is what isn't shown to people.

    `allowed_origins` are the sites that may show it in a frame; `countries` whose numbers it takes (ISO 3166).
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="optin_forms")
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    allowed_origins = models.JSONField(default=list)
    countries = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "optin_form"

    def __str__(self) -> str:
        return self.name


class FormVersion(models.Model):
    """What a form said from `published_at` on. Never changed: the database refuses it.

    `boxes` are the topics in order: id, label, description and whether it is offered as required (JSON objects).
    `sha256` is over the exact words people agree to (`rules.fingerprint`).
    """

    id = models.BigAutoField(primary_key=True)
    form = models.ForeignKey(Form, on_delete=models.CASCADE, db_index=False, related_name="versions")
    number = models.IntegerField()
    title = models.CharField(max_length=80)
    lede = models.CharField(max_length=300, blank=True, default="")
    boxes = models.JSONField(default=list)
    disclosure = models.TextField()
    terms_url = models.CharField(max_length=300, blank=True, default="")
    privacy_url = models.CharField(max_length=300, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=120)

    class Meta:
        db_table = "optin_form_version"
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="one_form_version_per_number")]


class State(models.TextChoices):
    REQUESTED = "requested", gettext_lazy("Asked to confirm")
    JOINED = "joined", gettext_lazy("Joined")
    LEFT = "left", gettext_lazy("Left")
    EXPIRED = "expired", gettext_lazy("Didn't confirm")


class Membership(models.Model):
    """How one address stands with one topic now; the ledger holds how it came to be.

    `asks` counts the texts that asked to confirm since `requested_at`, the last one at `asked_at`; an answer counts
    until `expires_at`. `version` is the form they used, if any. `evidence` is what is kept with it in the ledger.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, db_index=False, related_name="members")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="optin_memberships")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    state = models.CharField(max_length=10, choices=State)
    method = models.CharField(max_length=10)
    version = models.ForeignKey(FormVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    evidence = models.JSONField(default=dict, db_default=models.Value({}, output_field=models.JSONField()))
    requested_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    asks = models.SmallIntegerField(default=0, db_default=0)
    expires_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "optin_member"
        constraints = [models.UniqueConstraint(fields=["topic", "identity"], name="one_membership_per_topic")]
        indexes = [
            models.Index(fields=["expires_at"], condition=models.Q(state="requested"), name="optin_open_requests")
        ]


class Submission(models.Model):
    """One form that was sent, with what it showed. `address` is the IP it came from."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(FormVersion, on_delete=models.CASCADE, related_name="submissions")
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="+")
    topics = models.JSONField(default=list)
    address = models.CharField(max_length=45, blank=True, default="")
    user_agent = models.CharField(max_length=300, blank=True, default="")
    source_url = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "optin_submission"


class Tally(models.Model):
    """How often one key tried within one window: what the limits of the public forms count with. Keys are hashes."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=64)
    window = models.DateTimeField()
    count = models.IntegerField(default=0)

    class Meta:
        db_table = "optin_tally"
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="one_tally_per_key_and_window")]
        indexes = [models.Index(fields=["window"], name="optin_tally_window")]


class ChannelWords(models.Model):
    """What one number answers to HELP instead of the workspace's words."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="optin_words")
    help_text = models.CharField(max_length=480, blank=True, default="")

    class Meta:
        db_table = "optin_channel_words"


class ImportState(models.TextChoices):
    CHECKING = "checking", gettext_lazy("Being checked")
    CHECKED = "checked", gettext_lazy("Checked")
    RUNNING = "running", gettext_lazy("Running")
    DONE = "done", gettext_lazy("Done")
    FAILED = "failed", gettext_lazy("Stopped")


class Import(models.Model):
    """A file of sign-ups. `mapping` says which column is what; `attestation` is what the importer vouched for, by name.

    `content` is the file as it came, dropped when the import is done. `counts` are rows by outcome; `problems` is the
    file of rows that didn't come in as they stood.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, null=True, on_delete=models.SET_NULL, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL, related_name="+")
    member_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120)
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    mapping = models.JSONField(default=dict)
    attestation = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.CHECKING)
    detail = models.CharField(max_length=200, blank=True, default="")
    is_dry = models.BooleanField(default=True)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    counts = models.JSONField(default=dict)
    problems = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "optin_import"
