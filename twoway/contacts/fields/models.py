"""The properties a workspace gives its contacts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from twoway.teams.models import Workspace


class FieldKind(models.TextChoices):
    TEXT = "text", gettext_lazy("Text")
    NUMBER = "number", gettext_lazy("Number")
    DATE = "date", gettext_lazy("Date")
    YES_NO = "yes_no", gettext_lazy("Yes or no")
    CHOICE = "choice", gettext_lazy("One of a list")
    LINK = "link", gettext_lazy("Link")
    PHONE = "phone", gettext_lazy("Phone number")
    EMAIL = "email", gettext_lazy("Email")


class ContactField(models.Model):
    """One property with its type. A contact has its value under `key` in `properties`, as `rules.clean` made it.

    `choices` are the words of a list, in order.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=FieldKind)
    help = models.CharField(max_length=200, blank=True, default="")
    choices = models.JSONField(default=list)
    position = models.IntegerField(default=0)
    is_in_panel = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "contact_field"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="one_contact_field_per_key")]

    def __str__(self) -> str:
        return self.name
