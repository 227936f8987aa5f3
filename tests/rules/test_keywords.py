"""Consent keywords: every listed word works, ordinary messages do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.sms import keywords

FAMILIES: list[tuple[keywords.Family, dict[str, tuple[str, ...]]]] = [
    ("stop", keywords.STOP),
    ("start", keywords.START),
    ("help", keywords.HELP),
]
LISTED = [
    (family, language, word)
    for family, languages in FAMILIES
    for language, words in languages.items()
    for word in words
    if word not in keywords.ONLY_WHERE_SPOKEN
]


@pytest.mark.parametrize(("family", "language", "word"), LISTED)
@pytest.mark.parametrize("pattern", ["{}", " {}. ", "“{}!!!”"])
def test_every_listed_word_works(family: keywords.Family, language: str, word: str, pattern: str) -> None:
    text = pattern.format(word)
    for spelling in (text, text.lower(), text.title()):
        assert keywords.family(spelling) == family, spelling
    found = keywords.match(text, languages=[language])
    assert found == keywords.Keyword(family, found.word if found else "", language)


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "Stop.", "stop!!!", "STOP ALL", "stopall", "S T O P", "opt out", "opt-out", "Opt.Out", "Please stop",
        "stop please", "STOP now", "stop, thanks", "stop thank you!", "Unsubscribe please", "🛑", "🛑🛑 !", "stop 🛑",
        "END", "Quit", "cancel", "revoke", "UNSUB", "ＳＴＯＰ", "s\u200btop", "stóp", "Arrête", "arrêt svp", "No más",
        "no mas, por favor", "kündigen", "стоп", "Стоп, пожалуйста", "退订", "停止。", "TD", "수신거부", "बंद", "إيقاف",
    ],
)  # fmt: skip
def test_stop(text: str) -> None:
    assert keywords.family(text) == "stop"


@pytest.mark.parametrize("text", ["START", "start please", "Unstop", "un-stop", "alta", "Début", "开始"])
def test_start(text: str) -> None:
    assert keywords.family(text) == "start"


@pytest.mark.parametrize("text", ["HELP", "help!", "Help please", "info", "ayuda", "Hjälp", "ヘルプ", "помощь"])
def test_help(text: str) -> None:
    assert keywords.family(text) == "help"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "?", "please", "thanks", "now", "👍", "✋", "🚗🛑", "1", "yes", "YES", "Si", "sí", "SIM", "JA", "Oui",
        "TAK", "ДА", "EVET", "no", "ok", "GO", "red", "Red please", "T", "I'll stop by the store at 5",
        "can you stop the delivery?", "please quit calling me names", "What time does the sale end?",
        "I need to cancel my order #1234", "don't stop now, keep going", "is there a bus stop nearby?",
        "non-stop flight?", "My package stopped moving", "Please cancel my appointment for Tuesday",
        "the app keeps stopping", "I quit smoking last week lol", "end of the month works for me", "weekend",
        "can I opt out of the warranty?", "stopwatch band size?", "please don't unsubscribe me",
        "help me with my order",
        "Not STOP, I said SHOP", "don't stop", "stop it", "end?no", "starting", "not now", "no thanks", "stop" * 20,
        "help me he's hurting me", "what's the info", "stop 1",
    ],
)  # fmt: skip
def test_an_ordinary_message_is_no_keyword(text: str) -> None:
    assert keywords.match(text) is None


@pytest.mark.parametrize(("word", "language"), keywords.ONLY_WHERE_SPOKEN.items())
def test_a_word_that_is_an_english_answer_counts_only_where_its_language_is_spoken(word: str, language: str) -> None:
    assert keywords.family(word) is None
    assert keywords.match(word, languages=["en", "es"]) is None
    assert keywords.match(word, languages=[language]) == keywords.Keyword("stop", word, language)


def test_the_language_of_the_conversation_comes_first() -> None:
    assert keywords.match("cancelar") == keywords.Keyword("stop", "CANCELAR", "es")
    assert keywords.match("cancelar", languages=["pt"]) == keywords.Keyword("stop", "CANCELAR", "pt")


def test_no_word_is_in_two_families() -> None:
    found: dict[str, set[str]] = {}
    for family, _, word in LISTED:
        found.setdefault(word.casefold(), set()).add(family)
    assert [word for word, families in found.items() if len(families) > 1] == []


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_is_answered(text: str) -> None:
    assert keywords.family(text) in ("stop", "start", "help", None)


@given(st.sampled_from(["STOP", "HELP", "START"]), st.text(alphabet=" .!?,'\"-*\n", max_size=10))
def test_punctuation_never_hides_a_keyword(word: str, around: str) -> None:
    assert keywords.family(around + word + around) == word.lower()
