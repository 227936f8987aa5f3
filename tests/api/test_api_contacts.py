"""Finding, adding and changing contacts; whether they may be texted."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent import actions as consent
from twoway.contacts.models import Contact
from twoway.events.models import AuditEntry


def test_adding_somebody(program: Program) -> None:
    added = program.post(
        "/contacts", {"phone": "(503) 555-0178", "name": " Dana  Whitfield ", "properties": {"Plan": "Everyday"}}
    )
    assert added.status == 201
    person = added.json
    assert (person["name"], person["properties"], person["is_blocked"]) == (
        "Dana Whitfield",
        {"Plan": "Everyday"},
        False,
    )
    assert [(each["kind"], each["value"]) for each in person["identities"]] == [("phone", "+15035550178")]
    assert program.get(f"/contacts/{person['id']}").json == person


def test_somebody_who_is_known_stays_as_they_are(program: Program) -> None:
    first = program.post("/contacts", {"phone": "+15035550178", "name": "Dana"})
    again = program.post("/contacts", {"phone": "+15035550178", "name": "Diana", "properties": {"Plan": "Day"}})
    assert (again.status, again.json) == (200, first.json)
    assert Contact.objects.count() == 1


def test_changing_somebody(program: Program) -> None:
    person = program.post("/contacts", {"phone": "+15035550178", "properties": {"Plan": "Day", "City": "Bend"}}).json
    path = f"/contacts/{person['id']}"
    changed = program.patch(path, {"name": "Dana", "properties": {"Plan": None, "Language": "en"}}).json
    assert (changed["name"], changed["properties"]) == ("Dana", {"City": "Bend", "Language": "en"})
    assert program.patch(path, {"is_blocked": True}).json["is_blocked"] is True
    assert program.patch(path, {"is_blocked": False}).json["is_blocked"] is False
    assert list(AuditEntry.objects.filter(action__startswith="contact.").values_list("actor", flat=True)) == [
        "token: A program (agent)",
        "token: A program (agent)",
    ]


def test_nothing_changes_when_a_part_is_wrong(program: Program) -> None:
    person = program.post("/contacts", {"phone": "+15035550178", "name": "Dana"}).json
    refused = program.patch(f"/contacts/{person['id']}", {"name": "Diana", "properties": {"   ": "x"}})
    assert (refused.status, refused.fields) == (422, ["properties"])
    assert program.get(f"/contacts/{person['id']}").json["name"] == "Dana"


@pytest.mark.parametrize("phone", ["", "Dana", "911", "123"])
def test_what_is_no_number(program: Program, phone: str) -> None:
    refused = program.post("/contacts", {"phone": phone})
    assert (refused.status, refused.fields) == (422, ["phone"])


def test_search(program: Program) -> None:
    dana = program.post("/contacts", {"phone": "+15035550178", "name": "Dana Whitfield"}).json["id"]
    luis = program.post("/contacts", {"phone": "+15035550145", "name": "Luis Ortega"}).json["id"]
    for words, expected in {
        "whit": [dana],
        "0145": [luis],
        "(503) 555-0178": [dana],
        "503555": [luis, dana],
        "nobody": [],
        "": [],
    }.items():
        found = program.get(f"/contacts?search={words.replace(' ', '%20')}").json["items"]
        assert [each["id"] for each in found] == expected, words
    assert len(program.get("/contacts").json["items"]) == 2


def test_consent(program: Program, ana: Player, channel: Channel, now: datetime) -> None:
    consent.set_stop_scope(scope="service", by=ana.actor, at=now)
    other = make.make_channel(channel.workspace, at=now)
    conversation = make.make_conversation(channel, at=now, messages=1)
    compliance.opt_out(
        identity=conversation.identity, channel=other, source="keyword", keyword="STOP", by=ana.actor, at=now
    )
    found = program.get(f"/contacts/{conversation.contact_id}/consent").json["items"]
    assert [(each["channel_id"], each["state"], each["can_text"]) for each in found] == [
        (channel.pk, "in", True),
        (other.pk, "out", False),
    ]
    assert (found[1]["opted_out_at"], found[1]["source"], found[1]["keyword"]) == (
        "2026-03-10T17:00:00Z",
        "keyword",
        "STOP",
    )
    assert found[0]["opted_out_at"] is None


def test_an_opt_out_of_a_shared_service_is_told(program: Program, ana: Player, channel: Channel, now: datetime) -> None:
    consent.set_stop_scope(scope="service", by=ana.actor, at=now)
    first, second = (make.make_channel(channel.workspace, at=now, service_id="MG1") for _ in range(2))
    conversation = make.make_conversation(first, at=now, messages=1)
    compliance.opt_out(identity=conversation.identity, channel=first, source="provider", by=ana.actor, at=now)
    found = program.get(f"/contacts/{conversation.contact_id}/consent").json["items"]
    assert {each["channel_id"]: each["can_text"] for each in found} == {
        channel.pk: True,
        first.pk: False,
        second.pk: False,
    }
    assert {each["source"] for each in found} == {None, "provider"}
