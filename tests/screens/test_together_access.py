"""Working together: who may ask for what, and what the pages do."""

from __future__ import annotations

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from tests.screens_html import html_of, on_screen, plain, toast_of
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.models import Conversation
from twoway.conversations.together import answering, queries
from twoway.desk.urls_together import urlpatterns
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

MATRIX = Matrix(
    {
        "mentions": Place(methods=("GET",), roles=TEXTERS, key="conversation_id"),
        "here": Place(methods=("POST",), roles=EVERYBODY, key="conversation_id"),
        "hand_over": Place(methods=("GET", "POST"), roles=TEXTERS, key="conversation_id"),
        "handover_seen": Place(methods=("POST",), roles=EVERYBODY, key="conversation_id"),
        "follow": Place(methods=("POST",), roles=EVERYBODY, key="conversation_id"),
        "settings_answering": Place(methods=("GET",), roles=TEXTERS),
        "settings_answering_workspace": Place(methods=("POST",), roles=ADMINS),
        "settings_answering_own": Place(methods=("POST",), roles=TEXTERS),
    }
)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")


def things(talk: Conversation) -> dict[str, object]:
    return {"conversation_id": talk.pk}


def test_every_address_is_in_the_matrix() -> None:
    """A team is named in the form of the last one, so it has a test of its own."""
    assert {one.name for one in urlpatterns} == set(MATRIX.places) | {"settings_answering_team"}


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(workspace: Workspace, talk: Conversation, role: str) -> None:
    player = Player(member=make.make_member(workspace, "Rae", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things(talk)) == {}


def test_nobody_without_an_account(talk: Conversation) -> None:
    assert MATRIX.open_to_nobody(things(talk)) == {}


def test_nothing_of_another_workspace(cleo: Player, talk: Conversation) -> None:
    wrong = MATRIX.found_by_stranger(cleo, things(talk))
    assert {key for key in wrong if "here" not in key} == set()


def test_who_sees_own_teams_only_finds_nothing_of_others(workspace: Workspace, talk: Conversation) -> None:
    near = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[near], sees_own_teams_only=True))
    for path in ("mentions", "handover"):
        assert dee.client.get(f"/c/{talk.pk}/{path}/", headers=on_screen(open_id=talk.pk)).status_code == 404
    fields = {"tab": "t", "doing": "view"}
    assert dee.client.post(f"/c/{talk.pk}/here/", fields, headers=on_screen(open_id=talk.pk)).status_code == 404


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_team_chooses(workspace: Workspace, ana: Player, cleo: Player, role: str) -> None:
    team = make.make_team(workspace, "Near", at=NOW)
    player = Player(member=make.make_member(workspace, "Rae", role=role, at=NOW))
    fields = {"team": team.pk, "answering": "enforce"}
    status = player.client.post("/settings/answering/team/", fields).status_code
    assert status == (302 if role in MANAGERS else 403)
    assert cleo.client.post("/settings/answering/team/", fields).status_code == 404
    assert [one.answering for one in answering.choices(ana.actor).teams] == ["enforce" if role in MANAGERS else ""]


def test_the_settings_say_what_holds(ana: Player, ben: Player) -> None:
    ana.client.post("/settings/answering/workspace/", {"answering": "warn"})
    assert (answering.choices(ana.actor).answering, answering.claims(ben.actor)) == ("warn", False)
    ben.client.post("/settings/answering/own/", {"claims": "yes"})
    assert answering.claims(ben.actor)
    page = html_of(ben.client.get("/settings/answering/"))
    assert '<option value="yes" selected>' in page
    assert ana.client.post("/settings/answering/workspace/", {"answering": "x"}).status_code == 422


def test_somebody_elses_is_answered_after_a_click(ana: Player, ben: Player, talk: Conversation) -> None:
    answering.choose(answering="warn", claims=True, by=ana.actor, at=NOW)
    actions.assign(conversation=talk, member_id=ana.id, by=ana.actor, at=NOW)
    screen = on_screen(open_id=talk.pk)
    fields = {"body": "On its way.", "key": "k1"}
    refused = ben.client.post(f"/c/{talk.pk}/reply/", fields, headers=screen)
    assert refused.status_code == 422
    assert "Ana has this conversation. Send your text all the same?" in plain(html_of(refused))
    assert "Send anyway" in plain(html_of(refused))
    assert Message.objects.filter(direction="out").count() == 0
    assert ben.client.post(f"/c/{talk.pk}/reply/", {**fields, "confirmed": "1"}, headers=screen).status_code == 200
    assert Message.objects.filter(direction="out").count() == 1
    answering.choose(answering="enforce", claims=True, by=ana.actor, at=NOW)
    strict = ben.client.post(f"/c/{talk.pk}/reply/", {**fields, "key": "k2", "confirmed": "1"}, headers=screen)
    assert strict.status_code == 422
    assert "only they answer it" in plain(html_of(strict))
    assert "Send anyway" not in plain(html_of(strict))
    note = ben.client.post(f"/c/{talk.pk}/note/", {"body": "I know this one", "key": "n"}, headers=screen)
    assert note.status_code == 200


def test_handing_over(ana: Player, ben: Player, talk: Conversation) -> None:
    screen = on_screen(open_id=talk.pk)
    url = f"/c/{talk.pk}/handover/"
    form = html_of(ana.client.get(url, headers=screen))
    assert "Not answered: " in form
    refused = ana.client.post(url, {"who": "", "note": "Kept <b>", "summary": "Kept too"}, headers=screen)
    assert refused.status_code == 422
    assert "Choose who gets it." in plain(html_of(refused))
    assert "Kept &lt;b&gt;" in html_of(refused)
    fields = {"who": f"member-{ben.id}", "note": "@Ben <i>you</i> know", "summary": "Tags: VIP\nThe rest"}
    answer = ana.client.post(url, fields, headers=screen)
    assert toast_of(answer) == "Handed over to Ben."
    page = html_of(ben.client.get(f"/c/{talk.pk}/"))
    assert "Ana handed this over" in plain(page)
    assert '<span class="mention mention--me">@Ben</span> &lt;i&gt;you&lt;/i&gt; know' in page
    assert "<dt>Tags</dt><dd>VIP</dd>" in page
    ben.client.post(f"/c/{talk.pk}/handover/seen/", headers=screen)
    assert "handed this over" not in plain(html_of(ben.client.get(f"/c/{talk.pk}/")))


def test_who_takes_up_what_others_did_sees_where_it_stands(ana: Player, ben: Player, talk: Conversation) -> None:
    screen = on_screen(open_id=talk.pk)
    ana.client.post(f"/c/{talk.pk}/assign/", {"member": "me"}, headers=screen)
    talk.refresh_from_db()
    assert queries.handover_for(ana.actor, talk) is None
    actions.add_note(conversation=talk, body="The modem drops", by=ana.actor, at=NOW)
    ben.client.post(f"/c/{talk.pk}/assign/", {"member": "me"}, headers=screen)
    talk.refresh_from_db()
    kept = queries.handover_for(ben.actor, talk)
    assert kept is not None
    assert "Note by Ana: The modem drops" in kept.summary


def test_a_note_that_reaches_nobody_says_so(ana: Player, ben: Player, talk: Conversation) -> None:
    ben.member.sees_own_teams_only = True
    ben.member.save()
    answer = ana.client.post(
        f"/c/{talk.pk}/note/", {"body": "@Ben look", "key": "n"}, headers=on_screen(open_id=talk.pk)
    )
    assert toast_of(answer) == "Ben can't see this conversation, so your note didn't tell them."
