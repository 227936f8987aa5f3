"""Consent keywords: a whole message that means stop, start or help, in the languages we were asked for.

The message must consist of the keyword; capitals, accents, punctuation, spaces between letters and words of courtesy
are ignored. Sources: CTIA messaging principles, 47 CFR 64.1200(a)(10) and the default lists of US providers; other
languages were collected from carriers and common usage. YES and its kin are never a START: they answer questions.
Refusals in a sentence ("please stop texting me") are the business of `compliance`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Family = Literal["stop", "start", "help"]

STOP = {
    "en": (
        "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "UNSUB", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT",
        "REMOVE",
    ),
    "es": ("ALTO", "PARAR", "PARE", "BAJA", "DETENER", "CANCELAR", "SALIR", "NO MAS", "TERMINAR"),
    "fr": ("ARRET", "ARRETE", "ARRETER", "ARRETEZ", "DESABONNER", "DESINSCRIRE", "FIN"),
    "de": ("STOPP", "ABMELDEN", "ABBESTELLEN", "BEENDEN", "ENDE", "KUENDIGEN", "KÜNDIGEN"),
    "pt": ("PARAR", "PARE", "SAIR", "CANCELAR", "REMOVER", "DESCADASTRAR"),
    "it": ("BASTA", "FERMA", "ANNULLA", "CANCELLA", "ESCI", "DISISCRIVI"),
    "nl": ("AFMELDEN", "STOPPEN", "UIT"),
    "sv": ("STOPP", "AVSLUTA", "AFMELD", "AVMELD", "AVMÄLD"),
    "pl": ("REZYGNUJE", "WYPISZ"),
    "tr": ("DUR", "IPTAL", "RED"),
    "ru": ("СТОП", "ОТПИСАТЬСЯ", "ОТМЕНА"),
    "zh": ("停止", "退订", "取消", "TD", "T"),
    "ja": ("停止", "解除"),
    "ko": ("중지", "수신거부", "그만"),
    "hi": ("रुको", "बंद"),
    "ar": ("توقف", "الغاء", "إيقاف"),
    "vi": ("DUNG", "HUY"),
    "tl": ("TIGIL", "HINTO"),
}  # fmt: skip

START = {
    "en": ("START", "UNSTOP", "RESUME", "SUBSCRIBE", "RESUBSCRIBE", "OPTIN", "OPT IN"),
    "es": ("INICIAR", "ALTA", "EMPEZAR"),
    "fr": ("DEBUT", "REPRENDRE"),
    "de": ("ANMELDEN",),
    "pt": ("INICIAR", "VOLTAR"),
    "it": ("INIZIA",),
    "nl": ("AANMELDEN",),
    "tr": ("BASLA", "BAŞLA"),
    "ru": ("СТАРТ",),
    "zh": ("开始", "订阅"),
    "ja": ("開始",),
    "ko": ("시작",),
}

HELP = {
    "en": ("HELP", "INFO"),
    "es": ("AYUDA",),
    "fr": ("AIDE",),
    "de": ("HILFE",),
    "pt": ("AJUDA",),
    "it": ("AIUTO",),
    "nl": ("HULP",),
    "sv": ("HJALP", "HJELP", "HJÆLP"),
    "pl": ("POMOC",),
    "tr": ("YARDIM",),
    "ru": ("ПОМОЩЬ",),
    "zh": ("帮助",),
    "ja": ("ヘルプ",),
    "ko": ("도움말",),
    "hi": ("मदद",),
    "ar": ("مساعدة",),
}

# ordinary English answers ("RED", "T" for true): a keyword only where the language is known to be spoken
ONLY_WHERE_SPOKEN = {"RED": "tr", "T": "zh"}

_COURTESY = (
    "please", "pls", "plz", "thanks", "thank you", "thank u", "thankyou", "thx", "ty", "now", "por favor", "gracias",
    "s il vous plait", "s il te plait", "svp", "merci", "bitte", "danke", "obrigado", "obrigada", "per favore",
    "grazie", "alstublieft", "пожалуйста", "спасибо",
)  # fmt: skip
_STOP_SIGN = "\N{OCTAGONAL SIGN}"
_ONLY_STOP_SIGNS = re.compile(f"[\\s!.]*(?:{_STOP_SIGN}[\ufe0f\\s!.]*)+")
LONGEST = 48
_BLANKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword that was recognised: what it asks for, the word as listed, and the language (ISO 639) it belongs to."""

    family: Family
    word: str
    language: str


def folded(text: str) -> str:
    """Lower case without accents, punctuation or symbols; words separated by one space."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Mc", "Cf"))
    return _BLANKS.sub(" ", text.lower()).strip()


def _squeezed(text: str) -> str:
    return text.replace(" ", "")


def _table() -> dict[str, tuple[Keyword, ...]]:
    """Folded word without spaces -> the keywords it can be, English first."""
    table: dict[str, tuple[Keyword, ...]] = {}
    families: tuple[tuple[Family, dict[str, tuple[str, ...]]], ...] = (("stop", STOP), ("start", START), ("help", HELP))
    for family, languages in families:
        for language, words in languages.items():
            for word in words:
                key = _squeezed(folded(word))
                table[key] = (*table.get(key, ()), Keyword(family, word, language))
    return table


_TABLE = _table()
_COURTEOUS = re.compile(r"\b(?:" + "|".join(sorted(map(folded, _COURTESY), key=len, reverse=True)) + r")\b")


def match(text: str, *, languages: Collection[str] = ()) -> Keyword | None:
    """The keyword this whole message is, or None.

    Keywords of every language count; `languages` (ISO 639) are those known to be spoken in this conversation: they
    come first when a word exists in several, and allow the words of `ONLY_WHERE_SPOKEN`.
    """
    if len(text) > LONGEST:
        return None
    plain = folded(text)
    found = _TABLE.get(_squeezed(plain)) or _TABLE.get(_squeezed(_COURTEOUS.sub(" ", plain)))
    if not found:
        return Keyword("stop", _STOP_SIGN, "") if _ONLY_STOP_SIGNS.fullmatch(text) else None
    known = [word for word in found if word.language in languages]
    usual = [word for word in found if word.word not in ONLY_WHERE_SPOKEN]
    return next(iter(known or usual), None)


def family_named(name: str) -> Family:
    """A family by its name; a name that is none is read as stop, the safe one."""
    return "start" if name == "start" else "help" if name == "help" else "stop"


def family(text: str, *, languages: Collection[str] = ()) -> Family | None:
    """What this whole message asks for: "stop", "start", "help", or None when it is an ordinary message."""
    found = match(text, languages=languages)
    return found.family if found else None
