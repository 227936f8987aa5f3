"""What the overview checks: each is a fact of this workspace, looked up when the page is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from twoway.channels.numbers import queries as numbers
from twoway.compliance.consent.listing.queries import Figures
from twoway.compliance.overview import queries, rules
from twoway.compliance.quiet.queries import access_hours
from twoway.compliance.retention.queries import count_late
from twoway.lib.words import t, tn
from twoway.messaging.keywords import HELP_TEXT, STOP_TEXT
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check: `is_ok`, what it found in words, and where to settle it ("" where this member can't)."""

    label: str
    is_ok: bool
    words: str
    url: str = ""


def checks(actor: Actor, figures: Figures, *, at: datetime) -> list[Check]:
    """Every check, those that fail first."""
    found = [*_chains(actor), *_open(actor, at), *_rules(actor), _proof(figures)]
    return sorted(found, key=lambda check: check.is_ok)


def _chains(actor: Actor) -> Iterator[Check]:
    held = queries.chains(actor)
    broken = held.audit_broken
    yield Check(
        label=t("Audit trail"),
        is_ok=broken is None,
        words=_chain_words(broken),
        url=reverse("desk:compliance_audit"),
    )
    broken = held.ledger_broken
    yield Check(
        label=t("Consent ledger"),
        is_ok=broken is None,
        words=_chain_words(broken),
        url=reverse("desk:compliance_ledger"),
    )


def _chain_words(broken: int | None) -> str:
    return (
        t("Every entry is as it was written.")
        if broken is None
        else t("The chain breaks at entry {entry}.", entry=broken)
    )


def _open(actor: Actor, at: datetime) -> Iterator[Check]:
    overdue = queries.overdue_doubts(actor, at=at)
    yield Check(
        label=t("Unsure messages"),
        is_ok=not overdue,
        words=tn("{many} waits past the day.", "{many} wait past the day.", overdue, many=f"{overdue:,}")
        if overdue
        else t("None is past its day."),
        url=reverse("desk:compliance_unsure"),
    )
    late = count_late(actor, at)
    yield Check(
        label=t("People's requests"),
        is_ok=not late,
        words=tn("{many} is late.", "{many} are late.", late, many=f"{late:,}") if late else t("None is late."),
        url=reverse("desk:compliance_requests"),
    )
    held = len(numbers.held(actor))
    yield Check(
        label=t("Registration"),
        is_ok=not held,
        words=tn("{many} number is not registered.", "{many} numbers are not registered.", held, many=f"{held:,}")
        if held
        else t("No number is held back."),
        url=reverse("desk:compliance_registration"),
    )


def _rules(actor: Actor) -> Iterator[Check]:
    hours = access_hours(actor)
    is_loose = hours.profile == "legal"
    yield Check(
        label=t("Quiet hours"),
        is_ok=not is_loose or hours.acknowledged_at is not None,
        words=t("The legal minimum, chosen by an admin.") if is_loose else t("Safe hours."),
        url=reverse("desk:compliance_quiet"),
    )
    workspace = workspace_of(actor)
    lacks = rules.missing_in_help(workspace.help_text or HELP_TEXT, business=workspace.name)
    yield _answer(actor, t("Answer to HELP"), lacks)
    lacks = rules.missing_in_stop(workspace.stop_text or STOP_TEXT, business=workspace.name)
    yield _answer(actor, t("Answer to STOP"), lacks)


def _answer(actor: Actor, label: str, lacks: tuple[str, ...]) -> Check:
    words = t("It lacks {what}.", what=", ".join(map(t, lacks))) if lacks else t("It says what it has to.")
    url = reverse("desk:settings_workspace") if may(actor, Right.MANAGE_WORKSPACE) else ""
    return Check(label=label, is_ok=not lacks, words=words, url=url)


def _proof(figures: Figures) -> Check:
    return Check(
        label=t("Proof of consent"),
        is_ok=not figures.missing,
        words=tn(
            "{many} person has nothing on record.",
            "{many} people have nothing on record.",
            figures.missing,
            many=f"{figures.missing:,}",
        )
        if figures.missing
        else t("Everybody wrote first, or agreed."),
        url=f"{reverse('desk:compliance_ledger')}?which=missing",
    )
