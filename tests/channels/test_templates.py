"""Fetching templates: from Meta in pages, from Twilio with approvals, daily, and what stays when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from tests import make
from tests.cast import NOW, Player
from tests.fakes import graph_api
from tests.fakes.http_server import Answer, Request
from tests.messaging import hands
from tests.messaging.whatsapp import known_template, number
from tests.providers.serving import Server, serving
from twoway.channels import actions
from twoway.channels.models import Channel, Template
from twoway.channels.tasks import refresh_templates
from twoway.channels.templates import queries, refreshing
from twoway.lib.refusal import Invalid, Refused
from twoway.teams.models import Workspace

LATER = NOW + timedelta(days=1)


@pytest.fixture
def graph() -> Iterator[Server]:
    """Meta's API with five templates, two a page."""
    names = ["a", "bb", "ccc", "dddd", "eeeee"]
    with serving(graph_api.GraphApi(templates=[graph_api.template(name, "Hi {{1}}") for name in names])) as server:
        yield server


@pytest.fixture
def channel(workspace: Workspace, graph: Server) -> Channel:
    return number(workspace, api_base=graph.url)


def names(channel: Channel) -> list[str]:
    return [one.name for one in queries.templates_of(channel)]


def test_every_page_is_fetched_and_kept(channel: Channel, graph: Server) -> None:
    kept = refreshing.refresh(channel=channel, at=NOW)
    assert [one.name for one in kept] == ["a", "bb", "ccc", "dddd", "eeeee"]
    assert len(graph.seen) == 3
    first = kept[0]
    assert (first.status, first.category, first.places, first.fetched_at) == ("approved", "utility", ["body.1"], NOW)


def test_what_the_provider_no_longer_names_goes_and_what_changed_changes(channel: Channel, graph: Server) -> None:
    refreshing.refresh(channel=channel, at=NOW)
    script = graph.script
    assert isinstance(script, graph_api.GraphApi)
    script.templates = [graph_api.template("a", "Hello {{1}}", status="PAUSED")]
    refreshing.refresh(channel=channel, at=LATER)
    found = Template.objects.get(channel=channel)
    assert (found.name, found.body, found.status) == ("a", "Hello {{1}}", "paused")
    assert queries.sendable(channel) == []


def test_a_fetch_that_fails_keeps_what_there_was_and_holds_up_no_other(workspace: Workspace, channel: Channel) -> None:
    with serving(lambda _: graph_api.error(500, 2, "Service temporarily unavailable")) as broken:
        other = number(workspace, api_base=broken.url, address="+14155550198", service_id="2")
        known_template(other, "old")
        with pytest.raises(Refused):
            refreshing.refresh(channel=other, at=LATER)
        assert refreshing.refresh_all(at=LATER) == 1
    assert names(other) == ["old"]
    assert len(names(channel)) == 5


def test_it_happens_every_day_for_numbers_that_are_on(workspace: Workspace, channel: Channel) -> None:
    off = number(workspace, address="+14155550197", service_id="3", is_active=False)
    make.make_channel(workspace, at=NOW)
    refresh_templates(0)
    assert len(names(channel)) == 5
    assert names(off) == []


def test_an_sms_number_has_none(workspace: Workspace) -> None:
    with pytest.raises(Refused, match="Only a WhatsApp number"):
        refreshing.refresh(channel=make.make_channel(workspace, at=NOW), at=NOW)


def content(name: str, status: str, kind: str = "twilio/text", **part: Any) -> dict[str, Any]:
    """A template as Twilio's Content API lists it."""
    approval = {"name": name, "category": "UTILITY", "status": status} if status else {}
    told = {"sid": f"HX{len(name)}", "friendly_name": name, "language": "en", "variables": {"1": "Kim"}}
    return {**told, "types": {kind: part}, "approval_requests": approval}


def test_twilios_come_with_their_approvals(workspace: Workspace) -> None:
    contents = [
        content("order_ready", "approved", body="Hi {{1}}, order {{2}}"),
        content("track", "approved", "twilio/call-to-action", body="Hi", actions=[
            {"type": "URL", "title": "Track", "url": "https://e.com/{{1}}"}]),
        content("draft", ""),
        content("code", "approved", "whatsapp/authentication"),
    ]  # fmt: skip

    def script(request: Request) -> Answer:
        assert request.path == "/v1/ContentAndApprovals"
        half = slice(2, 4) if "PageToken" in request.query else slice(0, 2)
        following = None if "PageToken" in request.query else "https://content.twilio.com/v1/x?PageToken=DN1&PageSize=2"
        return Answer(body=orjson.dumps({"contents": contents[half], "meta": {"next_page_url": following}}))

    with serving(script) as server:
        made = hands.twilio_channel(
            workspace, address="whatsapp:+14155550199", kind="whatsapp", settings={"api_base": server.url}
        )
        kept = {one.name: one for one in refreshing.refresh(channel=made, at=NOW)}
    assert [one.name for one in queries.sendable(made)] == ["order_ready", "track"]
    assert (kept["order_ready"].provider_id, kept["order_ready"].places) == ("HX11", ["1", "2"])
    assert (kept["track"].places, kept["track"].buttons) == (["1"], ["Track"])
    assert kept["draft"].status == "unsubmitted"
    assert kept["code"].why_not


# Connecting


def add(by: Player, provider: str, address: str, **fields: Any) -> Channel:
    keys = graph_api.CREDENTIALS if provider == "meta" else {"account_sid": "AC1", "auth_token": "t"}
    return actions.add_channel(by=by.actor, provider=provider, address=address, credentials=keys, at=NOW, **fields)


@pytest.mark.parametrize(
    ("provider", "address", "fields", "kind", "kept"),
    [
        ("meta", "+14155550199", {}, "whatsapp", "whatsapp:+14155550199"),
        ("meta", "whatsapp:(415) 555-0199", {}, "whatsapp", "whatsapp:+14155550199"),
        ("twilio", "WhatsApp:+14155550199", {}, "whatsapp", "whatsapp:+14155550199"),
        ("twilio", "+14155550199", {"kind": "whatsapp"}, "whatsapp", "whatsapp:+14155550199"),
        ("twilio", "+14155550199", {}, "sms", "+14155550199"),
    ],
)
def test_a_whatsapp_number_is_kept_with_its_prefix(
    ana: Player, provider: str, address: str, fields: dict[str, str], kind: str, kept: str
) -> None:
    made = add(ana, provider, address, **fields)
    assert (made.kind, made.address) == (kind, kept)
    assert made.stop_handled_by == ("us" if kind == "whatsapp" else "provider")
    assert made.rate == (20.0 if kind == "whatsapp" else 1.0)


def test_one_number_may_be_on_sms_and_on_whatsapp(ana: Player) -> None:
    add(ana, "twilio", "+14155550199")
    add(ana, "twilio", "whatsapp:+14155550199")
    with pytest.raises(Invalid, match="connected already"):
        add(ana, "twilio", "+14155550199", kind="whatsapp")


@pytest.mark.parametrize(
    ("provider", "address", "fields", "field"),
    [
        ("meta", "72345", {}, "address"),
        ("meta", "nobody", {}, "address"),
        ("meta", "+14155550199", {"kind": "sms"}, "kind"),
        ("twilio", "+14155550199", {"kind": "email"}, "kind"),
    ],
)
def test_what_cannot_be_on_whatsapp_is_said(
    ana: Player, provider: str, address: str, fields: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(ana, provider, address, **fields)
    assert refused.value.field == field
