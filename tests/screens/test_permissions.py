"""Who may ask for what: every address of the inbox, by every kind of visitor."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, on_screen, plain, toast_of
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.desk import urls as desk_urls
from twoway.desk import urls_settings
from twoway.teams.models import Member, Workspace

READS = {"inbox", "conversation", "conversation_tail", "palette", "live_delta", "live_ticket", "home"}
MENUS = {
    "assign",
    "snooze",
    "tag",
    "contact_edit",
    "contact_place",
    "contact_block_form",
    "new_conversation",
    "template",
}
ELSEWHERE = {"template_preview", "file", "files", "file_remove", "file_retry", "files_again", "why"}
"""Asked about in tests of their own: test_template_picker, test_media, test_why."""
WRITES = {
    "assign": {"member": "me"},
    "snooze": {"until": "reply"},
    "done": {},
    "reopen": {},
    "tag": {"name": "VIP"},
    "untag": {"tag": "1"},
    "note": {"body": "Ask Fern.", "key": "n"},
    "reply": {"body": "On its way.", "key": "r"},
    "draft": {"body": "On"},
    "contact_edit": {"name": "Dana"},
    "contact_line": {"key": "name", "value": "Dana"},
    "contact_panel_address": {"add": "503-555-0199"},
    "contact_place": {"time_zone": "America/New_York"},
    "contact_note": {"body": "Prefers mornings."},
    "contact_block": {},
    "contact_unblock": {},
    "contact_wrong_number": {},
}
EVERYBODYS_WRITES = {"read": {}, "meter": {"body": "Hi"}}
"""POSTs that change nothing for anybody else."""


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=3, name="Dana Whitfield")


@pytest.fixture
def vera(workspace: Workspace) -> Player:
    """A viewer."""
    return Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))


@pytest.fixture
def dee(workspace: Workspace) -> Player:
    """An agent who sees a team of her own only, and there is nothing in it."""
    team = make.make_team(workspace, "Near", at=NOW)
    return Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[team], sees_own_teams_only=True))


def url_of(name: str, talk: Conversation) -> str:
    if name == "inbox":
        return reverse("desk:inbox", args=["open"])
    plain_names = {"palette", "live_delta", "live_ticket", "home", "new_conversation", "meter"}
    return reverse(f"desk:{name}", args=[] if name in plain_names else [talk.pk])


def ask(client: Client, name: str, talk: Conversation, *, is_post: bool, by_htmx: bool = True) -> Any:
    headers = on_screen(open_id=talk.pk) if by_htmx else {}
    if not is_post:
        return client.get(url_of(name, talk), headers=headers)
    fields = {"channel": talk.channel_id, **{**WRITES, **EVERYBODYS_WRITES}.get(name, {})}
    return client.post(url_of(name, talk), fields, headers=headers)


def test_every_address_of_the_inbox_is_in_the_matrix() -> None:
    mounted = {pattern.name for pattern in desk_urls.urlpatterns if hasattr(pattern, "name")}
    assert mounted - {"switch_workspace"} - ELSEWHERE == READS | MENUS | set(WRITES) | set(EVERYBODYS_WRITES)
    assert urls_settings.urlpatterns


@pytest.mark.parametrize("name", sorted(READS | MENUS))
@pytest.mark.parametrize("who", ["ana", "ben"])
def test_who_answers_may_read_everything(
    request: pytest.FixtureRequest, talk: Conversation, ana: Player, ben: Player, name: str, who: str
) -> None:
    player = {"ana": ana, "ben": ben}[who]
    assert ask(player.client, name, talk, is_post=False).status_code in {200, 302}


@pytest.mark.parametrize("name", sorted(WRITES))
def test_an_agent_may_write(ben: Player, talk: Conversation, name: str) -> None:
    tag = make.make_tag(talk.contact.workspace, "Old")
    fields = {"tag": tag.pk} if name == "untag" else WRITES[name]
    response = ben.client.post(url_of(name, talk), fields, headers=on_screen(open_id=talk.pk))
    assert response.status_code in {200, 204}


@pytest.mark.parametrize("name", sorted(READS))
def test_a_viewer_reads(vera: Player, talk: Conversation, name: str) -> None:
    assert ask(vera.client, name, talk, is_post=False).status_code in {200, 302}


@pytest.mark.parametrize("name", sorted(WRITES))
def test_a_viewer_writes_nothing(vera: Player, talk: Conversation, name: str) -> None:
    before = Conversation.objects.filter(pk=talk.pk).values().get()
    response = ask(vera.client, name, talk, is_post=True)
    assert response.status_code == 403
    assert response.headers["HX-Reswap"] == "patch"
    assert toast_of(response) == "Your role doesn't allow this. Ask an owner or an admin."
    assert ask(vera.client, name, talk, is_post=True, by_htmx=False).status_code == 403
    assert Conversation.objects.filter(pk=talk.pk).values().get() == before
    assert talk.messages.count() == 3
    assert talk.notes.count() == 0


@pytest.mark.parametrize("name", sorted(MENUS))
def test_a_viewer_is_offered_nothing(vera: Player, talk: Conversation, name: str) -> None:
    assert ask(vera.client, name, talk, is_post=False).status_code == 403


def test_a_viewers_thread_has_no_box_to_write_in(vera: Player, talk: Conversation) -> None:
    html = html_of(vera.client.get(f"/c/{talk.pk}/"))
    assert "Your role doesn't send texts or write notes." in plain(html)
    assert '<div hidden class="composer__box' in html
    assert " data-readonly " in html


@pytest.mark.parametrize("who", ["cleo", "dee"])
@pytest.mark.parametrize("is_post", [False, True])
@pytest.mark.parametrize("by_htmx", [False, True])
def test_what_may_not_be_seen_is_not_found(
    talk: Conversation, cleo: Player, dee: Player, who: str, is_post: bool, by_htmx: bool
) -> None:
    player = {"cleo": cleo, "dee": dee}[who]
    names = set(WRITES) | {"read"} if is_post else {"conversation", "conversation_tail", *MENUS} - {"new_conversation"}
    for name in sorted(names):
        response = ask(player.client, name, talk, is_post=is_post, by_htmx=by_htmx)
        assert (name, response.status_code) == (name, 404)
        assert "Dana" not in html_of(response)
    for name in ("inbox", "palette", "live_delta"):
        asked = f"{url_of(name, talk)}?q=Dana&ids={talk.pk}&c={talk.pk}"
        found = player.client.get(asked, headers=HTMX)
        assert "Dana Whitfield" not in html_of(found)
    talk.refresh_from_db()
    assert (talk.state, talk.messages.count(), talk.notes.count()) == ("open", 3, 0)


def test_a_strangers_number_can_not_be_texted_from(cleo: Player, channel: Channel) -> None:
    fields = {"channel": channel.pk, "to": "(503) 555-0178", "body": "Hi", "key": "k"}
    assert cleo.client.post("/new/", fields, headers=HTMX).status_code == 422
    assert cleo.client.post("/meter/", {"channel": channel.pk, "body": "Hi"}, headers=HTMX).status_code == 404
    assert not Conversation.objects.exists()


def test_another_teams_tags_and_people_can_not_be_used(cleo: Player, ana: Player, talk: Conversation) -> None:
    tag = make.make_tag(cleo.member.workspace, "Theirs")
    screen = on_screen(open_id=talk.pk)
    assert ana.client.post(f"/c/{talk.pk}/tag/", {"tag": tag.pk}, headers=screen).status_code == 404
    assert ana.client.post(f"/c/{talk.pk}/assign/", {"member": cleo.id}, headers=screen).status_code == 404


@pytest.mark.parametrize("name", sorted(READS | MENUS | {"meter", "read", *WRITES}))
def test_nobody_gets_in_without_signing_in(db: None, talk: Conversation, name: str) -> None:
    is_post = name in {"meter", "read", *WRITES}
    page = ask(Client(), name, talk, is_post=is_post, by_htmx=False)
    assert (page.status_code, page.headers["Location"].split("?")[0]) == (302, "/account/sign-in/")
    fragment = ask(Client(), name, talk, is_post=is_post)
    assert (fragment.status_code, fragment.content) == (401, b"")


@pytest.mark.parametrize(
    "name",
    [
        "done",
        "reopen",
        "untag",
        "note",
        "reply",
        "draft",
        "read",
        "contact_line",
        "contact_panel_address",
        "contact_note",
        "contact_block",
        "contact_unblock",
        "contact_wrong_number",
        "meter",
    ],
)
def test_reading_an_address_never_writes(ana: Player, talk: Conversation, name: str) -> None:
    assert ask(ana.client, name, talk, is_post=False).status_code == 405


@pytest.mark.parametrize("name", sorted(WRITES))
def test_a_form_of_another_site_is_refused(ana: Player, talk: Conversation, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(url_of(name, talk), WRITES[name]).status_code == 403


# Membership -------------------------------------------------------------------------------------------------------


def test_somebody_switched_off_is_signed_out(ben: Player, talk: Conversation) -> None:
    client = ben.client
    assert client.get("/inbox/open/").status_code == 200
    Member.objects.filter(pk=ben.id).update(is_active=False)
    assert client.get("/inbox/open/").headers["Location"].startswith("/account/sign-in/")
    assert "_auth_user_id" not in client.session


def test_somebody_in_no_workspace_is_told_so(workspace: Workspace) -> None:
    client = Client()
    client.force_login(make.make_user("Eve"), backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get("/inbox/open/")
    assert response.status_code == 403
    assert "You aren't in a workspace." in plain(html_of(response))


def test_somebody_in_two_workspaces_chooses(ana: Player, cleo: Player, channel: Channel) -> None:
    make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    Member.objects.create(workspace=cleo.member.workspace, user=ana.member.user, role="agent", created_at=NOW)
    client = ana.client
    assert "Go to Ridgeway Carshare" in plain(html_of(client.get("/inbox/open/")))
    response = client.post(f"/workspace/{ana.member.workspace_id}/", follow=True)
    html = html_of(response)
    assert "Dana Whitfield" in html
    assert "Go to Elsewhere" in plain(html)


def test_nobody_goes_to_a_workspace_they_are_not_in(ben: Player, cleo: Player, talk: Conversation) -> None:
    client = ben.client
    client.post(f"/workspace/{cleo.member.workspace_id}/")
    assert client.get(f"/c/{talk.pk}/").status_code == 200


def test_an_address_that_is_not_there_is_not_found(ana: Player) -> None:
    assert ana.client.get("/nothing/").status_code == 404
    assert Client().get("/nothing/").status_code == 404
