"""A copy of everything about one person, and their erasure: what goes, what stays, and what can't bring it back."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests import make, pictures
from tests.conftest import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent import actions as consent
from twoway.compliance.content.models import ContentWarning
from twoway.compliance.queries import is_opted_out
from twoway.compliance.retention import actions as rights
from twoway.compliance.retention.models import RightsRequest
from twoway.contacts import actions as contacts
from twoway.contacts.models import Contact, ContactNote, Identity
from twoway.conversations.models import Conversation, Draft
from twoway.events.models import AuditEntry
from twoway.events.queries import verify_audit
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.messaging.media import actions as media
from twoway.messaging.media import files
from twoway.messaging.models import Message, QuarantineEntry
from twoway.messaging.retention import actions, copies, erasing
from twoway.messaging.scheduling import actions as scheduling
from twoway.messaging.search.indexing import Indexer
from twoway.messaging.search.models import SearchNote, SearchPerson, SearchText, SearchWord
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+15035550142"
NAME = "Dana Whitfield"
SECRETS = ("5035550142", "Whitfield", "allergic to cats", "blue door", "half a draft", "she limps", "bay-photo")


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    """A number customers can text in these tests."""
    return hands.twilio_channel(workspace)


@pytest.fixture
def dana(ana: Player, channel: Channel, tmp_path: Path) -> Conversation:
    """Somebody about whom there is one of everything."""
    person = make.make_contact(channel.workspace, at=NOW, name="D. Whitfield")
    contacts.rename(contact=person, name=NAME, by=ana.actor, at=NOW)
    contacts.set_property(contact=person, key="Allergy", value="allergic to cats", by=ana.actor, at=NOW)
    contacts.add_note(contact=person, body="she limps", by=ana.actor, at=NOW)
    identity = make.make_identity(person, at=NOW, value=NUMBER)
    talk = make.make_conversation(channel, at=NOW, identity=identity)
    make.make_message(talk, at=NOW, body="It is the blue door")
    text = make.make_message(
        talk, at=NOW, direction="out", body="Thanks, blue door it is", price="0.0075", price_currency="USD"
    )
    make.make_message(talk, at=NOW, direction="out", status="scheduled", body="blue door tomorrow")
    path = tmp_path / "upload"
    path.write_bytes(pictures.picture(60, 40))
    row = media.add_upload(conversation=talk, path=path, name="bay-photo.jpg", by=ana.actor, at=NOW)
    media.attach(media_ids=[row.pk], message=text)
    make.make_note(talk, at=NOW, by=ana.member, body="allergic to cats, careful")
    Draft.objects.create(conversation=talk, member=ana.member, body="half a draft", updated_at=NOW)
    scheduling.schedule(
        conversation=talk, body="blue door at noon", due_at=NOW + timedelta(days=1), by=ana.actor, at=NOW, key="later"
    )
    consent.grant(
        identity=identity,
        channel=channel,
        purpose="service",
        level="express",
        method="agent",
        at=NOW,
        by=ana.actor,
        proof={"note": "said yes, blue door"},
    )
    ContentWarning.objects.create(
        workspace=channel.workspace, message_id=text.pk, warnings=[{"code": "words_own", "found": "blue door"}], at=NOW
    )
    QuarantineEntry.objects.create(
        workspace=channel.workspace,
        channel=channel,
        kind="inbound",
        reason="malformed",
        method="POST",
        url="http://127.0.0.1/hooks/x",
        body=b"From=%2B15035550142&Body=blue+door",
        received_at=NOW,
    )
    return talk


def asked(talk: Conversation, kind: str, by: Player) -> RightsRequest:
    return rights.log_request(contact=talk.contact, kind=kind, law="gdpr", asked_at=NOW, by=by.actor, at=NOW)


def done(row: RightsRequest, by: Player) -> RightsRequest:
    actions.start(request=row, by=by.actor, at=NOW, confirmation="ERASE")
    actions.perform(request_id=row.pk, at=NOW)
    row.refresh_from_db()
    return row


def everything() -> str:
    """Every row of every table as text, bytes as the text they may hold."""
    told = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t")
            told += [f"{table}: {row[0]}" for row in cursor.fetchall()]
        cursor.execute("SELECT encode(body, 'escape') FROM quarantine_entry")
        told += [row[0] for row in cursor.fetchall()]
    return "\n".join(told)


def found() -> list[str]:
    told = everything()
    return [secret for secret in SECRETS if secret in told]


def test_after_an_erasure_no_table_knows_them(ana: Player, dana: Conversation, tmp_path: Path) -> None:
    done(asked(dana, "export", ana), ana)
    assert found() == list(SECRETS)
    Indexer().catch_up()
    assert SearchWord.objects.filter(word="whitfield").exists()
    row = done(asked(dana, "erase", ana), ana)
    assert (row.state, row.words) == ("done", "3 texts, 1 file, 4 notes.")
    assert found() == []
    assert not SearchNote.objects.exists()
    assert not SearchPerson.objects.filter(id=dana.contact_id).exists()
    assert not SearchText.objects.filter(conversation_id=dana.pk).exists()
    Indexer().catch_up()
    assert not [word for word in ("whitfield", "allergic", "cats", "limps") if f",{word}," in everything()]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    contact = Contact.objects.get(id=dana.contact_id)
    assert (contact.name, contact.erased_at) == ("Erased person", NOW)


def test_what_the_law_wants_kept_stays(ana: Player, dana: Conversation) -> None:
    before = list(Message.objects.order_by("id").values("id", "price", "segments", "created_at", "provider_id"))
    done(asked(dana, "erase", ana), ana)
    after = list(Message.objects.order_by("id").values("id", "price", "segments", "created_at", "provider_id"))
    assert after == before
    assert [text.status for text in Message.objects.order_by("id")] == ["received", "delivered", "canceled"]
    assert verify_audit(dana.workspace_id) is None
    told = AuditEntry.objects.get(action="contact.erased")
    assert told.subject == f"contact {dana.contact_id}"
    assert told.data == {"texts": 3, "files": 1, "notes": 4, "webhooks": 1}
    shell = Conversation.objects.get(id=dana.pk)
    assert (shell.state, shell.preview, shell.unanswered) == ("done", "", 0)


def test_who_opted_out_stays_out_when_they_come_again(ana: Player, dana: Conversation, channel: Channel) -> None:
    compliance.opt_out(identity=dana.identity, channel=channel, source="member", at=NOW, by=ana.actor)
    done(asked(dana, "erase", ana), ana)
    hands.post([(channel, hands.webhook(channel, hands.text(channel, "Hi", From=NUMBER)))])
    again = Identity.objects.get(value=NUMBER)
    assert again.contact_id != dana.contact_id
    assert is_opted_out(identity=again, channel=channel)


def test_a_receipt_that_comes_late_brings_nothing_back(ana: Player, dana: Conversation, channel: Channel) -> None:
    text = Message.objects.get(status="delivered")
    Message.objects.filter(id=text.pk).update(status="sent")
    done(asked(dana, "erase", ana), ana)
    hands.hear(channel, hands.receipt(channel, "delivered", message_sid=text.provider_id, To=NUMBER))
    text.refresh_from_db()
    assert (text.status, text.body, text.recipient) == ("delivered", "", "")
    assert found() == []


def test_a_legal_hold_refuses_it_at_every_step(ana: Player, dana: Conversation) -> None:
    first = asked(dana, "erase", ana)
    hold = rights.place_hold(reason="Case 12", contact=dana.contact, by=ana.actor, at=NOW)
    with pytest.raises(Refused, match="Case 12"):
        actions.start(request=first, by=ana.actor, at=NOW, confirmation="ERASE")
    with pytest.raises(Refused, match="legal hold"):
        erasing.erase(contact_id=dana.contact_id, by=ana.actor, at=NOW)
    assert found() == list(SECRETS)
    rights.lift_hold(hold=hold, by=ana.actor, at=NOW)
    actions.start(request=first, by=ana.actor, at=NOW, confirmation="ERASE")
    rights.place_hold(reason="Case 13", by=ana.actor, at=NOW)
    actions.perform(request_id=first.pk, at=NOW)
    first.refresh_from_db()
    assert first.state == "failed"
    assert "Case 13" in first.words
    assert found() == list(SECRETS)


def test_it_needs_a_second_confirmation_and_an_admin(ana: Player, ben: Player, dana: Conversation) -> None:
    row = asked(dana, "erase", ana)
    with pytest.raises(Invalid):
        actions.start(request=row, by=ana.actor, at=NOW, confirmation="yes")
    with pytest.raises(NotAllowed):
        actions.start(request=row, by=ben.actor, at=NOW, confirmation="ERASE")
    with pytest.raises(NotAllowed):
        asked(dana, "erase", ben)
    row.refresh_from_db()
    assert row.state == "open"


def test_erasing_twice_tells_it_once(ana: Player, dana: Conversation) -> None:
    erasing.erase(contact_id=dana.contact_id, by=ana.actor, at=NOW)
    erasing.erase(contact_id=dana.contact_id, by=ana.actor, at=NOW + timedelta(days=1))
    assert AuditEntry.objects.filter(action="contact.erased").count() == 1
    assert Contact.objects.get(id=dana.contact_id).erased_at == NOW
    with pytest.raises(Refused, match="erased already"):
        asked(dana, "export", ana)


def test_others_are_not_touched(ana: Player, dana: Conversation, channel: Channel) -> None:
    other = make.make_conversation(channel, at=NOW, messages=2, name="Nadia")
    ContactNote.objects.create(contact=other.contact, body="Likes blue cars.", by=ana.member, created_at=NOW)
    before = [list(Message.objects.filter(conversation=other).values()), list(ContactNote.objects.values())[-1]]
    done(asked(dana, "erase", ana), ana)
    assert [list(Message.objects.filter(conversation=other).values()), list(ContactNote.objects.values())[-1]] == before


def test_the_copy_has_everything(ana: Player, dana: Conversation) -> None:
    row = done(asked(dana, "export", ana), ana)
    assert row.state == "done"
    assert row.file_until == NOW + timedelta(days=7)
    with copies.opened(row) as content, zipfile.ZipFile(content) as archive:
        names = sorted(archive.namelist())
        person = json.loads(archive.read("person.json"))
        texts = json.loads(archive.read("messages.json"))
        picture = archive.read(next(name for name in names if name.startswith("files/")))
    assert [name.split("/")[0] for name in names] == ["files", "messages.json", "person.json"]
    assert picture == pictures.picture(60, 40)
    assert person["contact"]["name"] == NAME
    assert [one["value"] for one in person["addresses"]] == [NUMBER]
    assert [one["body"] for one in texts] == ["It is the blue door", "Thanks, blue door it is", "blue door tomorrow"]
    assert all(one["created_at"] for one in texts)
    assert [one["purpose"] for one in person["consent"]] == ["service"]
    assert person["notes"][0]["body"] == "allergic to cats, careful"
    assert person["contact_notes"][0]["body"] == "she limps"
    assert person["files"][0]["name"] == "bay-photo.jpg"


def test_a_copy_expires(ana: Player, dana: Conversation) -> None:
    row = done(asked(dana, "export", ana), ana)
    name = copies.name_of(row.file)  # type: ignore[arg-type]
    actions.fetched(request=row, by=ana.actor, at=NOW)
    assert copies.expire(at=NOW + timedelta(days=6)) == 0
    assert files.store().exists(name)
    late = NOW + timedelta(days=8)
    with pytest.raises(Refused, match="expired"):
        actions.fetched(request=row, by=ana.actor, at=late)
    assert copies.expire(at=late) == 1
    assert not files.store().exists(name)
    row.refresh_from_db()
    assert row.file is None
    assert AuditEntry.objects.filter(action="request.export_fetched").count() == 1


def test_a_lost_job_is_taken_up(ana: Player, dana: Conversation) -> None:
    row = asked(dana, "export", ana)
    rights.begin_request(request=row, by=ana.actor, at=NOW)
    assert actions.resume(at=NOW) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'messaging.retention.request' AND args = %s",
            [json.dumps({"request_id": row.pk})],
        )
        assert cursor.fetchone() == (1,)
    assert actions.resume(at=NOW) == 1
