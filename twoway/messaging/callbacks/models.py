"""Calls that were promised to customers, and how a workspace gives them out."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel
from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation
from twoway.messaging.callbacks.rules import HELD, OPEN
from twoway.teams.models import Member, Team, Workspace


class CallbackSetting(models.Model):
    """How a workspace gives out calls. A row exists once somebody saved the page.

    `words` ask for a call when they are a whole text. In a slot of `slot_minutes` there are at most `per_slot` calls,
    made by members of `team`, or by all who may reply. `texts` holds the workspace's own wording: {language: {key:
    words}}, an empty one is Twoway's.
    """

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    is_on = models.BooleanField(default=False)
    words = models.JSONField(default=list)
    slot_minutes = models.PositiveSmallIntegerField(default=20)
    per_slot = models.PositiveSmallIntegerField(default=2)
    lead_minutes = models.PositiveSmallIntegerField(default=15)
    days = models.PositiveSmallIntegerField(default=3)
    remind_minutes = models.PositiveSmallIntegerField(default=10)
    attempts = models.PositiveSmallIntegerField(default=2)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    texts = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "callback_setting"
        indexes = [models.Index(fields=["workspace"], name="callback_on", condition=Q(is_on=True))]


class State(models.TextChoices):
    OFFERED = "offered", gettext_lazy("Times offered")
    BOOKED = "booked", gettext_lazy("Booked")
    REMINDED = "reminded", gettext_lazy("Reminded")
    DUE = "due", gettext_lazy("Due")
    DONE = "done", gettext_lazy("Called")
    MISSED = "missed", gettext_lazy("Not reached")
    CANCELLED = "cancelled", gettext_lazy("Not wanted any more")
    LEFT = "left", gettext_lazy("Needs a person")


class Outcome(models.TextChoices):
    REACHED = "reached", gettext_lazy("Reached")
    NO_ANSWER = "no_answer", gettext_lazy("No answer")
    WRONG_NUMBER = "wrong_number", gettext_lazy("Wrong number")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


def _numbers(column: str) -> Func:
    return Func(F(column), F(column), Value("[]"), function="int8range")


class Callback(models.Model):
    """One promise to call somebody, until it was kept, taken back or given up; `rules.MOVES` says what leads where.

    `options` are the starts of the times last offered (ISO 8601), `zone` the clock they were told by. A booked one has
    a `seat` of its slot: no two that overlap have the same, which is how capacity holds when two book at once.
    `next_at` is when time moves it on. `attempt` counts calls, from 1. One `key` of a workspace is one callback.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.OFFERED)
    source = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    zone = models.CharField(max_length=64)
    options = models.JSONField(default=list)
    asked_again = models.BooleanField(default=False)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    seat = models.PositiveSmallIntegerField(null=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    key = models.CharField(max_length=64, blank=True, default="")
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "callback"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(state__in=OPEN), name="one_open_callback_per_conversation"
            ),
            models.UniqueConstraint(fields=["workspace", "key"], condition=~Q(key=""), name="one_callback_per_key"),
            ExclusionConstraint(
                name="one_callback_per_seat",
                expressions=[
                    (_numbers("workspace_id"), RangeOperators.OVERLAPS),
                    (_numbers("seat"), RangeOperators.OVERLAPS),
                    (Func(F("starts_at"), F("ends_at"), function="tstzrange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=HELD),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HELD) | Q(starts_at__isnull=False, ends_at__isnull=False, seat__isnull=False),
                name="a_booked_callback_has_a_seat",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="callback_moves", condition=Q(next_at__isnull=False)),
            models.Index(fields=["workspace", "state", "starts_at"], name="callback_listed"),
            models.Index(fields=["conversation", "-id"], name="callback_of_thread"),
        ]
