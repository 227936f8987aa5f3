"""Phone queues that offer a text to who waits, and what came of each offer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel
from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation
from twoway.teams.models import Team, Workspace


class PhoneQueue(models.Model):
    """One queue of a phone system. It posts its state to an address with `hook`, which nobody can guess.

    A text is offered from `over_waiting` calls or `over_seconds` of waiting on; 0 is never by this. Who accepts is
    texted from `channel` and their conversation given to `team`. `say` and `text` are own words, "" Twoway's in
    `language`. What was told last is kept for the wallboard.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    hook = models.CharField(max_length=48, unique=True)
    is_on = models.BooleanField(default=True)
    over_waiting = models.PositiveIntegerField(default=5)
    over_seconds = models.PositiveIntegerField(default=180)
    language = models.CharField(max_length=8, default="en")
    say = models.CharField(max_length=400, blank=True, default="")
    text = models.CharField(max_length=320, blank=True, default="")
    waiting = models.PositiveIntegerField(null=True)
    longest = models.PositiveIntegerField(null=True)
    agents = models.PositiveIntegerField(null=True)
    told_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "phone_queue"
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_phone_queue_per_name")]

    def __str__(self) -> str:
        return self.name


class DeflectionState(models.TextChoices):
    OFFERED = "offered", gettext_lazy("Offered")
    ACCEPTED = "accepted", gettext_lazy("Accepted")
    DECLINED = "declined", gettext_lazy("Not wanted")
    REFUSED = "refused", gettext_lazy("Not texted")


class Deflection(models.Model):
    """One text that was offered to a caller. `caller` is their number until it was accepted or is two hours old;
    `caller_hash` is a keyed hash of it that says whether somebody called again. `waited` and `longest` are seconds."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    queue = models.ForeignKey(PhoneQueue, null=True, on_delete=models.SET_NULL, related_name="+")
    queue_name = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=DeflectionState, default=DeflectionState.OFFERED)
    caller = models.CharField(max_length=20, blank=True, default="")
    caller_hash = models.CharField(max_length=64)
    call = models.CharField(max_length=80, blank=True, default="")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="+")
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="+")
    waiting = models.PositiveIntegerField(null=True)
    longest = models.PositiveIntegerField(null=True)
    waited = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    why = models.CharField(max_length=40, blank=True, default="")
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "deflection"
        constraints = [
            models.UniqueConstraint(fields=["queue", "call"], condition=~Q(call=""), name="one_offer_per_call")
        ]
        indexes = [
            models.Index(fields=["workspace", "offered_at"], name="deflection_by_time"),
            models.Index(fields=["workspace", "caller_hash", "offered_at"], name="deflection_of_caller"),
            models.Index(fields=["offered_at"], name="deflection_named", condition=~Q(caller="")),
        ]


class QueueCall(models.Model):
    """That somebody waited in a phone queue, by the keyed hash of their number: it says whether they called again."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    caller_hash = models.CharField(max_length=64)
    call = models.CharField(max_length=80, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "phone_queue_call"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "caller_hash", "call"], name="one_row_per_queue_call")
        ]
        indexes = [
            models.Index(fields=["workspace", "caller_hash", "at"], name="queue_call_again"),
            models.Index(fields=["at"], name="queue_call_by_time"),
        ]
