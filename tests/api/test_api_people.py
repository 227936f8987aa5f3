"""People by program: typed properties, addresses, what happened elsewhere, merging, audiences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.contacts.audiences import actions as audiences
from twoway.contacts.audiences.columns import fields_for
from twoway.contacts.fields import actions as fields
from twoway.contacts.fields.actions import FieldWish
from twoway.contacts.models import Contact, ContactEvent
from twoway.contacts.outside import actions as outside
from twoway.lib.conditions import read
from twoway.teams.models import Workspace

EVENT = {"key": "o1", "kind": "order", "title": "Trip started", "at": "2026-03-10T17:00:00Z", "data": {"total": 38.5}}


@pytest.fixture
def dana(workspace: Workspace, now: datetime) -> Contact:
    contact = make.make_contact(workspace, at=now, name="Dana")
    make.make_identity(contact, at=now, value="+15035550178")
    return contact


def test_properties_are_checked_by_their_type(program: Program, dana: Contact, ana: Player, now: datetime) -> None:
    fields.add_field(wish=FieldWish(name="Seats", kind="number"), by=ana.actor, at=now)
    listed = program.get("/contact-fields").json["items"]
    assert [(row["key"], row["type"]) for row in listed] == [("seats", "number")]
    wrong = program.ask("PATCH", f"/contacts/{dana.pk}", {"name": "Dana W.", "properties": {"seats": "many"}})
    assert (wrong.status, wrong.code) == (422, "bad_property")
    assert wrong.json["detail"] == "“Seats” is a number, such as 12.5."
    right = program.ask("PATCH", f"/contacts/{dana.pk}", {"properties": {"seats": "1,200.50"}, "language": "es"})
    assert (right.json["properties"], right.json["language"], right.json["name"]) == ({"seats": "1200.5"}, "es", "Dana")


def test_an_event_is_kept_once_by_its_key(program: Program, dana: Contact) -> None:
    path = f"/contacts/{dana.pk}/events"
    first, again = program.ask("POST", path, EVENT), program.ask("POST", path, {**EVENT, "title": "Other"})
    assert (first.status, again.status, again.json["title"]) == (201, 200, "Trip started")
    program.ask("POST", path, {**EVENT, "key": "o0", "at": "2026-03-09T17:00:00Z"})
    page = program.get(f"{path}?limit=1").json
    assert [row["key"] for row in page["items"]] == ["o1"]
    assert [row["key"] for row in program.get(f"{path}?limit=1&cursor={page['next']}").json["items"]] == ["o0"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "javascript:alert(1)"},
        {"data": {"x": "y" * 4000}},
        {"data": {"x": "\0"}},
        {"at": "2099-01-01T00:00:00Z"},
        {"title": " "},
    ],
)
def test_events_that_cannot_be_kept(wrong: dict[str, object], program: Program, dana: Contact) -> None:
    assert program.ask("POST", f"/contacts/{dana.pk}/events", {**EVENT, **wrong}).status == 422
    assert ContactEvent.objects.count() == 0


def test_the_oldest_events_go(dana: Contact, ana: Player, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MOST_KEPT", 3)
    for n in range(5):
        told = outside.Outside(key=f"k{n}", kind="order", title=f"Order {n}", at=now.replace(hour=n))
        outside.record(contact=dana, told=told, by=ana.actor, at=now)
    assert sorted(ContactEvent.objects.values_list("key", flat=True)) == ["k2", "k3", "k4"]


def test_addresses_are_added(program: Program, dana: Contact, workspace: Workspace, now: datetime) -> None:
    path = f"/contacts/{dana.pk}/identities"
    for address in ("(503) 555-0199", "Dana@Example.com", "+1 503 555 0199"):
        assert program.ask("POST", path, {"address": address}).status == 200
    values = [row["value"] for row in program.get(f"/contacts/{dana.pk}").json["identities"]]
    assert values == ["+15035550178", "+15035550199", "dana@example.com"]
    make.make_identity(make.make_contact(workspace, at=now), at=now, value="+15035550142")
    assert program.ask("POST", path, {"address": "+15035550142"}).code == "number_taken"


def test_two_become_one_and_two_again(program: Program, dana: Contact, workspace: Workspace, now: datetime) -> None:
    other = make.make_contact(workspace, at=now, name="Dana W.", properties={"Car": "Fern"})
    merged = program.ask("POST", f"/contacts/{dana.pk}/merge", {"contact_id": other.pk})
    assert (merged.status, merged.json["contact"]["properties"]) == (200, {"Car": "Fern"})
    assert program.get(f"/contacts/{other.pk}").status == 404
    undone = program.ask("POST", f"/merges/{merged.json['id']}/undo", {})
    assert (undone.status, program.get(f"/contacts/{other.pk}").json["name"]) == (200, "Dana W.")
    assert program.ask("POST", f"/merges/{merged.json['id']}/undo", {}).code == "undone"
    assert program.ask("POST", f"/contacts/{dana.pk}/merge", {"contact_id": dana.pk}).status == 422


def test_merging_is_for_who_may(
    program_of: Callable[..., Program],
    ana: Player,
    stranger: Program,
    dana: Contact,
    workspace: Workspace,
    now: datetime,
) -> None:
    other = make.make_contact(workspace, at=now, name="Dana W.")
    body = {"contact_id": other.pk}
    assert program_of(ana, role="viewer").ask("POST", f"/contacts/{dana.pk}/merge", body).status == 403
    assert stranger.ask("POST", f"/contacts/{dana.pk}/merge", body).status == 404
    merged = program_of(ana, role="agent").ask("POST", f"/contacts/{dana.pk}/merge", body)
    assert stranger.ask("POST", f"/merges/{merged.json['id']}/undo", {}).status == 404


def test_who_is_in_an_audience(
    program: Program, ana: Player, dana: Contact, workspace: Workspace, now: datetime
) -> None:
    more = [make.make_contact(workspace, at=now, name=f"Dana {n}") for n in range(3)]
    make.make_contact(workspace, at=now, name="Luis")
    known = fields_for(ana.actor)
    tree = read({"field": "name", "is": "begins", "value": "dana"}, fields=known)
    row = audiences.save_audience(name="Danas", conditions=tree, fields=known, by=ana.actor, at=now)
    assert program.get("/audiences").json["items"] == [{"id": row.pk, "name": "Danas"}]
    page = program.get(f"/contacts?audience={row.pk}&limit=3").json
    rest = program.get(f"/contacts?audience={row.pk}&limit=3&cursor={page['next']}").json
    assert [one["id"] for one in [*page["items"], *rest["items"]]] == [*(one.pk for one in reversed(more)), dana.pk]
    assert program.get("/contacts?audience=999999").status == 404
