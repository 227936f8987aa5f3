"""Reactions that arrive as texts, in the forms phones send them."""

from __future__ import annotations

import pytest

from twoway.sms.tapbacks import DISLIKE, EMPHASIS, LAUGH, LIKE, LOVE, QUESTION, Tapback, asks_nothing, quotes, read


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        ("Liked “See you at 3”", LIKE),
        ('Liked "See you at 3"', LIKE),
        ("Loved “See you at 3”", LOVE),
        ("Disliked “See you at 3”", DISLIKE),
        ("Laughed at “See you at 3”", LAUGH),
        ("Emphasized “See you at 3”", EMPHASIS),
        ("Emphasised “See you at 3”", EMPHASIS),
        ("Questioned “See you at 3”", QUESTION),
        ("👍 to “See you at 3”", "👍"),
        ("\u200a\u200b👍\u200b to “\u200aSee you at 3\u200a”\u200a\u200b", "👍"),
        ("Reacted 🎉 to “See you at 3”", "🎉"),
        ("Reacted 👍🏽 to “See you at 3”", "👍🏽"),
        ("Reacted ❤️ to “See you at 3”", "❤️"),
        ("Le gustó “See you at 3”", LIKE),
        ("Le encantó “See you at 3”", LOVE),
        ("Reaccionó con 👍 a “See you at 3”", "👍"),
        ("A aimé « See you at 3 »", LIKE),
        ("A adoré “See you at 3”", LOVE),
        ("N'a pas aimé « See you at 3 »", DISLIKE),
        ("Mag „See you at 3“", LIKE),
        ("Liebt „See you at 3“", LOVE),
        ("Lacht über „See you at 3“", LAUGH),
        ("Curtiu “See you at 3”", LIKE),
        ("Amou “See you at 3”", LOVE),
        ("Piace “See you at 3”", LIKE),
        ("Ha messo “Mi piace” a “See you at 3”", LIKE),
        ("Adora “See you at 3”", LOVE),
    ],
)
def test_a_reaction_is_read(body: str, sign: str) -> None:
    assert read(body) == Tapback(sign=sign, is_removed=False, quote="See you at 3")


@pytest.mark.parametrize(
    ("body", "sign", "is_removed", "picture"),
    [
        ("Removed a like from “See you at 3”", LIKE, True, None),
        ("Removed a heart from “See you at 3”", LOVE, True, None),
        ("Removed 🎉 from “See you at 3”", "🎉", True, None),
        ("Liked an image", LIKE, False, "image"),
        ("Loved a movie", LOVE, False, "video"),
        ("Le gustó una imagen", LIKE, False, "image"),
        ("Mag ein Bild", LIKE, False, "image"),
    ],
)
def test_what_is_taken_back_and_pictures(body: str, sign: str, is_removed: bool, picture: str | None) -> None:
    found = read(body)
    assert found is not None
    assert (found.sign, found.is_removed, found.picture) == (sign, is_removed, picture)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "👍",
        "Liked it a lot",
        "I liked “See you at 3”",
        "Liked “See you at 3” but can we make it 4?",
        "Sounds good to “me”",
        "- to “do”",
        "Loved an imagination",
        "Liked “",
        "Liked “x”" + "x" * 3000,
    ],
)
def test_any_other_text_is_none(body: str) -> None:
    assert read(body) is None


@pytest.mark.parametrize(
    ("quote", "body", "is_to"),
    [
        ("See you at 3", "See you at 3", True),
        ("See you at 3", "See you at  3\n", True),
        ("It’s on its way", "It's on its way", True),
        ("Your car is…", "Your car is at Pine and 4th", True),
        ("Your car is...", "Your car is at Pine and 4th", True),
        ("Your car", "Your car is at Pine and 4th", False),
        ("Your van is…", "Your car is at Pine and 4th", False),
        ("…", "Anything", False),
    ],
)
def test_which_text_is_meant(quote: str, body: str, is_to: bool) -> None:
    assert quotes(Tapback(sign=LIKE, is_removed=False, quote=quote), body=body) is is_to


def test_a_reaction_to_a_picture_needs_one() -> None:
    to_picture = Tapback(sign=LIKE, is_removed=False, quote="", picture="image")
    assert quotes(to_picture, body="", files=["image/jpeg"])
    assert not quotes(to_picture, body="", files=["application/pdf"])
    assert not quotes(to_picture, body="See you at 3")


@pytest.mark.parametrize(
    ("body", "asks"),
    [
        ("Liked “x”", False),
        ("Questioned “x”", True),
        ("Reacted ❓ to “x”", True),
        ("Removed a question mark from “x”", False),
        ("Liked “Does 3 suit you?”", True),
        ("Loved “We could come on Tuesday or…”", True),
        ("Disliked “See you at 3”", True),
        ("Liked an image", False),
        ("👍 to “See you at 3”", False),
        ("\u200a👎\u200b to “See you at 3”", True),
    ],
)
def test_what_pleases_asks_nothing(body: str, asks: bool) -> None:
    found = read(body)
    assert found is not None
    assert found.asks is asks
    assert asks_nothing(body) is not asks


@pytest.mark.parametrize("body", ["", "Liked", "I liked “it”", "A car is here", 'She said "yes"', "Thanks ❤️", "?"])
def test_any_other_text_is_looked_at(body: str) -> None:
    assert not asks_nothing(body)
