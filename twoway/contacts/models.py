"""People who text us and the addresses they write from."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Cast, Lower, Upper
from django.utils.translation import gettext_lazy

from twoway.contacts.import_models import ContactImport, ContactImportStretch  # noqa: F401 - so that Django knows
from twoway.teams.models import Member, Workspace


class BlockReason(models.TextChoices):
    SPAM = "spam", gettext_lazy("Spam")
    ABUSE = "abuse", gettext_lazy("Abuse")
    WRONG_NUMBER = "wrong_number", gettext_lazy("Wrong number")
    OTHER = "other", gettext_lazy("Something else")


class Contact(models.Model):
    """A person. A contact may have several identities, or none with a phone number.

    A block holds from `blocked_at` until `blocked_until`, or until somebody takes it back. `is_anonymous`: nobody sees
    their name or addresses, only an alias (`contacts.shown`); it never ends. `merged_into` is who they turned out to
    be: such a row holds nothing any more and leads there.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="contacts")
    name = models.CharField(max_length=120, blank=True, default="")
    properties = models.JSONField(default=dict, db_default=models.Value({}, output_field=models.JSONField()))
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    language = models.CharField(max_length=12, blank=True, default="", db_default="")
    blocked_at = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)
    block_reason = models.CharField(max_length=12, choices=BlockReason, blank=True, default="", db_default="")
    block_note = models.CharField(max_length=200, blank=True, default="", db_default="")
    blocked_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    is_anonymous = models.BooleanField(default=False, db_default=False)
    erased_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.CASCADE, db_index=False, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "contact"
        indexes = [
            models.Index(fields=["workspace", "-id"], name="contact_newest"),
            models.Index("workspace", Lower("name"), "id", name="contact_by_name", condition=~models.Q(name="")),
            models.Index(fields=["merged_into"], name="contact_merged", condition=models.Q(merged_into__isnull=False)),
            GinIndex(
                OpClass("properties", name="jsonb_path_ops"),
                name="contact_properties",
                condition=~models.Q(properties={}),
            ),
            GinIndex(
                OpClass(Upper(Cast("properties", models.TextField())), name="gin_trgm_ops"),
                name="contact_properties_words",
                condition=~models.Q(properties={}),
            ),
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"), name="contact_name_search", condition=~models.Q(name="")
            ),
            models.Index(
                fields=["workspace", "-blocked_at"],
                name="contact_blocked",
                condition=models.Q(blocked_at__isnull=False),
            ),
        ]


class IdentityKind(models.TextChoices):
    PHONE = "phone", gettext_lazy("Phone number")
    SHORT_CODE = "short_code", gettext_lazy("Short code")
    ALPHA = "alpha", gettext_lazy("Name as sender")
    EMAIL = "email", gettext_lazy("Email")
    WHATSAPP = "whatsapp", gettext_lazy("WhatsApp")


class Identity(models.Model):
    """One address of a contact. Phone values are E.164; `reach` says what a carrier told us about texting it.

    `is_blocked` and `blocked_until` are the contact's block, beside the address, where intake looks. `is_first` marks
    the one a member made the first; without one the oldest is.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=IdentityKind)
    value = models.CharField(max_length=120)
    reach = models.CharField(max_length=20, blank=True, default="", db_default="")
    reach_at = models.DateTimeField(null=True)
    is_blocked = models.BooleanField(default=False, db_default=False)
    blocked_until = models.DateTimeField(null=True)
    is_first = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "identity"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "value"], name="one_identity_per_address"),
        ]
        indexes = [
            GinIndex(OpClass(Upper("value"), name="gin_trgm_ops"), name="identity_value_search"),
        ]


class ContactNote(models.Model):
    """A remark about the person, kept on the contact and not in a conversation."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notes")
    body = models.TextField()
    by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "contact_note"


class ContactEvent(models.Model):
    """What happened to a person elsewhere, as a program told us: an order, a booking. One `key` is one event."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, db_index=False, related_name="outside_events")
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=500, blank=True, default="")
    data = models.JSONField(default=dict)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "contact_event"
        constraints = [models.UniqueConstraint(fields=["contact", "key"], name="one_outside_event_per_key")]
        indexes = [models.Index(fields=["contact", "-at", "-id"], name="contact_event_newest")]
