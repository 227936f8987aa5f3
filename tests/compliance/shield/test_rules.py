"""The shield's rules: card numbers, SSNs, CVVs, passwords and one-time codes, with what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twoway.compliance.shield import cards
from twoway.compliance.shield.rules import KINDS, find, redact

CARDS = [
    ("4111 1111 1111 1111", "411111******1111"),
    ("4111-1111-1111-1111", "411111******1111"),
    ("4111.1111.1111.1111", "411111******1111"),
    ("4012888888881881", "401288******1881"),
    ("4222222222222", "422222***2222"),
    ("5555555555554444", "555555******4444"),
    ("2223003122003222", "222300******3222"),
    ("3782 822463 10005", "378282*****0005"),
    ("371449635398431", "371449*****8431"),
    ("6011111111111117", "601111******1117"),
    ("3530111333300000", "353011******0000"),
    ("30569309025904", "305693****5904"),
    ("6200000000000005", "620000******0005"),
    (
        "\uff14\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11",
        "411111******1111",
    ),
    ("4111\u00a01111\u00a01111\u00a01111", "411111******1111"),
    ("4111\u20111111\u20131111\u20151111", "411111******1111"),
    ("٤١١١ ١١١١ ١١١١ ١١١١", "411111******1111"),
    ("4111\u200b1111\u200b1111\u200b1111", "411111******1111"),
    ("4111\n1111\n1111\n1111", "411111******1111"),
    ("4111 - 1111 - 1111 - 1111", "411111******1111"),
    ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "411111******1111"),
    ("*4111 1111 1111 1111*", "*411111******1111*"),
    ("zip 94110 4111 1111 1111 1111", "zip 94110 411111******1111"),
    ("call +14155552671 4111 1111 1111 1111", "call +14155552671 411111******1111"),
]

NOT_CARDS = [
    "4111111111111112",
    "+14155552671",
    "415-555-2671 415-555-2672",
    "Order 1234567812345670",
    "490154203237518",
    "0000000000000000",
    "9400111899223197428490",
    "9400 1118 9922 3197 4284 90",
    "8901260852290847433",
    "+4111111111111111",
    "DE89 3704 0044 0532 0130 00",
    "23.11.2026 10.30-11.45",
    "411111******1111",
]


@pytest.mark.parametrize(("text", "kept"), CARDS)
def test_a_card_number_is_masked(text: str, kept: str) -> None:
    assert redact(text)[0] == kept
    assert "card" in [one.kind for one in redact(text)[1]]


@pytest.mark.parametrize("text", NOT_CARDS)
def test_what_only_looks_like_a_card_number_stays(text: str) -> None:
    assert redact(text) == (text, ())


OTHERS = [
    ("123-45-6789", "***-**-****", ["ssn"]),
    ("ssn 078 05 1120", "ssn ***-**-****", ["ssn"]),
    ("my SSN is 123456789", "my SSN is ***-**-****", ["ssn"]),
    ("123456789 is my social security number", "***-**-**** is my social security number", ["ssn"]),
    ("mi seguro social es 123456789", "mi seguro social es ***-**-****", ["ssn"]),
    ("cvv 123", "cvv ***", ["cvv"]),
    ("CVC: 4567", "CVC: ***", ["cvv"]),
    ("security code is 999", "security code is ***", ["cvv"]),
    ("my cid=1234", "my cid=***", ["cvv"]),
    ("el código de seguridad es 123", "el código de seguridad es ***", ["cvv"]),
    ("le cryptogramme est 123", "le cryptogramme est ***", ["cvv"]),
    ("Prüfnummer: 123", "Prüfnummer: ***", ["cvv"]),
    ("o código de segurança é 123", "o código de segurança é ***", ["cvv"]),
    ("il codice di sicurezza è 123", "il codice di sicurezza è ***", ["cvv"]),
    ("123 is my cvv", "*** is my cvv", ["cvv"]),
    ("4111111111111111 12/27 123", "411111******1111 12/27 ***", ["card", "cvv"]),
    ("4111 1111 1111 1111, exp 01/28, 1234 thanks", "411111******1111, exp 01/28, *** thanks", ["card", "cvv"]),
    ("4111 1111 1111 1111 123", "411111******1111 ***", ["card", "cvv"]),
    ("my password is hunter2", "my password is ******", ["password"]),
    ("my password is Correct!Horse.", "my password is ******.", ["password"]),
    ("pw: abc123", "pw: ******", ["password"]),
    ("pw: abc", "pw: ******", ["password"]),
    ("password hunter22", "password ******", ["password"]),
    ('password is "let me in"', 'password is "******"', ["password"]),
    ("mi contraseña es gato123", "mi contraseña es ******", ["password"]),
    ("mon mot de passe est soleil9", "mon mot de passe est ******", ["password"]),
    ("mein Passwort lautet Sommer24", "mein Passwort lautet ******", ["password"]),
    ("minha senha é flor2024", "minha senha é ******", ["password"]),
    ("la mia password è gatto77", "la mia password è ******", ["password"]),
    ("my pin is 4821", "my pin is ******", ["password"]),
    ("your code is 123456", "your code is ******", ["code"]),
    ("My verification code is 482913", "My verification code is ******", ["code"]),
    ("it says: 482913 is your Google verification code", "it says: ****** is your Google verification code", ["code"]),
    ("G-482913 is your code", "****** is your code", ["code"]),
    ("OTP 4829", "OTP ******", ["code"]),
    ("the code is 482-913", "the code is ******", ["code"]),
    ("tu código es 482913", "tu código es ******", ["code"]),
    ("votre code est 482913", "votre code est ******", ["code"]),
    ("Dein Bestätigungscode lautet 482913", "Dein Bestätigungscode lautet ******", ["code"]),
    ("seu código é 482913", "seu código é ******", ["code"]),
    ("il tuo codice è 482913", "il tuo codice è ******", ["code"]),
]

HARMLESS = [
    "000-12-3456",
    "666-12-3456",
    "900-12-3456",
    "123-00-4567",
    "123-45-0000",
    "415-555-2671",
    "2024-05-1234",
    "123456789",
    "gate code 1234",
    "gate code is 123456",
    "the code is 1234 for the garage",
    "cvv?",
    "room 123",
    "the security code was emailed",
    "Use promo code 20261111 at checkout",
    "your order code is 483920",
    "My zip code is 94110",
    "error code 500123",
    "tracking 1Z999AA10123456784",
    "my password is not working",
    "my password is wrong",
    "I forgot my password, please reset it",
    "The password expired yesterday",
    "mi contraseña es incorrecta",
    "mein Passwort ist falsch",
    "password reset link: https://example.com/r/1",
    "Where is my order 48213? It should have been here by noon.",
    "My appointment is on 11/22/2026 at 3:30",
    "call me at (415) 555-2671 ext 123",
    "I paid $123.45 on 2026-01-15",
    "thanks so much, that worked 😀",
]


@pytest.mark.parametrize(("text", "kept", "kinds"), OTHERS)
def test_other_secrets_are_masked(text: str, kept: str, kinds: list[str]) -> None:
    got, found = redact(text)
    assert got == kept
    assert [one.kind for one in found] == kinds


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_texts_stay(text: str) -> None:
    assert redact(text) == (text, ())


def test_places_are_those_of_the_text_as_given() -> None:
    text = "½ ok: \uff14\uff11\uff11\uff11 1111 1111 1111 and cvv 123"
    assert [(one.kind, text[one.start : one.end]) for one in find(text)] == [
        ("card", "\uff14\uff11\uff11\uff11 1111 1111 1111"),
        ("cvv", "123"),
    ]


def test_only_what_is_asked_for_is_masked() -> None:
    assert redact("my ssn is 123-45-6789, cvv 123", kinds={"card", "cvv"})[0] == "my ssn is 123-45-6789, cvv ***"


# Properties -------------------------------------------------------------------------------------------------------

SEPARATORS = ["", " ", "-", ".", "\u00a0", "\u2010", "\u2013", "\u2015"]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A card number of some issuer, its check digit right."""
    issuer = draw(st.sampled_from(cards.ISSUERS))
    length = draw(st.sampled_from(sorted(issuer.lengths)))
    prefix = str(draw(st.integers(int(issuer.first), int(issuer.last))))
    middle = draw(st.text("0123456789", min_size=length - len(prefix) - 1, max_size=length - len(prefix) - 1))
    body = prefix + middle
    return next(body + last for last in "0123456789" if cards.luhn(body + last))


@given(number=numbers(), seed=st.lists(st.sampled_from(SEPARATORS), min_size=18, max_size=18), wide=st.booleans())
def test_no_card_number_survives_however_it_is_separated(number: str, seed: list[str], wide: bool) -> None:
    text = "".join(digit + gap for digit, gap in zip(number, [*seed, ""], strict=False)).rstrip("".join(SEPARATORS))
    if wide:
        text = "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in text)
    kept, found = redact(f"card {text} ok")
    assert found[0].kind == "card"
    assert sum(char.isdigit() for char in kept) <= 10


@given(numbers(), numbers(), st.sampled_from([" ", ", ", "\n", " and "]))
def test_two_card_numbers_are_both_masked(first: str, second: str, between: str) -> None:
    kept, _ = redact(first + between + second)
    assert first not in kept
    assert second not in kept
    assert not [one for one in find(kept) if one.kind == "card"]


PIECES = st.one_of(
    st.text(max_size=8),
    st.text("0123456789", max_size=20),
    numbers(),
    st.sampled_from([" cvv ", " password is ", " your code is ", "ssn ", " ", "-", "****", "12/27", "123", "\u0660"]),
)


@given(st.lists(PIECES, max_size=8).map("".join))
@example("4000 4111 1111 1111 1111 1111")
def test_masking_twice_changes_nothing_and_places_make_sense(text: str) -> None:
    kept, found = redact(text)
    assert redact(kept)[0] == kept
    assert (kept == text) == (not found)
    edges = [0, *(edge for one in found for edge in (one.start, one.end)), len(text)]
    assert edges == sorted(edges)
    assert all(one.kind in KINDS and one.start < one.end for one in found)


@given(st.text("abcdefghij klmnop.,!?'", max_size=200).filter(lambda text: "pw" not in text and "pass" not in text))
def test_texts_without_digits_and_without_password_words_are_not_touched(text: str) -> None:
    assert redact(text) == (text, ())
