"""The public form: what it shows, what it records word for word, and what it refuses."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from tests.compliance.optin.hands import form_wish as wish
from tests.conftest import NOW, Player
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent.models import ConsentEntry
from twoway.compliance.optin.forms import actions, queries, rules
from twoway.compliance.optin.forms.rules import Wording
from twoway.compliance.optin.models import Form, FormVersion, Membership, Submission, Tally, Topic
from twoway.compliance.optin.topics import actions as topics
from twoway.compliance.optin.topics.actions import TopicWish
from twoway.contacts.models import Contact, Identity
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.messaging.models import Message

pytestmark = pytest.mark.django_db
NUMBER = "(503) 555-0108"
E164 = "+15035550108"


@pytest.fixture
def topic(ana: Player, channel: Channel) -> Topic:
    wish = TopicWish(keyword="VISITS", label="Visits", purpose="reminder", channel_ids=[channel.pk])
    return topics.save(wish=wish, by=ana.actor, at=NOW)


@pytest.fixture
def form(ana: Player, channel: Channel, topic: Topic) -> Form:
    return actions.save(wish=wish(topic, channel), by=ana.actor, at=NOW)


def token(page: bytes) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.decode())
    assert found
    return found[1]


def send(form: Form, path: str = "", **fields: Any) -> Any:
    client = Client(enforce_csrf_checks=True)
    page = client.get(f"/join/{form.slug}/{path}", headers={"Referer": "https://shop.example/contact"})
    topic_id = Topic.objects.get().id
    given = {"token": token(page.content), "number": NUMBER, "name": "Hana", "topics": [topic_id], **fields}
    return client.post(f"/join/{form.slug}/{path}", given, headers={"User-Agent": "Phone/1"})


def test_the_page_shows_the_words_and_no_box_is_ticked(form: Form) -> None:
    answer = Client().get("/join/alder-street/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Text me about my visits" in html
    assert "you agree to get those texts from" in html
    assert "https://example.com/privacy" in html
    assert 'type="checkbox"' in html
    assert " checked" not in html
    assert inline_code(html) == []
    assert not answer.cookies
    assert "JOIN VISITS" in html
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


def test_a_form_asks_by_text_and_the_ledger_has_the_exact_words(form: Form) -> None:
    answer = send(form)
    assert answer.status_code == 200
    asked = Message.objects.get()
    assert (asked.recipient, asked.purpose, asked.status) == (E164, "opt_in_request", "queued")
    assert "reply YES to get Visits texts" in asked.body
    entry = ConsentEntry.objects.get()
    version = FormVersion.objects.get()
    assert (entry.change, entry.purpose, entry.level, entry.method) == ("requested", "reminder", "express", "form")
    exact = "[x] Text me about my visits\n    About 4 a month.\n" + version.disclosure
    assert entry.proof["disclosure"].startswith(exact)
    assert entry.proof["disclosure_sha256"] == rules.words_hash(entry.proof["disclosure"])
    assert (entry.proof["form_version"], entry.proof["form_version_sha256"]) == (1, version.sha256)
    assert (entry.proof["ip"], entry.proof["user_agent"]) == ("127.0.0.1", "Phone/1")
    assert entry.proof["source_url"].endswith("/join/alder-street/")
    assert Membership.objects.get().state == "requested"
    assert Contact.objects.get().name == "Hana"


def test_what_was_read_counts_and_not_what_was_published_since(form: Form, ana: Player, topic: Topic) -> None:
    client = Client()
    old = token(client.get("/join/alder-street/").content)
    actions.save(
        wish=wish(topic, form.channel, disclosure="Other words. STOP ends it."), form=form, by=ana.actor, at=NOW
    )
    client.post("/join/alder-street/", {"token": old, "number": NUMBER, "topics": [topic.id]})
    assert ConsentEntry.objects.get().proof["form_version"] == 1
    assert [one.number for one in queries.versions(form)] == [2, 1]


def test_the_embedded_form_may_be_framed_by_its_sites_only(form: Form) -> None:
    answer = Client().get("/join/alder-street/embed/")
    assert "frame-ancestors https://shop.example" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    send(form, path="embed/")
    assert ConsentEntry.objects.get().proof["source_url"] == "https://shop.example/contact"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"number": ""}, "Write your number."),
        ({"number": "12"}, "too few digits"),
        ({"number": "+44 7911 123456"}, "US, CA only"),
        ({"number": "1-800-356-9377"}, "US, CA only"),
        ({"number": "911"}, "Emergency"),
        ({"topics": []}, "Tick what you want to get."),
        ({"topics": ["999999"]}, "Tick what you want to get."),
        ({"token": "forged"}, "This page was open for too long"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(form: Form, fields: dict[str, Any], words: str) -> None:
    answer = send(form, **fields)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert 'value="Hana"' in html
    assert (Message.objects.count(), Submission.objects.count(), Contact.objects.count()) == (0, 0, 0)


def test_the_answer_is_the_same_whatever_is_known(form: Form, ana: Player) -> None:
    first = send(form).content.decode()
    again = send(form).content.decode()
    Membership.objects.update(state="joined")
    member = send(form).content.decode()
    machine = send(form, website="https://spam.example").content.decode()
    assert first == again == member == machine
    assert Message.objects.count() == 1


def test_who_texted_stop_is_not_texted_by_a_form(form: Form, ana: Player) -> None:
    send(form)
    from_form = Identity.objects.get()
    Message.objects.all().delete()
    Membership.objects.all().delete()
    opt_out(from_form, form.channel, ana)
    answer = send(form)
    assert not Message.objects.exists()
    assert "text START to it" in answer.content.decode()


def opt_out(identity: Identity, channel: Channel, ana: Player) -> None:
    compliance.opt_out(identity=identity, channel=channel, source="member", at=NOW, by=ana.actor)


def test_a_number_is_not_pestered_and_an_address_is_told(form: Form) -> None:
    answers = [send(form, number=f"(503) 555-01{n:02d}") for n in range(21)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:10] == [200] * 10
    assert 429 in statuses
    stopped = answers[statuses.index(429)]
    assert "Too many people" in stopped.content.decode()
    assert Message.objects.count() == statuses.count(200)
    assert not Tally.objects.filter(key__contains="503555").exists()


def test_over_the_limit_of_a_number_nothing_is_told() -> None:
    at = NOW
    quiet = next(limit for limit in rules.LIMITS if limit.kind == "number")
    for n in range(quiet.most):
        assert actions.over(slug="a", address=f"10.0.0.{n}", number=E164, at=at) == []
    over = actions.over(slug="a", address="10.0.1.1", number=E164, at=at)
    assert [limit.kind for limit in over] == ["number"]
    assert not any(limit.is_told for limit in over)
    assert actions.over(slug="a", address="10.0.1.2", number=E164, at=at + timedelta(days=1)) == []
    assert actions.forget_tallies(at=at + timedelta(days=5)) > 0


def test_versions_are_never_changed(form: Form) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        FormVersion.objects.update(disclosure="Other words")


def test_the_same_words_are_no_new_version(form: Form, ana: Player, topic: Topic) -> None:
    actions.save(wish=wish(topic, form.channel, name="Front desk"), form=form, by=ana.actor, at=NOW)
    assert FormVersion.objects.count() == 1
    assert FormVersion.objects.get().sha256 == rules.fingerprint(queries.wording_of(FormVersion.objects.get()))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"slug": "A B"}, "slug"),
        ({"name": ""}, "name"),
        ({"origins": "shop.example"}, "origins"),
        ({"origins": "https://shop.example/page"}, "origins"),
        ({"origins": "https://*; script-src *"}, "origins"),
        ({"countries": "XX"}, "countries"),
        ({"disclosure": ""}, "disclosure"),
    ],
)
def test_forms_that_cannot_be(ana: Player, channel: Channel, topic: Topic, fields: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as invalid:
        actions.save(wish=wish(topic, channel, **fields), by=ana.actor, at=NOW)
    assert invalid.value.field == field
    assert not Form.objects.exists()


def test_who_may(form: Form, ana: Player, ben: Player, cleo: Player, topic: Topic) -> None:
    for other in (ben, cleo):
        with pytest.raises(NotAllowed):
            actions.save(wish=wish(topic, form.channel), form=form, by=other.actor, at=NOW)
    actions.set_active(form=form, is_active=False, by=ana.actor, at=NOW)
    assert Client().get("/join/alder-street/").status_code == 404
    assert Client().get("/join/alder-street/embed/").status_code == 404
    assert Client().get("/join/alder-street/card/").status_code == 404


def test_a_topic_taken_out_of_use_is_no_longer_offered(form: Form, ana: Player, topic: Topic) -> None:
    topics.retire(topic=topic, by=ana.actor, at=NOW)
    html = Client().get("/join/alder-street/").content.decode()
    assert "Text me about my visits" not in html


def test_the_card_has_a_code_that_begins_the_text(form: Form) -> None:
    html = Client().get("/join/alder-street/card/").content.decode()
    assert f"sms:{form.channel.address}?&amp;body=JOIN%20VISITS" in html
    assert inline_code(html) == []


def test_the_difference_of_two_wordings_is_word_by_word() -> None:
    assert rules.difference("Up to 2 a month", "Up to 4 a month") == [
        ("same", "Up to "),
        ("removed", "2"),
        ("added", "4"),
        ("same", " a month"),
    ]


def test_what_a_disclosure_leaves_out() -> None:
    bare = Wording(title="Hi", lede="", boxes=(), disclosure="Text me.")
    assert len(rules.disclosure_warnings(bare, business="Alder", is_promotional=True)) == 8
    full = Wording(
        title="Hi",
        lede="",
        boxes=(),
        disclosure=rules.DISCLOSURE,
        terms_url="https://a.example",
        privacy_url="https://a.example",
    )
    assert rules.disclosure_warnings(full, business="Alder", is_promotional=True) == ()
