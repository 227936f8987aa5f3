"""The octets of SMPP's messages, called PDUs: to and from fields, without reading anything into them.

Source: Short Message Peer to Peer Protocol Specification v3.4, issue 1.2, sections 3 to 5. A PDU is a header of four
32-bit numbers (length, command, status, sequence number) and a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Final

BIND_RECEIVER: Final = 0x01
BIND_TRANSMITTER: Final = 0x02
SUBMIT_SM: Final = 0x04
DELIVER_SM: Final = 0x05
UNBIND: Final = 0x06
BIND_TRANSCEIVER: Final = 0x09
ENQUIRE_LINK: Final = 0x15
RESPONSE: Final = 0x8000_0000
GENERIC_NACK: Final = 0x8000_0000

MESSAGE_PAYLOAD: Final = 0x0424
RECEIPTED_MESSAGE_ID: Final = 0x001E
MESSAGE_STATE: Final = 0x0427
NETWORK_ERROR_CODE: Final = 0x0423
SAR_MSG_REF_NUM: Final = 0x020C
SAR_TOTAL_SEGMENTS: Final = 0x020E
SAR_SEGMENT_SEQNUM: Final = 0x020F

HEADER = Struct("!IIII")
HEADER_OCTETS: Final = 16
MOST_OCTETS: Final = 70_000
"""A message_payload holds up to 64 KiB; the rest of a PDU is short."""
LONGEST_SHORT_MESSAGE: Final = 254
VERSION_3_4: Final = 0x34

_TLV = Struct("!HH")


class PduError(ValueError):
    """These octets are no such PDU; the text says why."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU, its body unread."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    @property
    def is_response(self) -> bool:
        """Whether it answers one of ours."""
        return self.command >= RESPONSE

    def octets(self) -> bytes:
        """As it goes over the line."""
        header = HEADER.pack(HEADER_OCTETS + len(self.body), self.command, self.status, self.sequence)
        return header + self.body

    def answer(self, status: int = 0, body: bytes = b"") -> Pdu:
        """The response to this request."""
        return Pdu(self.command | RESPONSE, status, self.sequence, body)


def read(octets: bytes) -> Pdu:
    """One whole PDU. Raises `PduError`."""
    if len(octets) < HEADER_OCTETS:
        raise PduError("It is shorter than a header.")
    length, command, status, sequence = HEADER.unpack_from(octets)
    if length != len(octets):
        raise PduError(f"It says it has {length} octets and has {len(octets)}.")
    return Pdu(command, status, sequence, octets[HEADER_OCTETS:])


@dataclass(frozen=True, kw_only=True, slots=True)
class Bind:
    """The body of a bind request. `password` is never shown."""

    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    version: int = VERSION_3_4

    def octets(self) -> bytes:
        """The body. Address type, plan and range are left to the SMSC."""
        words = b"".join(_c_octets(word) for word in (self.system_id, self.password, self.system_type))
        return words + bytes([self.version, 0, 0]) + b"\0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A number or name with its type (TON) and plan (NPI)."""

    digits: str
    ton: int = 0
    npi: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ShortMessage:
    """The body of submit_sm and deliver_sm. `tlvs` are the optional parameters by tag."""

    source: Address
    destination: Address
    short_message: bytes = field(default=b"", repr=False)
    esm_class: int = 0
    data_coding: int = 0
    registered_delivery: int = 0
    validity: str = ""
    service_type: str = ""
    tlvs: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def payload(self) -> bytes:
        """The user data, wherever it stands."""
        return self.short_message or self.tlvs.get(MESSAGE_PAYLOAD, b"")

    def octets(self) -> bytes:
        """The body. Raises `PduError` when the message does not fit."""
        if len(self.short_message) > LONGEST_SHORT_MESSAGE:
            raise PduError(
                f"A short_message has at most {LONGEST_SHORT_MESSAGE} octets, not {len(self.short_message)}."
            )
        return b"".join(
            [
                _c_octets(self.service_type),
                _address(self.source),
                _address(self.destination),
                bytes([self.esm_class, 0, 0]),
                b"\0",
                _c_octets(self.validity),
                bytes([self.registered_delivery, 0, self.data_coding, 0, len(self.short_message)]),
                self.short_message,
                *(_TLV.pack(tag, len(value)) + value for tag, value in self.tlvs.items()),
            ]
        )


def read_short_message(body: bytes) -> ShortMessage:
    """The fields of a submit_sm or deliver_sm body. Raises `PduError`. The last of repeated parameters counts."""
    reader = _Reader(body)
    service_type = reader.word()
    source, destination = reader.address(), reader.address()
    esm_class, _, _ = reader.octet(), reader.octet(), reader.octet()
    reader.word()
    validity = reader.word()
    registered_delivery, _, data_coding, _ = reader.octet(), reader.octet(), reader.octet(), reader.octet()
    octets = reader.take(reader.octet())
    return ShortMessage(
        source=source,
        destination=destination,
        short_message=octets,
        esm_class=esm_class,
        data_coding=data_coding,
        registered_delivery=registered_delivery,
        validity=validity,
        service_type=service_type,
        tlvs=reader.tlvs(),
    )


def read_word(body: bytes) -> str:
    """The first word of a body: a message id or a system id; "" when there is none, as in a refusal."""
    return body.partition(b"\0")[0].decode("latin-1")


def _c_octets(word: str) -> bytes:
    """A word with its closing zero. Raises `PduError` when it holds what an SMSC would not read back."""
    if "\0" in word or not word.isascii():
        raise PduError("Names, numbers and passwords are ASCII in SMPP.")
    return word.encode() + b"\0"


def _address(one: Address) -> bytes:
    return bytes([one.ton, one.npi]) + _c_octets(one.digits)


class _Reader:
    """Reads a body from front to back. Whatever is missing raises `PduError`."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def octet(self) -> int:
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        taken = self._body[self._at : self._at + count]
        if len(taken) < count:
            raise PduError(f"It ends {count - len(taken)} octets early.")
        self._at += count
        return taken

    def word(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise PduError("A word has no end.")
        word = self._body[self._at : end]
        self._at = end + 1
        return word.decode("latin-1")

    def address(self) -> Address:
        ton, npi = self.octet(), self.octet()
        return Address(ton=ton, npi=npi, digits=self.word())

    def tlvs(self) -> dict[int, bytes]:
        """Optional parameters up to the end. A few stray octets there are left: some SMSCs pad."""
        found = {}
        while len(self._body) - self._at >= _TLV.size:
            tag, length = _TLV.unpack_from(self._body, self._at)
            self._at += _TLV.size
            found[tag] = self.take(length)
        return found
