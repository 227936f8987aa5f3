"""How one SMSC wants to be spoken to, from what an owner typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from twoway.lib.words import noted, t
from twoway.providers.base import Account, CredentialField

BINDS: Final = ("transceiver", "separate")
ALPHABETS: Final = ("gsm", "latin1")
CONCATENATIONS: Final = ("udh", "udh16", "sar", "payload")
IDS: Final = ("same", "decimal", "hex-decimal", "decimal-hex")
YES_NO: Final = ("no", "yes")
PRIVATE_HOST: Final = "private_host"
"""The channel's setting that says an operator named the host, which may then be in a private network."""

FIELDS = (
    CredentialField(key="host", label=noted("Host"), help=noted("The SMSC's host name, such as smpp.example.com.")),
    CredentialField(key="port", label=noted("Port"), help=noted("The port; 2775 is usual, 3550 or 2776 with TLS.")),
    CredentialField(key="system_id", label=noted("System ID"), help=noted("Your account's name at the SMSC.")),
    CredentialField(
        key="password", label=noted("Password"), help=noted("The password that goes with it."), secret=True
    ),
    CredentialField(
        key="system_type",
        label=noted("System type"),
        help=noted("Only if the SMSC asks for one, such as SMPP."),
        required=False,
    ),
    CredentialField(
        key="bind",
        label=noted("Bind"),
        help=noted("transceiver (one connection both ways, the default) or separate (a transmitter and a receiver)."),
        required=False,
    ),
    CredentialField(key="tls", label="TLS", help=noted("yes or no, the default."), required=False),
    CredentialField(
        key="alphabet",
        label=noted("Default alphabet"),
        help=noted("What data_coding 0 means at this SMSC: gsm (the default) or latin1."),
        required=False,
    ),
    CredentialField(
        key="concatenation",
        label=noted("Long texts"),
        help=noted("How parts are tied together: udh (the default), udh16, sar or payload."),
        required=False,
    ),
    CredentialField(
        key="ids",
        label=noted("Message ids in receipts"),
        help=noted(
            "same (the default), decimal (zeros in front don't count), hex-decimal or decimal-hex: first what the "
            "answer to a text has, then the receipt."
        ),
        required=False,
    ),
    CredentialField(
        key="window",
        label=noted("Window"),
        help=noted("How many texts may wait for their answer, 1 to 500; 10."),
        required=False,
    ),
    CredentialField(
        key="enquire_link",
        label=noted("Enquire link"),
        help=noted("Seconds without a word after which the line is tried, 1 to 600; 30."),
        required=False,
    ),
    CredentialField(
        key="source_ton",
        label=noted("Source TON"),
        help=noted("Type of our number, 0 to 6; found out if empty."),
        required=False,
    ),
    CredentialField(
        key="source_npi",
        label=noted("Source NPI"),
        help=noted("Plan of our number, 0 to 18; found out if empty."),
        required=False,
    ),
    CredentialField(
        key="dest_ton",
        label=noted("Destination TON"),
        help=noted("Type of a customer's number; 1 if empty."),
        required=False,
    ),
    CredentialField(
        key="dest_npi",
        label=noted("Destination NPI"),
        help=noted("Plan of a customer's number; 1 if empty."),
        required=False,
    ),
)

_CHOICES = {"bind": BINDS, "tls": YES_NO, "alphabet": ALPHABETS, "concatenation": CONCATENATIONS, "ids": IDS}
_NUMBERS = {
    "port": (1, 65_535),
    "window": (1, 500),
    "enquire_link": (1, 600),
    "source_ton": (0, 6),
    "source_npi": (0, 18),
    "dest_ton": (0, 6),
    "dest_npi": (0, 18),
}
_NAMED = ("system_type", "bind", "alphabet", "concatenation", "ids")
_WORDS = {"system_id": 64, "password": 64, "system_type": 12}


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One SMSC account. `window` counts unanswered texts, `enquire_link` is in seconds; a TON or NPI may be None."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    bind: str = "transceiver"
    tls: bool = False
    alphabet: str = "gsm"
    concatenation: str = "udh"
    ids: str = "same"
    window: int = 10
    enquire_link: int = 30
    source_ton: int | None = None
    source_npi: int | None = None
    dest_ton: int | None = None
    dest_npi: int | None = None
    may_be_private: bool = False

    @property
    def place(self) -> str:
        """Where it is, for logs."""
        return f"smpp://{self.host}:{self.port}"


def setup_of(account: Account) -> Setup:
    """The setup in an account's credentials. Raises `ValueError` when one can't be right; see `wrong`."""
    given = {key: value.strip() for key, value in account.credentials.items() if value.strip()}
    faults = wrong(given)
    if faults:
        raise ValueError(next(iter(faults.values())))
    more: dict[str, Any] = {name: given[name] for name in _NAMED if name in given}
    more |= {name: int(value) for name, value in given.items() if name in _NUMBERS}
    return Setup(
        host=given["host"],
        system_id=given["system_id"],
        password=given["password"],
        tls=given.get("tls") == "yes",
        may_be_private=account.settings.get(PRIVATE_HOST) == "yes",
        **more,
    )


def wrong(given: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each credential that can't be right; those left empty are not looked at."""
    faults: dict[str, str] = {}
    for name, value in given.items():
        if value and (fault := _fault(name, value)):
            faults[name] = fault
    return faults


def _fault(name: str, value: str) -> str:
    if name in _CHOICES and value not in _CHOICES[name]:
        return t("Write {choices} or {last}.", choices=", ".join(_CHOICES[name][:-1]), last=_CHOICES[name][-1])
    if name in _NUMBERS:
        least, most = _NUMBERS[name]
        if not (value.isascii() and value.isdigit() and len(value) < 6 and least <= int(value) <= most):
            return t("Write a number from {least} to {most}.", least=least, most=most)
    if name in _WORDS and (len(value) > _WORDS[name] or not value.isascii()):
        return t("Use at most {most} letters without accents.", most=_WORDS[name])
    if name == "host" and (len(value) > 253 or not value.isascii() or set(value) & set("/@ ?#")):
        return t("Write a host name such as smpp.example.com, without smpp:// and without the port.")
    return ""
