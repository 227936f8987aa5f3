"""The octets of a text under each data_coding.

Source: SMPP v3.4, section 5.2.19; for 0x10 and above 3GPP TS 23.038, data coding scheme.
"""

from __future__ import annotations

from typing import Final

from twoway.sms import gsm

DEFAULT: Final = 0x00
UCS2: Final = 0x08

_CODECS = {0x01: "ascii", 0x03: "latin-1", 0x05: "shift_jis", 0x06: "iso8859-5", 0x07: "iso8859-8", 0x0E: "euc_kr"}
_BINARY = (0x02, 0x04)


def decode(octets: bytes, data_coding: int, *, alphabet: str) -> str:
    """The text of some user data without its header; it never fails. `alphabet` is what data_coding 0 means.

    Half a surrogate pair stays as it is, for it may be made whole by the next part. Binary data is shown as its octets.
    """
    kind = _kind(data_coding)
    if kind in _BINARY:
        return f"[not a text: {octets.hex(' ')}]"
    if kind == UCS2:
        return octets[: len(octets) & ~1].decode("utf-16-be", "surrogatepass")
    if kind in _CODECS:
        return octets.decode(_CODECS[kind], "replace")
    return octets.decode("latin-1") if alphabet == "latin1" else gsm.decode(octets)


def _kind(data_coding: int) -> int:
    """The data_coding of 0x00 to 0x0F that this one amounts to; what is reserved counts as the default."""
    if data_coding < 0x10:
        return data_coding
    if data_coding >= 0xF0:
        return 0x04 if data_coding & 0x04 else DEFAULT
    if data_coding < 0x40 and not data_coding & 0x20:
        return {0x04: 0x04, 0x08: UCS2}.get(data_coding & 0x0C, DEFAULT)
    return UCS2 if data_coding >= 0xE0 else DEFAULT


def encode(text: str, *, is_gsm: bool, alphabet: str) -> tuple[int, bytes]:
    """The data_coding and octets of a prepared text; `is_gsm` says that its every character is in the GSM alphabet.

    An SMSC whose default alphabet is Latin-1 gets Latin-1, and UCS-2 for what Latin-1 lacks, such as € and Greek.
    """
    if is_gsm and alphabet == "gsm":
        return DEFAULT, gsm.encode(text)
    if is_gsm and fits_latin1(text):
        return DEFAULT, text.encode("latin-1")
    return UCS2, text.encode("utf-16-be", "replace")


def fits_latin1(text: str) -> bool:
    """Whether every character is in Latin-1."""
    return all(ord(char) < 0x100 for char in text)
