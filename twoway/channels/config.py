"""The options of a channel as an owner types them (key=value), and as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from twoway.channels.models import StopHandledBy
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.providers.base import CredentialField
from twoway.teams.actor import Actor

LEAST_RATE, MOST_RATE = 0.01, 1000.0
LONGEST_CREDENTIAL = 4_000
WHATSAPP_RATE = 20.0
"""Messages a second: what WhatsApp allows a number that is also used in the app on a phone; others may send more."""
SERVICE_FIELDS = {
    "meta": "phone_number_id",
    "plivo": "powerpack_uuid",
    "telnyx": "messaging_profile_id",
    "twilio": "messaging_service_sid",
}
"""The credential that names the provider's pool; channels that share it share opt-outs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What can be set about a channel beside its credentials; None where nothing was said.

    `api_base` is where the provider's API is reached instead of its public address (for tests and proxies); only the
    operator sets it. `rate` is in segments per second. `service_id` is the provider's pool.
    """

    api_base: str | None = None
    rate: float | None = None
    service_id: str | None = None
    stop_handled_by: str | None = None


KNOWN = tuple(field.name for field in fields(Options))


def options_of(given: Mapping[str, str], *, by: Actor) -> Options:
    """The options somebody typed. Raises `Invalid` for unknown or impossible ones, `NotAllowed` for the operator's."""
    unknown = sorted(set(given) - set(KNOWN))
    if unknown:
        raise Invalid(
            t("There is no setting “{name}”. There are: {choices}.", name=unknown[0], choices=", ".join(KNOWN)),
            field="settings",
            code="unknown_setting",
        )
    if "api_base" in given and by.kind != "system":
        raise NotAllowed(t("Only the operator can set api_base, with the command twoway channel."))
    read: dict[str, Any] = {"api_base": _api_base, "rate": _rate, "service_id": _service, "stop_handled_by": _stop}
    return Options(**{name: read[name](value.strip()) for name, value in given.items()})


def _api_base(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise Invalid(t("Write api_base as an address such as http://127.0.0.1:9000."), field="api_base")
    return text.rstrip("/")


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = float("nan")
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise Invalid(
            t("Write a rate from {least:g} to {most:g} segments a second.", least=LEAST_RATE, most=MOST_RATE),
            field="rate",
        )
    return rate


def _service(text: str) -> str:
    if len(text) > 80:
        raise Invalid(t("Use at most 80 characters."), field="service_id")
    return text


def _stop(text: str) -> str:
    if text not in StopHandledBy.values:
        raise Invalid(t("Write us or provider."), field="stop_handled_by")
    return text


def split(pairs: Mapping[str, str], known: tuple[CredentialField, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Pairs as the command takes them, apart: (credentials, settings)."""
    keys = {field.key for field in known}
    credentials = {key: value for key, value in pairs.items() if key in keys}
    return credentials, {key: value for key, value in pairs.items() if key not in keys}


def clean_credentials(
    given: Mapping[str, str], known: tuple[CredentialField, ...], *, kept: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The credentials to keep: what was typed, and for what was left empty what there was.

    Raises `Invalid`, naming the field.
    """
    keys = [field.key for field in known]
    unknown = sorted(set(given) - set(keys))
    if unknown:
        raise Invalid(
            t("There is no field “{name}”. There are: {choices}.", name=unknown[0], choices=", ".join(keys)),
            field="credentials",
            code="unknown_field",
        )
    merged = dict(kept or {}) | {key: _one_line(value.strip()) for key, value in given.items() if value.strip()}
    for field in known:
        value = merged.get(field.key, "")
        if field.required and not value:
            raise Invalid(t("Enter the {label}.", label=t(field.label)), field=field.key, code="missing_credential")
        if len(value) > LONGEST_CREDENTIAL or not value.isprintable():
            raise Invalid(
                t("The {label} can't be right: it has line breaks or is too long.", label=t(field.label)),
                field=field.key,
            )
    return merged


def _one_line(value: str) -> str:
    """A key file (PEM, RFC 7468) without its line breaks, which mean nothing; anything else as it is."""
    return value.replace("\r", "").replace("\n", "") if value.startswith("-----BEGIN ") else value


def refuse_wrong(faults: Mapping[str, str]) -> None:
    """Raise `Invalid` for the first credential that the provider's adapter says can't be right."""
    for key, sentence in faults.items():
        raise Invalid(sentence, field=key, code="wrong_credential")


def private_host(
    settings: Mapping[str, Any], *, before: Mapping[str, str], after: Mapping[str, str], by: Actor
) -> dict[str, Any]:
    """A channel's settings after its credentials changed: a host that an operator names may be in a private network.

    A host or port that a member names may not.
    """
    if all(before.get(key) == after.get(key) for key in ("host", "port")):
        return dict(settings)
    kept = {key: value for key, value in settings.items() if key != "private_host"}
    return kept | {"private_host": "yes"} if by.kind == "system" else kept
