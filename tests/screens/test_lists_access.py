"""Who may ask for what belongs to the list: views, filters, folds and many at once, for everybody."""

from __future__ import annotations

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import EVERYBODY, TEXTERS, Matrix, Place
from twoway.channels.models import Channel
from twoway.conversations.actions import Deed, change_many
from twoway.conversations.models import Conversation
from twoway.conversations.views.models import SavedView
from twoway.desk import urls_lists
from twoway.teams.models import Workspace

PLACES: dict[str, Place] = {
    "list_filter": Place(methods=("GET",), roles=EVERYBODY, key="view"),
    "list_order": Place(methods=("GET",), roles=EVERYBODY, key="view"),
    "list_fold": Place(methods=("POST",), roles=EVERYBODY),
    "unread": Place(methods=("POST",), roles=EVERYBODY, key="conversation_id"),
    "bulk": Place(methods=("POST",), roles=EVERYBODY),
    "bulk_menu": Place(methods=("GET",), roles=EVERYBODY, key="verb"),
    "bulk_undo": Place(methods=("POST",), roles=EVERYBODY, key="change_id"),
    "views": Place(methods=("GET",), roles=EVERYBODY),
    "view_new": Place(methods=("GET", "POST"), roles=EVERYBODY),
    "view_form": Place(methods=("POST",), roles=EVERYBODY),
    "view_counts": Place(methods=("GET",), roles=EVERYBODY),
    "view_edit": Place(methods=("GET", "POST"), roles=EVERYBODY, key="view_id"),
    "view_delete": Place(methods=("POST",), roles=EVERYBODY, key="view_id"),
    "view_place": Place(methods=("POST",), roles=EVERYBODY, key="view_id"),
}
COMMON = frozenset({"view", "verb"})
MATRIX = Matrix(PLACES)


def things_of(player: Player, talk: Conversation) -> dict[str, object]:
    """A view of this member's own, and a change they can take back."""
    view = SavedView.objects.create(
        workspace_id=player.member.workspace_id,
        owner=player.member,
        name="Kept",
        conditions={"all": [{"field": "unread", "is": "yes"}]},
        created_at=NOW,
        updated_at=NOW,
    )
    changed = change_many(conversation_ids=[talk.pk], deed=Deed(kind="read"), by=player.actor, at=NOW)
    return {
        "view": "open",
        "verb": "more",
        "view_id": view.pk,
        "conversation_id": talk.pk,
        "change_id": changed.change_id,
    }


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls_lists.urlpatterns} == set(PLACES)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_roles(role: str, workspace: Workspace, talk: Conversation) -> None:
    player = Player(member=make.make_member(workspace, "Robin", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things_of(player, talk)) == {}


def test_nobody_gets_in_without_signing_in(ana: Player, talk: Conversation) -> None:
    assert MATRIX.open_to_nobody(things_of(ana, talk)) == {}


def test_another_workspace_finds_nothing(ana: Player, cleo: Player, talk: Conversation) -> None:
    assert MATRIX.found_by_stranger(cleo, things_of(ana, talk), common=COMMON) == {}


def test_a_form_of_another_site_is_refused(ana: Player, talk: Conversation) -> None:
    assert MATRIX.taken_without_token(ana, things_of(ana, talk)) == {}


def test_a_link_never_writes(ana: Player, talk: Conversation) -> None:
    assert MATRIX.written_by_link(ana, things_of(ana, talk)) == {}


def test_colleagues_leave_a_members_own_view_and_change_alone(ana: Player, ben: Player, talk: Conversation) -> None:
    things = things_of(ana, talk)
    for path in (f"/views/{things['view_id']}/", f"/bulk/{things['change_id']}/undo/"):
        assert ben.client.post(path).status_code == 404


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_many_are_changed_by_who_may_change_one(role: str, workspace: Workspace, talk: Conversation) -> None:
    player = Player(member=make.make_member(workspace, "Robin", role=role, at=NOW))
    for do, more in (("done", {}), ("reopen", {}), ("snooze", {"until": "reply"}), ("assign", {"member": ""})):
        answer = player.client.post("/bulk/", {"do": do, "ids": talk.pk, **more})
        assert answer.status_code == (302 if role in TEXTERS else 403)
    assert player.client.post("/bulk/", {"do": "unread", "ids": talk.pk}).status_code == 302
