"""Every page in a language of brackets: a word outside them would be read in English by everybody."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import make, pseudo
from tests.cast import NOW, Player
from tests.pseudo import brackets, in_brackets
from tests.screens import (
    test_callbacks,
    test_calls_access,
    test_compliance_access,
    test_every_address,
    test_hours_access,
    test_later_access,
    test_lists_access,
    test_people,
    test_permissions,
    test_queues_access,
    test_reply_times,
    test_roles_access,
    test_saved_replies_access,
    test_settings_access,
    test_together_access,
    test_transcripts,
    test_wallboard_access,
)
from tests.screens.access import Matrix, Method, Place, undone
from tests.screens_html import html_of
from twoway.channels.models import Channel
from twoway.contacts.models import Contact
from twoway.conversations.models import Conversation
from twoway.desk import setup
from twoway.messaging.models import Message
from twoway.teams.models import User, Workspace

__all__ = ["brackets", "in_brackets"]
talk, place = test_transcripts.talk, test_transcripts.place
things_of_compliance = test_compliance_access.things
things_of_people = test_people.things
things_of_replies = test_saved_replies_access.things
things_of_settings = test_settings_access.things
things_of_thread = test_transcripts.things
things_of_later = test_later_access.things
things_of_hours = test_hours_access.things
callback, things_of_callbacks = test_callbacks.callback, test_callbacks.things
things_of_calls, things_of_queues = test_calls_access.things, test_queues_access.things
things_of_clocks, things_of_walls = test_reply_times.things, test_wallboard_access.things
own_role = test_roles_access.own
pytestmark = pytest.mark.usefixtures("in_brackets")
WITH_THINGS = {
    "test_compliance_access": "things_of_compliance",
    "test_people": "things_of_people",
    "test_saved_replies_access": "things_of_replies",
    "test_settings_access": "things_of_settings",
    "test_transcripts": "things_of_thread",
    "test_later_access": "things_of_later",
    "test_callbacks": "things_of_callbacks",
    "test_calls_access": "things_of_calls",
    "test_hours_access": "things_of_hours",
    "test_queues_access": "things_of_queues",
    "test_reply_times": "things_of_clocks",
    "test_wallboard_access": "things_of_walls",
}
OF_A_CONVERSATION = ("test_lists_access", "test_together_access", "test_every_address", "test_notifications_access")
DRAWN_THERE = ("test_two_people",)
"""Modules that draw their own pages in brackets."""
WITHOUT_THINGS = ("test_greetings", "test_notifications_access", "test_setup_steps", "test_times", "test_tone")


@pytest.fixture
def dana(channel: Channel) -> Contact:
    contact = make.make_contact(channel.workspace, at=NOW, name="Dana Whitfield")
    identity = make.make_identity(contact, at=NOW, value="+15035550178")
    make.make_conversation(channel, at=NOW, identity=identity, messages=2)
    return contact


def read_in_brackets(workspace: Workspace) -> None:
    User.objects.update(language=pseudo.PSEUDO)
    workspace.language = pseudo.PSEUDO
    workspace.save()
    pseudo.write_over()


def places_of(module: str) -> dict[str, Place]:
    """The addresses a module has a matrix for."""
    found: dict[str, Place] = {}
    for value in vars(import_module(f"tests.screens.{module}")).values():
        listed = value.places if isinstance(value, Matrix) else value
        if isinstance(listed, dict):
            found |= {name: place for name, place in listed.items() if isinstance(place, Place)}
    return found


def bare_in(
    client: Client, urls: dict[str, str], *, posts: bool = False, headers: dict[str, str] | None = None
) -> list[str]:
    """What each of these addresses says outside of brackets, and where; `posts` sends each of them an empty form."""
    found: dict[str, list[str]] = {}
    for name, url in urls.items():
        with undone(name):
            answer: Any = client.post(url, headers=headers) if posts else client.get(url, headers=headers)
            if (answer.status_code < 400 or posts) and answer.headers.get("Content-Type", "").startswith("text/html"):
                for told in dict.fromkeys(pseudo.bare_words(html_of(answer))):
                    found.setdefault(told, []).append(name)
            elif answer.status_code >= 400 and not posts:
                found.setdefault(f"answers {answer.status_code}", []).append(name)
    return [f"{told}: {' '.join(names[:3])}" for told, names in found.items()]


def urls_of(places: dict[str, Place], things: dict[str, Any], *, method: Method = "GET") -> dict[str, str]:
    matrix = Matrix(places)
    return {name: matrix.address(name, things) for name, place in places.items() if method in place.methods}


@pytest.mark.parametrize("module", sorted(WITH_THINGS))
def test_pages(request: pytest.FixtureRequest, workspace: Workspace, ana: Player, module: str) -> None:
    things = request.getfixturevalue(WITH_THINGS[module])
    read_in_brackets(workspace)
    urls = urls_of(places_of(module), things)
    urls.pop("print", None)  # a transcript on paper is a record: its words are the same for every reader
    assert bare_in(ana.client, urls) == []


@pytest.mark.parametrize("module", sorted(WITH_THINGS))
def test_answers_to_empty_forms(request: pytest.FixtureRequest, workspace: Workspace, ana: Player, module: str) -> None:
    things = request.getfixturevalue(WITH_THINGS[module])
    read_in_brackets(workspace)
    urls = urls_of(places_of(module), things, method="POST")
    assert bare_in(ana.client, urls, posts=True) == []


def test_every_page_is_drawn() -> None:
    every: dict[str, Place] = {}
    for path in Path(__file__).parent.glob("test_*.py"):
        every |= places_of(path.stem) if path.stem != Path(__file__).stem else {}
    drawn = {
        name
        for module in (*WITH_THINGS, *OF_A_CONVERSATION, *WITHOUT_THINGS, *DRAWN_THERE, "test_roles_access")
        for name in places_of(module)
    }
    assert {name for name, place in every.items() if "GET" in place.methods} - drawn == set()


def test_pages_of_a_conversation(workspace: Workspace, ana: Player, talk: Conversation) -> None:
    make.make_tag(workspace, "VIP")
    things: dict[str, Any] = {
        **test_lists_access.things_of(ana, talk),
        **test_together_access.things(talk),
        "message_id": Message.objects.filter(conversation=talk, direction="out").values_list("id", flat=True)[0],
    }
    read_in_brackets(workspace)
    named = test_permissions.READS | test_permissions.MENUS
    urls = {name: test_permissions.url_of(name, talk) for name in sorted(named)}
    for module in OF_A_CONVERSATION:
        urls |= urls_of(places_of(module), things)
    assert bare_in(ana.client, urls) == []


def test_fragments_of_a_conversation(workspace: Workspace, ana: Player, talk: Conversation) -> None:
    read_in_brackets(workspace)
    urls = {name: test_permissions.url_of(name, talk) for name in ("conversation", "conversation_tail", "inbox")}
    screen = {"HX-Request": "true", "X-Desk-View": "open", "X-Desk-Status": "open", "X-Desk-Open": str(talk.pk)}
    assert bare_in(ana.client, urls, headers=screen) == []


def test_pages_without_things(workspace: Workspace, ana: Player, channel: Channel) -> None:
    places = {name: place for module in WITHOUT_THINGS for name, place in places_of(module).items() if not place.key}
    read_in_brackets(workspace)
    assert bare_in(ana.client, urls_of(places, {})) == []


def test_an_empty_workspace(workspace: Workspace, ana: Player) -> None:
    read_in_brackets(workspace)
    every = {**places_of("test_settings_access"), **places_of("test_compliance_access"), **places_of("test_people")}
    alone = {name: place for name, place in every.items() if not place.key and name != "simulator_phone"}
    assert bare_in(ana.client, urls_of(alone, {})) == []


def test_roles(workspace: Workspace, ana: Player, own_role: dict[str, object]) -> None:
    read_in_brackets(workspace)
    assert bare_in(ana.client, urls_of(test_roles_access.ROLES.places, own_role)) == []


def test_ones_own_account(workspace: Workspace, ana: Player) -> None:
    read_in_brackets(workspace)
    names = test_every_address.OWN_ACCOUNT - {"mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_download_recovery_codes"}
    names -= {"mfa_view_recovery_codes", "mfa_deactivate_totp"}
    assert bare_in(ana.client, {name: reverse(name) for name in sorted(names)}) == []


def test_pages_for_nobody(workspace: Workspace, ana: Player) -> None:
    names = ("account_login", "account_reset_password", "account_reset_password_done", "account_inactive")
    urls = {name: reverse(name) for name in names} | {"nothing": reverse("invited", args=["x" * 43])}
    found = bare_in(Client(), urls, headers={"Accept-Language": pseudo.PSEUDO})
    assert [told for told in found if not told.startswith("answers 410")] == []


def test_the_first_page(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "_done", False)
    found = bare_in(Client(), {"setup": reverse("desk:setup")}, headers={"Accept-Language": pseudo.PSEUDO})
    assert found == []


def test_what_is_not_there(workspace: Workspace, ana: Player) -> None:
    read_in_brackets(workspace)
    html = html_of(ana.client.get("/c/987654/"))
    assert list(pseudo.bare_words(html)) == []
    assert "⟦" in html
