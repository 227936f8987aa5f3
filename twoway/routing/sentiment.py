"""How somebody sounds, by words and marks in English and Spanish. Plain, fast and explainable; it only picks a queue.

Lists of words, not a model: a text with two signs of anger, or one strong one, is upset; thanks without anger is
pleased; anything else is neutral. Capitals and several exclamation marks are one sign.
"""

from __future__ import annotations

import re
from typing import Literal

Mood = Literal["upset", "neutral", "pleased"]

_STRONG = (
    "unacceptable", "furious", "outrageous", "ridiculous", "scam", "fraud", "lawyer", "attorney", "sue you",
    "disgusting", "worst", "pathetic", "rip off", "ripoff", "never again", "fed up", "sick of", "inaceptable",
    "furioso", "furiosa", "estafa", "fraude", "abogado", "abogada", "demandar", "vergüenza", "harto", "harta",
    "el peor", "la peor", "ridículo",
)  # fmt: skip
_MILD = (
    "angry", "upset", "terrible", "awful", "horrible", "annoyed", "annoying", "frustrated", "frustrating", "complaint",
    "complain", "disappointed", "disappointing", "useless", "nobody answers", "no one answers", "still waiting",
    "third time", "again and again", "rude", "refund now", "manager", "supervisor", "enojado", "enojada", "molesto",
    "molesta", "pésimo", "pésima", "queja", "decepcionado", "decepcionada", "inútil", "nadie contesta",
    "sigo esperando", "tercera vez", "grosero", "gerente",
)  # fmt: skip
_GLAD = (
    "thank you", "thanks", "thx", "great", "awesome", "perfect", "love it", "appreciate", "excellent", "gracias",
    "genial", "perfecto", "excelente", "muy amable",
)  # fmt: skip


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


_STRONG_ANY, _MILD_ANY, _GLAD_ANY = _any_of(_STRONG), _any_of(_MILD), _any_of(_GLAD)
_SHOUTED = re.compile(r"!{2,}|\?!|!\?")
_LETTERS_TO_SHOUT = 12


def mood_of(text: str) -> Mood:
    """How a text sounds; "neutral" for an empty one."""
    plain = " ".join(text.casefold().split())
    letters = [one for one in text if one.isalpha()]
    shouts = len(letters) >= _LETTERS_TO_SHOUT and sum(one.isupper() for one in letters) > len(letters) * 0.7
    signs = 2 * len(_STRONG_ANY.findall(plain)) + len(_MILD_ANY.findall(plain))
    signs += bool(shouts or _SHOUTED.search(text)) if signs or shouts else 0
    if signs >= 2:
        return "upset"
    return "pleased" if not signs and _GLAD_ANY.search(plain) else "neutral"
