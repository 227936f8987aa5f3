"""Texts of ours that ask for a secret, in six languages, and those that only speak of one."""

from __future__ import annotations

import pytest

from twoway.compliance.shield.asking import asks

ASKS = [
    ("What's your card number?", "card"),
    ("Can you text me your credit card number so I can refund it", "card"),
    ("Card number?", "card"),
    ("please send your SSN", "ssn"),
    ("I need your social security number to go on", "ssn"),
    ("Could you send me the CVV on the back?", "cvv"),
    ("What is the security code on your card?", "cvv"),
    ("Please reply with your password", "password"),
    ("Can you read me the verification code?", "code"),
    ("Please tell me the code we just texted you", "code"),
    ("¿Cuál es el número de su tarjeta?", "card"),
    ("Envíeme su contraseña por favor", "password"),
    ("Quel est le numéro de votre carte ?", "card"),
    ("Envoyez-moi votre mot de passe", "password"),
    ("Wie lautet deine Kreditkartennummer?", "card"),
    ("Bitte schicken Sie uns Ihr Passwort", "password"),
    ("Qual é o número do seu cartão?", "card"),
    ("Preciso da sua senha", "password"),
    ("Qual è il numero della sua carta?", "card"),
    ("Mi comunichi il codice di verifica", "code"),
]

DOES_NOT = [
    "Please don't text your card number.",
    "We will never ask for your password",
    "You can enter your card number at https://pay.example/7",
    "Can you reset your password? Here is how",
    "What are the last four digits of your card number?",
    "Did you get the code?",
    "We removed the card number you sent",
    "Your card was charged twice. Can you tell me when?",
    "What is the gate code?",
    "No envíe su número de tarjeta",
    "Bitte senden Sie keine Passwörter",
    "I'll send you a payment link",
    "Where is your order number?",
]


@pytest.mark.parametrize(("body", "kind"), ASKS)
def test_it_asks_for(body: str, kind: str) -> None:
    assert kind in [ask.kind for ask in asks(body)]
    ask = next(ask for ask in asks(body) if ask.kind == kind)
    assert 0 <= ask.start < ask.end <= len(body)


@pytest.mark.parametrize("body", DOES_NOT)
def test_it_does_not_ask(body: str) -> None:
    assert asks(body) == ()
