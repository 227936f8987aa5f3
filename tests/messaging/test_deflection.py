"""Phone queues that offer a text: posts of phone systems, answers in their language, the text, and what it brought."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from django.test import Client
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent.models import ConsentEntry
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.messaging.calls.models import Call
from twoway.messaging.deflection import actions, queries
from twoway.messaging.deflection.models import Deflection, PhoneQueue, QueueCall
from twoway.messaging.deflection.rules import Told
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db

CALLER = "+15035550142"
LONG: dict[str, Any] = {"waiting": 9, "longest_wait": 600, "agents": 2, "caller": CALLER, "waited": 240, "call": "C1"}


@pytest.fixture
def queue(ana: Player, channel: Channel) -> PhoneQueue:
    team = make.make_team(channel.workspace, "Airport", at=NOW)
    return actions.save_queue(by=ana.actor, at=NOW, name="Airport line", channel_id=channel.pk, team_id=team.pk)


def post(queue: PhoneQueue, values: dict[str, Any], *, accept: str = "", format_: str = "") -> Any:
    """A post as a phone system sends it, as JSON."""
    url = f"/queues/{queue.hook}/" + (f"?format={format_}" if format_ else "")
    headers = {"Accept": accept} if accept else {}
    return Client().post(url, json.dumps(values), content_type="application/json", headers=headers)


def told(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    return found


def path(url: str) -> str:
    return "/" + url.partition("//")[2].partition("/")[2]


def accept(queue: PhoneQueue, values: dict[str, Any] = LONG) -> dict[str, Any]:
    offered = told(post(queue, values))
    assert offered["offer"], offered
    answer = Client().post(path(offered["accept_url"]), '{"accepted": true}', content_type="application/json")
    return told(answer)


def test_a_long_queue_offers_a_text_in_json(queue: PhoneQueue) -> None:
    offered = told(post(queue, LONG))
    assert offered["offer"] is True
    assert offered["accept_digit"] == "1"
    assert offered["say"].endswith("press 1.")
    row = Deflection.objects.get()
    assert (row.state, row.caller, row.waiting, row.waited) == ("offered", CALLER, 9, 240)
    queue.refresh_from_db()
    assert (queue.waiting, queue.longest, queue.agents) == (9, 600, 2)


def test_twilio_is_answered_in_twiml_and_its_key_is_heard(queue: PhoneQueue) -> None:
    form = {"CurrentQueueSize": "9", "QueueTime": "240", "From": CALLER, "CallSid": "CA1", "AvgQueueTime": "200"}
    answer = Client().post(f"/queues/{queue.hook}/", form, headers={"Accept": "text/xml, */*"})
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    gather = Xml.fromstring(answer.content).find("Gather")  # noqa: S314 - our own answer
    assert gather is not None
    assert gather.find("Say") is not None
    action = gather.attrib["action"]
    assert "format=twiml" in action
    ended = Client().post(path(action), {"Digits": "1", "CallSid": "CA1"})
    root = Xml.fromstring(ended.content)  # noqa: S314
    assert [one.tag for one in root] == ["Say", "Hangup"]
    assert Message.objects.get().recipient == CALLER


def test_vonage_is_answered_in_an_ncco_and_its_key_is_heard(queue: PhoneQueue) -> None:
    answer = post(queue, {**LONG, "from": CALLER.removeprefix("+"), "caller": None}, format_="ncco")
    talk, listen = json.loads(answer.content)
    assert (talk["action"], listen["action"], listen["type"]) == ("talk", "input", ["dtmf"])
    event = {"dtmf": {"digits": "1", "timed_out": False}, "uuid": "x"}
    ended = Client().post(path(listen["eventUrl"][0]), json.dumps(event), content_type="application/json")
    assert [one["action"] for one in json.loads(ended.content)] == ["talk"]
    assert Message.objects.get().recipient == CALLER


WHY = [
    ("the queue is short", {"waiting": 1, "longest_wait": 20, "waited": 5}, "short"),
    ("withheld", {"caller": "anonymous"}, "no_caller"),
    ("withheld as Twilio says it", {"caller": "+266696687"}, "no_caller"),
    ("no number", {"caller": ""}, "no_caller"),
    ("a short code", {"caller": "22395"}, "no_caller"),
    ("a landline", {"line_type": "landline"}, "landline"),
    ("another word for it", {"line_type": "Fixed-Line"}, "landline"),
]


@pytest.mark.parametrize(("name", "values", "why"), WHY, ids=[row[0] for row in WHY])
def test_who_is_offered_nothing(queue: PhoneQueue, name: str, values: dict[str, Any], why: str) -> None:
    answer = told(post(queue, {**LONG, **values}))
    assert (answer["offer"], answer["why"]) == (False, why)
    assert not Deflection.objects.exists()
    assert Xml.fromstring(post(queue, {**LONG, **values}, format_="twiml").content).tag == "Response"  # noqa: S314
    assert json.loads(post(queue, {**LONG, **values}, format_="ncco").content) == []


def test_a_known_landline_and_who_opted_out_are_offered_nothing(
    queue: PhoneQueue, channel: Channel, ben: Player
) -> None:
    contact = make.make_contact(channel.workspace, at=NOW)
    identity = make.make_identity(contact, at=NOW, value=CALLER, reach="landline")
    assert told(post(queue, LONG))["why"] == "landline"
    Identity.objects.update(reach="")
    compliance.opt_out(identity=identity, channel=channel, by=ben.actor, at=NOW, source="member")
    assert told(post(queue, LONG))["why"] == "opted_out"


def test_who_accepts_is_texted_once_with_consent_context_and_a_team(queue: PhoneQueue) -> None:
    done = accept(queue, {**LONG, "reason": "Gate code"})
    assert done["accepted"] is True
    text = Message.objects.get()
    assert text.purpose == "phone_offer"
    assert "You asked for a text instead of waiting on the phone" in text.body
    consent = ConsentEntry.objects.get()
    assert (consent.purpose, consent.level, consent.method) == ("service", "express", "voice")
    assert consent.proof["queue"] == "Airport line"
    thread = Conversation.objects.get()
    assert thread.team_id == queue.team_id
    assert [tag.name for tag in thread.tags.all()] == ["Airport line"]
    line = Event.objects.get(type="phone_deflected")
    assert (line.data["queue"], line.data["waited_seconds"], line.data["words"]) == ("Airport line", 240, "Gate code")
    offer = Deflection.objects.get()
    assert (offer.state, offer.caller) == ("accepted", "")
    again = Client().post(
        f"/queues/{queue.hook}/answer/?offer={offer.pk}", '{"accepted": true}', content_type="application/json"
    )
    assert told(again)["accepted"] is True
    assert Message.objects.count() == 1


def test_the_same_call_is_asked_once_and_another_key_declines(queue: PhoneQueue) -> None:
    offered = told(post(queue, LONG))
    assert told(post(queue, {**LONG, "waited": 300}))["why"] == "asked_already"
    assert Deflection.objects.count() == 1
    answer = Client().post(path(offered["accept_url"]), {"Digits": "2"})
    assert told(answer) == {"offer": False, "why": "declined", "accepted": False}
    assert Deflection.objects.get().state == "declined"
    assert not Message.objects.exists()


def test_who_opts_out_between_offer_and_key_is_not_texted(queue: PhoneQueue, channel: Channel, ben: Player) -> None:
    offered = told(post(queue, LONG))
    contact = make.make_contact(channel.workspace, at=NOW)
    identity = make.make_identity(contact, at=NOW, value=CALLER)
    compliance.opt_out(identity=identity, channel=channel, by=ben.actor, at=NOW, source="member")
    answer = told(Client().post(path(offered["accept_url"]), {"Digits": "1"}))
    assert (answer["accepted"], answer["why"]) == (False, "opted_out")
    assert not Message.objects.exists()
    assert not ConsentEntry.objects.filter(change="granted").exists()


def test_bad_posts_say_why_and_keep_nothing(queue: PhoneQueue) -> None:
    url = f"/queues/{queue.hook}/"
    for body in ("{", "[]", '{"waiting": -1}', '{"waiting": "many"}', '{"waiting": true}', '{"caller": {}}'):
        answer = Client().post(url, body, content_type="application/json")
        assert answer.status_code == 400, body
        assert json.loads(answer.content)["error"]
    assert Client().post("/queues/nobody/", LONG).status_code == 404
    assert Client().post(f"{url}answer/?offer=99", {"Digits": "1"}).status_code == 404
    assert Client().post(f"{url}answer/", {"Digits": "1"}).status_code == 400
    assert Client().put(url).status_code == 405
    assert not QueueCall.objects.exists()


def test_another_queue_cannot_answer_for_this_one(queue: PhoneQueue, ana: Player, channel: Channel) -> None:
    other = actions.save_queue(by=ana.actor, at=NOW, name="Other", channel_id=channel.pk)
    offered = told(post(queue, LONG))
    url = f"/queues/{other.hook}/answer/?offer={offered['offer_id']}"
    assert Client().post(url, {"Digits": "1"}).status_code == 404


def test_switched_off_or_with_a_new_address_nothing_is_offered(queue: PhoneQueue, ana: Player) -> None:
    old = queue.hook
    actions.new_address(queue=queue, by=ana.actor, at=NOW)
    assert Client().post(f"/queues/{old}/", LONG).status_code == 404
    PhoneQueue.objects.update(is_on=False)
    assert told(post(queue, LONG))["why"] == "off"


def test_the_report_counts_offers_conversations_and_what_was_solved(
    queue: PhoneQueue, workspace: Workspace, channel: Channel
) -> None:
    begun = timezone.now()
    people = [f"+150355501{n}" for n in (50, 51, 52, 53, 54)]
    for number, person in enumerate(people):
        accept(queue, {**LONG, "caller": person, "call": f"C{number}"})
    told(post(queue, {**LONG, "caller": "+15035550160", "call": "C9"}))
    later = begun + timedelta(hours=1)
    for person in people[:4]:
        write(person, later)
    close(people[0], later + timedelta(hours=1))
    close(people[1], later + timedelta(hours=1))
    close(people[2], later + timedelta(hours=1))
    write(people[1], later + timedelta(hours=5))
    call_again(workspace, people[2], later + timedelta(hours=6))
    early = queries.report(workspace.pk, start=begun, end=later, at=later + timedelta(hours=2))
    assert (early.offered, early.accepted, early.conversations) == (6, 5, 4)
    assert early.solved == 0
    late = queries.report(workspace.pk, start=begun, end=later, at=begun + timedelta(hours=80))
    assert (late.solved, late.unsolved, late.open) == (1, 3, 0)
    assert late.solved_share == pytest.approx(1 / 4)
    assert late.saved_seconds == 5 * 360
    today = queries.today(workspace.pk, timezone.now())
    assert (today.deflected, today.queues[0].waiting) == (5, 9)


def write(person: str, at: datetime) -> None:
    """A text of theirs, as it is after intake."""
    identity = Identity.objects.get(value=person)
    thread = Conversation.objects.get(identity=identity)
    make.make_message(thread, at=at, direction="in", body="hello")
    Conversation.objects.filter(id=thread.pk).update(last_inbound_at=at, state="open")


def close(person: str, at: datetime) -> None:
    thread = Conversation.objects.get(identity__value=person)
    Conversation.objects.filter(id=thread.pk).update(state="done", needs_reply=False)
    thread.episodes.update(closed_at=at)


def call_again(workspace: Workspace, person: str, at: datetime) -> None:
    row = Deflection.objects.get(identity__value=person)
    QueueCall.objects.create(workspace=workspace, caller_hash=row.caller_hash, call="again", at=at)


def test_who_calls_again_is_seen_also_where_calls_have_no_names(queue: PhoneQueue, workspace: Workspace) -> None:
    told(post(queue, {**LONG, "call": "", "waiting": 1, "longest_wait": 1, "waited": 1}))
    accept(queue, {**LONG, "call": ""})
    thread = Conversation.objects.get()
    make.make_message(thread, at=timezone.now())
    later = timezone.now() + timedelta(hours=80)
    thread.episodes.update(closed_at=timezone.now() + timedelta(hours=1))
    solved = queries.report(workspace.pk, start=later - timedelta(days=9), end=later, at=later)
    assert (solved.solved, solved.unsolved) == (1, 0)
    actions.hear_state(
        queue=queue,
        told=Told(waiting=1, caller=CALLER, reason="a\0b"),
        kind="json",
        at=timezone.now() + timedelta(hours=5),
    )
    again = queries.report(workspace.pk, start=later - timedelta(days=9), end=later, at=later)
    assert (again.solved, again.unsolved) == (0, 1)
    assert QueueCall.objects.count() == 1


def test_who_had_to_be_called_was_not_solved_by_text(queue: PhoneQueue, workspace: Workspace) -> None:
    accept(queue)
    thread = Conversation.objects.get()
    make.make_message(thread, at=timezone.now())
    later = timezone.now() + timedelta(hours=80)
    thread.episodes.update(closed_at=timezone.now() + timedelta(hours=1))
    Call.objects.create(
        workspace=workspace, channel=queue.channel, conversation=thread, direction="out", state="completed",
        started_at=timezone.now(), answered_at=timezone.now() + timedelta(minutes=9), ended_at=later,
    )  # fmt: skip
    found = queries.report(workspace.pk, start=later - timedelta(days=9), end=later, at=later)
    assert (found.solved, found.unsolved) == (0, 1)


def test_what_no_column_takes_breaks_no_post(queue: PhoneQueue) -> None:
    body = json.dumps({**LONG, "reason": "Gate\ud800\0 code", "call": "C\udfff1", "line_type": "\ud800"})
    offered = told(Client().post(f"/queues/{queue.hook}/", body, content_type="application/json"))
    assert offered["offer"] is True
    assert (Deflection.objects.get().reason, Deflection.objects.get().call) == ("Gate code", "C1")
    odd = json.dumps({**LONG, "caller": "+1503\ud8005550142"})
    assert told(Client().post(f"/queues/{queue.hook}/", odd, content_type="application/json"))["offer"] is False


def test_numbers_of_offers_nobody_answered_are_let_go(queue: PhoneQueue) -> None:
    told(post(queue, LONG))
    now = timezone.now()
    assert actions.forget(at=now) == 0
    assert actions.forget(at=now + timedelta(hours=3)) == 1
    row = Deflection.objects.get()
    assert (row.caller, row.state) == ("", "declined")
    actions.forget(at=now + timedelta(days=36))
    assert not QueueCall.objects.exists()


def test_settings_of_a_queue_are_checked(queue: PhoneQueue, ana: Player, ben: Player, channel: Channel) -> None:
    with pytest.raises(NotAllowed):
        actions.save_queue(by=ben.actor, at=NOW, name="Mine", channel_id=channel.pk)
    wrong: dict[str, Any]
    for wrong in (
        {"name": ""},
        {"name": "Airport line"},
        {"over_waiting": 0, "over_seconds": 0},
        {"language": "xx"},
        {"text": "x" * 400},
    ):
        given: dict[str, Any] = {"name": "New", "channel_id": channel.pk, **wrong}
        with pytest.raises(Invalid):
            actions.save_queue(by=ana.actor, at=NOW, **given)
