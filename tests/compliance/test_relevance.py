"""How far texts go, in the database: what is set, what is asked at the door and at the claim, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.compliance import sending
from tests.compliance.sending import agree, claim, kept, refused, send
from twoway.channels.models import Channel
from twoway.compliance.deciding.queries import decisions
from twoway.compliance.models import Decision
from twoway.compliance.relevance import actions, queries
from twoway.compliance.relevance.models import NearLimit, OurPlace
from twoway.contacts import actions as contacts
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
NEW_YORK, OAKLAND = "10007", "94607"


@pytest.fixture
def dana(workspace: Workspace) -> Identity:
    """With a number of San Francisco, and written consent."""
    who = sending.make_dana(workspace)
    agree(who)
    return who


@pytest.fixture
def talk(channel: Channel, dana: Identity) -> Conversation:
    return sending.make_talk(channel, dana)


@pytest.fixture
def program(workspace: Workspace) -> Actor:
    return sending.make_program(workspace)


@pytest.fixture
def shop(ana: Player) -> OurPlace:
    """In San Francisco, whose promotions go within 25 miles."""
    place = actions.set_our_place(channel=None, label="Mission shop", where="94103", at=NOW, by=ana.actor)
    limit(ana)
    return place


def limit(by: Player, **more: Any) -> NearLimit:
    asked = {"purpose": "promotion", "within": 25, "unit": "mi", "holds_unknown": False, **more}
    return actions.set_limit(**asked, at=NOW, by=by.actor)


def lives(who: Identity, by: Player, **properties: str) -> None:
    contact = who.contact
    contact.refresh_from_db()
    contacts.set_properties(contact=contact, changes=properties, by=by.actor, at=NOW)


def test_nothing_is_asked_where_no_limit_is_set(
    program: Actor, talk: Conversation, dana: Identity, ana: Player
) -> None:
    lives(dana, ana, zip=NEW_YORK)
    message = send(program, talk)
    assert "relevance" not in decisions(message.pk)[0].facts


def test_who_lives_far_away_gets_no_promotion_and_is_told_why(
    program: Actor, talk: Conversation, dana: Identity, ana: Player, shop: OurPlace
) -> None:
    lives(dana, ana, **{"ZIP code": NEW_YORK})
    assert refused(program, talk) == "too_far"
    denied = Decision.objects.get(verdict="deny")
    assert denied.for_agent == (
        "They are about 2,565 miles away, by the postcode in their details. "
        "Promotion texts go within 25 miles of Mission shop."
    )
    assert denied.facts["relevance"]["source"] == "postcode"
    assert NEW_YORK not in str(denied.facts)
    assert send(program, talk, "reply").status == "queued"


def test_who_lives_near_gets_it_whatever_their_area_code(
    program: Actor, talk: Conversation, dana: Identity, ana: Player, shop: OurPlace
) -> None:
    actions.set_our_place(channel=None, label="", where=NEW_YORK, at=NOW, by=ana.actor)
    assert refused(program, talk) == "too_far"
    assert "an estimate" in Decision.objects.get(verdict="deny").for_agent
    lives(dana, ana, latitude="40.72", longitude="-74.0")
    assert kept(send(program, talk)) == [("door", "allow", "")]


def test_the_claim_asks_again(
    program: Actor, talk: Conversation, dana: Identity, ana: Player, shop: OurPlace, channel: Channel
) -> None:
    lives(dana, ana, zip=OAKLAND)
    message = send(program, talk)
    lives(dana, ana, zip=NEW_YORK)
    assert not claim(channel, at=NOW).claimed
    message.refresh_from_db()
    assert (message.status, message.error) == ("canceled", "too_far")
    assert kept(message) == [("door", "allow", ""), ("claim", "deny", "too_far")]


def test_a_broadcast_keeps_the_limit_of_promotions(
    program: Actor, talk: Conversation, dana: Identity, ana: Player, shop: OurPlace
) -> None:
    lives(dana, ana, zip=NEW_YORK)
    assert refused(program, talk, "broadcast") == "too_far"


def test_who_is_nowhere_known_goes_or_waits_as_was_chosen(
    program: Actor, workspace: Workspace, channel: Channel, ana: Player, shop: OurPlace
) -> None:
    who = make.make_identity(make.make_contact(workspace, at=NOW), at=NOW, value="+442079460123")
    agree(who)
    talk = make.make_conversation(channel, at=NOW, messages=1, identity=who, contact=who.contact)
    assert send(program, talk).held_reason == ""
    limit(ana, purpose="promotion", holds_unknown=True)
    agree(who, "survey", "express")
    limit(ana, purpose="survey", holds_unknown=True)
    held = send(program, talk, "survey")
    assert (held.status, held.held_reason) == ("scheduled", "place_unknown")


def test_a_number_of_another_town_has_its_own_place(
    program: Actor, talk: Conversation, dana: Identity, ana: Player, shop: OurPlace, channel: Channel
) -> None:
    lives(dana, ana, zip=NEW_YORK)
    actions.set_our_place(channel=channel, label="Broadway", where="40.71, -74.01", at=NOW, by=ana.actor)
    assert kept(send(program, talk)) == [("door", "allow", "")]
    actions.forget_our_place(channel=channel, at=NOW, by=ana.actor)
    lives(dana, ana, zip=NEW_YORK)
    found = queries.relevance_facts(identity_id=dana.pk, channel_id=channel.pk, purpose="promotion", at=NOW)
    assert found is not None
    assert (found.place, round(found.distance_km or 0, -1)) == ("Mission shop", 4130)


def test_limits_of_another_workspace_are_not_ours(
    program: Actor, talk: Conversation, dana: Identity, ana: Player, cleo: Player
) -> None:
    actions.set_our_place(channel=None, label="", where="94103", at=NOW, by=cleo.actor)
    limit(cleo)
    lives(dana, ana, zip=NEW_YORK)
    assert kept(send(program, talk)) == [("door", "allow", "")]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"purpose": "reply"}, "purpose"),
        ({"purpose": "emergency"}, "purpose"),
        ({"purpose": "gossip"}, "purpose"),
        ({"within": 0}, "within"),
        ({"within": 5001}, "within"),
        ({"unit": "ly"}, "unit"),
    ],
)
def test_what_is_no_limit_is_refused(ana: Player, shop: OurPlace, asked: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        limit(ana, **asked)
    assert told.value.field == field
    assert NearLimit.objects.count() == 1


def test_a_limit_needs_a_place_and_keeps_it(ana: Player) -> None:
    with pytest.raises(Invalid, match="Say first where you are"):
        limit(ana)
    with pytest.raises(Invalid, match="Write a US postcode"):
        actions.set_our_place(channel=None, label="", where="the moon", at=NOW, by=ana.actor)
    actions.set_our_place(channel=None, label="", where="415", at=NOW, by=ana.actor)
    limit(ana)
    with pytest.raises(Invalid, match="Take the limits away first"):
        actions.forget_our_place(channel=None, at=NOW, by=ana.actor)
    actions.remove_limit(purpose="promotion", at=NOW, by=ana.actor)
    actions.forget_our_place(channel=None, at=NOW, by=ana.actor)
    with pytest.raises(NotFound):
        actions.remove_limit(purpose="promotion", at=NOW, by=ana.actor)
    told = [entry.action for entry in audit_entries(ana.member.workspace_id)]
    assert set(told) >= {"near.placed", "near.limit_set", "near.limit_removed", "near.place_forgotten"}


def test_only_who_manages_compliance_sets_them(ana: Player, ben: Player, cleo: Player, channel: Channel) -> None:
    with pytest.raises(NotAllowed):
        actions.set_our_place(channel=None, label="", where="94103", at=NOW, by=ben.actor)
    with pytest.raises(NotAllowed):
        limit(ben)
    with pytest.raises(NotAllowed):
        actions.set_our_place(channel=channel, label="", where="94103", at=NOW, by=cleo.actor)
    with pytest.raises(NotAllowed):
        queries.access_limits(ben.actor)
