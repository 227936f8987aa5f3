"""A text of ours becomes the parts that say it: nothing lost, no character cut, counted as it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from aiosmpplib.codec import find_codec_info  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from twoway.providers.base import Account, Inbound, OutboundText, Rejected
from twoway.providers.smpp import incoming, outgoing, pdu, setup
from twoway.sms import gsm, pieces, segments

SETUP = setup.setup_of(
    Account(
        address="+14155550199",
        credentials={"host": "smpp.example.com", "port": "2775", "system_id": "ridgeway", "password": "s3cret"},
    )
)
WAYS = ("udh", "udh16", "sar", "payload")
GSM = st.text(st.sampled_from(segments.BASIC + segments.EXTENSION), max_size=700)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=500)
BODIES = st.one_of(GSM, ANY, st.text(st.sampled_from("ab€😀👨‍👩‍👧 ж"), max_size=400))


def submissions(
    body: str, *, ref: str = "4660", recipient: str = "+14155550101", **more: Any
) -> Sequence[pdu.ShortMessage]:
    text = OutboundText(
        ref=ref, recipient=recipient, body=body, validity=more.pop("validity", 3600), sender=more.pop("sender", "")
    )
    return outgoing.submissions(replace(SETUP, **more), text, address="+14155550199")


def read_back(made: Sequence[pdu.ShortMessage], **known: str) -> str:
    """What a phone shows that joins the parts."""
    heard = incoming.Heard(id="1", address="+14155550199", **known)
    said = [incoming.understand(pdu.read_short_message(one.octets()), heard) for one in made]
    texts = [one for one in said if isinstance(one, Inbound)]
    if len(texts) == 1:
        return texts[0].body
    by_number = {one.part.number: one.body for one in texts if one.part is not None}
    assert len({(one.part.reference, one.part.total) for one in texts if one.part is not None}) == 1
    return pieces.join(by_number, len(texts))


@given(BODIES, st.sampled_from(WAYS), st.sampled_from(setup.ALPHABETS))
def test_what_leaves_is_what_was_written(body: str, way: str, alphabet: str) -> None:
    made = submissions(body, concatenation=way, alphabet=alphabet)
    assert read_back(made, alphabet=alphabet) == segments.prepare(body)


@given(BODIES, st.booleans())
def test_parts_are_as_many_and_as_full_as_was_counted(body: str, long_header: bool) -> None:
    encoding, parts = pieces.split(body, long_header=long_header)
    counted = segments.count(body, toll_free_us=long_header)
    assert (encoding, len(parts)) == (counted.encoding, counted.segments)
    assert "".join(parts) == body
    assert tuple(segments.count(part).units if encoding == "GSM-7" else len(part.encode("utf-16-be")) // 2
                 for part in parts) == counted.per_segment  # fmt: skip


@given(BODIES, st.sampled_from(WAYS))
def test_every_part_fits_into_one_message_of_the_network(body: str, way: str) -> None:
    made = submissions(body, concatenation=way)
    for one in made:
        assert len(one.short_message) <= pdu.LONGEST_SHORT_MESSAGE
        if way == "payload" and pdu.MESSAGE_PAYLOAD in one.tlvs:
            continue
        header = 1 + one.short_message[0] if one.esm_class & 0x40 else 0
        octets = one.short_message[header:]
        reserved = 6 if way == "sar" and len(made) > 1 else header
        if one.data_coding == 8:
            assert reserved + len(octets) <= 140
            octets.decode("utf-16-be")  # strict: no half of a pair
        else:
            assert len(octets) <= (140 - reserved) * 8 // 7
            assert not octets.endswith(b"\x1b")


@given(GSM)
def test_the_alphabet_is_that_of_another_codec(body: str) -> None:
    other = find_codec_info("gsm0338", None)
    assert gsm.encode(body) == other.encode(body)[0]
    assert gsm.decode(gsm.encode(body)) == body


@pytest.mark.parametrize(
    ("way", "first", "esm_class"),
    [("udh", b"\x05\x00\x03\x34\x02\x01", 0x40), ("udh16", b"\x06\x08\x04\x12\x34\x02\x01", 0x40), ("sar", b"xxx", 0)],
)
def test_how_parts_are_tied_together(way: str, first: bytes, esm_class: int) -> None:
    made = submissions("x" * 200, concatenation=way)
    assert [one.esm_class for one in made] == [esm_class] * 2
    assert made[0].short_message.startswith(first)
    tlvs = {0x020C: b"\x12\x34", 0x020E: b"\x02", 0x020F: b"\x01"} if way == "sar" else {}
    assert made[0].tlvs == tlvs


def test_the_same_text_makes_the_same_parts_again() -> None:
    assert submissions("x" * 200) == submissions("x" * 200)
    assert submissions("x" * 200) != submissions("x" * 200, ref="4661")


def test_a_payload_is_one_message() -> None:
    (one,) = submissions("ж" * 200, concatenation="payload")
    assert (one.short_message, one.data_coding, len(one.tlvs[pdu.MESSAGE_PAYLOAD])) == (b"", 8, 400)


@pytest.mark.parametrize(
    ("sender", "source"),
    [
        ("+14155550199", pdu.Address(digits="14155550199", ton=1, npi=1)),
        ("72727", pdu.Address(digits="72727", ton=0, npi=1)),
        ("Ridgeway", pdu.Address(digits="Ridgeway", ton=5, npi=0)),
    ],
)
def test_the_type_of_our_number_follows_from_it(sender: str, source: pdu.Address) -> None:
    (one,) = submissions("hi", sender=sender)
    assert one.source == source
    assert one.destination == pdu.Address(digits="14155550101", ton=1, npi=1)
    assert one.registered_delivery == 1


def test_the_setup_may_say_otherwise() -> None:
    (one,) = submissions("hi", sender="72727", source_ton=3, source_npi=0, dest_ton=0, dest_npi=0)
    assert (one.source.ton, one.source.npi, one.destination.ton, one.destination.npi) == (3, 0, 0, 0)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "000000000001000R"), (3600, "000000010000000R"), (90_061, "000001010101000R"), (10**9, "000028000000000R")],
)
def test_a_validity(seconds: int, written: str) -> None:
    (one,) = submissions("hi", validity=seconds)
    assert one.validity == written


@pytest.mark.parametrize("recipient", ["Ridgeway", "a@example.com", ""])
def test_a_name_cannot_be_texted(recipient: str) -> None:
    with pytest.raises(Rejected):
        submissions("hi", recipient=recipient)


def test_more_parts_than_there_can_be_are_refused() -> None:
    with pytest.raises(Rejected) as refused:
        submissions("😀" * 9000)
    assert refused.value.code == "content_invalid"


@pytest.mark.parametrize(
    ("parts", "total", "words"),
    [
        ({1: "a", 2: "b"}, 2, "ab"),
        ({1: "x\ud83d", 2: "\ude00y"}, 2, "x😀y"),
        ({1: "1 \x1b", 2: "e"}, 2, "1 €"),
        ({1: "one", 3: "three"}, 3, "one [part 2 of 3 is missing] three"),
        ({2: "two"}, 3, "[part 1 of 3 is missing] two [part 3 of 3 is missing]"),
        ({1: "x\ud83d", 3: "z"}, 3, "x\ufffd [part 2 of 3 is missing] z"),
        ({2: "b", 3: "c"}, 4, "[part 1 of 4 is missing] bc [part 4 of 4 is missing]"),
    ],
)
def test_parts_are_joined_and_gaps_named(parts: dict[int, str], total: int, words: str) -> None:
    assert pieces.join(parts, total) == words
