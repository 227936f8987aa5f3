"""The opt-in pages of the compliance centre: what is typed stays, and what they show is safe."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import NOW
from tests.compliance.optin import hands
from tests.conftest import Player
from twoway.channels.models import Channel
from twoway.compliance.optin.models import ChannelWords, Import, Membership, Topic
from twoway.compliance.optin.topics import actions as topics
from twoway.compliance.revocation import actions as revocation
from twoway.compliance.revocation.models import OwnWord
from twoway.events.actions import audit

pytestmark = pytest.mark.django_db


def test_a_topic_that_cannot_be_keeps_what_was_typed(ana: Player, channel: Channel) -> None:
    typed = {"label": "Orders", "keyword": "STOP", "purpose": "service", "channels": [channel.pk], "is_double": "on"}
    answer = ana.client.post("/compliance/opt-in/topics/add/", typed)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "STOP already means something in texts" in html
    assert 'value="Orders"' in html
    assert not Topic.objects.exists()


def test_a_form_shows_its_snippet_and_what_its_words_leave_out(ana: Player, channel: Channel) -> None:
    channel.name = 'Al"der <b>'
    channel.save()
    form = hands.make_form(ana.actor, channel, hands.make_topic(ana.actor, channel), disclosure="Text me.")
    html = ana.client.get(f"/compliance/opt-in/forms/{form.pk}/").content.decode()
    assert "<iframe" not in html
    assert "&lt;iframe src=" in html
    assert "<b>" not in html.replace("<b>JOIN VISITS</b>", "").replace("<b>Version 1</b>", "")
    assert "say that STOP ends the texts" in html


def test_an_answer_to_help_is_checked_and_saved(ana: Player, channel: Channel) -> None:
    url = f"/compliance/opt-in/help/{channel.pk}/"
    assert ana.client.post(url, {"help_text": "Ask us"}).status_code == 302
    assert ChannelWords.objects.get().help_text == "Ask us"
    html = ana.client.get(url).content.decode()
    assert "Say that STOP ends the texts." in html
    assert "6 missing" in html


def upload(ana: Player, channel: Channel, topic: Topic, content: bytes, **fields: str) -> object:
    given = {"topic": str(topic.id), "channel": str(channel.pk), "attests": "on", **fields}
    return ana.client.post("/compliance/opt-in/import/", {**given, "file": SimpleUploadedFile("people.csv", content)})


def test_a_file_is_checked_and_then_imported(ana: Player, channel: Channel) -> None:
    topic = hands.make_topic(ana.actor, channel)
    content = b"Handy,Wie\n+15035550108,Paper form signed\n+15035550109,\n"
    upload(ana, channel, topic, content)
    job = Import.objects.get()
    url = f"/compliance/opt-in/import/{job.pk}/"
    ana.client.post(url, {"do": "columns", "c0": "number", "c1": "proof"})
    assert "Import 2 rows" in ana.client.get(url).content.decode()
    assert not Membership.objects.exists()
    assert ana.client.post(url).status_code == 302
    assert Membership.objects.get().identity.value == "+15035550108"
    rows = ana.client.get(f"{url}rows/")
    assert rows["Content-Type"].startswith("text/csv")
    assert rows.content.decode().splitlines() == [
        "Line,Number,Outcome,Why",
        "3,+15035550109,Needs proof,There is no proof of consent.",
    ]


def test_counts_stand_beside_the_topics(ana: Player, channel: Channel) -> None:
    topic = hands.make_topic(ana.actor, channel)
    job = hands.begin(ana.actor, channel, topic, f"number,proof\n+15035550108,{hands.PROVEN}\n")
    ana.client.post(f"/compliance/opt-in/import/{job.pk}/")
    html = ana.client.get("/compliance/opt-in/").content.decode()
    assert "JOIN VISITS" in html
    assert '<span class="num">1</span><span class="only-phone muted">in it</span>' in html


def test_a_keyword_that_alone_means_something_else_joins_nothing(ana: Player, channel: Channel) -> None:
    revocation.add_word(family="stop", word="Visits!", by=ana.actor, at=NOW)
    typed = {"label": "Visits", "keyword": "visits", "purpose": "reminder", "channels": [channel.pk], "is_double": "on"}
    answer = ana.client.post("/compliance/opt-in/topics/add/", {**typed, "takes_bare": "on"})
    assert answer.status_code == 422
    assert "VISITS alone means STOP by your own keywords." in answer.content.decode()
    assert not Topic.objects.exists()
    assert ana.client.post("/compliance/opt-in/topics/add/", typed).status_code == 302
    topic = Topic.objects.get()
    again = ana.client.post(f"/compliance/opt-in/topics/{topic.id}/", {**typed, "takes_bare": "on"})
    assert again.status_code == 422
    assert not Topic.objects.get().takes_bare


def test_a_word_of_ones_own_that_alone_joins_a_topic_is_not_added(ana: Player, channel: Channel) -> None:
    topic = hands.make_topic(ana.actor, channel, takes_bare=True)
    answer = ana.client.post("/compliance/keywords/add/", {"family": "stop", "word": "Visits."})
    assert answer.status_code == 422
    assert "This word alone joins the topic Visits. Change that first." in answer.content.decode()
    assert not OwnWord.objects.exists()
    topics.retire(topic=topic, by=ana.actor, at=NOW)
    assert ana.client.post("/compliance/keywords/add/", {"family": "stop", "word": "Visits."}).status_code == 302


def test_the_audit_trail_names_topics(ana: Player, channel: Channel, cleo: Player) -> None:
    topic = hands.make_topic(ana.actor, channel, label="Dental visits")
    for url in ("/compliance/", "/compliance/audit/"):
        html = ana.client.get(url).content.decode()
        assert "Dental visits" in html
        assert f"topic {topic.id}" not in html
    topics.retire(topic=topic, by=ana.actor, at=NOW)
    assert "Dental visits" in ana.client.get("/compliance/audit/").content.decode()
    audit(
        workspace_id=cleo.member.workspace_id,
        actor="Cleo",
        action="topic.made",
        subject=f"topic {topic.id}",
        data={},
        at=NOW,
    )
    theirs = cleo.client.get("/compliance/audit/").content.decode()
    assert "Dental visits" not in theirs
    assert "a deleted topic" in theirs
    topic.delete()
    assert "a deleted topic" in ana.client.get("/compliance/").content.decode()
