"""What a workspace keeps no longer goes, in what order, and what a legal hold keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import make, pictures
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.models import Decision
from twoway.compliance.retention import actions as holds
from twoway.compliance.retention.models import RetentionRun
from twoway.compliance.retention.rules import DEFAULTS, Kind, Line
from twoway.contacts.models import ContactNote
from twoway.conversations.models import Conversation, Draft, Note
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.messaging import quarantine
from twoway.messaging.media import actions as media
from twoway.messaging.media import files
from twoway.messaging.models import MediaFile, Message, QuarantineEntry, Spend
from twoway.messaging.retention import actions, sweeping
from twoway.messaging.scheduling.models import Later
from twoway.messaging.search.indexing import Indexer
from twoway.messaging.search.models import SearchText, SearchWord
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db
OLD = NOW - timedelta(days=800)
DAYS: dict[Kind, int | None] = dict(DEFAULTS)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several batches for a handful of rows."""
    monkeypatch.setattr(sweeping, "AT_ONCE", 2)
    monkeypatch.setattr(sweeping, "FILES_AT_ONCE", 1)


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def thread(channel: Channel) -> Conversation:
    """Five old texts and one of today."""
    talk = make.make_conversation(channel, at=OLD, messages=5, name="Dana")
    make.make_message(talk, at=NOW, body="Still here?")
    return talk


def switch_on(by: Player, **days: int | None) -> None:
    holds.set_policy(is_on=True, days={**DAYS, **days}, by=by.actor, at=NOW)  # type: ignore[dict-item]


def sweep(by: Player, at: datetime = NOW) -> dict[str, Line]:
    report = actions.run(is_dry=False, by=by.actor, at=at)
    assert report.error == ""
    return {line["kind"]: Line(**line) for line in report.lines}


def bodies(talk: Conversation) -> list[str]:
    return list(Message.objects.filter(conversation=talk).order_by("id").values_list("body", flat=True))


def test_old_words_go_and_rows_receipts_and_prices_stay(ana: Player, thread: Conversation) -> None:
    Message.objects.filter(conversation=thread).update(price="0.01", price_currency="USD", template={"name": "hello"})
    before = list(Message.objects.order_by("id").values("id", "status", "price", "provider_id", "segments", "sent_at"))
    switch_on(ana)
    Indexer().catch_up()
    line = sweep(ana)["body"]
    assert (line.found, line.gone, line.held, line.oldest) == (5, 5, 0, OLD.date().isoformat())
    assert SearchText.objects.count() == 1
    Indexer().catch_up()
    assert set(SearchWord.objects.filter(workspace_id=thread.workspace_id).values_list("word", flat=True)) >= {"still"}
    assert not SearchWord.objects.filter(word="car").exists()
    assert bodies(thread) == ["", "", "", "", "", "Still here?"]
    assert Message.objects.filter(template__isnull=True).count() == 5
    assert Message.objects.filter(redacted_at=NOW).count() == 5
    after = list(Message.objects.order_by("id").values("id", "status", "price", "provider_id", "segments", "sent_at"))
    assert after == before
    thread.refresh_from_db()
    assert thread.preview == "Still here?"


def test_the_line_in_the_list_goes_with_its_text(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=OLD, messages=2)
    switch_on(ana)
    sweep(ana)
    talk.refresh_from_db()
    assert talk.preview == ""


def test_notes_and_drafts_go_with_the_words(ana: Player, thread: Conversation) -> None:
    for at in (OLD, NOW):
        make.make_note(thread, at=at, by=ana.member)
        ContactNote.objects.create(contact=thread.contact, body="Likes blue cars.", by=ana.member, created_at=at)
    Draft.objects.create(conversation=thread, member=ana.member, body="Hm", updated_at=OLD)
    for key, state in (("a", "refused"), ("b", "waiting")):
        fields = {"body": "Later.", "due_at": NOW, "key": key, "state": state, "created_at": OLD}
        Later.objects.create(workspace_id=thread.workspace_id, conversation=thread, member=ana.member, **fields)
    switch_on(ana)
    assert sweep(ana)["body"].gone == 5 + 4
    assert Later.objects.get().state == "waiting"
    assert [note.created_at for note in Note.objects.all()] == [NOW]
    assert [note.created_at for note in ContactNote.objects.all()] == [NOW]
    assert not Draft.objects.exists()


def test_files_go_from_the_store_before_the_words(ana: Player, channel: Channel, store: None, tmp_path: Path) -> None:
    talk = make.make_conversation(channel, at=NOW)
    rows = []
    for age in (400, 300):
        text = make.make_message(talk, at=NOW - timedelta(days=age), direction="out", body="Your bay")
        path = tmp_path / f"bay-{age}"
        path.write_bytes(pictures.picture(60, 40))
        row = media.add_upload(conversation=talk, path=path, name="bay.jpg", by=ana.actor, at=text.created_at)
        media.attach(media_ids=[row.pk], message=text)
        rows.append(row)
    switch_on(ana)
    assert sweep(ana)["media"].gone == 1
    assert [files.store().exists(files.name(row.key, "whole")) for row in rows] == [False, True]
    assert [row.pk for row in MediaFile.objects.all()] == [rows[1].pk]
    texts = list(Message.objects.order_by("id"))
    assert [text.redacted_at for text in texts] == [NOW, None]
    assert bodies(talk) == ["Your bay", "Your bay"]


def test_raw_webhooks_and_decisions_go_by_their_own_days(ana: Player, workspace: Workspace, channel: Channel) -> None:
    for days in (31, 29):
        _raw(workspace, channel, NOW - timedelta(days=days), b"Body=Hi")
    for days in (2000, 1000):
        Decision.objects.create(
            workspace_id=workspace.pk, stage="door", verdict="allow", purpose="reply", at=NOW - timedelta(days=days)
        )
    switch_on(ana)
    lines = sweep(ana)
    assert (lines["raw"].gone, lines["decision"].gone) == (1, 1)
    assert QuarantineEntry.objects.count() == Decision.objects.count() == 1


def _raw(workspace: Workspace, channel: Channel, at: datetime, body: bytes) -> QuarantineEntry:
    return QuarantineEntry.objects.create(
        workspace=workspace,
        channel=channel,
        kind="inbound",
        reason="malformed",
        method="POST",
        url="http://127.0.0.1/hooks/x/inbound",
        body=body,
        received_at=at,
    )


def test_a_dry_run_counts_and_changes_nothing(ana: Player, thread: Conversation) -> None:
    before = bodies(thread)
    report = actions.run(is_dry=True, by=ana.actor, at=NOW)
    told = {line["kind"]: (line["found"], line["gone"]) for line in report.lines}
    assert told == {"raw": (0, 0), "body": (5, 0), "media": (0, 0), "decision": (0, 0)}
    assert bodies(thread) == before
    assert RetentionRun.objects.get().is_dry


def test_nothing_is_deleted_until_somebody_switched_it_on(ana: Player, thread: Conversation) -> None:
    with pytest.raises(Refused):
        actions.run(is_dry=False, by=ana.actor, at=NOW)
    assert actions.sweep_all(at=NOW) == 0
    assert "" not in bodies(thread)
    switch_on(ana)
    assert actions.sweep_all(at=NOW) == 1
    assert bodies(thread).count("") == 5


def test_what_is_kept_for_good_is_not_even_counted(ana: Player, thread: Conversation) -> None:
    switch_on(ana, body=None)
    assert sweep(ana)["body"] == Line(kind="body", days=None)
    assert "" not in bodies(thread)


def test_another_workspace_is_left_alone(ana: Player, cleo: Player) -> None:
    theirs = make.make_channel(cleo.member.workspace, at=NOW)
    talk = make.make_conversation(theirs, at=OLD, messages=3)
    switch_on(ana)
    assert sweep(ana)["body"].found == 0
    assert "" not in bodies(talk)


def test_a_text_that_still_has_to_leave_keeps_its_words(ana: Player, thread: Conversation) -> None:
    text = make.make_message(thread, at=OLD, direction="out", status="queued", body="See you soon")
    switch_on(ana)
    sweep(ana)
    text.refresh_from_db()
    assert text.body == "See you soon"


def test_a_hold_on_a_person_keeps_theirs_and_lifting_it_lets_go(
    ana: Player, channel: Channel, workspace: Workspace
) -> None:
    thread = make.make_conversation(channel, at=OLD, messages=5)
    other = make.make_conversation(channel, at=OLD, messages=2)
    make.make_note(thread, at=OLD)
    _raw(workspace, channel, NOW - timedelta(days=40), b"From=%2B" + thread.identity.value[1:].encode())
    _raw(workspace, channel, NOW - timedelta(days=40), b"From=somebody else")
    hold = holds.place_hold(reason="Case 12", contact=thread.contact, by=ana.actor, at=NOW)
    switch_on(ana)
    lines = sweep(ana)
    assert (lines["body"].held, lines["body"].gone) == (6, 2)
    assert (lines["raw"].held, lines["raw"].gone) == (1, 1)
    assert "" not in bodies(thread)
    assert bodies(other) == ["", ""]
    holds.lift_hold(hold=hold, by=ana.actor, at=NOW)
    again = sweep(ana)
    assert (again["body"].gone, again["raw"].gone) == (6, 1)
    assert bodies(thread).count("") == 5


def test_a_hold_on_the_workspace_keeps_everything(
    ana: Player, thread: Conversation, workspace: Workspace, channel: Channel
) -> None:
    entry = _raw(workspace, channel, NOW - timedelta(days=100), b"Body=Hi")
    holds.place_hold(reason="A letter of March 3", by=ana.actor, at=NOW)
    switch_on(ana)
    lines = sweep(ana)
    assert [line.gone for line in lines.values()] == [0, 0, 0, 0]
    assert quarantine.expire(at=NOW) == 0
    assert QuarantineEntry.objects.filter(id=entry.pk).exists()
    assert "" not in bodies(thread)


def test_holds_and_policies_are_for_admins_and_audited(ana: Player, ben: Player, thread: Conversation) -> None:
    with pytest.raises(NotAllowed):
        holds.place_hold(reason="x", contact=thread.contact, by=ben.actor, at=NOW)
    with pytest.raises(NotAllowed):
        holds.set_policy(is_on=True, days=DAYS, by=ben.actor, at=NOW)
    with pytest.raises(Invalid):
        holds.place_hold(reason="  ", contact=thread.contact, by=ana.actor, at=NOW)
    hold = holds.place_hold(reason="Case 12", contact=thread.contact, by=ana.actor, at=NOW)
    with pytest.raises(Invalid):
        holds.place_hold(reason="Again", contact=thread.contact, by=ana.actor, at=NOW)
    holds.lift_hold(hold=hold, by=ana.actor, at=NOW)
    switch_on(ana)
    sweep(ana)
    told = list(AuditEntry.objects.order_by("id").values_list("action", "subject"))
    person = f"contact {thread.contact_id}"
    assert told == [
        ("hold.placed", person),
        ("hold.lifted", person),
        ("retention.changed", "workspace"),
        ("retention.ran", "workspace"),
        ("retention.deleted", f"report {RetentionRun.objects.get().pk}"),
    ]
    assert AuditEntry.objects.latest("id").data == {"body": 5}


@pytest.mark.parametrize(("kind", "days"), [("body", 29), ("body", 5000), ("raw", 0), ("raw", None), ("media", 6)])
def test_days_out_of_bounds_are_refused(ana: Player, kind: Kind, days: int | None) -> None:
    with pytest.raises(Invalid) as refused:
        switch_on(ana, **{kind: days})
    assert refused.value.field == f"{kind}_days"


def test_what_a_day_cost_is_not_touched(ana: Player, thread: Conversation, channel: Channel) -> None:
    Spend.objects.create(
        workspace_id=thread.workspace_id,
        channel=channel,
        day=OLD.date(),
        direction="out",
        currency="USD",
        amount="1.5",
        texts=3,
    )
    before = list(Spend.objects.values())
    switch_on(ana)
    sweep(ana)
    assert list(Spend.objects.values()) == before
