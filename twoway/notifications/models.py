"""What members are told, how they want to be told, and the devices that are pushed to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from twoway.conversations.models import Conversation
from twoway.teams.models import Member


class Notification(models.Model):
    """One line for one member. While it is unread, news of the same kind in the same conversation adds to `count`.

    Nothing of a person is kept: names and words are read when it is shown, as this member may see them. `by_name` is a
    member's. Without a conversation it is about `count` of them. `at` is when it last grew. It goes with its
    conversation and with its member, and after `upkeep.KEEP_DAYS`.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    message_id = models.BigIntegerField(null=True)
    note_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=80, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    count = models.IntegerField(default=1)
    in_app = models.BooleanField(default=True)
    by_email = models.BooleanField(default=False)
    is_loud = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    emailed_at = models.DateTimeField(null=True)
    pushed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notification"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "conversation", "kind"],
                condition=Q(read_at__isnull=True),
                name="one_unread_notification",
            )
        ]
        indexes = [
            models.Index(fields=["member", "-at"], name="notification_newest"),
            models.Index(
                fields=["member", "conversation"],
                name="notification_unread",
                condition=Q(read_at__isnull=True, in_app=True),
            ),
            models.Index(
                fields=["member"],
                name="notification_to_mail",
                condition=Q(read_at__isnull=True, emailed_at__isnull=True, by_email=True),
            ),
        ]


class Wish(models.Model):
    """How a member wants to be told (`rules.Wishes`). Who has no row has what is usual; `ways` are changed kinds.

    `active_at` is when their desk last asked what is new, noted once a minute; `digest_at` when they were last mailed.
    `wait_minutes`: after so long somebody unassigned is told of. `volume` is a percentage.
    """

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    ways = models.JSONField(default=dict)
    zone = models.CharField(max_length=64, blank=True, default="")
    quiet_days = models.JSONField(default=list)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    direct_through = models.BooleanField(default=True)
    paused_until = models.DateTimeField(null=True)
    sound = models.CharField(max_length=10, default="drop")
    volume = models.SmallIntegerField(default=60)
    digest_minutes = models.IntegerField(default=0)
    digest_at = models.DateTimeField(null=True)
    wait_minutes = models.IntegerField(default=15)
    push_words = models.BooleanField(default=False)
    email_words = models.BooleanField(default=False)
    active_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notification_wish"


class Mute(models.Model):
    """A conversation a member wants to hear nothing of, but what is meant for them in person."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "notification_mute"
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="one_mute_per_member")]


class Device(models.Model):
    """A browser that may be pushed to. `sealed` holds its address at the push service and its two keys; `digest` is the
    SHA-256 of the address. `host` is the push service. `slow_until`: its service asked us to wait."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    host = models.CharField(max_length=120)
    label = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    slow_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "push_device"


class Push(models.Model):
    """Something one device is still to be told. Without a notification it is a test."""

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, db_index=False, related_name="+")
    notification = models.ForeignKey(Notification, null=True, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "push"
        constraints = [models.UniqueConstraint(fields=["device", "notification"], name="one_push_per_device")]
        indexes = [models.Index(fields=["due_at"], name="push_due")]


class PushKey(models.Model):
    """This installation's key for push services (VAPID, RFC 8292), made at first use; `sealed` is its private half."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    public = models.CharField(max_length=100)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "push_key"


class WaitingLook(models.Model):
    """Until when it was looked at who waits and belongs to nobody; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        db_table = "notification_waiting_look"
