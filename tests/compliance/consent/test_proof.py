"""The proof of one contact: complete, checked, and checkable by others without Twoway."""

from __future__ import annotations

import hashlib
import re
import zlib
from typing import Any

import orjson
import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent import actions
from twoway.compliance.consent.proof import actions as proofs
from twoway.compliance.consent.proof.pdf import latin
from twoway.contacts.models import Identity
from twoway.events.models import AuditEntry
from twoway.lib.refusal import NotAllowed, NotFound
from twoway.teams.actor import system


@pytest.fixture
def dana(channel: Channel) -> Identity:
    """Agreed on a form in words of several scripts, then stopped; somebody else's entry lies between."""
    workspace = channel.workspace
    who = make.make_identity(make.make_contact(workspace, at=NOW, name="Dana Whitfield"), at=NOW)
    other = make.make_identity(make.make_contact(workspace, at=NOW), at=NOW)
    by = system(workspace.pk)
    shown = {"disclosure": "“Ja”, ich möchte SMS. 短信 🛑", "form_version": 4, "ip": "203.0.113.9", "ticked": True}
    actions.grant(identity=who, purpose="promotion", level="written", method="form", proof=shown, at=NOW, by=by)
    actions.grant(identity=other, purpose="survey", level="express", method="form", at=NOW, by=by)
    compliance.opt_out(identity=who, channel=channel, source="keyword", keyword="STOP", at=NOW, by=by)
    return who


def export(who: Identity, by: Player) -> dict[str, Any]:
    made = proofs.export(contact_id=who.contact_id, by=by.actor, at=NOW)
    read: dict[str, Any] = orjson.loads(orjson.dumps(made))
    return read


def test_only_this_person_and_everything_about_them(dana: Identity, ana: Player) -> None:
    made = export(dana, ana)
    assert [one["position"] for one in made["entries"]] == [1, 3]
    assert made["entries"][0]["proof"]["disclosure"] == "“Ja”, ich möchte SMS. 短信 🛑"
    assert [(one["purpose"], one["change"]) for one in made["standing"]] == [
        ("all", "withdrawn"),
        ("promotion", "granted"),
    ]
    assert (made["chain"]["is_whole"], made["chain"]["entries"]) == (True, 3)


def test_anybody_can_check_it_as_it_says(dana: Identity, ana: Player) -> None:
    """Written again from the words of `how_to_check`, so that it does not lean on our own code."""
    for one in export(dana, ana)["entries"]:
        assert hashlib.sha256(one["proof_text"].encode()).hexdigest() == one["proof_hash"]
        assert orjson.loads(one["proof_text"]) == one["proof"]
        names = "workspace_id position previous_hash address_hash channel_id purpose change level method by at"
        fields = ["twoway-consent-1", *(one[name] for name in names.split()), one["expires_at"], one["proof_hash"]]
        words = ["" if field is None else str(field) for field in fields]
        told = b"".join(b"%d:%s," % (len(word.encode()), word.encode()) for word in words)
        assert hashlib.sha256(told).hexdigest() == one["hash"]


def test_a_changed_entry_is_named(dana: Identity, ana: Player) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_entry DISABLE TRIGGER consent_append_only")
        cursor.execute("UPDATE consent_entry SET by_name = 'Nobody' WHERE position = 1")
        cursor.execute("ALTER TABLE consent_entry ENABLE TRIGGER consent_append_only")
    made = export(dana, ana)
    assert [one["is_intact"] for one in made["entries"]] == [False, True]
    assert (made["chain"]["is_whole"], made["chain"]["broken_at"]) == (False, 1)
    words = text_of(proofs.export_pdf(contact_id=dana.contact_id, by=ana.actor, at=NOW))
    assert "BREAKS at entry 1" in words
    assert "CHANGED" in words


def text_of(paper: bytes) -> str:
    """The words of a PDF: its compressed streams, with the strings of their show-text operators joined."""
    found = []
    for stream in re.findall(rb"stream\n(.*?)\nendstream", paper, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        found += [part.decode("latin-1") for part in re.findall(rb"\((.*?)(?<!\\)\)", content, re.DOTALL)]
    return " ".join(found)


def test_the_paper_says_the_same(dana: Identity, ana: Player) -> None:
    made = export(dana, ana)
    words = text_of(proofs.export_pdf(contact_id=dana.contact_id, by=ana.actor, at=NOW))
    for expected in ("Dana Whitfield", dana.value, "1. Consent given: promotion texts", "3. Consent withdrawn"):
        assert expected in words
    assert made["entries"][0]["hash"] in words
    assert "all 3 entries are as they were written" in words


def test_letters_the_paper_lacks_are_written_as_codes() -> None:
    assert latin("“Ja” – möchte 短\u2028") == '"Ja" - möchte <U+77ED><U+2028>'


def test_a_long_history_goes_over_several_pages(dana: Identity, ana: Player) -> None:
    by = system(dana.workspace_id)
    for _ in range(30):
        actions.grant(identity=dana, purpose="survey", level="express", method="form", at=NOW, by=by)
    paper = proofs.export_pdf(contact_id=dana.contact_id, by=ana.actor, at=NOW)
    assert paper.count(b"/Type /Page\n") >= 4


def test_who_may_and_that_it_is_audited(dana: Identity, ana: Player, ben: Player, cleo: Player) -> None:
    with pytest.raises(NotAllowed):
        export(dana, ben)
    with pytest.raises(NotFound):
        export(dana, cleo)
    assert not AuditEntry.objects.filter(action="consent.proof_exported").exists()
    export(dana, ana)
    entry = AuditEntry.objects.get(action="consent.proof_exported")
    assert (entry.actor, entry.subject, entry.data["entries"]) == ("Ana", f"contact {dana.contact_id}", 2)
