"""Quiet hours in the database: what is read about a recipient, and what a workspace may choose."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.quiet import actions, queries
from twoway.compliance.quiet.actions import HoursWanted
from twoway.compliance.quiet.models import Place, QuietHours
from twoway.compliance.quiet.rules import QuietFacts
from twoway.contacts.models import Identity
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.teams.models import Workspace

PACIFIC, EASTERN, CENTRAL = "America/Los_Angeles", "America/New_York", "America/Chicago"


@pytest.fixture
def identity(workspace: Workspace, now: datetime) -> Identity:
    return make.make_identity(make.make_contact(workspace, at=now, name="Dana"), at=now, value="+14155550171")


def read(identity: Identity) -> QuietFacts:
    facts = queries.identity_facts(identity.pk, at=NOW)
    assert facts is not None
    return facts


def test_without_anything_said_the_number_and_the_safe_hours_count(identity: Identity) -> None:
    assert read(identity) == QuietFacts(kind="phone", zones=(PACIFIC,), regions=("US-CA",))


def test_what_was_said_of_their_place_counts_too(identity: Identity, ana: Player) -> None:
    actions.set_place(contact=identity.contact, country="us", state="fl", at=NOW, by=ana.actor)
    assert read(identity).zones == (CENTRAL, PACIFIC, EASTERN)
    assert read(identity).regions == ("US-CA", "US-FL")
    actions.set_place(
        contact=identity.contact, time_zone=EASTERN, country="US", state="FL", told_by="customer", at=NOW, by=ana.actor
    )
    assert read(identity).zones == (EASTERN,)
    assert read(identity).regions == ("US-CA", "US-FL")


def test_a_toll_free_number_gets_a_zone_by_hand(workspace: Workspace, ana: Player) -> None:
    identity = make.make_identity(make.make_contact(workspace, at=NOW), at=NOW, value="+18005550199")
    assert read(identity).zones == ()
    actions.set_place(contact=identity.contact, time_zone=CENTRAL, at=NOW, by=ana.actor)
    assert read(identity).zones == (CENTRAL,)
    actions.set_place(contact=identity.contact, at=NOW, by=ana.actor)
    assert read(identity).zones == ()
    assert not Place.objects.exists()


def test_many_questions_are_one_statement_in_their_order(identity: Identity, channel: Channel) -> None:
    other = make.make_identity(identity.contact, at=NOW, value="+12125550172")
    with connection.cursor() as cursor:
        ids = [other.pk, identity.pk, other.pk]
        cursor.execute(queries.FACTS, [ids, [channel.pk] * 3, ["reminder"] * 3, NOW])
        found = [queries.facts_of(row).zones for row in cursor.fetchall()]
    assert found == [(EASTERN,), (PACIFIC,), (EASTERN,)]


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("country", {"country": "USA"}),
        ("country", {"state": "FL"}),
        ("state", {"country": "US", "state": "ZZ"}),
        ("state", {"country": "GB", "state": "ABCD"}),
        ("time_zone", {"time_zone": "Mars/Base"}),
        ("told_by", {"time_zone": EASTERN, "told_by": "nobody"}),
    ],
)
def test_a_place_that_is_none_is_refused(identity: Identity, ana: Player, field: str, place: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        actions.set_place(contact=identity.contact, at=NOW, by=ana.actor, **place)
    assert refused.value.field == field
    assert not Place.objects.exists()


def test_somebody_elses_contact_has_no_place_to_set(identity: Identity, cleo: Player) -> None:
    with pytest.raises(NotAllowed):
        actions.set_place(contact=identity.contact, time_zone=EASTERN, at=NOW, by=cleo.actor)
    identity.contact.refresh_from_db()
    assert (identity.contact.time_zone, Place.objects.count()) == ("", 0)


def test_stricter_hours_are_kept_and_read_by_the_next_question(identity: Identity, ana: Player) -> None:
    wanted = HoursWanted(weekdays=(600, 1080), saturday=None, sunday=None)
    actions.set_hours(wanted=wanted, at=NOW, by=ana.actor)
    told = read(identity)
    assert (told.profile, told.weekdays, told.saturday, told.sunday) == ("safe", (600, 1080), None, None)
    assert audit_entries(ana.actor.workspace_id)[0].action == "quiet_hours.changed"


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("profile", {"profile": "none"}),
        ("weekdays", {"weekdays": (480, 1200)}),
        ("weekdays", {"weekdays": (540, 1260)}),
        ("weekdays", {"weekdays": (700, 700)}),
        ("weekdays", {"weekdays": None}),
        ("saturday", {"saturday": (0, 1440)}),
        ("sunday", {"sunday": (540, 1200)}),
        ("on_holidays", {"on_holidays": True}),
        ("acknowledges", {"profile": "legal"}),
    ],
)
def test_looser_hours_need_the_legal_minimum_and_that_needs_a_word(
    ana: Player, field: str, changed: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.set_hours(wanted=replace(HoursWanted(), **changed), at=NOW, by=ana.actor)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not QuietHours.objects.exists()


def test_the_legal_minimum_keeps_who_acknowledged_it_and_when(identity: Identity, ana: Player) -> None:
    actions.set_hours(wanted=HoursWanted(profile="legal", acknowledges=True), at=NOW, by=ana.actor)
    row = QuietHours.objects.get()
    assert (row.acknowledged_by, row.acknowledged_at) == ("Ana", NOW)
    assert read(identity).profile == "legal"
    actions.set_hours(wanted=HoursWanted(), at=NOW, by=ana.actor)
    row.refresh_from_db()
    assert (row.profile, row.acknowledged_by, row.acknowledged_at) == ("safe", "", None)


def test_only_admins_change_quiet_hours(ben: Player) -> None:
    with pytest.raises(NotAllowed):
        actions.set_hours(wanted=HoursWanted(), at=NOW, by=ben.actor)
    with pytest.raises(NotAllowed):
        queries.access_hours(ben.actor)
