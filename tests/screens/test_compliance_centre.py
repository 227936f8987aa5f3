"""The compliance centre's own pages: what they show, what their forms do, and that a broken chain is said."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.models import Decision
from twoway.compliance.retention import actions as retention
from twoway.compliance.retention.models import LegalHold, RetentionRun, RightsRequest
from twoway.contacts import actions as contacts
from twoway.contacts.models import Contact
from twoway.conversations.models import Conversation
from twoway.desk import audit_words
from twoway.events.models import AuditEntry
from twoway.messaging.retention import actions as rights

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dana(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=2, name="Dana Whitfield")


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def shown(player: Player, name: str, *args: object, **query: str) -> str:
    answer = player.client.get(reverse(f"desk:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def sent(player: Player, name: str, *args: object, **form: str) -> Any:
    return player.client.post(reverse(f"desk:{name}", args=args), form)


def said(player: Player, name: str, *args: object, **form: str) -> str:
    """The page after a form was sent."""
    return player.client.post(reverse(f"desk:{name}", args=args), form, follow=True).content.decode()


def test_the_audit_log_is_read_in_sentences_and_searched(ana: Player, dana: Conversation) -> None:
    contacts.block(contact=dana.contact, by=ana.actor, at=NOW)
    retention.place_hold(reason="Case 12", by=ana.actor, at=NOW)
    page = shown(ana, "compliance_audit")
    assert "blocked a contact" in page
    assert "placed a legal hold" in page
    found = shown(ana, "compliance_audit", area="hold")
    assert "placed a legal hold" in found
    assert "blocked a contact" not in found
    assert "blocked a contact" in shown(ana, "compliance_audit", subject=f"contact {dana.contact_id}")
    assert "Nothing fits." in shown(ana, "compliance_audit", who="Ben")
    assert "Nothing fits." in shown(ana, "compliance_audit", until=(NOW - timedelta(days=2)).date().isoformat())
    assert "blocked a contact" in shown(ana, "compliance_audit", since="no day at all")


def test_older_entries_follow_by_cursor(ana: Player, dana: Conversation) -> None:
    for number in range(60):
        retention.log_request(contact=dana.contact, kind="export", law="gdpr", asked_at=NOW, by=ana.actor, at=NOW)
        assert number < 60
    first = shown(ana, "compliance_audit")
    fiftieth = AuditEntry.objects.order_by("-id")[49].pk
    assert f"?before={fiftieth}" in first
    assert first.count("logged a request") == 50
    rest = shown(ana, "compliance_audit", before=str(fiftieth))
    assert rest.count("logged a request") == 10
    assert "?before=" not in rest


def test_a_changed_entry_is_named(ana: Player, dana: Conversation) -> None:
    contacts.block(contact=dana.contact, by=ana.actor, at=NOW)
    contacts.unblock(contact=dana.contact, by=ana.actor, at=NOW)
    assert "none is missing" in said(ana, "compliance_audit_verify")
    first = AuditEntry.objects.order_by("id")[0]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
        cursor.execute("UPDATE audit_entry SET actor = 'Nobody' WHERE id = %s", [first.pk])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_append_only")
    assert f"The chain breaks at entry {first.pk}" in said(ana, "compliance_audit_verify")


def test_the_export_is_json_lines_that_can_be_followed(ana: Player, cleo: Player, dana: Conversation) -> None:
    contacts.block(contact=dana.contact, by=ana.actor, at=NOW)
    retention.place_hold(reason="Elsewhere", by=cleo.actor, at=NOW)
    answer = ana.client.post(reverse("desk:compliance_audit_export"))
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]  # type: ignore[attr-defined]
    assert [line["action"] for line in lines] == ["contact.blocked", "audit.exported"]
    assert lines[1]["previous_hash"] == lines[0]["hash"]


def test_every_action_of_the_program_has_its_sentence() -> None:
    assert audit_words.sentence("purpose.retired") == "retired a purpose"
    assert audit_words.sentence("robot.oiled_twice") == "robot: oiled twice"
    assert audit_words.actor("token: Booking") == "Booking (token)"
    assert audit_words.actor("system: Twoway") == "Twoway"
    assert audit_words.details({"is_on_before": False, "is_on_after": True, "many": 3}) == "is on: no → yes, many: 3"


def test_how_long_data_is_kept_can_be_changed(ana: Player) -> None:
    assert "Deletes nothing" in shown(ana, "compliance_retention")
    form = {"raw_days": "20", "body_days": "", "media_days": "100", "decision_days": "1826", "is_on": "on"}
    assert sent(ana, "compliance_retention_change", **form).status_code == 302
    page = shown(ana, "compliance_retention")
    assert "Deletes every night" in page
    assert "20 days" in page
    assert "For good" in page


def test_what_is_refused_stays_typed(ana: Player) -> None:
    form = {"raw_days": "400", "body_days": "730", "media_days": "365", "decision_days": "1826"}
    answer = sent(ana, "compliance_retention_change", **form)
    assert answer.status_code == 422
    assert 'value="400"' in answer.content.decode()
    assert "Choose from 1 to 90 days." in answer.content.decode()


def test_a_dry_run_leaves_its_report(ana: Player, channel: Channel) -> None:
    make.make_conversation(channel, at=NOW - timedelta(days=900), messages=2)
    sent(ana, "compliance_retention_run")
    run = RetentionRun.objects.get()
    assert "Under way" in shown(ana, "compliance_retention")
    rights.work_on(run_id=run.pk, at=NOW)
    assert "2 past their time" in shown(ana, "compliance_retention")
    assert "Nothing was deleted." in shown(ana, "compliance_retention_report", run.pk)
    assert "Switch deletion on first." in said(ana, "compliance_retention_run", sweep="1")
    assert RetentionRun.objects.count() == 1


def test_a_hold_is_placed_and_lifted(ana: Player, dana: Conversation) -> None:
    url = f"{reverse('desk:compliance_hold_add')}?contact={dana.contact_id}"
    assert "Dana Whitfield" in ana.client.get(url).content.decode()
    assert ana.client.post(url, {"reason": "Case 12"}).status_code == 302
    page = shown(ana, "compliance_retention")
    assert "Case 12" in page
    sent(ana, "compliance_hold_lift", LegalHold.objects.get().pk)
    assert "Case 12" not in shown(ana, "compliance_retention")


def test_a_copy_is_asked_for_made_and_taken(ana: Player, dana: Conversation, store: None) -> None:
    assert "Dana Whitfield" in shown(ana, "compliance_requests", q="whitf")
    today = NOW.date().isoformat()
    sent(ana, "compliance_request_add", dana.contact_id, kind="export", law="ccpa", asked_at=today)
    row = RightsRequest.objects.get()
    assert row.due_at.date() - row.asked_at.date() >= timedelta(days=45)
    sent(ana, "compliance_request_begin", row.pk)
    rights.perform(request_id=row.pk, at=NOW)
    RightsRequest.objects.update(file_until=NOW + timedelta(days=36500))
    assert "Download" in shown(ana, "compliance_request", row.pk)
    answer = ana.client.post(reverse("desk:compliance_request_file", args=[row.pk]))
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert int(answer["Content-Length"]) == len(content)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert json.loads(archive.read("person.json"))["contact"]["name"] == "Dana Whitfield"
    assert "downloaded a copy" in shown(ana, "compliance_audit")


def test_an_erasure_wants_its_word_and_respects_a_hold(ana: Player, dana: Conversation, store: None) -> None:
    today = NOW.date().isoformat()
    sent(ana, "compliance_request_add", dana.contact_id, kind="erase", law="gdpr", asked_at=today)
    row = RightsRequest.objects.get()
    wrong = sent(ana, "compliance_request_begin", row.pk, confirmation="yes")
    assert wrong.status_code == 422
    assert "Type ERASE to confirm." in wrong.content.decode()
    hold = retention.place_hold(reason="Case 12", contact=dana.contact, by=ana.actor, at=NOW)
    held = sent(ana, "compliance_request_begin", row.pk, confirmation="ERASE")
    assert held.status_code == 422
    assert "Case 12" in held.content.decode()
    retention.lift_hold(hold=hold, by=ana.actor, at=NOW)
    assert sent(ana, "compliance_request_begin", row.pk, confirmation="ERASE").status_code == 302
    rights.perform(request_id=row.pk, at=NOW)
    assert Contact.objects.get(id=dana.contact_id).name == "Erased person"
    assert "Dana" not in shown(ana, "compliance_requests")
    assert shown(ana, "compliance_request", row.pk).count("Erased person") == 2


def test_an_erased_thread_says_so(ana: Player, dana: Conversation, store: None) -> None:
    row = retention.log_request(contact=dana.contact, kind="erase", law="gdpr", asked_at=NOW, by=ana.actor, at=NOW)
    rights.start(request=row, by=ana.actor, at=NOW, confirmation="ERASE")
    rights.perform(request_id=row.pk, at=NOW)
    thread = ana.client.get(reverse("desk:conversation", args=[dana.pk])).content.decode()
    assert "Erased person" in thread
    assert thread.count("These words were removed") == 2


def test_a_request_can_be_refused_with_a_reason(ana: Player, dana: Conversation) -> None:
    row = retention.log_request(contact=dana.contact, kind="erase", law="gdpr", asked_at=NOW, by=ana.actor, at=NOW)
    assert sent(ana, "compliance_request_refuse", row.pk, reason="").status_code == 422
    assert sent(ana, "compliance_request_refuse", row.pk, reason="We could not verify who asks.").status_code == 302
    assert "We could not verify who asks." in shown(ana, "compliance_request", row.pk)


def test_registration_shows_each_number(ana: Player, channel: Channel) -> None:
    page = shown(ana, "compliance_registration")
    assert reverse("desk:settings_channel", args=[channel.pk]) in page


def test_the_overview_computes_its_badge(ana: Player, channel: Channel) -> None:
    assert "All checks passing" in shown(ana, "compliance")
    stranger = make.make_contact(channel.workspace, at=NOW, name="Nadia")
    make.make_identity(stranger, at=NOW)
    channel.workspace.help_text = "We help."
    channel.workspace.save()
    page = shown(ana, "compliance")
    assert "2 checks need you" in page
    assert "It lacks your business" in page
    assert "1 person has nothing on record." in page


def test_the_overview_says_what_was_stopped_today(ana: Player, channel: Channel) -> None:
    for reason in ("opted_out", "opted_out", "quiet_hours"):
        Decision.objects.create(
            workspace_id=channel.workspace_id,
            stage="door",
            verdict="deny",
            reason=reason,
            purpose="promotion",
            at=timezone.now(),
        )
    assert "Today: 2 opted out, 1 in quiet hours" in shown(ana, "compliance")


def test_the_overview_sees_a_broken_trail(ana: Player, dana: Conversation) -> None:
    contacts.block(contact=dana.contact, by=ana.actor, at=NOW)
    entry = AuditEntry.objects.latest("id")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
        cursor.execute("UPDATE audit_entry SET actor = 'Nobody' WHERE id = %s", [entry.pk])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_append_only")
    assert f"The chain breaks at entry {entry.pk}." in shown(ana, "compliance")
