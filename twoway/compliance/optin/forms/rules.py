"""Opt-in forms: what people agree to, word for word, and what keeps strangers from misusing them.

Sources: CTIA Messaging Principles and Best Practices 5.1 (what a call to action discloses), 47 CFR 64.1200(f)(9)
(promotional texts: consent isn't a condition of purchase). Limits are Twoway's own.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.sms import phone

LONGEST_DISCLOSURE = 2000
MOST_BOXES = 8
MOST_ORIGINS = 20
LONGEST_URL = 300
TOKEN_HOURS = 24
"""How long an open page can be sent. It carries the version that was read, so that exactly this one is recorded."""

DISCLOSURE = (
    "By ticking a box and tapping Text me, you agree to get those texts from {business} at the number given, some of "
    "them sent automatically. Msg frequency varies. Msg & data rates may apply. Reply HELP for help or STOP to opt "
    "out. Consent is not a condition of any purchase. We don't share your number for marketing."
)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """One box to tick: a topic with the words beside it, as they were published."""

    topic_id: int
    label: str
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """Everything a version of a form says."""

    title: str
    lede: str
    boxes: tuple[Box, ...]
    disclosure: str
    terms_url: str = ""
    privacy_url: str = ""

    def as_json(self) -> list[dict[str, Any]]:
        """The boxes as they are kept."""
        return [asdict(box) for box in self.boxes]


def boxes_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Box, ...]:
    """The boxes from how they are kept."""
    return tuple(
        Box(topic_id=int(one["topic_id"]), label=str(one["label"]), description=str(one["description"])) for one in kept
    )


def exact_words(wording: Wording, *, ticked: Sequence[int]) -> str:
    """What somebody agreed to who ticked these topics: the boxes they ticked and the disclosure, word for word."""
    boxes = [f"[x] {box.label}\n    {box.description}".rstrip() for box in wording.boxes if box.topic_id in ticked]
    links = [f"{word}: {url}" for word, url in (("Terms", wording.terms_url), ("Privacy", wording.privacy_url)) if url]
    return "\n".join([*boxes, wording.disclosure, *links])


def fingerprint(wording: Wording) -> str:
    """SHA-256 over the wording as canonical JSON (sorted keys, no blanks, UTF-8)."""
    told = json.dumps(asdict(wording), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def words_hash(words: str) -> str:
    """SHA-256 of exact words, in UTF-8."""
    return hashlib.sha256(words.encode()).hexdigest()


def disclosure_warnings(wording: Wording, *, business: str, is_promotional: bool) -> tuple[str, ...]:
    """What a wording leaves out of what carriers and the law want to see before they believe an opt-in."""
    low = wording.disclosure.lower()
    missing = (
        (business.lower() not in low and "{business}" not in low, t("The disclosure doesn't name your business.")),
        (not re.search(r"frequency|per (?:day|week|month)|a (?:day|week|month)", low), t("It doesn't say how often.")),
        ("rates" not in low, t("It doesn't say that message and data rates may apply.")),
        ("stop" not in low, t("It doesn't say that STOP ends the texts.")),
        ("help" not in low, t("It doesn't say that HELP gets help.")),
        (
            is_promotional and "condition" not in low,
            t("Offers need the sentence that consent is not a condition of purchase."),
        ),
        (not wording.terms_url, t("There is no link to your terms.")),
        (not wording.privacy_url, t("There is no link to your privacy policy; carriers look for it.")),
    )
    return tuple(words for is_missing, words in missing if is_missing)


def clean_slug(text: str) -> str:
    """The name of a form in its address. Raises `Invalid`."""
    slug = text.strip().lower()
    if not _SLUG.fullmatch(slug) or "--" in slug:
        raise Invalid(t("Use 3 to 40 small letters, digits and hyphens, such as alder-street."), field="slug")
    return slug


def clean_url(text: str, *, field: str) -> str:
    """A link people can follow, or "". Raises `Invalid`."""
    url = text.strip()
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > LONGEST_URL or " " in url:
        raise Invalid(t("Write a whole address, such as https://example.com/terms."), field=field)
    return url


def clean_origins(text: str) -> list[str]:
    """The sites that may frame a form, one a line, as origins (RFC 6454). Raises `Invalid`."""
    origins = [_origin(line.strip()) for line in re.split(r"[\s,]+", text) if line.strip()]
    if len(origins) > MOST_ORIGINS:
        raise Invalid(t("Name at most {most} sites.", most=MOST_ORIGINS), field="origins")
    return list(dict.fromkeys(origins))


def _origin(line: str) -> str:
    try:
        parts = urlsplit(line)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise Invalid(t("“{line}” is no address of a site.", line=line[:60]), field="origins") from None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[a-z0-9.-]+", host) or parts.path not in {"", "/"}:
        raise Invalid(
            t("“{line}”: write it as https://www.example.com, without a page.", line=line[:60]), field="origins"
        )
    return f"{parts.scheme}://{host}{port}"


def clean_countries(text: str) -> list[str]:
    """Countries in two letters (ISO 3166), at least one. Raises `Invalid`."""
    countries = list(dict.fromkeys(re.findall(r"[A-Z]+", text.upper())))
    if not countries or any(not phone.is_country(one) for one in countries):
        raise Invalid(t("Write countries in two letters, such as US, CA."), field="countries")
    return countries


def clean_number(text: str, *, countries: Sequence[str]) -> phone.Identity:
    """The number somebody typed into a form, in E.164, of an allowed country. Raises `Invalid`, field `number`."""
    try:
        found = phone.parse_typed(text[:40], region=countries[0] if countries else None)
    except phone.NotANumber as error:
        raise Invalid(str(error), field="number") from None
    if found.kind != "phone":
        raise Invalid(t("Write a whole mobile number."), field="number")
    if phone.country(found.value) not in countries or phone.is_toll_free_us(found.value):
        raise Invalid(
            t("This form takes mobile numbers of {countries} only.", countries=", ".join(countries)), field="number"
        )
    return found


# Limits


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """At most `most` in each window of `seconds`. What is over it is `told`, or quietly not acted upon."""

    kind: Literal["address", "number", "form"]
    most: int
    seconds: int
    is_told: bool


LIMITS = (
    Limit(kind="address", most=10, seconds=3_600, is_told=True),
    Limit(kind="number", most=4, seconds=86_400, is_told=False),
    Limit(kind="form", most=600, seconds=3_600, is_told=True),
)
"""A household behind one address, a number that must not be pestered whoever types it, and a flood from everywhere.

Over the limit of a number nobody is told: the answer must not say what is known of a number.
"""


def window_of(limit: Limit, *, at: datetime) -> datetime:
    """When the window began that this time is in."""
    return datetime.fromtimestamp(at.timestamp() // limit.seconds * limit.seconds, UTC)


FORGET_TALLIES = timedelta(days=2)


# Links


def sms_link(number: str, body: str) -> str:
    """A link and QR content that begins a text (RFC 5724); `?&body=` is read by iOS and Android alike."""
    return f"sms:{number}?&body={quote(body)}"


# What changed

Change = Literal["same", "added", "removed"]


def wording_lines(wording: Wording) -> str:
    """A wording as one text, for comparing."""
    boxes = "\n".join(f"☐ {box.label}. {box.description}".strip() for box in wording.boxes)
    links = f"Terms: {wording.terms_url}\nPrivacy: {wording.privacy_url}"
    return f"{wording.title}\n{wording.lede}\n{boxes}\n{wording.disclosure}\n{links}"


def difference(before: str, after: str) -> list[tuple[Change, str]]:
    """What became of a text, word by word, in order: stretches that stayed, came, and went."""
    old, new = re.findall(r"\s+|[^\s]+", before), re.findall(r"\s+|[^\s]+", after)
    out: list[tuple[Change, str]] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            out.append(("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            out.append(("removed", "".join(old[i1:i2])))
        if j1 < j2:
            out.append(("added", "".join(new[j1:j2])))
    return out
