"""How members work the list: saved views and their places, habits, and what a bulk change can take back."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from twoway.teams.models import Member, Team, Workspace


class Scope(models.TextChoices):
    PRIVATE = "private", gettext_lazy("Only me")
    TEAM = "team", gettext_lazy("A team")
    ALL = "all", gettext_lazy("Everybody")


class Order(models.TextChoices):
    WAITING = "waiting", gettext_lazy("Waiting longest first")
    DUE = "due", gettext_lazy("Due soonest first")
    NEWEST = "newest", gettext_lazy("Newest first")
    OLDEST = "oldest", gettext_lazy("Oldest first")


class SavedView(models.Model):
    """A list with conditions of its own. `conditions` is a tree as `lib.conditions.written` makes it."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.PRIVATE)
    name = models.CharField(max_length=60)
    icon = models.CharField(max_length=16, default="star")
    order = models.CharField(max_length=8, choices=Order, default=Order.WAITING)
    conditions = models.JSONField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "saved_view"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope="team", team__isnull=False) | (~models.Q(scope="team") & models.Q(team=None)),
                name="team_view_has_team",
            ),
            models.UniqueConstraint(
                "owner", Lower("name"), condition=models.Q(scope="private"), name="one_private_view_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ViewPlace(models.Model):
    """Where one member has a saved view: in their views column, at which place, or only among all views."""

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, db_index=False, related_name="places")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    is_pinned = models.BooleanField(default=True)
    position = models.IntegerField(default=0)

    class Meta:
        db_table = "saved_view_place"
        constraints = [models.UniqueConstraint(fields=["view", "member"], name="one_place_per_member")]


class Habit(models.Model):
    """How one member likes to work: their own keys by command, what follows done, which groups are folded."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    keys = models.JSONField(default=dict)
    goes_on = models.BooleanField(default=False)
    folded = models.JSONField(default=list)

    class Meta:
        db_table = "member_habit"


class BulkChange(models.Model):
    """What many conversations were before one change, for as long as it can be taken back. Ids and states only."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    rows = models.JSONField()
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_change"
        indexes = [models.Index(fields=["at"], name="bulk_change_old")]
