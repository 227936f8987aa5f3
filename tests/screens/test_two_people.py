"""The page for two-person rules, and the pages that ask for a second person instead of doing it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.pseudo import brackets, in_brackets
from tests.screens.access import ADMINS, EVERYBODY, MANAGERS, Matrix, Place
from tests.screens.test_pseudo_language import bare_in, read_in_brackets
from tests.screens_html import html_of, plain
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.models import OptOut
from twoway.compliance.retention import actions as rights
from twoway.compliance.retention.models import RightsRequest
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.desk import urls_two_people
from twoway.desk.accounts import may_hand_over
from twoway.desk.approvals_done import DEEDS, LABELS, RULES
from twoway.events.models import AuditEntry
from twoway.notifications.models import Notification
from twoway.notifications.queries import listed
from twoway.teams import actions as teams
from twoway.teams.approvals import actions
from twoway.teams.approvals.gate import rules_on
from twoway.teams.approvals.models import Approval, TwoPeople
from twoway.teams.approvals.rules import KINDS, Rule
from twoway.teams.models import Member, User, Workspace
from twoway.teams.roles import actions as roles

__all__ = ["brackets", "in_brackets"]
PAGE = "/settings/two-people/"
MATRIX = Matrix(
    {
        "settings_two_people": Place(methods=("GET",), roles=MANAGERS),
        "settings_two_people_rules": Place(methods=("POST",), roles=ADMINS),
        "settings_two_people_agree": Place(methods=("POST",), roles=MANAGERS, key="approval_id"),
        "settings_two_people_decline": Place(methods=("POST",), roles=MANAGERS, key="approval_id"),
        "settings_two_people_back": Place(methods=("POST",), roles=MANAGERS, key="approval_id"),
        "settings_two_people_file": Place(methods=("POST",), roles=MANAGERS, key="approval_id"),
    }
)


@pytest.fixture
def every_rule(workspace: Workspace) -> None:
    TwoPeople.objects.create(workspace=workspace, rules=[str(rule) for rule in Rule], changed_at=NOW)


@pytest.fixture
def things(ana: Player) -> dict[str, object]:
    made = actions.ask(by=ana.actor, kind="people", payload={"query": ""}, at=timezone.now())
    return {"approval_id": made.pk}


@pytest.fixture
def eve(workspace: Workspace) -> Player:
    """An admin."""
    return Player(member=make.make_member(workspace, "Eve", role="admin", at=NOW))


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=2, name="Dana Whitfield")


def asked(player: Player, url: str, **fields: Any) -> Approval:
    """What is kept when this form is sent: it leads to where it waits."""
    answer = player.client.post(url, fields)
    assert (answer.status_code, answer.headers.get("Location")) == (302, PAGE), answer.content
    return Approval.objects.latest("id")


def page_of(player: Player) -> str:
    return plain(html_of(player.client.get(PAGE)))


def answer(player: Player, made: Approval, how: str = "agree", **fields: str) -> str:
    """Answer it, and what the page says then."""
    client = player.client
    assert client.post(f"{PAGE}{made.pk}/{how}/", fields).status_code == 302
    return plain(html_of(client.get(PAGE)))


def body_of(got: Any) -> str:
    return (b"".join(got.streaming_content) if got.streaming else got.content).decode(errors="replace")


# Who may --------------------------------------------------------------------------------------------------------------


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls_two_people.urlpatterns} == set(MATRIX.places)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_roles(role: str, things: dict[str, object], workspace: Workspace) -> None:
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_others(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}
    assert MATRIX.written_by_link(ana, things) == {}


def test_a_manager_knows_nothing_of_what_only_admins_do(ana: Player, workspace: Workspace) -> None:
    made = actions.ask(by=ana.actor, kind="erase_request", payload={"request": 7}, at=timezone.now())
    kim = Player(member=make.make_member(workspace, "Kim", role="manager", at=NOW))
    assert kim.client.post(f"{PAGE}{made.pk}/agree/").status_code == 404
    assert "Erase" not in page_of(kim).partition("What takes two people")[0]


def test_one_right_of_those_is_enough_for_the_page(ana: Player, workspace: Workspace) -> None:
    role = roles.add_role(by=ana.actor, name="Taker", base="viewer", rights=["export"], at=NOW)
    kim = Player(member=make.make_member(workspace, "Kim", role="viewer", custom_role=role, at=NOW))
    assert kim.client.get(PAGE).status_code == 200
    assert reverse("desk:settings_two_people") in kim.client.get("/settings/").content.decode()


def test_each_kind_and_rule_has_its_words_and_its_doer() -> None:
    assert set(DEEDS) == set(LABELS) == set(KINDS)
    assert set(RULES) == set(Rule)
    assert all((deed.take if KINDS[kind].is_taken else deed.do) is not None for kind, deed in DEEDS.items())


# The rules ------------------------------------------------------------------------------------------------------------


def test_rules_are_switched_on_at_once_and_off_by_two(ana: Player, eve: Player, workspace: Workspace) -> None:
    client = ana.client
    client.post(f"{PAGE}rules/", {"rules": ["export", "lift"]})
    assert rules_on(workspace.pk) == {"export", "lift"}
    made = asked(ana, f"{PAGE}rules/", rules=["export", "erase"])
    assert rules_on(workspace.pk) == {"export", "lift", "erase"}
    assert "Want no second person any more for: Lifting an opt-out by hand" in page_of(eve)
    assert "Agreed, and done." in answer(eve, made)
    assert rules_on(workspace.pk) == {"export", "erase"}


def test_alone_somebody_is_told_and_refused(ana: Player, workspace: Workspace) -> None:
    got = ana.client.post(f"{PAGE}rules/", {"rules": ["erase"]})
    assert got.status_code == 422
    html = html_of(got)
    assert "Fewer than two people here have the rights this takes" in plain(html)
    assert inline_code(html) == []
    assert rules_on(workspace.pk) == frozenset()


# Asking, on the pages themselves --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("every_rule")
def test_people_are_exported_once_after_a_yes(ana: Player, eve: Player, talk: Conversation) -> None:
    where = json.dumps({"field": "name", "is": "set"})
    made = asked(ana, f"/contacts/export/?where={where}")
    assert not AuditEntry.objects.filter(action="contacts.exported").exists()
    assert "You asked" in page_of(ana)
    assert "Agree" not in page_of(ana).partition("What takes two people")[0].replace("has to agree", "")
    assert "Export the people of a filter as a CSV file" in page_of(eve)
    assert "Ana can take the file once, within 24 hours." in answer(eve, made, note="Fine")
    assert "Eve: Fine" in page_of(ana)
    got = ana.client.post(f"{PAGE}{made.pk}/file/")
    assert "Dana Whitfield" in body_of(got)
    assert AuditEntry.objects.get(action="contacts.exported").actor == "Ana"
    assert ana.client.post(f"{PAGE}{made.pk}/file/").status_code == 302
    assert AuditEntry.objects.filter(action="contacts.exported").count() == 1


@pytest.mark.usefixtures("every_rule")
def test_somebody_else_never_takes_the_file(ana: Player, eve: Player) -> None:
    made = asked(ana, "/compliance/audit/export/")
    answer(eve, made)
    assert "Only whoever asked can take it away." in answer(eve, made, "file")
    assert not AuditEntry.objects.filter(action="audit.exported").exists()
    assert '"approval.agreed"' in body_of(ana.client.post(f"{PAGE}{made.pk}/file/"))


@pytest.mark.usefixtures("every_rule")
def test_a_transcript_is_taken_as_it_was_asked_for(ana: Player, eve: Player, talk: Conversation) -> None:
    made = asked(ana, f"/c/{talk.pk}/transcript/json/", notes="1", paper="letter", more="x")
    assert made.payload["query"] == "notes=1&paper=letter"
    assert "Export the conversation with Dana Whitfield, with private notes" in page_of(eve)
    answer(eve, made)
    got = json.loads(body_of(ana.client.post(f"{PAGE}{made.pk}/file/")))
    told = got["about"]
    assert (told["conversation"], told["with_notes"], told["made_by"]) == (talk.pk, True, "Ana")
    assert ana.client.get(f"/c/{talk.pk}/print/").status_code == 409
    assert (
        ana.client.post(f"/c/{talk.pk}/transcript/text/", {"from": "2026-03-09", "to": "2026-03-01"}).status_code == 422
    )


@pytest.mark.usefixtures("every_rule")
def test_who_can_t_see_the_conversation_can_only_decline(
    ana: Player, ben: Player, talk: Conversation, workspace: Workspace
) -> None:
    kim = Player(member=make.make_member(workspace, "Kim", role="manager", sees_own_teams_only=True, at=NOW))
    made = asked(ana, f"/c/{talk.pk}/transcript/text/")
    told = page_of(kim)
    assert "Dana Whitfield" not in told
    assert "Export a transcript" in told
    assert "There is no such conversation." in answer(kim, made)
    made.refresh_from_db()
    assert made.state == "asked"
    assert "Declined. Nothing was done." in answer(kim, made, "decline")


@pytest.mark.usefixtures("every_rule")
@pytest.mark.parametrize("form", ["json", "pdf"])
def test_proof_of_consent_takes_two(ana: Player, eve: Player, talk: Conversation, form: str) -> None:
    made = asked(ana, f"/compliance/ledger/of/{talk.contact_id}/{form}/")
    answer(eve, made)
    got = ana.client.post(f"{PAGE}{made.pk}/file/")
    assert got.headers["Content-Disposition"].endswith(f'.{form}"')
    assert AuditEntry.objects.filter(action="consent.proof_exported").count() == 1


@pytest.mark.usefixtures("every_rule")
def test_a_copy_that_is_gone_is_not_used_up(ana: Player, eve: Player, talk: Conversation) -> None:
    about: dict[str, Any] = {"contact": talk.contact, "kind": "export", "law": "gdpr", "asked_at": NOW, "at": NOW}
    request = rights.log_request(by=ana.actor, **about)
    soon = timezone.now() + timedelta(days=1)
    RightsRequest.objects.filter(id=request.pk).update(state="done", file=make_key(), file_until=soon)
    made = asked(ana, f"/compliance/requests/{request.pk}/file/")
    assert "Take away the copy of what is kept about Dana Whitfield" in page_of(eve)
    answer(eve, made)
    RightsRequest.objects.filter(id=request.pk).update(file_until=NOW)
    assert "This copy has expired." in answer(ana, made, "file")
    made.refresh_from_db()
    assert made.state == "agreed"


def make_key() -> str:
    return "6b1f7a52-0d1c-4a58-9f0e-1f6f5d1f4c11"


@pytest.mark.usefixtures("every_rule")
def test_an_erasure_is_confirmed_first_and_logged_as_of_the_day_they_asked(
    ana: Player, eve: Player, talk: Conversation
) -> None:
    url = f"/contacts/{talk.contact_id}/erase/"
    assert ana.client.post(url, {"law": "gdpr", "confirmation": "no"}).headers["Location"] != PAGE
    assert not Approval.objects.exists()
    made = asked(ana, url, law="gdpr", confirmation="ERASE")
    assert not RightsRequest.objects.exists()
    assert "Erase Dana Whitfield for good" in page_of(eve)
    assert "Agreed, and done." in answer(eve, made)
    row = RightsRequest.objects.get()
    assert (row.state, row.logged_by, row.asked_at.isoformat()) == ("doing", "Ana", made.payload["asked_at"])


@pytest.mark.usefixtures("every_rule")
def test_a_logged_erasure_takes_two(ana: Player, eve: Player, talk: Conversation) -> None:
    request = rights.log_request(contact=talk.contact, kind="erase", law="gdpr", asked_at=NOW, by=ana.actor, at=NOW)
    made = asked(ana, f"/compliance/requests/{request.pk}/begin/", confirmation="ERASE")
    answer(eve, made)
    assert RightsRequest.objects.get().state == "doing"


@pytest.mark.usefixtures("every_rule")
def test_an_opt_out_is_lifted_with_the_note_of_whoever_asked(ana: Player, eve: Player, talk: Conversation) -> None:
    about: dict[str, Any] = {"identity": Identity.objects.get(id=talk.identity_id), "channel": talk.channel}
    found = compliance.opt_out(**about, source="member", note="By phone", at=NOW, by=ana.actor)[0]
    made = asked(ana, f"/compliance/opt-outs/{found.pk}/", note="They called today")
    assert OptOut.objects.filter(lifted_at=None).exists()
    assert "Lift the opt-out of Dana Whitfield. Why: They called today" in page_of(eve)
    answer(eve, made)
    assert not OptOut.objects.filter(lifted_at=None).exists()


@pytest.mark.usefixtures("every_rule")
def test_people_and_roles_become_powerful_by_two(ana: Player, ben: Player, eve: Player, workspace: Workspace) -> None:
    role = roles.add_role(by=ana.actor, name="Lead", base="agent", rights=["tag"], at=NOW)
    ranked = roles.add_role(by=ana.actor, name="Ranked", base="admin", rights=["tag"], at=NOW)
    asks: list[tuple[str, dict[str, Any], str]] = [
        (f"/settings/people/{ben.id}/", {"role": "admin"}, "Give Ben the role Admin"),
        ("/settings/people/add/", {"name": "Zoe", "email": "zoe@example.com", "role": "owner"}, "Add Zoe (zoe@example"),
        (
            f"/settings/roles/{role.pk}/",
            {"name": "Lead", "base": "agent", "rights": ["tag", "manage_tokens"]},
            "Let the role Lead do more: Manage API tokens",
        ),
        (f"/settings/roles/{ranked.pk}/delete/", {}, "Delete the role Ranked: whoever has it is Admin then"),
    ]
    for url, fields, words in asks:
        made = asked(ana, url, **fields)
        assert words in page_of(eve)
        assert "Agreed, and done." in answer(eve, made)
    role.refresh_from_db()
    assert ben.actor.role == "admin"
    assert role.rights == ["manage_tokens", "read", "tag"]
    assert Member.objects.get(workspace=workspace, user__email="zoe@example.com").role == "owner"


@pytest.mark.usefixtures("every_rule")
def test_an_admin_comes_back_by_two(ana: Player, eve: Player, workspace: Workspace) -> None:
    fay = make.make_member(workspace, "Fay", role="admin", at=NOW)
    teams.deactivate_member(by=ana.actor, member=fay, at=NOW)
    made = asked(ana, f"/settings/people/{fay.pk}/on/")
    answer(eve, made)
    assert Member.objects.get(id=fay.pk).is_active


@pytest.mark.usefixtures("every_rule")
def test_nobody_becomes_the_second_person_by_a_password_link(ana: Player, eve: Player) -> None:
    assert may_hand_over(ana.actor, eve.id)
    User.objects.filter(id=eve.member.user_id).update(last_login=NOW)
    assert not may_hand_over(ana.actor, eve.id)
    TwoPeople.objects.update(rules=["lift"])
    assert may_hand_over(ana.actor, eve.id)


# Being told -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("every_rule")
def test_those_who_may_agree_are_told_and_then_whoever_asked(ana: Player, ben: Player, eve: Player) -> None:
    made = asked(ana, "/compliance/audit/export/")
    asked(ana, "/compliance/audit/export/")
    assert Approval.objects.count() == 1
    assert [(one.member_id, one.kind) for one in Notification.objects.all()] == [(eve.id, "agree_asked")]
    hot = '<span>Two people</span><span class="count count--hot">1</span>'
    assert hot in html_of(eve.client.get(PAGE))
    assert hot not in html_of(ana.client.get(PAGE))
    [line] = listed(eve.actor)
    assert (line.title, line.path) == ("Ana asks for a second person's yes", PAGE)
    answer(eve, made)
    [line] = listed(ana.actor)
    assert (line.title, line.path) == ("Eve agreed to what you asked for", PAGE)
    assert hot in html_of(ana.client.get(PAGE))
    again = asked(ana, "/contacts/export/")
    answer(eve, again, "decline")
    assert listed(ana.actor)[0].title == "Eve declined what you asked for"


@pytest.mark.usefixtures("every_rule")
def test_with_nobody_to_agree_that_is_said(ana: Player) -> None:
    client = ana.client
    client.post("/compliance/audit/export/")
    assert "Asked for, but nobody else here has the right to agree now." in plain(html_of(client.get(PAGE)))


@pytest.mark.usefixtures("every_rule")
def test_what_was_answered_stays_for_a_while_without_what_it_was_about(ana: Player, eve: Player) -> None:
    made = asked(ana, "/settings/people/add/", name="Zoe", email="zoe@example.com", role="admin")
    answer(eve, made, "decline", note="Not now")
    told = page_of(ana)
    assert "Add somebody with an admin's rights" in told
    assert "Eve: Not now" in told
    assert "zoe@example.com" not in told


@pytest.mark.usefixtures("every_rule", "in_brackets")
def test_every_word_is_in_the_readers_language(
    ana: Player, ben: Player, eve: Player, talk: Conversation, workspace: Workspace
) -> None:
    for url in ("/contacts/export/", "/compliance/audit/export/", f"/c/{talk.pk}/transcript/text/"):
        made = asked(ana, url)
    answer(eve, made)
    answer(eve, asked(ana, f"/settings/people/{ben.id}/", role="admin"))
    asked(eve, f"{PAGE}rules/", rules=["export"])
    read_in_brackets(workspace)
    assert bare_in(ana.client, {"asker": PAGE}) == []
    assert bare_in(eve.client, {"second": PAGE}) == []
