"""What a workspace chose about the shield."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twoway.compliance.shield.rules import ALWAYS, EVERY


@dataclass(frozen=True, kw_only=True, slots=True)
class ShieldSettings:
    """Which kinds are taken out, and whether and how customers are told. Empty words mean Twoway's own."""

    kinds: frozenset[str] = EVERY
    tells_customers: bool = True
    notice_text: str = ""
    payment_link: str = ""


DEFAULT = ShieldSettings()


def settings_of(row: Mapping[str, Any]) -> ShieldSettings:
    """From the columns of `content_settings`; they are None where a workspace has chosen nothing."""
    if row["tells_customers"] is None:
        return DEFAULT
    chosen = {"ssn": row["masks_ssn"], "password": row["masks_passwords"], "code": row["masks_codes"]}
    return ShieldSettings(
        kinds=ALWAYS | {kind for kind, is_on in chosen.items() if is_on},
        tells_customers=row["tells_customers"],
        notice_text=row["notice_text"],
        payment_link=row["payment_link"],
    )
