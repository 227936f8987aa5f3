"""Invitations into a workspace."""

from __future__ import annotations

from django.db import models


class Invitation(models.Model):
    """One person may join with the link of this row, until it expires, once. Of the link only a SHA-256 is kept.

    Without `email` whoever holds the link may take it. It is open while none of the last three times is set.
    """

    workspace = models.ForeignKey("teams.Workspace", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(blank=True, default="")
    name = models.CharField(max_length=80, blank=True, default="")
    role = models.CharField(max_length=8)
    custom_role = models.ForeignKey(
        "teams_roles.CustomRole", null=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    sees_own_teams_only = models.BooleanField(default=False)
    teams = models.ManyToManyField("teams.Team", related_name="+", db_table="invitation_team")
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey("teams.Member", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("teams.Member", null=True, on_delete=models.CASCADE, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invitation"
        indexes = [models.Index(fields=["workspace", "-created_at"], name="invitations_by_workspace")]


class SignOn(models.Model):
    """The account somebody of an identity provider has here. The provider's `subject` never changes or moves on."""

    user = models.ForeignKey("teams.User", on_delete=models.CASCADE, related_name="sign_ons")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "sign_on"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_per_subject")]
