"""Who may open what of saved replies and macros: by role, by account, by workspace, by what one sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import make, pictures
from tests.cast import NOW, Player
from tests.screens.access import EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.desk.urls_replies import urlpatterns
from twoway.replies import actions
from twoway.replies.actions import MacroTerms, ReplyTerms
from twoway.teams.models import Workspace

TALK, BOTH = "conversation_id", "conversation_id reply_id"
MATRIX = Matrix(
    {
        "replies": Place(methods=("GET",), roles=TEXTERS, key=TALK),
        "reply_save": Place(methods=("GET", "POST"), roles=TEXTERS, key=TALK),
        "reply_filled": Place(methods=("GET",), roles=TEXTERS, key=BOTH),
        "reply_files": Place(methods=("POST",), roles=TEXTERS, key=BOTH),
        "macros": Place(methods=("GET",), roles=TEXTERS, key=TALK),
        "macro_run": Place(methods=("POST",), roles=TEXTERS, key="conversation_id macro_id"),
        "macro_undo": Place(methods=("POST",), roles=TEXTERS, key=TALK),
        "macro_keys": Place(methods=("GET",), roles=TEXTERS),
        "pictures": Place(methods=("GET",), roles=TEXTERS, key=TALK),
        "picture_add": Place(methods=("POST",), roles=TEXTERS, key=TALK),
        "picture_use": Place(methods=("POST",), roles=TEXTERS, key="conversation_id picture_id"),
        "picture_remove": Place(methods=("POST",), roles=MANAGERS, key="conversation_id picture_id"),
        "bulk_macros": Place(methods=("GET",), roles=TEXTERS),
        "bulk_macro_run": Place(methods=("POST",), roles=TEXTERS, key="macro_id"),
        "settings_replies": Place(methods=("GET",), roles=TEXTERS),
        "settings_reply_add": Place(methods=("GET", "POST"), roles=TEXTERS),
        "settings_reply_seen": Place(methods=("POST",), roles=TEXTERS),
        "settings_reply_starter": Place(methods=("POST",), roles=MANAGERS),
        "settings_reply_export": Place(methods=("POST",), roles=TEXTERS),
        "settings_reply_import": Place(methods=("GET", "POST"), roles=TEXTERS),
        "settings_reply_folder": Place(methods=("GET", "POST"), roles=MANAGERS, key="folder_id"),
        "settings_reply_folder_delete": Place(methods=("POST",), roles=MANAGERS, key="folder_id"),
        "settings_reply_file_remove": Place(methods=("POST",), roles=MANAGERS, key="file_id"),
        "settings_reply": Place(methods=("GET", "POST"), roles=TEXTERS, key="reply_id"),
        "settings_reply_archive": Place(methods=("POST",), roles=MANAGERS, key="reply_id"),
        "settings_reply_restore": Place(methods=("POST",), roles=MANAGERS, key="reply_id"),
        "settings_reply_file_add": Place(methods=("POST",), roles=TEXTERS, key="reply_id"),
        "settings_reply_test": Place(methods=("POST",), roles=TEXTERS, key="reply_id"),
        "settings_reply_test_end": Place(methods=("POST",), roles=TEXTERS, key="reply_id"),
        "settings_macros": Place(methods=("GET",), roles=TEXTERS),
        "settings_macro_add": Place(methods=("GET", "POST"), roles=TEXTERS),
        "settings_macro": Place(methods=("GET", "POST"), roles=TEXTERS, key="macro_id"),
        "settings_macro_archive": Place(methods=("POST",), roles=MANAGERS, key="macro_id"),
        "settings_macro_restore": Place(methods=("POST",), roles=MANAGERS, key="macro_id"),
    }
)
"""Agents open what is shared; what they send to it is refused in words, which tests/replies and below prove."""


@pytest.fixture
def things(channel: Channel, ana: Player, tmp_path: Path) -> dict[str, object]:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Luis Ortega")
    terms = ReplyTerms(name="Late", body="Sorry", scope="all", folder="Delays")
    reply = actions.add_reply(terms=terms, by=ana.actor, at=NOW)
    path = tmp_path / "map.jpg"
    path.write_bytes(pictures.picture())
    file = actions.add_file(reply=reply, path=path, name="map.jpg", by=ana.actor, at=NOW)
    path.write_bytes(pictures.picture())
    kept = actions.add_picture(path=path, name="map.jpg", is_shared=True, by=ana.actor, at=NOW)
    steps = [{"do": "note", "value": "Seen."}]
    macro = actions.add_macro(terms=MacroTerms(name="Close", steps=steps, scope="all"), by=ana.actor, at=NOW)
    return {
        "conversation_id": talk.pk,
        "reply_id": reply.pk,
        "macro_id": macro.pk,
        "folder_id": reply.folder_id,
        "file_id": file.pk,
        "picture_id": kept.pk,
    }


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urlpatterns} == set(MATRIX.places)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(role: str, workspace: Workspace, things: dict[str, object]) -> None:
    player = Player(member=make.make_member(workspace, "Vera", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_else(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}


def test_who_sees_other_teams_only_reaches_no_conversation(workspace: Workspace, things: dict[str, object]) -> None:
    team = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[team], sees_own_teams_only=True))
    for name in ("replies", "reply_filled", "macros", "reply_save"):
        assert dee.client.get(MATRIX.address(name, things)).status_code == 404, name
    for name in ("macro_run", "macro_undo", "reply_files"):
        assert dee.client.post(MATRIX.address(name, things)).status_code == 404, name
    assert Conversation.objects.get().state == "open"


def test_a_number_is_not_told_to_who_may_not_see_it(workspace: Workspace, things: dict[str, object]) -> None:
    workspace.numbers_from = "admin"
    workspace.save()
    talk = Conversation.objects.get()
    agent = Player(member=make.make_member(workspace, "Dee", role="agent", at=NOW))
    shown = agent.client.get(MATRIX.address("replies", things), headers={"HX-Request": "true"}).content.decode()
    assert talk.identity.value not in shown
