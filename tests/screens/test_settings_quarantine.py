"""Quarantine: what is shown of a webhook nobody could use, and what becomes of it."""

from __future__ import annotations

from django.urls import reverse

from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.messaging.gap_models import GapCheck
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


def test_what_waits_is_found_by_number_words_reference_and_reason(ana: Player, channel: Channel) -> None:
    put(channel, trace="aaaa0001")
    put(channel, reason="malformed", detail="There is no form in this webhook.", body=b"{}", trace="aaaa0002")

    def shown(**query: str) -> list[str]:
        html = ana.client.get(reverse("desk:quarantine"), query).content.decode()
        table = html.partition("<tbody>")[2].partition("</tbody>")[0]
        return [words for words in ("The signature did not match", "could not be understood") if words in table]

    both = ["The signature did not match", "could not be understood"]
    assert shown() == both
    assert shown(q="(503) 555-0178") == shown(q="+1 503 555 0178") == both[:1]
    assert shown(q="no form") == shown(q="aaaa0002") == shown(reason="malformed") == both[1:]
    assert shown(reason="malformed", q="5035550178") == []
    assert shown(reason="nonsense") == both
    assert shown(q="%' OR 1=1 --") == []


def test_the_last_comparison_of_each_number_is_shown(ana: Player, channel: Channel) -> None:
    for filled, error in ((0, ""), (2, "")):
        GapCheck.objects.create(channel=channel, at=NOW, since=NOW, until=NOW, listed=40, filled=filled, error=error)
    html = ana.client.get(reverse("desk:quarantine")).content.decode()
    assert "2 came in late" in html
    assert "Nothing missing" not in html
    GapCheck.objects.create(channel=channel, at=NOW, since=NOW, until=NOW, error="The provider's list can't be read.")
    assert "list can&#x27;t be read" in ana.client.get(reverse("desk:quarantine")).content.decode()
