"""Who is near enough: places and limits set on the page of purposes, and the reason under a message."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import html_of, plain
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.compliance.deciding.actions import Decided, record_decision
from twoway.compliance.deciding.rules import Known, decide
from twoway.compliance.purposes.rules import GIVEN
from twoway.compliance.queries import send_facts
from twoway.compliance.relevance import actions
from twoway.compliance.relevance.models import NearLimit, OurPlace
from twoway.compliance.relevance.rules import RelevanceFacts

PAGE, PLACE, ADD = "desk:compliance_pacing", "desk:compliance_pacing_place", "desk:compliance_pacing_limit_add"
FORGET = "desk:compliance_pacing_place_forget"


def page(player: Player) -> str:
    html = html_of(player.client.get(reverse(PAGE)))
    assert inline_code(html) == []
    return html


def test_a_place_is_said_and_a_limit_set(ana: Player, channel: Channel) -> None:
    assert "Say first where you are." in plain(page(ana))
    early = ana.client.post(reverse(ADD), {"purpose": "promotion", "within": "25", "unit": "mi"})
    assert (early.status_code, "Say first where you are." in plain(html_of(early))) == (422, True)
    bad = ana.client.post(reverse(PLACE), {"number": "", "where": "the moon", "label": "Mission shop"})
    assert "Write a US postcode, an area code, or coordinates" in plain(html_of(bad))
    assert 'value="the moon"' in bad.content.decode()
    good = ana.client.post(reverse(PLACE), {"number": "", "where": "94103", "label": "Mission shop"})
    assert good.status_code == 302
    assert ana.client.post(reverse(ADD), {"purpose": "promotion", "within": "25", "unit": "mi"}).status_code == 302
    shown = plain(page(ana))
    assert "Mission shop all numbers, 94103, by postcode" in shown
    assert "Promotion 25 miles Unknown place: goes out" in shown


def test_a_limit_is_changed_and_taken_away(ana: Player, channel: Channel) -> None:
    actions.set_our_place(channel=None, label="", where="415", at=NOW, by=ana.actor)
    actions.set_limit(purpose="survey", within=10, unit="km", holds_unknown=False, at=NOW, by=ana.actor)
    one = reverse("desk:compliance_pacing_limit", args=["survey"])
    assert ana.client.post(one, {"within": "0", "unit": "km"}).status_code == 422
    assert ana.client.post(one, {"within": "1", "unit": "km", "holds_unknown": "on"}).status_code == 302
    shown = plain(page(ana))
    assert "Survey 1 kilometer Unknown place: waits" in shown
    assert "415 all numbers, by area code, an estimate" in shown
    kept = ana.client.post(reverse(FORGET), {"number": ""}, follow=True)
    assert "Take the limits away first." in plain(html_of(kept))
    assert ana.client.post(reverse("desk:compliance_pacing_limit_remove", args=["survey"])).status_code == 302
    assert ana.client.get(one).status_code == 404
    assert not NearLimit.objects.exists()
    assert ana.client.post(reverse(FORGET), {"number": ""}).status_code == 302
    assert not OurPlace.objects.exists()


def test_a_number_has_a_place_of_its_own(ana: Player, channel: Channel) -> None:
    actions.set_our_place(channel=None, label="", where="94103", at=NOW, by=ana.actor)
    given = {"number": str(channel.pk), "where": "40.71, -74.01", "label": "Broadway"}
    assert ana.client.post(reverse(PLACE), given).status_code == 302
    assert f"Broadway {channel}, 40.71, -74.01, by coordinates" in plain(page(ana))
    again = ana.client.get(reverse(PLACE), {"number": channel.pk}).content.decode()
    assert 'value="Broadway"' in again
    assert ana.client.post(reverse(FORGET), {"number": channel.pk}).status_code == 302
    assert OurPlace.objects.get().channel_id is None


@pytest.mark.parametrize("number", ["x", "-1", "999999999", "9" * 30, "\0"])
def test_a_number_that_is_not_ours_is_not_found(ana: Player, cleo: Player, channel: Channel, number: str) -> None:
    assert ana.client.get(reverse(PLACE), {"number": number}).status_code == 404
    assert cleo.client.get(reverse(PLACE), {"number": channel.pk}).status_code == 404
    assert cleo.client.post(reverse(FORGET), {"number": channel.pk}).status_code == 404


def test_the_reason_stands_under_the_message(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana")
    message = make.make_message(
        talk, at=NOW, direction="out", purpose="promotion", status="canceled", error="too_far", author="api"
    )
    sent = send_facts(identity_id=talk.identity_id, channel_id=channel.pk, purpose="promotion", author="api")
    far = RelevanceFacts(within=25, unit="mi", place="Mission shop", distance_km=402.3, source="area_code")
    known = Known(send=sent, rule=GIVEN["promotion"], subjects={"relevance": far})
    decided = Decided(
        workspace_id=channel.workspace_id,
        message_id=message.pk,
        stage="claim",
        known=known,
        answer=decide(known, at=NOW),
    )
    record_decision(decided=decided, at=NOW)
    shown = plain(html_of(ana.client.get(reverse("desk:why", args=[talk.pk, message.pk]))))
    assert "Their area code is about 250 miles away, which is an estimate: a number may have moved." in shown
    assert "From us about 250 miles, an estimate by their area code" in shown
    assert "Goes within 25 miles of Mission shop" in shown
