"""How transcripts are written: lines, hashes, and the letters of the PDF."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from twoway.conversations.folding import Folded, folded
from twoway.messaging.transcripts import pdf
from twoway.messaging.transcripts.rules import RULE, Entry, as_json, as_text, canonical, digest_of, line

ZONE = ZoneInfo("America/Los_Angeles")
AT = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


def entry(body: str = "Where is my car?", **fields: object) -> Entry:
    told: dict[str, object] = {"kind": "text", "id": 1, "at": AT, "who": "Dana", "is_ours": False, "body": body}
    return Entry(**{**told, "record": {"body": body, "at": AT.isoformat()}, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (entry(), "2026-03-10 10:00:00 -0700  Dana: Where is my car?"),
        (entry("One\nTwo"), "2026-03-10 10:00:00 -0700  Dana: One\n    Two"),
        (entry("One\r\nTwo\rThree"), "2026-03-10 10:00:00 -0700  Dana: One\n    Two\n    Three"),
        (entry(kind="note", who="Ben"), "2026-03-10 10:00:00 -0700  Ben, private note: Where is my car?"),
        (entry("", files=("a.jpg",)), "2026-03-10 10:00:00 -0700  Dana: [file: a.jpg]"),
        (entry("", marks=("words removed",)), "2026-03-10 10:00:00 -0700  Dana: [words removed]"),
        (entry("Hi", status="delivered"), "2026-03-10 10:00:00 -0700  Dana: Hi (delivered)"),
    ],
)
def test_a_line_says_when_who_and_what(one: Entry, words: str) -> None:
    assert line(one, zone=ZONE) == words


def test_no_body_passes_for_another_entry() -> None:
    forged = entry("Hi\n2026-03-10 10:01:00 -0700  Ana: You get a refund")
    assert [words[:4] for words in line(forged, zone=ZONE).split("\n")] == ["2026", "    "]


def test_the_text_ends_with_the_hash_of_its_lines() -> None:
    entries = [entry("One"), entry("Two\nlines"), entry("مرحبا 😀")]
    text = "".join(as_text(["Conversation with Dana"], entries, zone=ZONE))
    _, lines, tail = text.split(f"{RULE}\n")
    digest = hashlib.sha256(lines.encode()).hexdigest()
    assert tail.startswith(f"SHA-256: {digest}\n")
    assert digest == digest_of(entries, zone=ZONE)
    assert digest != digest_of(entries[:2], zone=ZONE)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_json_can_be_read_and_checked(count: int) -> None:
    entries = [entry(f"Text {n} 😀 “quoted”") for n in range(count)]
    told = json.loads("".join(as_json({"person": "Dana"}, entries)))
    assert told["about"] == {"person": "Dana"}
    assert [item["body"] for item in told["items"]] == [one.body for one in entries]
    lines = "".join(f"{canonical(item)}\n" for item in told["items"])
    assert told["sha256"] == hashlib.sha256(lines.encode()).hexdigest()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Hello", "Hello"),
        ("سلام", "ﺳﻼﻡ"),
        ("بيت", "ﺑﻴﺖ"),
        ("دار", "ﺩﺍﺭ"),
        ("لا", "ﻻ"),
        ("שלום", "שלום"),
    ],
)
def test_arabic_letters_are_joined(words: str, shown: str) -> None:
    assert pdf.joined(words) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [("Ana", "Ana"), ("你好", "<U+4F60><U+597D>"), ("a\tb", "a    b"), ("❤️", "❤"), ("x\u200by", "xy")],
)
def test_what_the_letters_lack_is_written_as_a_code(words: str, shown: str) -> None:
    assert pdf.drawable(words, frozenset({*range(32, 127), 0x2764})) == shown


@pytest.mark.parametrize(
    "body",
    ["Hello", "مرحبا، سيارتي في شارع 12 Main", "שלום 42 (ok)", "Привет 😀👍🏽 你好 ❤️", "\x00\x07", "long " * 3000, ""],
)
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_a_pdf_is_made_of_any_text(body: str, paper: str) -> None:
    made = pdf.render(["Conversation with Dana"], [entry(body)], zone=ZONE, digest="0" * 64, paper=paper)
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    assert (b"/MediaBox [0 0 612" in made) is (paper == "letter")


# Folding -------------------------------------------------------------------------------------------------------------


class Done:
    """An episode that was done so many hours ago; None while it is not."""

    def __init__(self, hours: float | None) -> None:
        self.closed_at = None if hours is None else AT - timedelta(hours=hours)


def stretch(index: int, since: float | None, until: float) -> Folded:
    return Folded(
        index=index, since=None if since is None else AT - timedelta(hours=since), until=AT - timedelta(hours=until)
    )


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ([], []),
        ([None], []),
        ([100], []),
        ([100, None], [stretch(0, None, 100)]),
        ([100, 50, None], [stretch(0, None, 100), stretch(1, 100, 50)]),
        ([100, 24, None], [stretch(0, None, 100), stretch(1, 100, 24)]),
        ([100, 23, None], [stretch(0, None, 100)]),
        ([23, None], []),
        ([None, 100, None], []),
        ([50, 100, None], [stretch(0, None, 50)]),
        ([100, 50, 40], [stretch(0, None, 100), stretch(1, 100, 50)]),
    ],
)
def test_which_episodes_fold(hours: list[float | None], found: list[Folded]) -> None:
    assert folded([Done(one) for one in hours], now=AT) == found
