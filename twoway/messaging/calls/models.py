"""Calls to and from text numbers: what happens with them, what was said about them, and which phone a member has."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.teams.models import Member, Workspace


class CallState(models.TextChoices):
    RINGING = "ringing", gettext_lazy("Ringing")
    ANSWERED = "answered", gettext_lazy("In a call")
    COMPLETED = "completed", gettext_lazy("Answered")
    MISSED = "missed", gettext_lazy("Missed")
    VOICEMAIL = "voicemail", gettext_lazy("Voicemail")
    FAILED = "failed", gettext_lazy("Failed")


class CallDirection(models.TextChoices):
    IN = "in", gettext_lazy("From the customer")
    OUT = "out", gettext_lazy("To the customer")


class CallOutcome(models.TextChoices):
    REACHED = "reached", gettext_lazy("Reached")
    NO_ANSWER = "no_answer", gettext_lazy("No answer")
    LEFT_MESSAGE = "left_message", gettext_lazy("Left a message")
    WRONG_NUMBER = "wrong_number", gettext_lazy("Wrong number")


class Call(models.Model):
    """One call between a person and a number of ours.

    `key` is our own name of it, which providers give back; `phone` is the person's, `other` the one it was passed on to
    or the member's own. `agent_at` is when the member picked up, `answered_at` when the two were connected. `due_at` is
    when the loop looks at it: to text them back, or to close what no provider closed. `text_code` says what became of
    the text back: a message's id is in `text_id`, else the word of whoever refused it. `recording_id` is a media file.
    `code` is what the member enters on a phone that nobody has shown to be theirs yet.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid4, unique=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    direction = models.CharField(max_length=3, choices=CallDirection)
    provider_id = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=120, blank=True, default="")
    other = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=10, choices=CallState, default=CallState.RINGING)
    was_open = models.BooleanField(default=True)
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=80, blank=True, default="")
    started_at = models.DateTimeField()
    agent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seconds = models.IntegerField(null=True)
    outcome = models.CharField(max_length=12, choices=CallOutcome, blank=True, default="")
    recording_id = models.BigIntegerField(null=True)
    recording_seconds = models.IntegerField(null=True)
    transcript = models.TextField(blank=True, default="")
    text_code = models.CharField(max_length=40, blank=True, default="")
    text_id = models.BigIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    code = models.CharField(max_length=4, blank=True, default="")
    idempotency_key = models.CharField(max_length=200, null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "phone_call"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "provider_id"], condition=~models.Q(provider_id=""), name="one_call_per_provider_id"
            ),
            models.UniqueConstraint(
                fields=["workspace", "idempotency_key"],
                condition=~models.Q(idempotency_key=None),
                name="one_call_per_key",
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=models.Q(direction="out", ended_at=None) & ~models.Q(member=None),
                name="one_call_per_member",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "-id"], name="calls_of_conversation"),
            models.Index(fields=["due_at"], name="calls_due", condition=~models.Q(due_at=None)),
            models.Index(fields=["workspace", "-started_at"], name="calls_by_time"),
        ]


class NumberCalls(models.Model):
    """What happens when somebody calls a number, while it is open or not. Without rows a caller hears `closed` words.

    `does`: greet, forward, voicemail or text. `then`: what follows when nobody picks up a forwarded call. `words` are
    spoken first, "" for the workspace's own.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    is_open = models.BooleanField()
    does = models.CharField(max_length=10)
    words = models.CharField(max_length=500, blank=True, default="")
    forward_to = models.CharField(max_length=20, blank=True, default="")
    ring_seconds = models.SmallIntegerField(default=20)
    then = models.CharField(max_length=10, default="voicemail")
    message_seconds = models.SmallIntegerField(default=120)
    is_transcribed = models.BooleanField(default=False)
    texts_missed = models.BooleanField(default=True)
    text_every_minutes = models.IntegerField(default=1440)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "number_calls"
        constraints = [models.UniqueConstraint(fields=["channel", "is_open"], name="one_call_rule_per_hours")]


class CallWords(models.Model):
    """What callers hear and are texted, in the workspace's own words; what is not here is as Twoway words it."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    words = models.CharField(max_length=500)

    class Meta:
        db_table = "call_words"
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "language"], name="one_call_wording")]


class MemberPhone(models.Model):
    """The phone on which a member is rung for calls to customers, in E.164. It is theirs since `verified_at`, when
    somebody who held it entered the code on this member's screen."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    number = models.CharField(max_length=20)
    verified_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "member_phone"
