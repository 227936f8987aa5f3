"""A number nobody may see is on no page, in no fragment, answer, event, audit entry, log line or search result."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from tests import make
from tests.compliance import traces
from tests.compliance.crawl import Canary, addresses, operations, pages, told
from tests.conftest import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.models import OptOut
from twoway.compliance.modes import actions as modes
from twoway.contacts import actions as contacts
from twoway.contacts.models import Contact
from twoway.contacts.queries import alias_of, search
from twoway.conversations.models import Conversation
from twoway.conversations.queries import search as search_talks
from twoway.events.models import AuditEntry, Event
from twoway.messaging import outbound
from twoway.messaging.media import files
from twoway.messaging.models import Message, QuarantineEntry
from twoway.messaging.retention import copies
from twoway.teams import actions as teams
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+15034178263"
NAME = "Canaria Vogel"
SEARCHES = (NUMBER, "5034178263", "(503) 417-8263", "417-8263", "4178263", "178263", NAME, "Canaria")


@pytest.fixture
def hidden(workspace: Workspace, ana: Player) -> Channel:
    """A number in anonymous mode."""
    channel = hands.twilio_channel(workspace, name="Hotline")
    _set(channel, by=ana, is_anonymous=True)
    return channel


def _set(channel: Channel, *, by: Player, is_anonymous: bool) -> None:
    modes.set_mode(
        channel=channel,
        is_reply_only=False,
        request_hours=72,
        ends_when_done=True,
        is_anonymous=is_anonymous,
        by=by.actor,
        at=NOW,
    )


def _live(channel: Channel, by: Player) -> Conversation:
    """All that happens to somebody: texts in and out, a failure, a note, an opt-out and back, a block, a stray."""
    hands.receive(channel, "hello there", "is anybody in?", sender=NUMBER)
    talk = Conversation.objects.get(identity__value=NUMBER)
    Contact.objects.filter(id=talk.contact_id).update(name=NAME)
    queued = outbound.queue_text(by=by.actor, conversation=talk, body="Yes, we are.", at=NOW)
    Message.objects.filter(id=queued.message.id).update(
        status="failed", error="landline", error_code="30006", provider_id="wamid.HBgLMTUwMzQxNzgyNjM="
    )
    make.make_note(talk, at=NOW, by=by.member, body="Sounds worried.")
    talk.refresh_from_db()
    hands.receive(channel, "STOP", "START", sender=NUMBER)
    compliance.opt_out(identity=talk.identity, channel=channel, source="member", by=by.actor, at=NOW)
    compliance.lift(identity=talk.identity, channel=channel, source="member", note="Rang us.", by=by.actor, at=NOW)
    contacts.block(contact=talk.contact, by=by.actor, at=NOW)
    contacts.unblock(contact=talk.contact, by=by.actor, at=NOW)
    form = hands.text(channel, "forged", sender=NUMBER)
    hands.post([(channel, hands.webhook(channel, form, signature="wrong"))])
    return talk


def _things(talk: Conversation) -> dict[str, object]:
    return {
        "conversation_id": talk.pk,
        "contact_id": talk.contact_id,
        "identity_id": talk.identity_id,
        "channel_id": talk.channel_id,
        "message_id": Message.objects.filter(conversation=talk, direction="out").order_by("-id")[0].pk,
        "entry_id": QuarantineEntry.objects.get().pk,
        "opt_out_id": OptOut.objects.filter(identity=talk.identity).order_by("-id")[0].pk,
        "position": 1,
        "view": "open",
        "reason": "landline",
    }


def _answers(player: Player, talk: Conversation, *, by: Player) -> Iterator[tuple[str, str]]:
    """All that this member can be shown of it, and of what `by` left about it."""
    client, things = player.client, _things(talk) | traces.leave(talk, by=by)
    traces.of_a_member(talk, by=player)
    urls = [url for url in addresses(things) if not url.startswith("/c/") or str(talk.pk) in url]
    assert {
        f"/c/{talk.pk}/",
        f"/c/{talk.pk}/contact/",
        "/inbox/open/",
        "/live/delta/",
        reverse("desk:quarantine"),
    } <= set(urls)
    asked = [f"/palette/?q={words}" for words in ("hello", "heron")]
    asked += [f"/live/delta/?ids={talk.pk}&view=open&c={talk.pk}", f"/inbox/open/?c={talk.pk}"]
    yield from pages(client, [*urls, *asked], open_id=talk.pk)
    yield from traces.asked_for(talk, by=player)
    for name in ("compliance_ledger_look_up", "compliance_ledger_record", "compliance_audit_export"):
        yield name, told(client.post(reverse(f"desk:{name}"), {"words": "nothing"}))
    for name in ("note", "reply", "draft", "contact"):
        url = f"/c/{talk.pk}/{name}/"
        yield url, told(client.post(url, {"body": "", "name": "x" * 500, "key": "k"}, headers={"HX-Request": "true"}))


def _leaks(answers: Iterator[tuple[str, str]], canary: Canary) -> dict[str, list[str]]:
    return {url: found for url, text in answers if (found := canary.found_in(text))}


@pytest.mark.parametrize("role", ["owner", "manager", "agent", "viewer"])
def test_no_page_shows_who_is_anonymous(hidden: Channel, workspace: Workspace, ana: Player, role: str) -> None:
    talk = _live(hidden, ana)
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    canary = Canary(number=NUMBER, name=NAME, shown_digits=0)
    answers = list(_answers(player, talk, by=ana))
    assert _leaks(iter(answers), canary) == {}
    assert sum(alias_of(talk.contact_id) in text for _, text in answers) > 5


@pytest.mark.parametrize("role", ["owner", "agent"])
def test_no_program_is_copiedwho_is_anonymous(hidden: Channel, ana: Player, role: str) -> None:
    talk = _live(hidden, ana)
    _, token = teams.create_token(by=ana.actor, name="Sync", role=role, at=NOW)
    canary = Canary(number=NUMBER, name=NAME, shown_digits=0)
    answers = list(operations(Client(), token, _things(talk)))
    assert len(answers) > 8
    assert _leaks(iter(answers), canary) == {}
    one = next(
        json.loads(text[text.index("}") + 1 :]) for url, text in answers if url.endswith(f"/contacts/{talk.contact_id}")
    )
    assert one["is_anonymous"] is True
    assert one["name"] == one["identities"][0]["value"] == alias_of(talk.contact_id)


def test_neither_events_nor_audit_nor_logs_hold_the_number(
    hidden: Channel, ana: Player, capfd: pytest.CaptureFixture[str]
) -> None:
    with capture_logs() as lines:
        _live(hidden, ana)
    canary = Canary(number=NUMBER, name=NAME, shown_digits=0)
    out, err = capfd.readouterr()
    kept = [str(row) for row in Event.objects.values_list("data", "type")]
    kept += [str(row) for row in AuditEntry.objects.values_list("actor", "action", "subject", "data")]
    assert len(kept) > 5
    assert [row for row in (*kept, *map(str, lines), out, err) if canary.found_in(row)] == []


def test_searching_for_them_finds_nothing(hidden: Channel, ana: Player) -> None:
    talk = _live(hidden, ana)
    for words in SEARCHES:
        assert search(ana.actor, words, region="US") == []
        assert search_talks(ana.actor, words, region="US") == []
        assert f"/c/{talk.pk}/" not in told(ana.client.get("/palette/", {"q": words}))
        assert "Nothing fits" in told(ana.client.get(reverse("desk:quarantine"), {"q": words}))
    alias = alias_of(talk.contact_id)
    assert [one.pk for one in search_talks(ana.actor, alias, region="US")] == [talk.pk]
    assert [one.pk for one in search(ana.actor, alias.removeprefix("Guest ").lower(), region="US")] == [talk.contact_id]


@pytest.mark.parametrize("role", ["agent", "viewer"])
def test_a_masked_role_sees_four_digits_and_no_more(
    workspace: Workspace, channel: Channel, ana: Player, role: str
) -> None:
    twilio = hands.twilio_channel(workspace, name="Front desk")
    modes.set_numbers_from(role="manager", by=ana.actor, at=NOW)
    talk = _live(twilio, ana)
    Contact.objects.filter(id=talk.contact_id).update(name="")
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    canary = Canary(number=NUMBER, name="", shown_digits=4)
    answers = list(_answers(player, talk, by=ana))
    assert _leaks(iter(answers), canary) == {}
    assert sum("(•••) •••-8263" in text for _, text in answers) > 5
    _, token = teams.create_token(by=ana.actor, name="Sync", role=role, at=NOW)
    assert _leaks(operations(Client(), token, _things(talk)), canary) == {}
    assert [one.pk for one in search_talks(player.actor, "8263", region="US")] == [talk.pk]
    assert not [words for words in SEARCHES[:6] if search_talks(player.actor, words, region="US")]


def test_whoever_may_sees_the_whole_number(workspace: Workspace, ana: Player, ben: Player) -> None:
    talk = _live(hands.twilio_channel(workspace, name="Front desk"), ana)
    canary = Canary(number=NUMBER, name=NAME, shown_digits=4)
    assert canary.found_in(told(ben.client.get(f"/c/{talk.pk}/")))
    modes.set_numbers_from(role="manager", by=ana.actor, at=NOW)
    assert canary.found_in(told(ana.client.get(f"/c/{talk.pk}/")))
    assert Canary(number=NUMBER, name="", shown_digits=4).found_in(told(ben.client.get(f"/c/{talk.pk}/"))) == []


def test_a_manager_with_masked_numbers_sees_no_raw_ones_either(workspace: Workspace, ana: Player) -> None:
    talk = _live(hands.twilio_channel(workspace, name="Front desk"), ana)
    modes.set_numbers_from(role="admin", by=ana.actor, at=NOW)
    player = Player(member=make.make_member(workspace, "Kim", role="manager", at=NOW))
    assert _leaks(_answers(player, talk, by=ana), Canary(number=NUMBER, name="", shown_digits=4)) == {}
    assert "Nothing fits" in told(player.client.get(reverse("desk:quarantine"), {"q": NUMBER}))


def test_a_copy_of_everything_about_them_names_the_alias(hidden: Channel, ana: Player) -> None:
    talk = _live(hidden, ana)
    key, size = copies.make(contact_id=talk.contact_id, at=NOW)
    with files.store().open(copies.name_of(key)) as content, zipfile.ZipFile(content) as archive:
        copied = "".join(archive.read(name).decode() for name in archive.namelist())
    assert size > 0
    assert alias_of(talk.contact_id) in copied
    assert "hello there" in copied
    assert Canary(number=NUMBER, name=NAME, shown_digits=0).found_in(copied) == []


def test_switching_it_off_shows_newcomers_only(hidden: Channel, ana: Player) -> None:
    before = _live(hidden, ana)
    _set(hidden, by=ana, is_anonymous=False)
    hands.receive(hidden, "me again", sender=NUMBER)
    hands.receive(hidden, "hi, a newcomer", sender="+15034170000")
    assert Contact.objects.get(id=before.contact_id).is_anonymous
    assert not Contact.objects.get(identities__value="+15034170000").is_anonymous
    assert "(503) 417-0000" in told(ana.client.get("/inbox/open/"))


def test_switching_it_on_hides_who_is_there_already(workspace: Workspace, ana: Player) -> None:
    channel = hands.twilio_channel(workspace, name="Front desk")
    talk = _live(channel, ana)
    other = make.make_conversation(channel, at=NOW, name="Old friend")
    _set(channel, by=ana, is_anonymous=True)
    assert Contact.objects.filter(id__in=[talk.contact_id, other.contact_id], is_anonymous=True).count() == 2
    page = told(ana.client.get(f"/c/{talk.pk}/"))
    assert Canary(number=NUMBER, name=NAME, shown_digits=0).found_in(page) == []


def test_known_elsewhere_and_now_anonymous_is_anonymous_everywhere(
    hidden: Channel, channel: Channel, ana: Player
) -> None:
    person = make.make_contact(hidden.workspace, at=NOW, name=NAME)
    identity = make.make_identity(person, at=NOW, value=NUMBER)
    open_talk = make.make_conversation(channel, at=NOW, identity=identity, messages=1)
    assert NAME in told(ana.client.get(f"/c/{open_talk.pk}/"))
    hands.receive(hidden, "hello", sender=NUMBER)
    page = told(ana.client.get(f"/c/{open_talk.pk}/"))
    assert Canary(number=NUMBER, name=NAME, shown_digits=0).found_in(page) == []
    assert alias_of(person.pk) in page


def test_nobody_finds_out_by_texting_a_number(hidden: Channel, channel: Channel, ana: Player) -> None:
    talk = _live(hidden, ana)
    for ours in (hidden, channel):
        form = {"channel": ours.pk, "to": NUMBER, "body": "Is it you?", "key": f"k{ours.pk}"}
        answer = ana.client.post("/new/", form)
        assert answer.status_code == 422
        assert f"/c/{talk.pk}/" not in told(answer)
        assert alias_of(talk.contact_id) not in told(answer)


def test_an_alias_is_nobodys_to_change(hidden: Channel, ana: Player) -> None:
    talk = _live(hidden, ana)
    answer = ana.client.post(f"/c/{talk.pk}/contact/", {"name": "Somebody"})
    assert answer.status_code == 422
    assert "They stay anonymous" in told(answer)
