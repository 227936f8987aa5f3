"""Transcripts, pictures and files, the menu of a conversation and of a text: what they hold, and for whom."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from tests.screens_html import html_of, on_screen, plain
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.compliance.relevance.models import OurPlace
from twoway.conversations.models import Conversation, Episode
from twoway.desk import urls_thread
from twoway.events.models import AuditEntry
from twoway.messaging.models import MediaFile, Message
from twoway.messaging.transcripts.rules import RULE, canonical
from twoway.teams.models import Workspace

GONE = "[card removed before it was kept] [words were removed on 2026-03-19]"
LANDLINE = "not delivered: This is a landline and can't receive texts. Try calling. Code 30006."
MATRIX = Matrix(
    {
        "history": Place(methods=("GET",), roles=EVERYBODY, key="conversation_id"),
        "gallery": Place(methods=("GET",), roles=EVERYBODY, key="conversation_id"),
        "text_details": Place(methods=("GET",), roles=EVERYBODY, key="conversation_id message_id"),
        "our_address": Place(methods=("GET",), roles=TEXTERS, key="conversation_id"),
        "transcript": Place(methods=("GET",), roles=MANAGERS, key="conversation_id"),
        "transcript_file": Place(methods=("POST",), roles=MANAGERS, key="conversation_id kind"),
        "print": Place(methods=("GET",), roles=MANAGERS, key="conversation_id"),
    }
)


@pytest.fixture
def talk(channel: Channel, ben: Player) -> Conversation:
    """Two texts each way and a note; one lost its words, one failed."""
    talk = make.make_conversation(channel, at=NOW, name="Dana Whitfield")
    make.make_message(talk, at=NOW, body="Where is my car?\nIt was here.")
    out: dict[str, Any] = {"direction": "out", "by_name": "Ben", "by": ben.member}
    make.make_message(talk, at=NOW + timedelta(days=1), body="Pine and 4th", provider_id="SM123", **out)
    gone = make.make_message(talk, at=NOW + timedelta(days=2), body="")
    Message.objects.filter(pk=gone.pk).update(redacted_at=NOW + timedelta(days=9), shielded="card")
    lost: dict[str, Any] = {"status": "undelivered", "error": "landline", "error_code": "30006"}
    make.make_message(talk, at=NOW + timedelta(days=3), body="مرحبا 😀", **out, **lost)
    make.make_note(talk, at=NOW + timedelta(days=1, hours=1), by=ben.member, body="Fern said so.")
    talk.refresh_from_db()
    return talk


@pytest.fixture
def place(channel: Channel) -> OurPlace:
    return OurPlace.objects.create(
        workspace=channel.workspace, label="Ridgeway, 4th and Pine", typed="37.77490, -122.41940",
        source="coordinates", latitude=37.7749, longitude=-122.4194, changed_at=NOW,
    )  # fmt: skip


@pytest.fixture
def things(talk: Conversation, place: OurPlace) -> dict[str, object]:
    return {"conversation_id": talk.pk, "message_id": talk.last_message_id, "kind": "text"}


def take(player: Player, talk: Conversation, kind: str, **fields: str) -> Any:
    answer = player.client.post(f"/c/{talk.pk}/transcript/{kind}/", fields)
    assert answer.status_code == 200
    return answer


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


# Who may ------------------------------------------------------------------------------------------------------------


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urls_thread.urlpatterns} == set(MATRIX.places)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role_gets_what_it_may(workspace: Workspace, things: dict[str, object], role: str) -> None:
    player = Player(member=make.make_member(workspace, "Rae", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_else_gets_anything(cleo: Player, ana: Player, things: dict[str, object]) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}
    assert MATRIX.written_by_link(ana, things) == {}


def test_who_sees_a_team_only_finds_nothing_of_others(workspace: Workspace, things: dict[str, object]) -> None:
    team = make.make_team(workspace, "Near", at=NOW)
    who = make.make_member(workspace, "Dee", role="manager", at=NOW, teams=[team], sees_own_teams_only=True)
    assert MATRIX.found_by_stranger(Player(member=who), things) == {}


# Transcripts --------------------------------------------------------------------------------------------------------


def test_as_text_everything_is_as_it_was_said(ana: Player, talk: Conversation) -> None:
    text = body_of(take(ana, talk, "text")).decode()
    head, lines, tail = text.split(f"{RULE}\n")
    assert "Conversation with Dana Whitfield" in head
    assert "America/Los_Angeles" in head
    assert "by Ana" in head
    assert lines.splitlines() == [
        "2026-03-10 10:00:00 -0700  Dana Whitfield: Where is my car?",
        "    It was here.",
        "2026-03-11 10:00:00 -0700  Ben: Pine and 4th (delivered)",
        f"2026-03-12 10:00:00 -0700  Dana Whitfield: {GONE}",
        f"2026-03-13 10:00:00 -0700  Ben: مرحبا 😀 ({LANDLINE})",
    ]
    assert hashlib.sha256(lines.encode()).hexdigest() in tail


def test_notes_come_only_by_choice(ana: Player, talk: Conversation) -> None:
    for kind in ("text", "json"):
        assert b"Fern said so." not in body_of(take(ana, talk, kind))
        assert b"Fern said so." in body_of(take(ana, talk, kind, notes="1"))
    lines = body_of(take(ana, talk, "text", notes="1")).decode().split(f"{RULE}\n")[1].splitlines()
    assert lines[3] == "2026-03-11 11:00:00 -0700  Ben, private note: Fern said so."


@pytest.mark.parametrize(
    ("days", "count"),
    [
        ({"from": "2026-03-11"}, 3),
        ({"to": "2026-03-11"}, 2),
        ({"from": "2026-03-11", "to": "2026-03-12"}, 2),
        ({"from": "2030-01-01"}, 0),
    ],
)
def test_days_are_the_readers_and_both_are_included(
    ana: Player, talk: Conversation, days: dict[str, str], count: int
) -> None:
    told = json.loads(body_of(take(ana, talk, "json", **days)))
    assert len(told["items"]) == count


@pytest.mark.parametrize("days", [{"from": "soon"}, {"to": "2026-02-31"}, {"from": "2026-03-12", "to": "2026-03-11"}])
def test_days_that_are_none_are_refused(ana: Player, talk: Conversation, days: dict[str, str]) -> None:
    answer = ana.client.post(f"/c/{talk.pk}/transcript/text/", days)
    assert answer.status_code == 422
    assert not AuditEntry.objects.filter(action="transcript.exported").exists()


def test_an_episode_alone(ana: Player, talk: Conversation) -> None:
    closed = NOW + timedelta(days=1, hours=12)
    Episode.objects.filter(conversation=talk).update(closed_at=closed)
    Episode.objects.create(conversation=talk, number=2, opened_at=NOW + timedelta(days=2))
    Conversation.objects.filter(pk=talk.pk).update(episode=2)
    first, second = (json.loads(body_of(take(ana, talk, "json", episode=n)))["items"] for n in ("1", "2"))
    assert [len(first), len(second)] == [2, 2]
    form = plain(html_of(ana.client.get(f"/c/{talk.pk}/transcript/", headers=on_screen())))
    assert "Mar 10 to Mar 11" in form
    assert "Mar 12 to now" in form
    assert ana.client.post(f"/c/{talk.pk}/transcript/json/", {"episode": "7"}).status_code == 404


def test_the_json_has_what_a_machine_wants(ana: Player, talk: Conversation) -> None:
    told = json.loads(body_of(take(ana, talk, "json")))
    sent = told["items"][1]
    assert sent["provider_id"] == "SM123"
    assert sent["direction"] == "out"
    assert sent["decisions"] == []
    assert told["items"][2]["marks"] == ["card removed before it was kept", "words were removed on 2026-03-19"]
    lines = "".join(f"{canonical(item)}\n" for item in told["items"])
    assert told["sha256"] == hashlib.sha256(lines.encode()).hexdigest()


def test_a_long_one_is_streamed_whole(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW)
    texts = [
        Message(
            workspace_id=talk.workspace_id, conversation=talk, channel_id=talk.channel_id,
            identity_id=talk.identity_id, direction="in", body=f"Text {n}", sender="+12025550111",
            recipient="+12025550100", created_at=NOW + timedelta(seconds=n), status="received", author="customer",
            encoding="GSM-7", provider_id=f"many-{n}",
        )
        for n in range(1203)
    ]  # fmt: skip
    Message.objects.bulk_create(texts)
    answer = take(ana, talk, "text")
    assert answer.streaming
    lines = body_of(answer).decode().split(f"{RULE}\n")[1].splitlines()
    assert [line.rpartition("Text ")[2] for line in lines] == [str(n) for n in range(1203)]


def test_the_pdf_and_the_page_to_print_carry_the_hash_of_the_text(ana: Player, talk: Conversation) -> None:
    digest = body_of(take(ana, talk, "text")).decode().split("SHA-256: ")[1][:64]
    made = body_of(take(ana, talk, "pdf", paper="letter"))
    assert made.startswith(b"%PDF-")
    page = html_of(ana.client.get(f"/c/{talk.pk}/print/"))
    assert digest in page
    assert "مرحبا 😀" in page
    assert "[words were removed on 2026-03-19]" in page
    assert "Fern said so." not in page
    assert inline_code(page) == []


def test_each_copy_is_in_the_audit_trail(ana: Player, talk: Conversation) -> None:
    for kind in ("text", "json", "pdf"):
        body_of(take(ana, talk, kind, notes="1"))
    ana.client.get(f"/c/{talk.pk}/print/?from=2026-03-11")
    found = AuditEntry.objects.filter(action__startswith="transcript.").order_by("id")
    assert [entry.data["kind"] for entry in found] == ["text", "json", "pdf", "print"]
    assert {entry.subject for entry in found} == {f"conversation {talk.pk}"}
    assert [entry.data["notes"] for entry in found] == [True, True, True, False]


def test_numbers_are_masked_in_a_copy_too(workspace: Workspace, talk: Conversation) -> None:
    workspace.numbers_from = "admin"
    workspace.save()
    manager = Player(member=make.make_member(workspace, "Mia", role="manager", at=NOW))
    told = body_of(take(manager, talk, "json")).decode() + body_of(take(manager, talk, "text")).decode()
    assert talk.identity.value not in told
    assert f"{talk.identity.value[5:8]}-{talk.identity.value[8:]}" not in told
    details = html_of(manager.client.get(f"/c/{talk.pk}/details/{talk.last_message_id}/", headers=on_screen()))
    assert talk.identity.value[5:8] + "-" + talk.identity.value[8:] not in details


# Menus and files ----------------------------------------------------------------------------------------------------


def test_the_menu_offers_what_there_is(ana: Player, ben: Player, talk: Conversation, place: OurPlace) -> None:
    words = plain(html_of(ana.client.get(f"/c/{talk.pk}/history/", headers=on_screen())))
    for line in ("First text", "Last week", "Pictures and files", "Put our address into the text", "Transcript"):
        assert line in words
    assert "All channels" not in words
    assert "Transcript" not in plain(html_of(ben.client.get(f"/c/{talk.pk}/history/", headers=on_screen())))


def test_our_address_is_words_and_a_link(ben: Player, talk: Conversation, place: OurPlace) -> None:
    told = ben.client.get(f"/c/{talk.pk}/address/").content.decode()
    assert told.startswith("Ridgeway, 4th and Pine: https://")
    assert "37.774900" in told
    place.source = "area_code"
    place.save()
    assert ben.client.get(f"/c/{talk.pk}/address/").status_code == 404
    assert "our address" not in html_of(ben.client.get(f"/c/{talk.pk}/history/", headers=on_screen()))


def test_details_of_a_text(ben: Player, talk: Conversation) -> None:
    first = talk.messages.order_by("id").first()
    assert first
    words = plain(html_of(ben.client.get(f"/c/{talk.pk}/details/{first.pk}/", headers=on_screen())))
    assert "Received Mar 10, 2026, 10:00 AM" in words
    assert first.provider_id in words


def picture(talk: Conversation, n: int, *, kind: str = "image", state: str = "ready") -> MediaFile:
    at = NOW + timedelta(days=n)
    message = make.make_message(talk, at=at, body="", media=[{"content_type": "image/jpeg"}])
    return MediaFile.objects.create(
        workspace_id=talk.workspace_id, message=message, conversation_id=talk.pk, state=state, kind=kind,
        content_type="image/jpeg" if kind == "image" else "application/pdf", name=f"file-{n}", size=1000, width=40,
        height=30, has_thumbnail=kind == "image", created_at=at,
    )  # fmt: skip


def test_files_are_shown_by_month_with_who_and_when(ana: Player, talk: Conversation) -> None:
    picture(talk, 4)
    picture(talk, 5)
    picture(talk, 6, kind="pdf")
    picture(talk, 7, state="waiting")
    picture(talk, 40)
    html = html_of(ana.client.get(f"/c/{talk.pk}/gallery/", headers=on_screen()))
    words = plain(html)
    assert words.index("April 2026") < words.index("March 2026")
    assert html.count("data-view") == 3
    assert "Dana Whitfield · " in words
    assert "file-7" not in html
    only = html_of(ana.client.get(f"/c/{talk.pk}/gallery/?kind=files", headers=on_screen()))
    assert "file-6" in only
    assert "data-view" not in only


def test_files_are_read_on_a_page_at_a_time(ana: Player, talk: Conversation) -> None:
    for n in range(70):
        picture(talk, n % 20)
    first = html_of(ana.client.get(f"/c/{talk.pk}/gallery/", headers=on_screen()))
    assert first.count("data-view") == 60
    before = first.split("before=")[1].split('"')[0]
    rest = html_of(ana.client.get(f"/c/{talk.pk}/gallery/?before={before}", headers=on_screen()))
    assert rest.count("data-view") == 10
    assert "gallery__head" not in rest
