"""Segment counting against reference vectors, and what must hold for any text."""

import itertools
import json
import runpy
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.sms import segments
from twoway.sms.plainer import plainer

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "segments.json").read_text())
GSM = segments.BASIC + segments.EXTENSION
ANY_TEXT = st.one_of(
    st.text(max_size=400),
    st.text(alphabet=GSM, max_size=700),
    st.text(alphabet="aж😀€’\u0301\u200d", max_size=400),
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_count_is_the_one_of_independent_calculators(vector: dict[str, Any]) -> None:
    counted = segments.count(vector["text"])
    assert counted.encoding == vector["encoding"]
    assert counted.units == vector["units"]
    assert counted.segments == vector["segments"]
    assert list(counted.per_segment) == vector["per_segment"]


def test_the_alphabet_has_its_137_characters_once() -> None:
    assert len(segments.BASIC) == len(set(segments.BASIC)) == 127
    assert len(segments.EXTENSION) == len(set(segments.EXTENSION)) == 10
    assert not set(segments.BASIC) & set(segments.EXTENSION)


@pytest.mark.parametrize(
    ("text", "usual", "toll_free"),
    [
        ("a" * 160, (160,), (160,)),
        ("a" * 306, (153, 153), (152, 152, 2)),
        ("ж" * 70, (70,), (70,)),
        ("ж" * 134, (67, 67), (66, 66, 2)),
        ("a" * 151 + "€" + "b" * 20, (153, 20), (151, 22)),
    ],
)
def test_parts_to_toll_free_numbers_are_smaller(text: str, usual: tuple[int, ...], toll_free: tuple[int, ...]) -> None:
    assert segments.count(text).per_segment == usual
    assert segments.count(text, toll_free_us=True).per_segment == toll_free


@given(ANY_TEXT, st.booleans())
def test_parts_add_up_and_respect_the_limit(text: str, toll_free: bool) -> None:
    counted = segments.count(text, toll_free_us=toll_free)
    single, many = {"GSM-7": (160, 153), "UCS-2": (70, 67)}[counted.encoding]
    limit = single if counted.segments == 1 else many - toll_free
    assert sum(counted.per_segment) == counted.units
    assert len(counted.per_segment) == counted.segments
    assert max(counted.per_segment) <= limit


@given(ANY_TEXT)
def test_units_are_those_of_the_encoded_text(text: str) -> None:
    counted = segments.count(text)
    if counted.encoding == "UCS-2":
        assert counted.units == len(text.encode("utf-16-be", "surrogatepass")) // 2
    else:
        assert counted.units == sum(2 if char in segments.EXTENSION else 1 for char in text)


@given(ANY_TEXT)
def test_no_character_is_cut_in_two(text: str) -> None:
    """Every part boundary must fall on the running total of whole characters."""
    counted = segments.count(text)
    double = segments.EXTENSION if counted.encoding == "GSM-7" else None
    totals, total = {0}, 0
    for char in text:
        total += 2 if (char in double if double is not None else ord(char) > 0xFFFF) else 1
        totals.add(total)
    boundary = 0
    for part in counted.per_segment:
        boundary += part
        assert boundary in totals


@given(ANY_TEXT)
def test_a_text_without_costly_characters_is_gsm(text: str) -> None:
    assert (segments.costly(text) == []) == (segments.count(text).encoding == "GSM-7")


def test_a_costly_character_is_named() -> None:
    (quote,) = segments.costly("It’s ready")
    assert (quote.char, quote.code_point, quote.position, quote.replacement) == ("’", "U+2019", 2, "'")
    assert quote.name == "RIGHT SINGLE QUOTATION MARK"


@pytest.mark.parametrize(
    ("char", "name"), [("\t", "TAB"), ("\x1b", "CONTROL CHARACTER"), ("\ue000", "UNNAMED CHARACTER")]
)
def test_a_character_without_a_name_gets_a_word(char: str, name: str) -> None:
    assert [costly.name for costly in segments.costly(f"a{char}b")] == [name]


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("a" * 159 + "’", "a" * 159 + "'"),
        ("“" + "a" * 69 + "”", '"' + "a" * 69 + '"'),
        ("Wait… — " + "b" * 70, "Wait... - " + "b" * 70),
        ("a\u00a0b\u200b" + "c" * 70, "a b" + "c" * 70),
        ("é" + "e\u0301" + "x" * 70 + "’", "éé" + "x" * 70 + "'"),
        ("« oui »" + "x" * 70, '" oui "' + "x" * 70),
        ("It’s ready", None),
        ("más" + "a" * 150 + "’", None),
        ("😀" + "’" * 80, None),
        ("a" * 400, None),
        ("", None),
    ],
)
def test_a_cheaper_text_is_suggested_only_when_it_saves_a_part(text: str, suggested: str | None) -> None:
    assert segments.suggestion(text) == suggested


@given(ANY_TEXT)
def test_a_suggestion_is_gsm_and_cheaper(text: str) -> None:
    suggested = segments.suggestion(text)
    if suggested is not None:
        assert segments.count(suggested).encoding == "GSM-7"
        assert segments.count(suggested).segments < segments.count(text).segments


@given(st.characters())
def test_a_plainer_character_is_gsm_itself(char: str) -> None:
    replacement = plainer(char)
    if replacement is not None:
        assert char not in GSM
        assert segments.costly(replacement) == []
        assert not unicodedata.combining(char)


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("cafe\u0301", "café"),
        ("\u2126 \u212b", "Ω Å"),
        ("a\tb\x00\x1b\x07c\x7f", "a bc"),
        ("one\r\ntwo\fthree", "one\r\ntwo\fthree"),
        ("half \ud83d", "half \ufffd"),
        ("pair \ud83d\ude00", "pair 😀"),
    ],
)
def test_a_text_is_prepared_for_sending(text: str, prepared: str) -> None:
    assert segments.prepare(text) == prepared


ODD_TEXT = st.text(alphabet=st.one_of(st.characters(codec=None), st.sampled_from("\x00\x1b\t\ud83d\ude00e\u0301")))


@given(ODD_TEXT)
def test_preparing_twice_changes_nothing_and_the_result_can_be_sent(text: str) -> None:
    prepared = segments.prepare(text)
    assert segments.prepare(prepared) == prepared
    assert unicodedata.is_normalized("NFC", prepared)
    assert prepared.encode("utf-8").decode("utf-8") == prepared
    assert not set(prepared) & set(map(chr, [*range(10), 11, *range(14, 32), 127]))


@given(ODD_TEXT)
def test_an_inbound_text_can_always_be_stored(text: str) -> None:
    stored = segments.clean_inbound(text)
    assert "\x00" not in stored
    assert stored.encode("utf-8").decode("utf-8") == stored
    assert segments.clean_inbound(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)


def test_an_inbound_text_keeps_its_odd_characters() -> None:
    assert segments.clean_inbound("\x1b[31m\u200bhi\t\r\n👨\u200d👩") == "\x1b[31m\u200bhi\t\r\n👨\u200d👩"


# Plainer characters, the same in the browser -----------------------------------------------------------------------

PLAINER = json.loads((Path(__file__).parents[1] / "vectors" / "plainer.json").read_text())


@pytest.mark.parametrize("vector", PLAINER, ids=lambda vector: ascii(vector["text"][:12]))
def test_plainer_texts_are_those_the_browser_is_tested_with(vector: dict[str, Any]) -> None:
    text = vector["text"]
    assert segments.plain_text(text) == vector["plain"]
    assert segments.suggestion(text) == vector["suggestion"]
    assert [[piece.before, piece.after] for piece in segments.pieces(text)] == vector["pieces"]
    for toll_free, name in ((False, "without"), (True, "without_toll_free")):
        left = segments.without_costly(text, toll_free_us=toll_free)
        assert [left.encoding, left.units, left.segments] == vector[name]


def test_the_browser_has_the_same_table() -> None:
    root = Path(__file__).parents[2]
    script: dict[str, Any] = runpy.run_path(str(root / "scripts" / "plainer"))
    assert (root / "assets/js/plainer.js").read_text() == script["module"](), "run scripts/plainer"


@given(ANY_TEXT)
def test_pieces_are_the_text_before_and_after(text: str) -> None:
    found = segments.pieces(text)
    assert "".join(piece.before for piece in found) == segments.prepare(text)
    assert "".join(piece.after for piece in found) == segments.plain_text(text)
    assert all(one.is_changed != other.is_changed for one, other in itertools.pairwise(found))


@given(ANY_TEXT, st.booleans())
def test_without_its_costly_characters_a_text_costs_no_more(text: str, toll_free: bool) -> None:
    left = segments.without_costly(text, toll_free_us=toll_free)
    assert left.encoding == "GSM-7"
    if segments.count(text).encoding == "UCS-2":
        assert left.segments <= segments.count(segments.prepare(text), toll_free_us=toll_free).segments * 3


def test_a_suggestion_counts_the_smaller_parts_of_a_toll_free_number() -> None:
    text = "’" + "a" * 305
    assert segments.suggestion(text) is not None
    assert segments.suggestion(text, toll_free_us=True) is not None
    assert segments.count(segments.plain_text(text), toll_free_us=True).segments == 3
