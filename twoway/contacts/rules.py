"""How people are shown to whoever may not see their numbers: by an alias, or by the last four digits."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from functools import lru_cache

from twoway.sms import phone

_ANIMALS = """
    Albatross Antelope Avocet Badger Beaver Bison Bluebird Bobcat Bunting Cardinal Caribou Cheetah Chickadee
    Condor Cormorant Cougar Coyote Crane Cricket Curlew Dolphin Dove Dragonfly Eagle Egret Eider Elk Falcon Ferret
    Finch Firefly Flamingo Fox Gannet Gazelle Gecko Goldfinch Goshawk Grebe Grouse Hare Harrier Hawk Hedgehog
    Heron Hoopoe Ibex Ibis Jackdaw Jaguar Kestrel Kingfisher Kite Koala Ladybird Lapwing Lark Leopard Linnet Lion
    Lynx Magpie Mallard Manatee Marmot Marten Merlin Meerkat Moose Narwhal Nightjar Nuthatch Ocelot Oriole Osprey
    Otter Owl Panda Panther Partridge Pelican Petrel Plover Puffin Quail Rabbit Raven Robin Salamander Sandpiper
    Seal Shearwater Skylark Sparrow Starling Stork Swallow Swan Swift Tern
"""
ANIMALS = tuple(_ANIMALS.split())
"""A hundred; their order is part of every alias, so it never changes."""

_ALIAS = re.compile(r"(?:guest\s+)?([a-z]+)\s+([0-9]{4,10})", re.IGNORECASE)
_PLACES = {name.lower(): place for place, name in enumerate(ANIMALS)}
_DIGITS = (4, 7, 10)
_ROUNDS = 4
_NATIONAL = 10
_NUMBER = re.compile(r"\+?[0-9](?:[\s().\u00a0-]{0,2}[0-9]){6,}")
_WAMID = re.compile(r"wamid\.[A-Za-z0-9+/=_%-]+")
DOT = "\u2022"
SHOWN_DIGITS = 4
LONGEST_SHORT_CODE = 8


@lru_cache(maxsize=8192)
def alias(contact_id: int, *, key: str) -> str:
    """What an anonymous person is called, such as "Guest Heron 4821".

    It is their id under a keyed permutation: the same for good, another for everybody else, and without the
    installation's key it says nothing, not even who came first.
    """
    digits = next((digits for digits in _DIGITS if contact_id < len(ANIMALS) * 10**digits), _DIGITS[-1])
    place = _walk(contact_id, size=len(ANIMALS) * 10**digits, key=key, steps=range(_ROUNDS))
    return f"Guest {ANIMALS[place // 10**digits]} {place % 10**digits:0{digits}d}"


def contact_of_alias(text: str, *, key: str) -> int | None:
    """The contact an alias belongs to, with or without its first word; None for what is no alias."""
    found = _ALIAS.fullmatch(text.strip())
    if found is None or found[1].lower() not in _PLACES or len(found[2]) not in _DIGITS:
        return None
    digits = len(found[2])
    place = _PLACES[found[1].lower()] * 10**digits + int(found[2])
    return _walk(place, size=len(ANIMALS) * 10**digits, key=key, steps=range(_ROUNDS - 1, -1, -1))


def _walk(value: int, *, size: int, key: str, steps: range) -> int:
    """A permutation of 0 to `size` - 1 (a Feistel network, walked until it is inside); `steps` backwards undoes it."""
    half = ((size - 1).bit_length() + 1) // 2
    is_back = steps.step < 0
    while True:
        left, right = value >> half, value & ((1 << half) - 1)
        for step in steps:
            if is_back:
                left, right = right ^ _round(left, step, size, half, key), left
            else:
                left, right = right, left ^ _round(right, step, size, half, key)
        value = left << half | right
        if value < size:
            return value


def _round(value: int, step: int, size: int, half: int, key: str) -> int:
    told = f"twoway alias {size} {step} {value}".encode()
    return int.from_bytes(hmac.new(key.encode(), told, hashlib.sha256).digest()[:4], "big") & ((1 << half) - 1)


def is_blocked(blocked_at: datetime | None, blocked_until: datetime | None, *, at: datetime) -> bool:
    """Whether a block holds at this time: it ends by itself, and nothing has to run for that."""
    return blocked_at is not None and (blocked_until is None or blocked_until > at)


def masked(value: str, *, region: str | None = None) -> str:
    """An address with all but the last four digits of a number hidden: (•••) •••-0178.

    Of an email address the part before the @ is hidden. Short codes and senders' names are public and stay.
    """
    if "@" in value:
        return DOT * 3 + value[value.index("@") :]
    digits = sum(char.isdigit() for char in value)
    if digits <= LONGEST_SHORT_CODE and not value.startswith("+"):
        return value
    return _hidden(phone.pretty(value, region=region or phone.country(value)), shown=SHOWN_DIGITS)


def without_numbers(text: str, *, shown: int = SHOWN_DIGITS, ours: frozenset[str] = frozenset()) -> str:
    """Any text with what may be a phone number hidden, up to its last `shown` digits; our own (E.164) stay."""
    kept = {re.sub(r"[^0-9]", "", number)[-_NATIONAL:] for number in ours}

    def hide(found: re.Match[str]) -> str:
        is_ours = re.sub(r"[^0-9]", "", found[0])[-_NATIONAL:] in kept
        return found[0] if is_ours else _hidden(found[0], shown=shown)

    return _WAMID.sub(f"wamid.{DOT * 3}", _NUMBER.sub(hide, text))


def may_search(words: str, *, sees_numbers: bool) -> bool:
    """Whether somebody may look for this: who sees only the last four digits looks for those, and not for more."""
    digits = sum(char.isdigit() for char in words)
    return sees_numbers or digits <= SHOWN_DIGITS or contact_like(words)


def contact_like(words: str) -> bool:
    """Whether it reads like an alias, whose digits are no number of anybody."""
    return _ALIAS.fullmatch(words.strip()) is not None


def _hidden(text: str, *, shown: int) -> str:
    left = sum(char.isdigit() for char in text) - shown
    out = []
    for char in text:
        if char.isdigit():
            out.append(DOT if left > 0 else char)
            left -= 1
        else:
            out.append(char)
    return "".join(out)
