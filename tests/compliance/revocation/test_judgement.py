"""How well refusals are told from ordinary texts: on lines never trained on, and on well-known lists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from twoway.compliance.revocation import classifier, wording
from twoway.compliance.revocation.judgement import judge
from twoway.compliance.revocation.lines import KINDS, is_held_out, read
from twoway.compliance.revocation.patterns import found
from twoway.compliance.revocation.rules import answer
from twoway.ops.commands.revocation import documents

ROOT = Path(__file__).parents[3]
LINES = ROOT / "scripts" / "revocation" / "lines.tsv"
PAGE = ROOT / "docs" / "compliance" / "revocation.md"
REFUSALS = (
    "STOP", "Stop.", "stop!!!", "Please stop texting me", "unsubscribe me please", "Remove me from your list",
    "take me off this list", "don't text me again", "do not contact me anymore", "quit texting this number",
    "no more texts", "lose my number", "leave me alone", "opt out", "opt-out", "I want to opt out of these messages",
    "cancel my subscription to these texts", "wrong number, stop", "I revoke my consent",
    "you don't have permission to text me", "Stop sending me messages or I will report you", "Please unsub",
    "no más mensajes", "ya no me manden mensajes", "arrête de m'envoyer des sms", "bitte keine SMS mehr", "STOP ALL",
    "S T O P", "stpo", "🛑", "✋", "END", "TAKE ME OFF UR LIST NOW", "im out", "lose it", "block me",
    "who is this take me off", "wrong person", "not interested anymore", "i said no more", "enough already",
    "Thanks for the help but please don't text me again",
)  # fmt: skip
ORDINARY = (
    "I'll stop by the store at 5", "can you stop the delivery?", "please quit calling me names",
    "What time does the sale end?", "I need to cancel my order #1234", "don't stop now, keep going",
    "is there a bus stop nearby?", "non-stop flight?", "My package stopped moving",
    "Please cancel my appointment for Tuesday", "how do I unsubscribe from the newsletter email?",
    "the app keeps stopping", "I quit smoking last week lol", "end of the month works for me",
    "can I opt out of the warranty?", "stop payment on the check please", "you can stop worrying, it arrived",
    "Do not stop my service please", "I don't want to cancel, just pause", "remove the second item from my order",
    "quit showing me offers? no, it's fine lol", "weekend", "stopwatch band size?", "please don't unsubscribe me",
    "Not STOP, I said SHOP", "STOP this bill", "cancel my order", "Stop by at five", "yes", "START", "",
)  # fmt: skip


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_is_acted_on_or_asked_about(text: str) -> None:
    assert judge([text])[0].kind in {"opt_out", "unsure"}


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_text_is_never_acted_on(text: str) -> None:
    assert judge([text])[0].kind != "opt_out"


def test_the_page_says_what_is_measured_on_the_held_out_part() -> None:
    lines = [line for line in read(LINES) if is_held_out(line.text)]
    verdicts = [verdict.kind for verdict in judge([line.text for line in lines])]
    counted = Counter((line.kind, kind) for line, kind in zip(lines, verdicts, strict=True))
    by_language = Counter((line.language, line.kind, kind) for line, kind in zip(lines, verdicts, strict=True))
    page = PAGE.read_text()
    for what in KINDS:
        row = [counted[what, kind] for kind in ("opt_out", "unsure", "none")]
        assert f"| all | {what} | {sum(row)} | {row[0]} | {row[1]} | {row[2]} |" in page
        for language in ("en", "es", "fr", "de", "pt", "it"):
            row = [by_language[language, what, kind] for kind in ("opt_out", "unsure", "none")]
            assert f"| {language} | {what} | {sum(row)} | {row[0]} | {row[1]} | {row[2]} |" in page
    missed, asked = counted["out", "none"], counted["plain", "unsure"]
    assert missed <= 0.05 * sum(counted["out", kind] for kind in ("opt_out", "unsure", "none"))
    assert counted["plain", "opt_out"] == 0
    assert asked <= 0.05 * sum(counted["plain", kind] for kind in ("opt_out", "unsure", "none"))


def test_the_set_is_as_large_as_the_page_says() -> None:
    kinds = Counter(line.kind for line in read(LINES))
    assert kinds["out"] + kinds["hint"] >= 600
    assert kinds["hard"] >= 600
    assert kinds["plain"] >= 1000
    assert len({line.language for line in read(LINES)}) == 6
    assert classifier.MODEL.stat().st_size < 2_000_000


def test_a_batch_says_what_each_text_alone_says() -> None:
    texts = ["STOP", "", "where is my order", "take me off your list", "stop the delivery", "im out"]
    assert judge(texts) == [judge([text])[0] for text in texts]


def test_one_document_a_line_whatever_is_in_it() -> None:
    told = list(documents([b"STOP\n", b"\n", b"\xff\n", b"hi\r\n", b"take me off your list"]))
    assert [row.get("verdict", "error") for row in told] == ["opt_out", "none", "error", "none", "opt_out"]
    assert all(row["why"] for row in told if "why" in row)
    assert re.search(r"Line 3 ", told[2]["error"])


@pytest.mark.parametrize(
    ("text", "says"),
    [("yes", True), ("No, thanks", False), ("Sí!", True), ("nein", False), ("yes that is the right colour", None)],
)
def test_short_answers_to_the_question(text: str, says: bool | None) -> None:
    assert answer(text) is says


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PLZ stp txting me!!!", "please stop texting me ."),
        ("ne m'écrivez plus", "ne m ecrivez plus"),
        ("s t o p", "stop"),
        ("please don't unsubscribe me", "please staysubscribed me"),
        ("I'll stop by at 5", "i will visit at 0"),
    ],
)
def test_how_texts_are_made_comparable(text: str, words: str) -> None:
    assert " ".join(wording.words(text)) == words


def test_most_ordinary_texts_need_no_model() -> None:
    plain = [line.text for line in read(LINES) if line.kind == "plain"]
    assert sum(map(classifier.may_matter, plain)) < 0.25 * len(plain)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("do not text me again", "en"),
        ("ya no me manden nada", "es"),
        ("desabonnez-moi", "fr"),
        ("bitte keine sms mehr", "de"),
        ("tira meu número", "pt"),
        ("basta messaggi", "it"),
        ("where is my order", ""),
    ],
)
def test_patterns(text: str, language: str) -> None:
    assert found(" ".join(wording.words(text))) == language
