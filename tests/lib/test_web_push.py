"""Web Push against the RFC's own example, and what must not work."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from twoway.lib import web_push

# RFC 8291, appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
BROWSER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_rfc() -> None:
    body = web_push.encrypt(PLAIN, public=BROWSER_PUBLIC, auth=AUTH, salt=web_push.decode(SALT), sender=SENDER)
    assert web_push.encode(body) == BODY
    assert web_push.decrypt(web_push.decode(BODY), private=BROWSER, auth=AUTH) == PLAIN


def test_the_longest_message_fits_and_a_longer_one_is_refused() -> None:
    keys = web_push.new_keys()
    body = web_push.encrypt(b"x" * web_push.MOST, public=keys.public, auth=AUTH)
    assert len(body) <= 4096
    assert web_push.decrypt(body, private=keys.private, auth=AUTH) == b"x" * web_push.MOST
    with pytest.raises(ValueError, match="at most"):
        web_push.encrypt(b"x" * (web_push.MOST + 1), public=keys.public, auth=AUTH)


def test_every_push_is_encrypted_anew_and_for_one_browser_only() -> None:
    keys, other = web_push.new_keys(), web_push.new_keys()
    first, second = (web_push.encrypt(PLAIN, public=keys.public, auth=AUTH) for _ in range(2))
    assert first != second
    with pytest.raises(InvalidTag):
        web_push.decrypt(first, private=other.private, auth=AUTH)


def test_who_pushes_is_signed() -> None:
    keys = web_push.new_keys()
    header = web_push.authorization(
        keys=keys, audience="https://push.example.net", expires=1453523768, subject="mailto:desk@example.com"
    )
    assert web_push.claims_of(header) == {
        "aud": "https://push.example.net",
        "exp": 1453523768,
        "sub": "mailto:desk@example.com",
    }
    forged = header.partition(", k=")[0] + f", k={web_push.new_keys().public}"
    with pytest.raises(web_push.BadKey):
        web_push.claims_of(forged)


@pytest.mark.parametrize(
    ("public", "auth"),
    [("", AUTH), ("AAAA", AUTH), ("?" * 87, AUTH), (BROWSER_PUBLIC[:-3] + "AAA", AUTH), (BROWSER_PUBLIC, "AAAA")],
)
def test_keys_that_are_none(public: str, auth: str) -> None:
    with pytest.raises(web_push.BadKey):
        web_push.check(public=public, auth=auth)
