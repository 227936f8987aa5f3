"""Finding, naming and describing contacts."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.contacts import actions, queries
from twoway.contacts.models import Contact
from twoway.events.models import Event
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.sms.phone import Identity as Address
from twoway.teams.models import Workspace

NUMBER = Address("phone", "+15035550178")


@pytest.fixture
def dana(workspace: Workspace, now: datetime) -> Contact:
    contact = make.make_contact(workspace, at=now, name="Dana Whitfield")
    make.make_identity(contact, at=now, value=NUMBER.value)
    return contact


def test_an_address_has_one_contact(ben: Player, now: datetime) -> None:
    first, is_new = actions.find_or_create(identity=NUMBER, by=ben.actor, at=now, name="Dana")
    again, is_new_again = actions.find_or_create(identity=NUMBER, by=ben.actor, at=now, name="Somebody else")
    assert (is_new, is_new_again) == (True, False)
    assert first == again
    assert Contact.objects.get().name == "Dana"


def test_each_workspace_has_its_own_contact(ben: Player, cleo: Player, now: datetime) -> None:
    ours, _ = actions.find_or_create(identity=NUMBER, by=ben.actor, at=now)
    theirs, is_new = actions.find_or_create(identity=NUMBER, by=cleo.actor, at=now)
    assert is_new
    assert ours.contact_id != theirs.contact_id


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_contact(ben: Player) -> None:
    actor = ben.actor
    gate, made = threading.Barrier(4), []

    def run() -> None:
        gate.wait()
        made.append(actions.find_or_create(identity=NUMBER, by=actor, at=NOW))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(is_new for _, is_new in made) == [False, False, False, True]
    assert Contact.objects.count() == 1


def test_a_contact_gets_a_second_number(dana: Contact, ben: Player, workspace: Workspace, now: datetime) -> None:
    second = Address("phone", "+15035550100")
    actions.add_identity(contact=dana, identity=second, by=ben.actor, at=now)
    assert [row.value for row in queries.identities(dana)] == [NUMBER.value, second.value]
    other = make.make_contact(workspace, at=now)
    with pytest.raises(Invalid) as refused:
        actions.add_identity(contact=other, identity=second, by=ben.actor, at=now)
    assert refused.value.code == "number_taken"


def test_renaming_leaves_an_event(dana: Contact, ben: Player, now: datetime) -> None:
    actions.rename(contact=dana, name="  Dana \n W. ", by=ben.actor, at=now, conversation_id=4)
    actions.rename(contact=dana, name="Dana W.", by=ben.actor, at=now)
    dana.refresh_from_db()
    assert dana.name == "Dana W."
    event = Event.objects.get()
    assert (event.type, event.conversation_id, event.member_id) == ("contact_renamed", 4, ben.id)
    assert event.data == {"before": "Dana Whitfield", "after": "Dana W.", "by_name": "Ben"}


def test_properties_are_set_and_removed(dana: Contact, ben: Player, now: datetime) -> None:
    actions.set_properties(contact=dana, changes={"Plan": "Gold", " Member  since ": "2024"}, by=ben.actor, at=now)
    actions.set_property(contact=dana, key="Plan", value=" ", by=ben.actor, at=now)
    dana.refresh_from_db()
    assert dana.properties == {"Member since": "2024"}


@pytest.mark.parametrize("changes", [{"": "x"}, {"k" * 61: "x"}, {"k": "x" * 501}, {f"k{n}": "x" for n in range(51)}])
def test_impossible_properties(dana: Contact, ben: Player, now: datetime, changes: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        actions.set_properties(contact=dana, changes=changes, by=ben.actor, at=now)
    assert refused.value.field == "properties"
    dana.refresh_from_db()
    assert dana.properties == {}


def test_fifty_properties_of_full_length_fit(dana: Contact, ben: Player, now: datetime) -> None:
    full = {f"{n:02d}".ljust(60, "k"): "x" * 500 for n in range(50)}
    assert actions.set_properties(contact=dana, changes=full, by=ben.actor, at=now).properties == full


def test_where_they_live_and_what_they_speak(dana: Contact, ben: Player, now: datetime) -> None:
    actions.set_locale(contact=dana, by=ben.actor, at=now, time_zone="America/Denver", language="pt-BR")
    actions.set_locale(contact=dana, by=ben.actor, at=now, time_zone="")
    dana.refresh_from_db()
    assert (dana.time_zone, dana.language) == ("", "pt-BR")
    for bad in ({"time_zone": "Denver"}, {"language": "<b>"}):
        with pytest.raises(Invalid):
            actions.set_locale(contact=dana, by=ben.actor, at=now, **bad)


def test_notes_about_a_person(dana: Contact, ben: Player, now: datetime) -> None:
    actions.add_note(contact=dana, body=" Prefers evenings. ", by=ben.actor, at=now)
    actions.add_note(contact=dana, body="Second.", by=ben.actor, at=now)
    assert [(note.body, note.by) for note in queries.notes(dana)] == [
        ("Second.", ben.member),
        ("Prefers evenings.", ben.member),
    ]
    for body in (" ", "x" * 5001):
        with pytest.raises(Invalid):
            actions.add_note(contact=dana, body=body, by=ben.actor, at=now)


def test_blocking_and_unblocking_once_each(dana: Contact, ben: Player, now: datetime) -> None:
    for act in (actions.block, actions.block, actions.unblock, actions.unblock):
        dana = act(contact=dana, by=ben.actor, at=now)
    assert dana.blocked_at is None
    assert [event.type for event in Event.objects.order_by("id")] == ["contact_blocked", "contact_unblocked"]
    assert [entry.action for entry in audit_entries(dana.workspace_id)] == ["contact.unblocked", "contact.blocked"]


def test_strangers_and_viewers_change_nothing(dana: Contact, cleo: Player, workspace: Workspace, now: datetime) -> None:
    viewer = Player(member=make.make_member(workspace, "Vic", role="viewer", at=now))
    acts: list[tuple[Any, dict[str, Any]]] = [
        (actions.rename, {"name": "X"}),
        (actions.set_property, {"key": "a", "value": "b"}),
        (actions.add_note, {"body": "x"}),
        (actions.block, {}),
        (actions.unblock, {}),
        (actions.set_locale, {"language": "en"}),
        (actions.add_identity, {"identity": Address("phone", "+15035550111")}),
    ]
    for by in (cleo.actor, viewer.actor):
        for act, given in acts:
            with pytest.raises(NotAllowed):
                act(contact=dana, by=by, at=now, **given)
    with pytest.raises(NotFound):
        queries.access_contact(cleo.actor, dana.id)
    assert queries.access_contact(viewer.actor, dana.id) == dana
