"""Saved replies: words prepared for customers, their folders, pictures and uses; and macros, lists of actions."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.teams.models import Member, Team, Workspace


class Scope(models.TextChoices):
    OWN = "own", gettext_lazy("Only me")
    TEAM = "team", gettext_lazy("A team")
    ALL = "all", gettext_lazy("Everybody")


class Kind(models.TextChoices):
    TEXT = "text", gettext_lazy("Reply")
    ARTICLE = "article", gettext_lazy("Help article")


class ReplyFolder(models.Model):
    """A heading saved replies stand under."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)

    class Meta:
        db_table = "reply_folder"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_reply_folder_per_name")]

    def __str__(self) -> str:
        return self.name


class Prepared(models.Model):
    """What saved replies and macros have in common: whose they are, and how often they were used."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    scope = models.CharField(max_length=4, choices=Scope, default=Scope.OWN)
    owner = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    uses = models.IntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Reply(Prepared):
    """A saved reply. `owner` is set when only one member has it, `team` when a team has, `channel` when it is for one
    number of ours only.

    `body` may hold variables such as {first_name|there}. `variants` are bodies by language, for people of that
    language. An article has `steps` and a `url` and no body of its own. `other_body` is the second wording while a
    wording test runs, since `tested_since`. `needle` is name, word and body as they are searched: small letters, no
    accents (`rules.plain`).
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    channel = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL, related_name="+")
    folder = models.ForeignKey(ReplyFolder, null=True, on_delete=models.SET_NULL, related_name="replies")
    word = models.CharField(max_length=30, blank=True, default="")
    body = models.TextField(blank=True, default="")
    variants = models.JSONField(default=dict)
    steps = models.JSONField(default=list)
    url = models.CharField(max_length=500, blank=True, default="")
    other_body = models.TextField(blank=True, default="")
    tested_since = models.DateTimeField(null=True)
    turns = models.IntegerField(default=0)
    needle = models.TextField(default="")

    class Meta:
        db_table = "saved_reply"
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("word"),
                name="one_shared_reply_per_word",
                condition=~models.Q(word="") & models.Q(scope="all", archived_at=None),
            )
        ]
        indexes = [
            models.Index(
                fields=["workspace", "-uses", "-id"], name="reply_most_used", condition=models.Q(archived_at=None)
            ),
            models.Index(fields=["workspace", "-id"], name="reply_newest"),
            GinIndex(OpClass("needle", name="gin_trgm_ops"), name="reply_search"),
        ]


class ReplyFile(models.Model):
    """A picture or file that goes with a saved reply. `key` names it in the media store."""

    id = models.BigAutoField(primary_key=True)
    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="files")
    key = models.UUIDField()
    kind = models.CharField(max_length=10)
    content_type = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    has_thumbnail = models.BooleanField(default=False)

    class Meta:
        db_table = "saved_reply_file"


class Picture(models.Model):
    """A picture kept to be sent again and again: one member's, or everybody's when nobody owns it.

    `media_id` is its file, kept apart from every text (`MediaFile.is_kept`); each text gets a copy.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    owner = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="+")
    media_id = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=120)
    uses = models.IntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "kept_picture"
        indexes = [models.Index(fields=["workspace", "owner", "-uses", "-id"], name="picture_most_used")]

    def __str__(self) -> str:
        return self.name


class ReplyUse(models.Model):
    """One sending of a saved reply. `wording` is "a" or "b"; `was_kept` says whether its words went out as they are."""

    id = models.BigAutoField(primary_key=True)
    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, db_index=False, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    message_id = models.BigIntegerField()
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")
    wording = models.CharField(max_length=1, default="a")
    was_kept = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "saved_reply_use"
        constraints = [models.UniqueConstraint(fields=["message_id", "reply"], name="one_reply_use_per_message")]
        indexes = [models.Index(fields=["reply", "-at"], name="reply_uses")]


class When(models.TextChoices):
    ALWAYS = "always", gettext_lazy("Always")
    REPLYING = "replying", gettext_lazy("Only while a customer waits for an answer")


class Macro(Prepared):
    """Actions that are done together, in the order of `rules.DONE_IN`. `key` is a shortcut such as "w" or "alt+1"."""

    id = models.BigAutoField(primary_key=True)
    steps = models.JSONField(default=list)
    key = models.CharField(max_length=8, blank=True, default="")
    when = models.CharField(max_length=8, choices=When, default=When.ALWAYS)

    class Meta:
        db_table = "macro"
        indexes = [models.Index(fields=["workspace", "-id"], name="macro_newest")]
