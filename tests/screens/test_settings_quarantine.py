"""Quarantine: what is shown of a webhook nobody could use, and what becomes of it."""

from __future__ import annotations

from django.urls import reverse

from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.messaging.models import QuarantineEntry

FORGED = "From=%2B15035550178&Body=%3Cscript%3Ealert%281%29%3C%2Fscript%3E&AuthToken=hunter2secret"


def put(channel: Channel, **fields: object) -> QuarantineEntry:
    return QuarantineEntry.objects.create(
        **{
            "workspace": channel.workspace,
            "channel": channel,
            "hook": channel.hook,
            "kind": "inbound",
            "reason": "bad_signature",
            "detail": "",
            "method": "POST",
            "url": f"http://127.0.0.1:8000/hooks/simulator/{channel.hook}/inbound",
            "headers": {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": "c2lnbmVk"},
            "body": FORGED.encode(),
            "received_at": NOW,
            **fields,
        }
    )


def test_an_entry_is_shown_whole_but_for_its_secrets_and_as_plain_text(ana: Player, channel: Channel) -> None:
    html = ana.client.get(reverse("desk:quarantine_entry", args=[put(channel).pk])).content.decode()
    assert "The signature did not match" in html
    assert "+15035550178" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html
    assert "c2lnbmVk" not in html
    assert "hunter2secret" not in html


def test_a_body_that_is_no_text_is_shown_without_harm(ana: Player, channel: Channel) -> None:
    entry = put(channel, headers={"content-type": "application/octet-stream"}, body=b"\x00\xff<b>\x1b[31m")
    html = ana.client.get(reverse("desk:quarantine_entry", args=[entry.pk])).content.decode()
    assert "\x00" not in html
    assert "\x1b" not in html
    assert "&lt;b&gt;" in html


def test_what_waits_is_counted_beside_the_settings(ana: Player, channel: Channel) -> None:
    put(channel)
    put(channel)
    assert 'class="count count--hot">2</span>' in ana.client.get(reverse("desk:settings")).content.decode()


def test_handled_by_hand(ana: Player, channel: Channel) -> None:
    entry = put(channel)
    ana.client.post(reverse("desk:quarantine_resolve", args=[entry.pk]))
    assert "Nothing is waiting." in ana.client.get(reverse("desk:quarantine")).content.decode()
    assert "Marked as handled by Ana" in ana.client.get(reverse("desk:quarantine") + "?handled=1").content.decode()


def test_a_replay_that_still_fails_says_why_and_keeps_the_entry(ana: Player, channel: Channel) -> None:
    entry = put(channel, hook="nobody-has-this", reason="unknown_hook")
    answer = ana.client.post(reverse("desk:quarantine_replay", args=[entry.pk]), follow=True)
    assert "There is still no channel with this webhook address." in answer.content.decode()
    entry.refresh_from_db()
    assert entry.resolved_at is None


def test_the_list_is_paged(ana: Player, channel: Channel) -> None:
    entries = [put(channel, detail=f"number {n}") for n in range(52)]
    first = ana.client.get(reverse("desk:quarantine")).content.decode()
    assert f"?before={entries[2].pk}" in first
    rest = ana.client.get(reverse("desk:quarantine") + f"?before={entries[2].pk}").content.decode()
    assert "number 1" in rest
    assert "number 2<" not in rest
