"""From a text of ours to the submit_sm bodies that carry it.

Source: SMPP v3.4, sections 4.4 and 5.2; the user data header is that of 3GPP TS 23.040, section 9.2.3.24.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twoway.lib.words import noted
from twoway.providers.base import OutboundText, Rejected
from twoway.providers.smpp import alphabets, pdu
from twoway.providers.smpp.setup import Setup
from twoway.sms import pieces, segments

HAS_HEADER: Final = 0x40
WANTS_RECEIPT: Final = 0x01
LONGEST_PAYLOAD: Final = 64_000


def submissions(setup: Setup, text: OutboundText, *, address: str) -> Sequence[pdu.ShortMessage]:
    """The bodies of the submit_sm for one text, in order; the same text gives the same ones. `address` is our number.

    Raises `Rejected` when the text can't be sent.
    """
    body = segments.prepare(text.body)
    source = _source(setup, text.sender or address)
    destination = _destination(setup, text.recipient)
    ref = int(text.ref) if text.ref.isascii() and text.ref.isdigit() else 0
    made = []
    for data_coding, octets, esm_class, tlvs in _user_data(setup, body, ref):
        one = pdu.ShortMessage(
            source=source,
            destination=destination,
            short_message=octets,
            esm_class=esm_class,
            data_coding=data_coding,
            registered_delivery=WANTS_RECEIPT,
            validity=validity(text.validity),
            tlvs=tlvs,
        )
        made.append(one)
    return made


UserData = tuple[int, bytes, int, dict[int, bytes]]


def _user_data(setup: Setup, body: str, ref: int) -> list[UserData]:
    """For each part its data_coding, short_message, esm_class and optional parameters."""
    lacks = setup.alphabet == "latin1" and not alphabets.fits_latin1(body)
    encoding, parts = pieces.split(body, long_header=setup.concatenation == "udh16", as_ucs2=lacks)
    if len(parts) > pieces.MOST_PARTS:
        raise Rejected("content_invalid", f"It has {len(parts)} parts.")
    if setup.concatenation == "payload" and len(parts) > 1:
        data_coding, octets = _encoded(setup, body, encoding)
        if len(octets) > LONGEST_PAYLOAD:
            raise Rejected("content_invalid", f"It has {len(octets)} octets.")
        return [(data_coding, b"", 0, {pdu.MESSAGE_PAYLOAD: octets})]
    return [_part(setup, part, encoding, ref, number, len(parts)) for number, part in enumerate(parts, 1)]


def _encoded(setup: Setup, text: str, encoding: str) -> tuple[int, bytes]:
    return alphabets.encode(text, is_gsm=encoding == "GSM-7", alphabet=setup.alphabet)


def _part(setup: Setup, part: str, encoding: str, ref: int, number: int, total: int) -> UserData:
    data_coding, octets = _encoded(setup, part, encoding)
    if total == 1:
        return data_coding, octets, 0, {}
    if setup.concatenation == "sar":
        tlvs = {
            pdu.SAR_MSG_REF_NUM: (ref & 0xFFFF).to_bytes(2, "big"),
            pdu.SAR_TOTAL_SEGMENTS: bytes([total]),
            pdu.SAR_SEGMENT_SEQNUM: bytes([number]),
        }
        return data_coding, octets, 0, tlvs
    if setup.concatenation == "udh16":
        header = bytes([6, 8, 4, ref >> 8 & 0xFF, ref & 0xFF, total, number])
    else:
        header = bytes([5, 0, 3, ref & 0xFF, total, number])
    return data_coding, header + octets, HAS_HEADER, {}


def validity(seconds: int) -> str:
    """A period in SMPP's relative form, YYMMDDhhmmss000R, for at most 99 days."""
    days, rest = divmod(min(max(seconds, 1), 86_400 * 28), 86_400)
    hours, rest = divmod(rest, 3600)
    return f"0000{days:02d}{hours:02d}{rest // 60:02d}{rest % 60:02d}000R"


def _source(setup: Setup, sender: str) -> pdu.Address:
    """A number in E.164 is 1/1 without its plus, a name 5/0, a short code 0/1, unless the setup says otherwise."""
    if sender.startswith("+"):
        ton, npi = 1, 1
    elif sender.isascii() and sender.isdigit():
        ton, npi = 0, 1
    else:
        ton, npi = 5, 0
    return _with(sender.removeprefix("+"), ton, npi, setup.source_ton, setup.source_npi)


def _destination(setup: Setup, recipient: str) -> pdu.Address:
    if not recipient.removeprefix("+").isascii() or not recipient.removeprefix("+").isdigit():
        raise Rejected("invalid_number", noted("SMPP sends to numbers only."))
    return _with(recipient.removeprefix("+"), 1, 1, setup.dest_ton, setup.dest_npi)


def _with(digits: str, ton: int, npi: int, set_ton: int | None, set_npi: int | None) -> pdu.Address:
    return pdu.Address(
        digits=digits[:20], ton=ton if set_ton is None else set_ton, npi=npi if set_npi is None else set_npi
    )
