"""SMPP 3.4 as one of the providers. Texts go over a standing session, so the calls of HTTP providers are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twoway.lib.words import noted
from twoway.providers.adapter import Usual
from twoway.providers.base import (
    Accepted,
    Account,
    Checked,
    CredentialField,
    HttpRequest,
    HttpResponse,
    Inbound,
    Malformed,
    OutboundText,
    RawRequest,
    Receipt,
    Rejected,
)
from twoway.providers.smpp import incoming, pdu, setup

OVER_A_SESSION = noted("SMPP texts leave over the worker's session, not by a call.")


class Smpp(Usual):
    """The adapter of any SMSC that speaks SMPP 3.4."""

    slug = "smpp"
    name = "SMPP"
    kinds: Sequence[str] = ("sms",)
    fields: Sequence[CredentialField] = setup.FIELDS
    max_body = 1600
    handles_stop = False
    is_session = True

    def account_ids(self, account: Account) -> Sequence[str]:
        """The system id of the session."""
        return (account.credentials["system_id"],)

    def wrong(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """A sentence for each credential that can't be right."""
        return setup.wrong(credentials)

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Never: an SMSC proves itself by the bind, and nothing of SMPP comes as a webhook."""
        return False

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        """What one deliver_sm says: the body is its octets, and `headers` made the headers."""
        try:
            message = pdu.read_short_message(pdu.read(request.body).body)
            said = incoming.understand(message, _heard(request.headers))
        except (pdu.PduError, KeyError) as error:
            raise Malformed(f"This deliver_sm can't be read: {error}") from error
        return [] if said is None else [said]

    def answer(self) -> HttpResponse:
        """Stored."""
        return HttpResponse(status=200)

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """There is no such call."""
        raise Rejected("config", OVER_A_SESSION)

    def read_send(self, response: HttpResponse) -> Accepted:
        """There is no such call."""
        raise Rejected("config", OVER_A_SESSION)

    def check(self, account: Account) -> HttpRequest | None:
        """The session says how it is; there is nothing to call."""
        return None

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """There is nothing to read."""
        return Checked(ok=False, detail=OVER_A_SESSION)


def headers(heard: incoming.Heard) -> dict[str, str]:
    """What a kept deliver_sm needs beside its octets to be read again after a fix."""
    return {
        "x-smpp-id": heard.id,
        "x-smpp-address": heard.address,
        "x-smpp-alphabet": heard.alphabet,
        "x-smpp-ids": heard.ids,
    }


def _heard(given: Mapping[str, str]) -> incoming.Heard:
    return incoming.Heard(
        id=given["x-smpp-id"],
        address=given["x-smpp-address"],
        alphabet=given["x-smpp-alphabet"],
        ids=given["x-smpp-ids"],
    )
