"""The consent ledger and the opt-outs on their pages: what is shown, recorded, looked up, handed out and lifted."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance import queries
from twoway.compliance.consent import actions
from twoway.compliance.consent.models import ConsentEntry
from twoway.compliance.models import OptOut
from twoway.contacts.models import Contact, Identity
from twoway.events.models import AuditEntry
from twoway.teams.actor import system
from twoway.teams.models import Workspace

LEDGER, OPT_OUTS = reverse("desk:compliance_ledger"), reverse("desk:compliance_optouts")
RECORD, RECORD_STOP = reverse("desk:compliance_ledger_record"), reverse("desk:compliance_optouts_record")
DANA = "+15035550178"


@pytest.fixture
def dana(workspace: Workspace) -> Identity:
    return make.make_identity(make.make_contact(workspace, at=NOW, name="Dana Whitfield"), at=NOW, value=DANA)


def page(by: Player, url: str, status: int = 200) -> str:
    answer = by.client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def stop(who: Identity, channel: Channel, source: str = "keyword", keyword: str = "STOP") -> OptOut:
    by = system(who.workspace_id)
    return compliance.opt_out(identity=who, channel=channel, source=source, keyword=keyword, at=NOW, by=by)[0]


def test_the_ledger_shows_what_happened_and_filters(ana: Player, dana: Identity, channel: Channel) -> None:
    by = system(dana.workspace_id)
    shown = {"form_id": 3, "form_version": 4, "ip": "203.0.113.9", "disclosure": "<b>By checking…</b>"}
    actions.grant(identity=dana, purpose="promotion", level="written", method="form", proof=shown, at=NOW, by=by)
    stop(dana, channel)
    both = page(ana, LEDGER)
    assert both.count("Dana Whitfield") == 2
    assert "Form, IP, wording v4" in both
    assert "Texted STOP to" in both
    assert page(ana, f"{LEDGER}?which=granted").count("Dana Whitfield") == 1
    assert "Texted STOP" in page(ana, f"{LEDGER}?which=withdrawn")
    assert "No such entries" in page(ana, f"{LEDGER}?which=requested")
    entry = page(ana, reverse("desk:compliance_ledger_entry", args=[1]))
    assert "&lt;b&gt;By checking…&lt;/b&gt;" in entry
    assert "As it was written" in entry
    assert page(ana, f"{LEDGER}?which=nonsense&before=x").count("Dana Whitfield") == 2


def test_who_never_wrote_and_never_agreed_is_missing(ana: Player, dana: Identity, channel: Channel) -> None:
    make.make_conversation(channel, at=NOW, messages=1, name="Luis Ortega")
    found = page(ana, f"{LEDGER}?which=missing")
    assert "Dana Whitfield" in found
    assert "Luis Ortega" not in found


def test_older_entries_are_on_the_next_page(ana: Player, dana: Identity) -> None:
    by = system(dana.workspace_id)
    for _ in range(51):
        actions.grant(identity=dana, purpose="survey", level="express", method="form", at=NOW, by=by)
    assert f"which=all&amp;before={2}" in page(ana, LEDGER)
    assert page(ana, f"{LEDGER}?which=all&before=2").count("Dana Whitfield") == 1


def test_consent_on_paper_is_recorded_with_its_wording(ana: Player) -> None:
    given = {
        "number": "(503) 555-0178",
        "purpose": "promotion",
        "change": "granted",
        "method": "paper",
        "level": "written",
        "disclosure": "By signing you agree to promotion texts.",
        "note": "Scan 12 in the binder",
    }
    made = ana.client.post(RECORD, given)
    entry = ConsentEntry.objects.get()
    assert made["Location"] == reverse("desk:compliance_ledger_person", args=[Contact.objects.get().pk])
    assert (entry.change, entry.level, entry.method, entry.by_name) == ("granted", "written", "paper", "Ana")
    assert entry.proof["disclosure"] == given["disclosure"]
    assert len(entry.proof["disclosure_hash"]) == 64
    assert entry.proof["agent_id"] == ana.id
    assert AuditEntry.objects.filter(action="consent.granted").count() == 1
    ana.client.post(RECORD, {**given, "change": "withdrawn"})
    assert "Withdrawn: promotion" in page(ana, str(made["Location"]))


def test_what_was_typed_stays_in_the_form(ana: Player) -> None:
    answer = ana.client.post(RECORD, {"number": "12", "purpose": "promotion", "change": "granted", "method": "voice"})
    assert answer.status_code == 422
    assert 'value="12"' in answer.content.decode()
    wrong = ana.client.post(RECORD_STOP, {"number": "nobody", "channel": "0", "note": "Called us"})
    assert wrong.status_code == 422
    assert "Called us" in wrong.content.decode()
    assert not ConsentEntry.objects.exists()


def test_a_number_is_looked_up(ana: Player, dana: Identity, channel: Channel, cleo: Player) -> None:
    url = reverse("desk:compliance_ledger_look_up")
    found = ana.client.post(url, {"number": "503 555 0178"})
    assert found["Location"] == reverse("desk:compliance_ledger_person", args=[dana.contact_id])
    stop(dana, channel)
    dana.contact.delete()
    gone = ana.client.post(url, {"number": DANA}).content.decode()
    assert "Nobody is known by this number" in gone
    assert "opted out on" in gone
    assert "Nothing is on record" in cleo.client.post(url, {"number": DANA}).content.decode()
    assert ana.client.post(url, {"number": "x"}).status_code == 422


def test_somebody_anonymous_is_not_found_by_number(ana: Player, dana: Identity) -> None:
    Contact.objects.update(is_anonymous=True)
    told = ana.client.post(reverse("desk:compliance_ledger_look_up"), {"number": DANA}).content.decode()
    assert "Nobody is known" in told
    person = page(ana, reverse("desk:compliance_ledger_person", args=[dana.contact_id]))
    assert "5550178" not in person.replace("-", "").replace(" ", "")
    proof = ana.client.post(reverse("desk:compliance_ledger_json", args=[dana.contact_id])).content.decode()
    assert DANA not in proof
    assert "Whitfield" not in proof


def test_the_proof_is_handed_out_and_audited(ana: Player, dana: Identity, channel: Channel) -> None:
    by = system(dana.workspace_id)
    shown = {"disclosure": "Ich möchte SMS bekommen. 短信", "ip": "203.0.113.9"}
    actions.grant(identity=dana, purpose="promotion", level="written", method="form", proof=shown, at=NOW, by=by)
    stop(dana, channel)
    told = ana.client.post(reverse("desk:compliance_ledger_json", args=[dana.contact_id]))
    document = orjson.loads(told.content)
    assert told["Content-Disposition"].endswith('.json"')
    assert document["contact"]["addresses"][0]["value"] == DANA
    assert [(one["change"], one["is_intact"]) for one in document["entries"]] == [
        ("granted", True),
        ("withdrawn", True),
    ]
    assert document["chain"]["is_whole"]
    paper = ana.client.post(reverse("desk:compliance_ledger_pdf", args=[dana.contact_id]))
    assert paper.content.startswith(b"%PDF-")
    assert AuditEntry.objects.filter(action="consent.proof_exported").count() == 2


def test_opt_outs_say_who_holds_the_block(ana: Player, dana: Identity, workspace: Workspace) -> None:
    toll_free = make.make_channel(workspace, at=NOW, address="+18005550199")
    row = stop(dana, toll_free, source="provider")
    listed = page(ana, OPT_OUTS)
    assert "The toll-free network" in listed
    assert "Only they can, by texting START" in listed
    one = reverse("desk:compliance_optouts_one", args=[row.pk])
    assert "Nobody here can lift it" in page(ana, one)
    refused = ana.client.post(one, {"note": "They called"})
    assert refused.status_code == 422
    assert queries.is_opted_out(identity=dana, channel=toll_free)


def test_an_admin_lifts_ours_with_a_note(ana: Player, dana: Identity, channel: Channel, workspace: Workspace) -> None:
    row = stop(dana, channel)
    one = reverse("desk:compliance_optouts_one", args=[row.pk])
    manager = Player(member=make.make_member(workspace, "Mia", role="manager", at=NOW))
    assert "Ask an owner or an admin" in page(manager, one)
    assert manager.client.post(one, {"note": "They called"}).status_code == 403
    assert ana.client.post(one, {"note": ""}).status_code == 422
    assert queries.is_opted_out(identity=dana, channel=channel)
    assert ana.client.post(one, {"note": "They called on Monday"})["Location"] == OPT_OUTS
    assert not queries.is_opted_out(identity=dana, channel=channel)
    entry = ConsentEntry.objects.get(change="lifted")
    assert (entry.proof["note"], entry.method, entry.level) == ("They called on Monday", "agent", "implied")
    assert page(ana, one, status=404)


def test_an_opt_out_is_recorded_by_hand(ana: Player, dana: Identity, channel: Channel) -> None:
    given = {"number": DANA, "channel": channel.pk, "note": "Said it in the shop"}
    assert ana.client.post(RECORD_STOP, given)["Location"] == OPT_OUTS
    assert queries.is_opted_out(identity=dana, channel=channel)
    assert ConsentEntry.objects.get().proof["note"] == "Said it in the shop"
    assert ana.client.post(RECORD_STOP, given).status_code == 302
    assert OptOut.objects.count() == 1


def test_what_a_stop_covers_is_chosen(ana: Player, dana: Identity, channel: Channel, workspace: Workspace) -> None:
    assert "covers every number" in page(ana, OPT_OUTS)
    ana.client.post(reverse("desk:compliance_optouts_scope"), {"scope": "service"})
    assert "covers the number it came to" in page(ana, OPT_OUTS)
    assert ana.client.post(reverse("desk:compliance_optouts_scope"), {"scope": "none"}).status_code == 422
    assert AuditEntry.objects.filter(action="consent.stop_scope_changed").count() == 1


def test_figures(ana: Player, dana: Identity, channel: Channel) -> None:
    by = system(dana.workspace_id)
    actions.request(identity=dana, purpose="survey", level="express", method="form", at=NOW, by=by)
    luis = make.make_identity(make.make_contact(channel.workspace, at=NOW), at=NOW)
    actions.grant(identity=luis, purpose="survey", level="express", method="form", at=NOW, by=by)
    compliance.opt_out(identity=luis, channel=channel, source="keyword", at=NOW - timedelta(days=30), by=by)
    shown = page(ana, LEDGER).split("</dl>")[0]
    numbers = [part.split("<")[0] for part in shown.split('stat__v">')[1:]]
    assert numbers == ["0", "1", "1", "0"]
