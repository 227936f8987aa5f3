"""What is special about a number of ours: whom it may text, and whether people who text it stay anonymous."""

from __future__ import annotations

from django.db import models

from twoway.channels.models import Channel


class ChannelMode(models.Model):
    """The modes of one number. A row exists once somebody has set one.

    `is_reply_only`: nobody is texted from it without an open request of theirs, which lasts `request_hours` from their
    last text and with `ends_when_done` ends when the conversation is marked done. `is_anonymous`: people whose
    conversations begin while it is true are shown by an alias for good (`contacts.models.Contact.is_anonymous`).
    """

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="mode")
    is_reply_only = models.BooleanField(default=False, db_default=False)
    request_hours = models.PositiveIntegerField(default=72, db_default=72)
    ends_when_done = models.BooleanField(default=True, db_default=True)
    is_anonymous = models.BooleanField(default=False, db_default=False)
    anonymous_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "channel_mode"
