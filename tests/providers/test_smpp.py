"""SMPP's messages: to octets and back, beside an independent codec; what an SMSC says, in tables."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from smpplib import command as smpplib_command  # type: ignore[import-untyped]
from smpplib import smpp as smpplib_smpp

from twoway.providers import failures, registry
from twoway.providers import smpp_codes as codes
from twoway.providers.base import Account, Inbound, Malformed, Part, RawRequest, Receipt, Rejected, Status, Throttled
from twoway.providers.smpp import adapter, alphabets, incoming, pdu, setup

GIVEN = {"host": "smpp.example.com", "port": "2775", "system_id": "ridgeway", "password": "s3cret"}
ACCOUNT = Account(address="+14155550199", credentials=GIVEN)
CUSTOMER, DESK = (pdu.Address(digits=digits, ton=1, npi=1) for digits in ("14155550101", "14155550199"))
HEARD = incoming.Heard(id="d1.1", address="+14155550199")


def text(octets: bytes = b"hi", **fields: Any) -> pdu.ShortMessage:
    return pdu.ShortMessage(**{"source": CUSTOMER, "destination": DESK, "short_message": octets, **fields})


def hear(message: pdu.ShortMessage, **known: str) -> Inbound | Receipt | None:
    return incoming.understand(message, replace(HEARD, **known))


def heard_text(message: pdu.ShortMessage, **known: str) -> Inbound:
    said = hear(message, **known)
    assert isinstance(said, Inbound)
    return said


def heard_receipt(words: str = "", tlvs: dict[int, bytes] | None = None, **known: str) -> Receipt:
    said = hear(text(words.encode(), esm_class=0x04, tlvs=tlvs or {}), **known)
    assert isinstance(said, Receipt)
    return said


# Octets


def test_a_submit_is_read_by_another_codec() -> None:
    body = text(
        b"h\x1b\x65", esm_class=0x40, data_coding=8, registered_delivery=1, validity="000000010000000R"
    ).octets()
    parsed = smpplib_smpp.parse_pdu(pdu.Pdu(pdu.SUBMIT_SM, 0, 7, body).octets(), need_sequence=False)
    assert (parsed.command, parsed.sequence, parsed.status) == ("submit_sm", 7, 0)
    assert (parsed.source_addr, parsed.destination_addr) == (b"14155550101", b"14155550199")
    assert (parsed.source_addr_ton, parsed.dest_addr_npi) == (1, 1)
    assert (parsed.esm_class, parsed.data_coding, parsed.registered_delivery) == (0x40, 8, 1)
    assert (parsed.validity_period, parsed.short_message) == (b"000000010000000R", b"h\x1b\x65")


def test_a_bind_is_read_by_another_codec_and_hides_its_password() -> None:
    bind = pdu.Bind(system_id="ridgeway", password="s3cret", system_type="SMPP")
    parsed = smpplib_smpp.parse_pdu(pdu.Pdu(pdu.BIND_TRANSCEIVER, 0, 1, bind.octets()).octets(), need_sequence=False)
    assert (parsed.system_id, parsed.password, parsed.system_type) == (b"ridgeway", b"s3cret", b"SMPP")
    assert parsed.interface_version == 0x34
    assert "s3cret" not in repr(bind) + repr(setup.setup_of(ACCOUNT))


def test_another_codecs_delivery_is_read() -> None:
    made = smpplib_command.DeliverSM(
        "deliver_sm",
        need_sequence=False,
        source_addr="14155550101",
        source_addr_ton=1,
        destination_addr="14155550199",
        esm_class=4,
        short_message=b"id:7 stat:DELIVRD",
        receipted_message_id="7",
        message_state=2,
    )
    made.sequence = 9
    whole = pdu.read(made.generate())
    message = pdu.read_short_message(whole.body)
    assert (whole.command, whole.sequence) == (pdu.DELIVER_SM, 9)
    assert (message.source.digits, message.source.ton, message.short_message) == (
        "14155550101",
        1,
        b"id:7 stat:DELIVRD",
    )
    assert message.tlvs == {pdu.RECEIPTED_MESSAGE_ID: b"7\0", pdu.MESSAGE_STATE: b"\2"}


def test_what_was_written_is_read_again() -> None:
    message = text(b"\0\x1b\xff", data_coding=3, tlvs={pdu.SAR_MSG_REF_NUM: b"\1\2", 0x1501: b"\xff\xfe"}, esm_class=3)
    assert pdu.read_short_message(message.octets()) == message


@pytest.mark.parametrize("cut", range(30))
def test_a_body_that_ends_early_is_refused(cut: int) -> None:
    with pytest.raises(pdu.PduError):
        pdu.read_short_message(text().octets()[:cut])


def test_stray_octets_behind_the_last_parameter_are_left() -> None:
    assert pdu.read_short_message(text().octets() + b"\0\0\0").short_message == b"hi"


@pytest.mark.parametrize(
    "octets", [b"", b"\0" * 15, struct.pack("!IIII", 99, 5, 0, 1), struct.pack("!IIII", 3, 5, 0, 1)]
)
def test_a_length_that_is_not_true_is_refused(octets: bytes) -> None:
    with pytest.raises(pdu.PduError):
        pdu.read(octets)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(pdu.PduError):
        text(b"x" * 255).octets()
    with pytest.raises(pdu.PduError):
        pdu.Bind(system_id="a\0b", password="x").octets()


# Texts in


@pytest.mark.parametrize(
    ("octets", "data_coding", "alphabet", "words"),
    [
        (b"\x00 \x02 \x1b\x65", 0x00, "gsm", "@ $ €"),
        (b"caf\x05", 0x00, "gsm", "café"),
        (b"caf\xe9", 0x00, "gsm", "café"),
        (b"caf\xe9 @", 0x00, "latin1", "café @"),
        (b"caf\xe9", 0x03, "gsm", "café"),
        (b"a@b", 0x01, "gsm", "a@b"),
        ("😀 ж".encode("utf-16-be"), 0x08, "gsm", "😀 ж"),
        ("ж".encode("utf-16-be") + b"\0", 0x08, "gsm", "ж"),
        ("ж".encode("utf-16-be"), 0x18, "gsm", "ж"),
        (b"\x00", 0x10, "gsm", "@"),
        (b"\x00", 0xF1, "gsm", "@"),
        (b"\x01\x02", 0xF5, "gsm", "[not a text: 01 02]"),
        (b"\x01\x02", 0x04, "gsm", "[not a text: 01 02]"),
        ("жук".encode("iso8859-5"), 0x06, "gsm", "жук"),
        ("안녕".encode("euc_kr"), 0x0E, "gsm", "안녕"),
        (b"hi", 0x0B, "gsm", "hi"),
        (b"", 0x00, "gsm", ""),
    ],
)
def test_what_a_text_says_under_each_coding(octets: bytes, data_coding: int, alphabet: str, words: str) -> None:
    assert heard_text(text(octets, data_coding=data_coding), alphabet=alphabet).body == words


def test_a_long_text_may_be_in_the_payload() -> None:
    said = heard_text(text(b"", tlvs={pdu.MESSAGE_PAYLOAD: b"x" * 400}))
    assert (said.body, said.part, said.provider_id) == ("x" * 400, None, "d1.1")


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (text(b"\x05\x00\x03\xaa\x03\x02hi", esm_class=0x40), Part(reference="170", number=2, total=3)),
        (text(b"\x06\x08\x04\x12\x34\x03\x01hi", esm_class=0x40), Part(reference="16:4660", number=1, total=3)),
        (text(b"\x08\x24\x01\x01\x00\x03\xaa\x02\x01hi", esm_class=0x40),
         Part(reference="170", number=1, total=2)),
        (text(b"\x06\x05\x04\x0b\x84\x23\xf0hi", esm_class=0x40), None),
        (text(tlvs={0x020C: b"\x12\x34", 0x020E: b"\x03", 0x020F: b"\x01"}),
         Part(reference="sar:4660", number=1, total=3)),
        (text(tlvs={0x020C: b"\x12\x34"}), None),
        (text(b"hi", esm_class=0x43), None),
    ],
    ids=["8 bits", "16 bits", "after another element", "ports only", "sar", "half a sar", "mode bits"],
)  # fmt: skip
def test_a_part_is_known_by_its_header_or_parameters(message: pdu.ShortMessage, part: Part | None) -> None:
    if message.short_message[:1] == b"h":
        message = replace(message, esm_class=message.esm_class & ~0x40)
    said = heard_text(message)
    assert (said.body, said.part) == ("hi", part)


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        (pdu.Address(digits="14155550101", ton=1, npi=1), "+14155550101"),
        (pdu.Address(digits="14155550101", ton=0, npi=1), "14155550101"),
        (pdu.Address(digits="72727", ton=3), "72727"),
        (pdu.Address(digits="Ridgeway", ton=5), "Ridgeway"),
        (pdu.Address(digits="4155550101", ton=2, npi=1), "4155550101"),
    ],
)
def test_who_sent_it(address: pdu.Address, sender: str) -> None:
    assert heard_text(text(source=address)).sender == sender


@pytest.mark.parametrize(
    ("digits", "ton", "recipient"),
    [
        ("14155550199", 1, "+14155550199"),
        ("14155550199", 0, "+14155550199"),
        ("+14155550199", 0, "+14155550199"),
        ("0014155550199", 0, "+14155550199"),
        ("4155550199", 2, "+14155550199"),
        ("14155550177", 1, "+14155550177"),
        ("5550177", 0, "5550177"),
        ("99", 0, "99"),
    ],
)
def test_our_number_is_known_however_it_is_written(digits: str, ton: int, recipient: str) -> None:
    assert heard_text(text(destination=pdu.Address(digits=digits, ton=ton))).recipient == recipient


def test_an_acknowledgement_of_a_phone_is_nothing() -> None:
    assert hear(text(esm_class=0x08)) is None


# Receipts

USUAL = "id:{id} sub:001 dlvrd:001 submit date:2603101200 done date:260310120005 stat:{stat} err:{err} text:Your car"


@pytest.mark.parametrize(
    ("stat", "status"),
    [
        ("DELIVRD", Status.DELIVERED),
        ("delivrd", Status.DELIVERED),
        ("DELIVERED", Status.UNKNOWN),
        ("UNDELIV", Status.UNDELIVERED),
        ("EXPIRED", Status.UNDELIVERED),
        ("DELETED", Status.CANCELED),
        ("ACCEPTD", Status.SENT),
        ("ENROUTE", Status.SENDING),
        ("REJECTD", Status.FAILED),
        ("UNKNOWN", Status.UNKNOWN),
        ("HALFWAY", Status.UNKNOWN),
    ],
)
def test_a_receipt_in_words(stat: str, status: Status) -> None:
    receipt = heard_receipt(USUAL.format(id="0a1f", stat=stat, err="000"))
    assert (receipt.provider_id, receipt.status, receipt.recipient) == ("0a1f", status, "+14155550101")
    assert receipt.raw_status in {stat, stat.upper()}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("id:7 stat:DELIVRD", ("7", "DELIVRD", "")),
        ("ID: 7 STAT: UNDELIV ERR: 00A", ("7", "UNDELIV", "UNDELIV/00A")),
        ("stat:UNDELIV err:27 id:7", ("7", "UNDELIV", "UNDELIV/27")),
        ("id:7 stat:UNDELIV err:000", ("7", "UNDELIV", "UNDELIV")),
        ("id:7 stat:DELIVRD err:001", ("7", "DELIVRD", "")),
        ("id:7 stat:EXPIRED text:id:8 stat:DELIVRD", ("7", "EXPIRED", "EXPIRED")),
        ("", ("", "", "")),
    ],
)
def test_words_of_a_receipt_in_any_order_and_with_gaps(words: str, expected: tuple[str, str, str]) -> None:
    receipt = heard_receipt(words)
    assert (receipt.provider_id, receipt.raw_status, receipt.error_code) == expected


def test_the_parameters_win_over_the_words() -> None:
    tlvs = {pdu.RECEIPTED_MESSAGE_ID: b"b7\0", pdu.MESSAGE_STATE: b"\5", pdu.NETWORK_ERROR_CODE: b"\3\0\x1b"}
    receipt = heard_receipt("id:7 stat:DELIVRD", tlvs)
    told = (receipt.provider_id, receipt.status, receipt.raw_status, receipt.error_code)
    assert told == ("b7", Status.UNDELIVERED, "UNDELIV", "UNDELIV/3:27")


def test_a_receipt_may_have_parameters_only_and_no_mark() -> None:
    message = text(b"", tlvs={pdu.RECEIPTED_MESSAGE_ID: b"7\0", pdu.MESSAGE_STATE: b"\2"})
    receipt = hear(message)
    assert isinstance(receipt, Receipt)
    assert (receipt.provider_id, receipt.status) == ("7", Status.DELIVERED)


@pytest.mark.parametrize(
    ("ids", "answered", "receipted"),
    [
        ("same", "0A1F", "0A1F"),
        ("decimal", "42", "0000000042"),
        ("hex-decimal", "2A", "42"),
        ("hex-decimal", "0000002a", "0042"),
        ("decimal-hex", "42", "2a"),
        ("hex-decimal", "6ba7b810-9dad", "6ba7b810-9dad"),
    ],
)
def test_ids_of_answers_and_receipts_agree(ids: str, answered: str, receipted: str) -> None:
    ours = incoming.canonical(answered, ids, is_receipt=False)
    assert incoming.canonical(receipted, ids, is_receipt=True) == ours
    assert ours


def test_ids_that_differ_stay_apart() -> None:
    assert incoming.canonical("10", "hex-decimal", is_receipt=False) != incoming.canonical(
        "10", "hex-decimal", is_receipt=True
    )
    assert incoming.canonical("010", "same", is_receipt=True) != incoming.canonical("10", "same", is_receipt=False)


# Refusals


@pytest.mark.parametrize("status", [codes.THROTTLED, codes.QUEUE_FULL, codes.SYSTEM_ERROR])
def test_a_passing_refusal_is_sent_again(status: int) -> None:
    error = codes.refusal(status)
    assert isinstance(error, Throttled)
    assert error.provider_code == codes.written(status)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(0x0B, "invalid_number"), (0x0A, "sender_invalid"), (0x0E, "auth"), (0x45, "provider_error"), (0x400, "unknown")],
)
def test_a_lasting_refusal_has_a_reason(status: int, reason: str) -> None:
    error = codes.refusal(status)
    assert isinstance(error, Rejected)
    assert (error.code, error.provider_code) == (reason, f"0x{status:08X}")


def test_a_receipts_code_counts_by_its_word() -> None:
    assert failures.reason_of("smpp", "EXPIRED/27") == "expired"
    assert failures.reason_of("smpp", "UNDELIV/27") == "unknown"


# The adapter


def kept(octets: bytes, **known: str) -> RawRequest:
    return RawRequest(
        method="DELIVER_SM",
        url="smpp://smpp.example.com:2775",
        headers=adapter.headers(replace(HEARD, **known)),
        body=octets,
        received_at=datetime(2026, 3, 10, tzinfo=UTC),
    )


def test_a_kept_delivery_is_read_as_it_was_meant() -> None:
    octets = pdu.Pdu(pdu.DELIVER_SM, 0, 3, text(b"caf\xe9 @").octets()).octets()
    (said,) = registry.get("smpp").parse(kept(octets, alphabet="latin1"))
    assert isinstance(said, Inbound)
    assert (said.body, said.sender, said.recipient) == ("café @", "+14155550101", "+14155550199")


@pytest.mark.parametrize("octets", [b"", b"{}", b"\0\0\0\x10\0\0\0\5\0\0\0\0\0\0\0\1"])
def test_what_is_no_delivery_is_malformed(octets: bytes) -> None:
    with pytest.raises(Malformed):
        registry.get("smpp").parse(kept(octets))
    with pytest.raises(Malformed):
        registry.get("smpp").parse(replace(kept(octets), headers={}))


def test_nothing_that_comes_as_a_webhook_is_believed() -> None:
    octets = pdu.Pdu(pdu.DELIVER_SM, 0, 3, text().octets()).octets()
    assert registry.get("smpp").verify(ACCOUNT, kept(octets)) is False


# The setup


def test_an_account_with_the_least() -> None:
    made = setup.setup_of(ACCOUNT)
    assert (made.host, made.port, made.bind, made.tls, made.alphabet) == (
        "smpp.example.com", 2775, "transceiver", False, "gsm",
    )  # fmt: skip
    assert (made.window, made.enquire_link, made.source_ton, made.may_be_private) == (10, 30, None, False)


def test_an_account_with_everything() -> None:
    more = {"bind": "separate", "tls": "yes", "alphabet": "latin1", "concatenation": "sar", "ids": "decimal",
            "window": "50", "source_ton": "5", "source_npi": "0"}  # fmt: skip
    made = setup.setup_of(replace(ACCOUNT, credentials=GIVEN | more, settings={"private_host": "yes"}))
    assert (made.bind, made.tls, made.alphabet, made.concatenation) == ("separate", True, "latin1", "sar")
    assert (made.ids, made.window, made.source_ton, made.source_npi, made.may_be_private) == ("decimal", 50, 5, 0, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"), ("port", "70000"), ("port", "²"), ("port", "smpp"), ("bind", "both"), ("tls", "maybe"),
        ("alphabet", "utf8"), ("concatenation", "x"), ("ids", "hex"), ("window", "0"), ("window", "501"),
        ("source_ton", "7"), ("host", "smpp://x"), ("host", "x/y"), ("password", "é"), ("system_type", "x" * 13),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_named(name: str, value: str) -> None:
    faults = registry.get("smpp").wrong(GIVEN | {name: value})
    assert list(faults) == [name]
    assert faults[name].endswith(".")
    with pytest.raises(ValueError, match=r"\."):
        setup.setup_of(replace(ACCOUNT, credentials=GIVEN | {name: value}))


def test_what_cannot_be_latin1_leaves_as_ucs2() -> None:
    assert alphabets.encode("€", is_gsm=True, alphabet="latin1") == (8, "€".encode("utf-16-be"))
    assert alphabets.encode("é@", is_gsm=True, alphabet="latin1") == (0, b"\xe9@")
    assert alphabets.encode("é@", is_gsm=True, alphabet="gsm") == (0, b"\x05\x00")
