"""The browsers that may be pushed to, and this installation's own key for push services."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from twoway.lib import public_addresses, web_push
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.sealing import seal, unseal
from twoway.lib.words import t
from twoway.notifications.models import Device, Push, PushKey
from twoway.teams.actor import Actor

MOST_DEVICES = 20
LONGEST_ADDRESS = 1500
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def own_keys(*, at: datetime) -> web_push.Keys:
    """This installation's pair, made at first use and kept sealed like provider credentials. Raises `WrongKey`."""
    row = PushKey.objects.filter(id=1).first()
    if row is None:
        made = web_push.new_keys()
        sealed = seal({"private": made.private}, key=settings.SEALING_KEY)
        row, _ = PushKey.objects.get_or_create(
            id=1, defaults={"public": made.public, "sealed": sealed, "created_at": at}
        )
    private = unseal(bytes(row.sealed), key=settings.SEALING_KEY)["private"]
    return web_push.Keys(public=row.public, private=private)


@transaction.atomic
def add(*, subscription: Mapping[str, object], label: str, by: Actor, at: datetime) -> Device:
    """Push to this browser from now on; one that is known changes hands to whoever signed in there. Raises `Invalid`.

    `subscription` is what the browser gave: an `endpoint`, and `keys` with `p256dh` and `auth`.
    """
    if by.member_id is None:
        raise NotAllowed(t("Only members have notifications."))
    endpoint, public, auth = _parts(subscription)
    digest = hashlib.sha256(endpoint.encode()).hexdigest()
    sealed = seal({"endpoint": endpoint, "public": public, "auth": auth}, key=settings.SEALING_KEY)
    Device.objects.filter(digest=digest).exclude(member_id=by.member_id).delete()
    own = Device.objects.filter(member_id=by.member_id).exclude(digest=digest)
    if own.count() >= MOST_DEVICES:
        raise Invalid(t("You have {most} devices. Remove one first.", most=MOST_DEVICES), field="endpoint")
    device, _ = Device.objects.update_or_create(
        digest=digest,
        defaults={
            "member_id": by.member_id,
            "sealed": sealed,
            "host": (urlsplit(endpoint).hostname or "")[:120],
            "label": label[:80],
            "created_at": at,
            "failures": 0,
            "slow_until": None,
        },
    )
    return device


def _parts(subscription: Mapping[str, object]) -> tuple[str, str, str]:
    """Address, key and secret, checked. Raises `Invalid`."""
    wrong = Invalid(t("This browser's push address can't be used."), field="endpoint", code="bad_subscription")
    endpoint, keys = subscription.get("endpoint"), subscription.get("keys")
    if not isinstance(endpoint, str) or not isinstance(keys, dict) or len(endpoint) > LONGEST_ADDRESS:
        raise wrong
    public, auth = keys.get("p256dh"), keys.get("auth")
    if not isinstance(public, str) or not isinstance(auth, str):
        raise wrong
    try:
        web_push.check(public=public, auth=auth)
        is_trusted = public_addresses.origin(endpoint) in trusted()
        if not is_trusted and not endpoint.startswith("https://"):
            raise wrong
        public_addresses.checked(endpoint, is_trusted=is_trusted)
    except (web_push.BadKey, public_addresses.NotFetched) as error:
        raise wrong from error
    return endpoint, public, auth


def trusted() -> frozenset[str]:
    """Push services of the operator's own network, by origin."""
    return frozenset(filter(None, map(public_addresses.origin, settings.PUSH_TRUSTED)))


def remove(*, device: Device) -> None:
    """Push to it no more."""
    device.delete()


def forget(*, endpoint: str, by: Actor) -> None:
    """The same for the browser itself, which knows its address only: somebody signs out of it."""
    digest = hashlib.sha256(endpoint.encode()).hexdigest()
    Device.objects.filter(digest=digest, member_id=by.member_id or 0).delete()


def test(*, device: Device, at: datetime) -> None:
    """Push a few words to it now. Nothing more while an earlier test still waits."""
    if not Push.objects.filter(device=device, notification=None).exists():
        Push.objects.create(device=device, notification=None, due_at=at)


def label_of(agent: str) -> str:
    """What a browser calls itself, in words, such as "Chrome on Android"."""
    browser = next((name for mark, name in _BROWSERS if re.search(mark, agent)), "A browser")
    system = next((name for mark, name in _SYSTEMS if re.search(mark, agent)), "")
    return f"{browser} on {system}" if system else browser
