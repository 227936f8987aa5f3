"""Meta: WhatsApp by its own Cloud API.

Sources: developers.facebook.com, WhatsApp Cloud API and Graph API webhooks. A webhook is JSON signed with HMAC-SHA256
over its raw body with the app secret; a call is JSON with a bearer token. There is no list of messages: each call
carries our reference, which comes back with every receipt.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote, urlencode, urlsplit

from twoway.lib.words import noted
from twoway.providers import failures, meta_codes, meta_inbound, meta_outbound, meta_templates
from twoway.providers.adapter import Usual
from twoway.providers.base import (
    Accepted,
    Account,
    Checked,
    CredentialField,
    HttpRequest,
    HttpResponse,
    Inbound,
    Media,
    OutboundText,
    RawRequest,
    Receipt,
    Rejected,
    SendError,
    Throttled,
    Uncertain,
    Unread,
)
from twoway.providers.meta_json import listed, text_of
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for, retry_after
from twoway.providers.templates import TemplatePage

API = "https://graph.facebook.com"
VERSION = "v23.0"
SIGNATURE = "x-hub-signature-256"
MEDIA_HOSTS = ("fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net", "whatsapp.com")
"""Where Meta keeps files; the token goes to no other host."""
CHECK_FIELDS = "display_phone_number,verified_name,quality_rating,webhook_configuration"
FIELDS = (
    CredentialField(
        key="phone_number_id",
        label=noted("Phone number ID"),
        help=noted("In the app's WhatsApp > API Setup, below the number. It is not the number itself."),
    ),
    CredentialField(
        key="business_account_id",
        label=noted("WhatsApp Business Account ID"),
        help=noted("In the app's WhatsApp > API Setup, beside the phone number ID. The templates belong to it."),
    ),
    CredentialField(
        key="access_token",
        label=noted("Access token"),
        help=noted("Of a system user, with whatsapp_business_messaging and whatsapp_business_management."),
        secret=True,
    ),
    CredentialField(
        key="app_secret",
        label=noted("App secret"),
        help=noted("In the app's settings, Basic. It signs webhooks; during a change give both, separated by a comma."),
        secret=True,
    ),
    CredentialField(
        key="verify_token",
        label=noted("Verify token"),
        help=noted("A word of your own; type the same one where Meta asks for it beside the callback URL."),
        secret=True,
    ),
)
DONE = HttpResponse(status=200)
NOT_OURS = HttpResponse(status=403, body=b"The verify token is another one.\n")


class Meta(Usual):
    """The adapter of the WhatsApp Cloud API."""

    slug = "meta"
    name = "WhatsApp (Meta)"
    kinds: Sequence[str] = ("whatsapp",)
    fields: Sequence[CredentialField] = FIELDS
    max_body = 4096
    handles_stop = False
    limits = meta_outbound.LIMITS

    def account_ids(self, account: Account) -> Sequence[str]:
        """The WhatsApp business account an entry names."""
        return (account.credentials["business_account_id"],)

    # Webhooks

    def greet(self, account: Account, request: RawRequest) -> HttpResponse | None:
        """Meta's question when the callback URL is set: give back its challenge if it knows our verify token."""
        asked = dict(request.query)
        if asked.get("hub.mode") != "subscribe":
            return None
        given = asked.get("hub.verify_token", "").encode()
        if not _any_equal(given, _secrets(account, "verify_token")):
            return NOT_OURS
        challenge = asked.get("hub.challenge", "")[:200].encode()
        return HttpResponse(status=200, headers={"content-type": "text/plain; charset=utf-8"}, body=challenge)

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether one of our app secrets signed the raw body."""
        scheme, _, given = request.headers.get(SIGNATURE, "").partition("=")
        if scheme != "sha256" or not request.body:
            return False
        wanted = [
            hmac.new(secret, request.body, hashlib.sha256).hexdigest().encode()
            for secret in _secrets(account, "app_secret")
        ]
        return _any_equal(given.encode("utf-8", "surrogateescape"), wanted)

    def parse(self, request: RawRequest) -> list[Inbound | Receipt | Unread]:
        """Every message and receipt of every entry."""
        return meta_inbound.parse(request)

    def answer(self) -> HttpResponse:
        """Nothing but 200."""
        return DONE

    # Calls

    def send(self, account: Account, text: OutboundText) -> HttpRequest:
        """POST /PHONE_NUMBER_ID/messages."""
        return HttpRequest(
            method="POST",
            url=_url(account, account.credentials["phone_number_id"], "messages"),
            headers={**_headers(account), "content-type": "application/json"},
            body=meta_outbound.body(text),
        )

    def read_send(self, response: HttpResponse) -> Accepted:
        """The id (wamid...) of the message Meta took."""
        _raise_for(response)
        made = listed(json_object(response), "messages")
        provider_id = text_of(made[0], "id") if made else ""
        if not provider_id:
            raise Uncertain(noted("Meta's answer names no message."), provider_code=str(response.status))
        return Accepted(provider_id=provider_id, segments=1)

    def fetch(self, account: Account, media: Media) -> HttpRequest | None:
        """GET /MEDIA_ID: the answer says where the file is."""
        if not media.id:
            return None
        asked = urlencode({"phone_number_id": account.credentials["phone_number_id"]})
        return HttpRequest(method="GET", url=f"{_url(account, media.id)}?{asked}", headers=_headers(account))

    def follow(self, account: Account, media: Media, response: HttpResponse) -> HttpRequest | None:
        """The file itself, with the token, and only from a host of Meta's; what is not JSON is the file already.

        Raises a `SendError`, also when the host is any other.
        """
        if not response.headers.get("content-type", "").startswith("application/json"):
            return None
        _raise_for(response)
        url = text_of(json_object(response), "url")
        if not url or not _is_metas(url, account):
            raise Rejected("media_problem", noted("The file is said to be at a host that isn't Meta's."))
        return HttpRequest(method="GET", url=url, headers={"authorization": _headers(account)["authorization"]})

    # Templates and set-up

    def list_templates(self, account: Account, *, cursor: str) -> HttpRequest | None:
        """GET /BUSINESS_ACCOUNT_ID/message_templates."""
        asked = {"fields": meta_templates.FIELDS, "limit": str(meta_templates.PAGE)}
        if cursor:
            asked["after"] = cursor
        url = _url(account, account.credentials["business_account_id"], "message_templates")
        return HttpRequest(method="GET", url=f"{url}?{urlencode(asked)}", headers=_headers(account))

    def read_templates(self, response: HttpResponse) -> TemplatePage:
        """One page of the account's templates."""
        _raise_for(response)
        return meta_templates.read(response)

    def check(self, account: Account) -> HttpRequest | None:
        """GET /PHONE_NUMBER_ID: the number, its quality and where its webhooks go."""
        url = _url(account, account.credentials["phone_number_id"])
        return HttpRequest(method="GET", url=f"{url}?fields={CHECK_FIELDS}", headers=_headers(account))

    def read_check(self, account: Account, response: HttpResponse) -> Checked:
        """Whether the token works, whether the number is the one we know, and where webhooks go."""
        told = maybe_json_object(response)
        if response.status != 200 or told is None:
            return Checked(ok=False, detail=_trouble(response))
        number = "".join(char for char in text_of(told, "display_phone_number") if char.isdigit())
        ours = account.address.removeprefix("whatsapp:").removeprefix("+")
        if not number:
            return Checked(ok=False, detail=noted("This phone number ID isn't one of a WhatsApp number."))
        if number != ours:
            return Checked(ok=False, detail=f"The credentials work, but the phone number ID is that of +{number}.")
        return _where_to(account, told)


def _where_to(account: Account, told: dict[str, object]) -> Checked:
    """The most special of the three callback addresses Meta knows wins: number, business account, app."""
    known = told.get("webhook_configuration")
    goes_to = next(
        filter(None, (text_of(known, level) for level in ("phone_number", "whatsapp_business_account", "application"))),
        "",
    )
    wanted = account.settings.get("inbound_url", "")
    if not goes_to:
        detail = "The credentials work, but no callback URL is set at Meta"
        return Checked(ok=False, detail=f"{detail}: set it to {wanted}." if wanted else f"{detail}.")
    if wanted and goes_to != wanted:
        detail = f"The credentials work, but Meta's callback URL is {goes_to}. Set it to {wanted}."
        return Checked(ok=False, detail=detail, inbound_url=goes_to)
    quality = text_of(told, "quality_rating").lower()
    words = f" Meta rates this number {quality}." if quality in {"green", "yellow", "red"} else ""
    return Checked(ok=True, detail=f"The credentials work and texts are sent to {goes_to}.{words}", inbound_url=goes_to)


def _trouble(response: HttpResponse) -> str:
    """What is wrong, from Meta's code where there is one."""
    code, said = _error(response)
    if response.status == 401 or code == "190":
        return noted("Meta doesn't accept the access token. Make a new one for the system user.")
    if code in {"10", "200"} or response.status == 403:
        return noted("The access token may not read this number. Give its system user both WhatsApp permissions.")
    if code in {"33", "100"} or response.status == 404:
        return noted("Meta doesn't know this phone number ID, or the token's system user may not use it.")
    told = f"Meta answered {response.status}{': ' + said if said else ''}"
    return told if told.endswith(".") else f"{told}."


def _raise_for(response: HttpResponse) -> None:
    """As `raise_for`, but of a 429 too the code is read: it says whether it is about one person only."""
    if response.status == 429 and (told := _refusal(response)) is not None:
        raise told
    raise_for(response, _refusal)


def _refusal(response: HttpResponse) -> SendError | None:
    """What Meta's numeric code says; None when the body has none."""
    code, said = _error(response)
    if not code:
        return None
    reason = failures.reason_of(Meta.slug, code)
    if reason == "rate_limited":
        one_person = code == meta_codes.ONE_PERSON
        wait = retry_after(response) or (meta_codes.PAIR_REST if one_person else None)
        return Throttled(said, provider_code=code, retry_after=wait, one_person=one_person)
    return Rejected(reason or "unknown", said, provider_code=code)


def _error(response: HttpResponse) -> tuple[str, str]:
    """The code and the sentence of an error body; empty when it is anything else."""
    told = (maybe_json_object(response) or {}).get("error")
    data = told.get("error_data") if isinstance(told, dict) else None
    said = text_of(data, "details") or text_of(told, "message")
    return text_of(told, "code"), said[:300]


def _url(account: Account, *parts: str) -> str:
    base = (account.api_base or API).rstrip("/")
    return "/".join([base, VERSION, *(quote(part, safe="") for part in parts)])


def _headers(account: Account) -> dict[str, str]:
    """The first access token: during a change the new one is named first."""
    token = account.credentials["access_token"].split(",")[0].strip()
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


def _secrets(account: Account, key: str) -> list[bytes]:
    return [one.strip().encode() for one in account.credentials.get(key, "").split(",") if one.strip()]


def _any_equal(given: bytes, wanted: Sequence[bytes]) -> bool:
    """Whether it is one of them, in a time that says nothing about which."""
    found = [hmac.compare_digest(given, one) for one in wanted]
    return any(found)


def _is_metas(url: str, account: Account) -> bool:
    """https at one of Meta's hosts, or at the same place as the API where an operator set another."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if account.api_base and (parts.scheme, parts.netloc) == urlsplit(account.api_base)[:2]:
        return True
    at_home = any(host == known or host.endswith(f".{known}") for known in MEDIA_HOSTS)
    return parts.scheme == "https" and parts.port in (None, 443) and at_home
