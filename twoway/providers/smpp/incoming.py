"""From a deliver_sm to what it says: a text, a part of one, or a receipt.

Source: SMPP v3.4, sections 4.6, 5.2.12 (esm_class) and 5.3 (optional parameters), and appendix B for the text of a
receipt; the user data header is that of 3GPP TS 23.040, section 9.2.3.24.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from twoway.providers import smpp_codes as codes
from twoway.providers.base import Inbound, Part, Receipt, Status
from twoway.providers.smpp import alphabets, pdu

MESSAGE_TYPE: Final = 0x3C
RECEIPT, INTERMEDIATE = 0x04, 0x20
HAS_HEADER: Final = 0x40
_ACKNOWLEDGEMENTS = (0x08, 0x10, 0x18)
_CONCAT_8, _CONCAT_16 = 0x00, 0x08
_FIELD = re.compile(r"\b(id|stat|err)\s*:\s*(\S+)", re.IGNORECASE)
_TEXT = re.compile(r"\btext\s*:", re.IGNORECASE)
_CLOSE_ENOUGH: Final = 7
"""So many digits at the end make two ways of writing a number the same number."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What the session knows about a deliver_sm beside its octets: how it was set up, and the name it gave it."""

    id: str
    address: str
    alphabet: str = "gsm"
    ids: str = "same"


def understand(message: pdu.ShortMessage, heard: Heard) -> Inbound | Receipt | None:
    """What it says; None for an acknowledgement of a person's phone, which is neither a text nor a receipt."""
    kind = message.esm_class & MESSAGE_TYPE
    tlvs = message.tlvs
    if kind in (RECEIPT, INTERMEDIATE) or (pdu.RECEIPTED_MESSAGE_ID in tlvs and pdu.MESSAGE_STATE in tlvs):
        return _receipt(message, heard)
    return None if kind in _ACKNOWLEDGEMENTS else _text(message, heard)


def _text(message: pdu.ShortMessage, heard: Heard) -> Inbound:
    payload, part = message.payload, _sar(message)
    if message.esm_class & HAS_HEADER and payload:
        part = _concatenated(payload[1 : 1 + payload[0]]) or part
        payload = payload[1 + payload[0] :]
    return Inbound(
        provider_id=heard.id,
        sender=_number(message.source),
        recipient=_ours(message.destination, heard.address),
        body=alphabets.decode(payload, message.data_coding, alphabet=heard.alphabet),
        part=part,
    )


def _concatenated(header: bytes) -> Part | None:
    """The part a user data header speaks of, in either form; other elements are passed over."""
    place = 0
    while place + 2 <= len(header):
        kind, length = header[place], header[place + 1]
        value = header[place + 2 : place + 2 + length]
        if kind == _CONCAT_8 and len(value) == 3:
            return Part(reference=str(value[0]), number=value[2], total=value[1])
        if kind == _CONCAT_16 and len(value) == 4:
            return Part(reference=f"16:{int.from_bytes(value[:2], 'big')}", number=value[3], total=value[2])
        place += 2 + length
    return None


def _sar(message: pdu.ShortMessage) -> Part | None:
    reference, total, number = (
        message.tlvs.get(tag, b"") for tag in (pdu.SAR_MSG_REF_NUM, pdu.SAR_TOTAL_SEGMENTS, pdu.SAR_SEGMENT_SEQNUM)
    )
    if not (reference and total and number):
        return None
    return Part(reference=f"sar:{int.from_bytes(reference, 'big')}", number=number[-1], total=total[-1])


def _number(address: pdu.Address) -> str:
    """An international number with its plus; a name, a short code and whatever is not marked as it came."""
    is_international = address.ton == 1 and address.digits.isascii() and address.digits.isdigit()
    return f"+{address.digits}" if is_international else address.digits


def _ours(address: pdu.Address, own: str) -> str:
    """Our number as the channel writes it, however the SMSC does; another one of ours as `_number` has it."""
    theirs, mine = address.digits.lstrip("+0"), own.removeprefix("+")
    if theirs == mine or (len(theirs) >= _CLOSE_ENOUGH and address.ton != 1 and mine.endswith(theirs)):
        return own
    return _number(address)


# Receipts


def _receipt(message: pdu.ShortMessage, heard: Heard) -> Receipt:
    """The optional parameters win over the words, which every SMSC writes a little differently."""
    words = _words(alphabets.decode(message.payload, message.data_coding, alphabet=heard.alphabet))
    word, status = _state(message.tlvs.get(pdu.MESSAGE_STATE, b""), words.get("stat", ""))
    told = pdu.read_word(message.tlvs.get(pdu.RECEIPTED_MESSAGE_ID, b"")) or words.get("id", "")
    error = words.get("err", "") or _network_error(message.tlvs.get(pdu.NETWORK_ERROR_CODE, b""))
    is_bad = status in {Status.UNDELIVERED, Status.FAILED, Status.CANCELED}
    return Receipt(
        provider_id=canonical(told, heard.ids, is_receipt=True),
        status=status,
        raw_status=word,
        error_code=(f"{word}/{error}" if error.strip("0") else word)[:20] if is_bad else "",
        recipient=_number(message.source),
    )


def _words(text: str) -> dict[str, str]:
    """id, stat and err of a receipt's text, in any order and case; the customer's own words at its end don't count."""
    end = _TEXT.search(text)
    found = _FIELD.findall(text[: end.start()] if end else text)
    return {name.lower(): value for name, value in reversed(found)}


def _state(tlv: bytes, stat: str) -> tuple[str, Status]:
    """The SMSC's word for a state and ours; a new word is kept as it is."""
    if tlv and tlv[-1] in codes.STATES:
        return codes.STATES[tlv[-1]]
    word = stat.upper()[:7] if stat.upper()[:7] in codes.STATUS_OF_WORD else stat[:40]
    return word, codes.STATUS_OF_WORD.get(word, Status.UNKNOWN)


def _network_error(tlv: bytes) -> str:
    return f"{tlv[0]}:{int.from_bytes(tlv[1:3], 'big')}" if len(tlv) >= 3 and any(tlv[1:3]) else ""


def canonical(told: str, ids: str, *, is_receipt: bool) -> str:
    """A message's id in the one form in which answers and receipts agree; as it came when it is not such a number."""
    told = told.strip()
    base = {"same": 0, "decimal": 10, "hex-decimal": 10 if is_receipt else 16, "decimal-hex": 16 if is_receipt else 10}
    try:
        return str(int(told, base[ids])) if base[ids] else told
    except ValueError:
        return told
