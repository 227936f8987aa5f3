"""Every address of the program stands somewhere with who may: in a matrix, or by name with the test that asks about it.

A new address without a row fails here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, TEXTERS, Matrix, Place, call, undone
from twoway.api import openapi
from twoway.api.app import api
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.models import Message
from twoway.teams import actions as teams
from twoway.teams.models import Workspace

TALK = "conversation_id"
MATRIX = Matrix(
    {
        "search": Place(methods=("GET",), roles=EVERYBODY),
        "effort": Place(methods=("GET",), roles=EVERYBODY),
        "effort_tell": Place(methods=("POST",), roles=EVERYBODY),
        "effort_mine": Place(methods=("POST",), roles=EVERYBODY),
        "effort_all": Place(methods=("POST",), roles=ADMINS),
        "draft_now": Place(methods=("GET",), roles=EVERYBODY, key=TALK),
        "why": Place(methods=("GET",), roles=EVERYBODY, key="conversation_id message_id"),
        "new_check": Place(methods=("POST",), roles=TEXTERS),
    }
)
"""What has no matrix of its own subject."""
SCREENS = "tests.screens"
ASKED_ABOUT = {
    "template_preview": ("test_template_picker", "test_others_neither_see_nor_send"),
    "file": ("test_media", "test_nobody_else_has_it"),
    "files": ("test_media", "test_who_may_do_what_with_files"),
    "file_remove": ("test_media", "test_who_may_do_what_with_files"),
    "file_retry": ("test_media", "test_who_may_do_what_with_files"),
    "files_again": ("test_media", "test_who_may_do_what_with_files"),
    "send_undo": ("test_later_access", "test_undo_is_for_its_writer"),
    "notification": ("test_notifications_access", "test_notifications_are_ones_own"),
    "notifications_read": ("test_notifications_access", "test_notifications_are_ones_own"),
    "notify_device_add": ("test_notifications_access", "test_a_browser_belongs_to_whoever_signed_in_there"),
    "notify_device_forget": ("test_notifications_access", "test_a_browser_belongs_to_whoever_signed_in_there"),
    "notify_device_remove": ("test_notifications_access", "test_devices_are_ones_own"),
    "notify_device_test": ("test_notifications_access", "test_devices_are_ones_own"),
    "settings_answering_team": ("test_together_access", "test_a_team_chooses"),
    "switch_workspace": ("test_permissions", "test_nobody_goes_to_a_workspace_they_are_not_in"),
    "profile_sign_out_device": ("test_getting_in", "test_nobody_ends_somebody_elses_session"),
    "simulator_call_act": ("test_calls_access", "test_only_who_may_use_the_simulator_calls_from_it"),
    "setup": ("test_setup", "test_once_there_is_an_owner_the_page_is_closed"),
}
"""Addresses of one member's own things, and those that need more than a matrix gives: the test that says who may."""
PUBLIC = {
    "healthz", "readyz", "metrics", "manifest", "service_worker", "unsubscribe", "join", "join_embed", "join_card",
    "account_login", "account_logout", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "mfa_authenticate", "mfa_login_webauthn",
    "invited", "sso", "sso_returned", "phone_queue_state", "phone_queue_answer",
    "wall", "wall_now", "wall_ticket",
}  # fmt: skip
"""Nobody has to be signed in for these: probes, what browsers and mail programs ask for, sign-up, and signing in."""
OWN_ACCOUNT = {
    "account_reauthenticate", "account_change_password", "mfa_index", "mfa_reauthenticate", "mfa_activate_totp",
    "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
    "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn",
}  # fmt: skip
"""Of whoever is signed in, about themselves."""
API = {"answer"}
"""One address; its operations are walked below."""


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one)
        else:
            yield one


def every_name() -> set[str]:
    """The names of all addresses; one without a name is told by its path."""
    return {one.name or str(one.pattern) for one in patterns(get_resolver())}


def in_a_matrix() -> set[str]:
    """What the tests of screens have rows for."""
    found: set[str] = set(MATRIX.places)
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for value in vars(import_module(f"{SCREENS}.{path.stem}")).values():
            places = value.places if isinstance(value, Matrix) else value
            if isinstance(places, dict):
                found |= {name for name, place in places.items() if isinstance(place, Place)}
    inbox = import_module(f"{SCREENS}.test_permissions")
    return found.union(inbox.READS, inbox.MENUS, inbox.WRITES, inbox.EVERYBODYS_WRITES)


def test_every_address_has_its_row() -> None:
    known = in_a_matrix() | set(ASKED_ABOUT) | PUBLIC | OWN_ACCOUNT | API
    assert every_name() - known == set()


def test_nothing_is_listed_that_is_not_there() -> None:
    assert (set(MATRIX.places) | set(ASKED_ABOUT) | PUBLIC | OWN_ACCOUNT | API) - every_name() == set()


def test_the_tests_that_are_named_exist() -> None:
    missing = {
        name: told for name, told in ASKED_ABOUT.items() if not hasattr(import_module(f"{SCREENS}.{told[0]}"), told[1])
    }
    assert missing == {}


# The rows above -------------------------------------------------------------------------------------------------------


@pytest.fixture
def talk(channel: Channel, ben: Player) -> Conversation:
    made = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    make.make_message(made, at=NOW, direction="out", body="On its way.", by=ben.member, by_name="Ben")
    return made


@pytest.fixture
def things(talk: Conversation) -> dict[str, object]:
    return {TALK: talk.pk, "message_id": Message.objects.get(conversation=talk, direction="out").pk}


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(role: str, workspace: Workspace, things: dict[str, object]) -> None:
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_else(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}
    assert MATRIX.written_by_link(ana, things) == {}


def test_who_sees_own_teams_only_finds_nothing_of_others(workspace: Workspace, things: dict[str, object]) -> None:
    near = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[near], sees_own_teams_only=True))
    assert MATRIX.found_by_stranger(dee, things) == {}


# The account ----------------------------------------------------------------------------------------------------------


def account_url(name: str) -> str:
    return reverse(name, args=[1] if name in {"mfa_remove_webauthn", "mfa_edit_webauthn"} else [])


@pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
def test_ones_own_account_asks_to_sign_in(db: None, ana: Player, name: str) -> None:
    for method in ("GET", "POST"):
        with undone(name):
            answer = call(Client(), method, account_url(name))
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("account_login"))
    careless = Client(enforce_csrf_checks=True)
    careless.force_login(ana.member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert careless.post(account_url(name)).status_code == 403


# The API --------------------------------------------------------------------------------------------------------------


def operations() -> list[str]:
    """Every operation: its method and its path below the prefix."""
    paths = json.loads(openapi.as_bytes(api))["paths"]
    return [
        f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if method != "parameters"
    ]


ASKS = {"PATCH /api/v1/conversations/{conversation_id}": b'{"state": "done", "tags": []}'}
"""Bodies of operations that do nothing, and so refuse nothing, when nothing is asked."""


def asked(operation: str, token: str, talk: Conversation) -> int:
    """What an operation answers to ids of ours and its body in `ASKS`, or an empty one."""
    method, _, path = operation.partition(" ")
    ids: dict[str, Any] = {"conversation_id": talk.pk, "contact_id": talk.contact_id}
    ids["message_id"] = Message.objects.filter(conversation=talk).values_list("id", flat=True)[0]
    parts = [str(ids.get(part.strip("{}"), 1)) if part.startswith("{") else part for part in path.split("/")]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = b"" if method == "GET" else ASKS.get(operation, b"{}")
    answer = Client().generic(method, "/".join(parts), body, content_type="application/json", headers=headers)
    return int(answer.status_code)


def test_no_operation_answers_without_a_token(talk: Conversation) -> None:
    found = {one: status for one in operations() if (status := asked(one, "", talk)) != 401}
    assert len(operations()) > 30
    assert found == {}


def test_no_operation_writes_for_a_viewer(talk: Conversation, ana: Player) -> None:
    _, token = teams.create_token(by=ana.actor, name="Reader", role="viewer", at=NOW)
    writes = [one for one in operations() if not one.startswith("GET ")]
    found = {}
    for one in writes:
        with undone(one):
            status = asked(one, token, talk)
            if status not in {403, 404, 422}:
                found[one] = status
    assert found == {}


def test_no_operation_knows_ids_of_another_workspace(talk: Conversation, cleo: Player) -> None:
    _, token = teams.create_token(by=cleo.actor, name="Theirs", role="owner", at=NOW)
    named = [
        one for one in operations() if "{conversation_id}" in one or "{contact_id}" in one or "{message_id}" in one
    ]
    found = {}
    for one in named:
        with undone(one):
            status = asked(one, token, talk)
            if status not in {404, 422}:
                found[one] = status
    assert len(named) > 8
    assert found == {}
