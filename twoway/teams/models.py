"""Workspaces, the people in them, their teams, and the tokens programs use."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy


class Role(models.TextChoices):
    OWNER = "owner", gettext_lazy("Owner")
    ADMIN = "admin", gettext_lazy("Admin")
    MANAGER = "manager", gettext_lazy("Manager")
    AGENT = "agent", gettext_lazy("Agent")
    VIEWER = "viewer", gettext_lazy("Viewer")


class Workspace(models.Model):
    """One business. Every other row belongs to exactly one. Roles from `numbers_from` up see whole phone numbers."""

    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64, default="America/Los_Angeles")
    region = models.CharField(max_length=2, default="US", help_text="Country for numbers typed without +.")
    help_text = models.TextField(blank=True, default="")
    stop_text = models.TextField(blank=True, default="")
    start_text = models.TextField(blank=True, default="")
    reply_validity = models.PositiveIntegerField(default=3600, help_text="Seconds until an unsent reply is stale.")
    numbers_from = models.CharField(max_length=8, choices=Role, default=Role.AGENT, db_default="agent")
    steps_apart = models.JSONField(default=list, db_default=[], help_text="Steps of the set-up that are not for them.")
    are_steps_hidden = models.BooleanField(default=False, db_default=False)
    language = models.CharField(max_length=8, default="en", db_default="en", help_text="What its members read.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "workspace"

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Accounts are looked up by email without regard to case."""

    def create_user(self, email: str, password: str | None = None, *, name: str = "") -> User:
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class Theme(models.TextChoices):
    SYSTEM = "system", gettext_lazy("Same as this device")
    LIGHT = "light", gettext_lazy("Light")
    DARK = "dark", gettext_lazy("Dark")


class Hours(models.TextChoices):
    TWELVE = "12", "2:31 PM"
    TWENTY_FOUR = "24", "14:31"


class WeekStart(models.TextChoices):
    """The day a week begins with, Monday 0."""

    MONDAY = "0", gettext_lazy("Monday")
    SATURDAY = "5", gettext_lazy("Saturday")
    SUNDAY = "6", gettext_lazy("Sunday")


class User(AbstractBaseUser):
    """A person's account; what they may do is on their `Member` rows. A new `session_round` ends every session.

    `time_zone`, `hours` and `week_start` say how they read times, `language` in which words; empty is as the workspace
    and its country have it.
    `was_asked_zone`: their browser's zone was suggested once.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80, blank=True, default="")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    uses_single_keys = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    hours = models.CharField(max_length=2, blank=True, choices=Hours, default="", db_default="")
    week_start = models.CharField(max_length=1, blank=True, choices=WeekStart, default="", db_default="")
    was_asked_zone = models.BooleanField(default=False, db_default=False)
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    session_round = models.PositiveIntegerField(default=0, db_default=0)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        db_table = "account"
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session keeps to be ended by: Django's own, over the password and the round."""
        value = f"{self.password}{self.session_round or ''}"
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()


class _HasRole(models.Model):
    """Something with a role: a built-in one, or one the workspace made, whose base `role` then is."""

    role = models.CharField(max_length=8, choices=Role, default=Role.AGENT)
    custom_role = models.ForeignKey(
        "teams_roles.CustomRole", null=True, blank=True, on_delete=models.SET_NULL, related_name="%(class)ss"
    )

    class Meta:
        abstract = True

    @property
    def rights(self) -> frozenset[str] | None:
        """The list of the workspace's own role, None for a built-in one."""
        return None if self.custom_role is None else frozenset(self.custom_role.rights)

    @property
    def role_word(self) -> str:
        """What forms and the API call it: `agent`, or `role-7` for one the workspace made."""
        return self.role if self.custom_role_id is None else f"role-{self.custom_role_id}"

    @property
    def role_name(self) -> str:
        """What people call it."""
        return str(Role(self.role).label) if self.custom_role is None else self.custom_role.name


class Member(_HasRole):
    """A user in a workspace. With `sees_own_teams_only` they see their teams' and their own conversations."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    sees_own_teams_only = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "member"
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_workspace")]

    def __str__(self) -> str:
        return str(self.user)


class Team(models.Model):
    """Members who share work; conversations and channels may belong to one."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=60)
    members = models.ManyToManyField(Member, related_name="teams", db_table="team_member")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "team"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="one_team_per_name")]

    def __str__(self) -> str:
        return self.name


class ApiToken(_HasRole):
    """A bearer token of a program; only its SHA-256 is kept, and its first letters to recognise it by."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=8, choices=Role, default=Role.ADMIN)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_token"
