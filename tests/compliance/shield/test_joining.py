"""Card numbers spread over several texts, and security codes that follow them."""

from __future__ import annotations

import pytest

from twoway.compliance.shield.joining import join, may_continue


@pytest.mark.parametrize(
    ("bodies", "kept"),
    [
        (("4111 1111", "1111 1111"), ("4111 11**", "**** 1111")),
        (("my card is 4111 1111 1111", "1111"), ("my card is 4111 11** ****", "1111")),
        (("4111", "1111", "1111", "1111"), ("4111", "11**", "****", "1111")),
        (
            ("my card: 4111 1111...", "and the rest is 1111 1111 thanks"),
            ("my card: 4111 11**...", "and the rest is **** 1111 thanks"),
        ),
        (("1111 1111", "it's 4111 1111"), ("**** 1111", "it's 4111 11**")),
        (("\uff14111 1111", "1111 1111"), ("\uff14111 11**", "**** 1111")),
    ],
)
def test_a_number_in_pieces_is_masked_in_each(bodies: tuple[str, ...], kept: tuple[str, ...]) -> None:
    joined = join(bodies)
    assert joined.bodies == kept
    assert set(joined.kinds) == {"card"}
    assert may_continue(bodies[-1])


@pytest.mark.parametrize(
    "bodies",
    [
        ("call me at 415-555-2671", "or at 415-555-2672"),
        ("415-555-2671", "415-555-2672"),
        ("Order 12345678", "12345670 is the other"),
        ("see you at 5", "10 is fine too"),
        ("+14155552671", "1111 1111"),
    ],
)
def test_other_digits_stay(bodies: tuple[str, ...]) -> None:
    assert join(bodies).bodies == bodies
    assert set(join(bodies).kinds) == {""}


def test_only_the_pieces_are_touched() -> None:
    joined = join(("order 1234", "4111 1111", "1111 1111"))
    assert joined.bodies == ("order 1234", "4111 11**", "**** 1111")
    assert joined.kinds == ("", "card", "card")


def test_lone_digits_after_a_card_are_its_code() -> None:
    assert join(("411111******1111", "123"), follows_card=True).bodies == ("411111******1111", "***")
    assert join(("411111******1111", "1234."), follows_card=True).kinds == ("", "cvv")
    assert join(("411111******1111", "123")).bodies == ("411111******1111", "123")
    assert join(("411111******1111", "room 123"), follows_card=True).bodies[-1] == "room 123"


@pytest.mark.parametrize(
    "body", ["yes", "Where is my order?", "at 5:30 pm", "thanks 😀", "order 48213", "12th street? no"]
)
def test_ordinary_texts_are_not_looked_at_further(body: str) -> None:
    assert not may_continue(body)
