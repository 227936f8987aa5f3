"""In which language a person reads: the one they chose, or the one their workspace has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import translation

from twoway.lib.refusal import Invalid
from twoway.lib.words import ENGLISH, LANGUAGES, current, reading_in, t
from twoway.teams.models import Member, User, Workspace


def language_of(member: Member) -> str:
    """What this member reads; `member` comes with its user and workspace."""
    return spoken(member.user.language or member.workspace.language)


def language_by_id(member_id: int | None) -> str:
    """What the member with this id reads; English for nobody."""
    member = Member.objects.select_related("user", "workspace").filter(id=member_id or 0).first()
    return ENGLISH if member is None else language_of(member)


def language_at(workspace: Workspace, *, email: str = "") -> str:
    """What somebody reads who is written to from this workspace: their account's language, if the address has one."""
    own = User.objects.filter(email__iexact=email).values_list("language", flat=True).first() if email else ""
    return spoken(own or workspace.language)


def language_of_address(email: str) -> str:
    """What the person with this address reads; the language that is set where nobody has it."""
    members = Member.objects.filter(user__email__iexact=email, is_active=True).select_related("user", "workspace")
    member = members.order_by("id").first()
    return current() if member is None else language_of(member)


def spoken(language: str) -> str:
    """The language if the desk speaks it (an older release may have had more), else English."""
    return language if language in LANGUAGES else ENGLISH


@contextmanager
def worded_in(language: str) -> Iterator[None]:
    """Word everything for a reader of this language until the end of the block: our sentences, templates, forms."""
    with reading_in(language), translation.override(language):
        yield


def choose(*, user: User, language: str) -> None:
    """A person's own language; "" is as the workspace has it. Raises `Invalid`."""
    if language and language not in LANGUAGES:
        raise Invalid(t("Choose one of the languages."), field="language")
    user.language = language
    user.save(update_fields=["language"])
