"""Texts as people type them, made comparable: lower case, no accents, shorthand written out, stretched letters cut."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1_600
"""Characters that are read; a refusal does not begin after ten segments of something else."""

_LINK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+")
_DIGITS = re.compile(r"\d+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_SPELLED = re.compile(r"\b(?:[a-z][ .\-]+){3,}[a-z]\b")
_APOSTROPHE = re.compile(r"['’`´]")
_WORD = re.compile(r"[a-z0-9]+|[^\W\da-z_]+|[.!?,;:\"()\n]+|[^\w\s]")

SHORTHAND = {
    "u": "you", "ur": "your", "yall": "you", "ya": "you", "r": "are", "plz": "please", "pls": "please",
    "plss": "please", "pleas": "please", "txt": "text", "txts": "texts", "txting": "texting", "txtn": "texting",
    "txtin": "texting", "textin": "texting", "txted": "texted", "txtd": "texted", "msg": "message",
    "msgs": "messages", "msging": "messaging", "mesage": "message", "mesages": "messages", "messges": "messages",
    "massage": "message", "massages": "messages", "dont": "do not", "don": "do not", "doesnt": "does not",
    "didnt": "did not", "cant": "can not", "wont": "will not", "isnt": "is not", "arent": "are not",
    "wasnt": "was not", "couldnt": "could not", "wouldnt": "would not", "shouldnt": "should not",
    "havent": "have not", "hasnt": "has not", "aint": "is not", "im": "i am", "ive": "i have", "id": "i would",
    "ill": "i will", "youre": "you are", "youve": "you have", "thats": "that is", "whos": "who is", "dis": "this",
    "stp": "stop", "stpo": "stop", "sotp": "stop", "stopp": "stop", "stahp": "stop", "stoop": "stop", "stap": "stop",
    "sto": "stop", "tsop": "stop", "thx": "thanks", "thnx": "thanks", "tks": "thanks", "ty": "thanks", "tnx": "thanks",
    "wanna": "want to", "gonna": "going to", "gimme": "give me", "lemme": "let me", "gotta": "got to", "num": "number",
    "nmbr": "number", "nbr": "number", "numbr": "number", "anymor": "anymore", "nomore": "no more", "b4": "before",
    "2day": "today", "w": "with", "n": "and", "k": "ok", "msj": "mensaje", "msjs": "mensajes", "msjes": "mensajes",
    "q": "que", "xfa": "por favor", "porfa": "por favor", "xfavor": "por favor", "kiero": "quiero", "svp": "please",
    "stp2": "stop", "vcs": "voces", "vc": "voce", "pf": "por favor", "pfv": "por favor", "nn": "non", "nao": "nao",
    "bitteee": "bitte", "tlf": "telefono", "tel": "telefono", "unsuscribe": "unsubscribe", "unsubcribe": "unsubscribe",
    "unsubscibe": "unsubscribe", "unsubsribe": "unsubscribe", "unsub": "unsubscribe", "optout": "opt out",
    "dnc": "do not call list", "hmu": "hit me up", "remov": "remove", "delte": "delete", "nuff": "enough",
}  # fmt: skip
SIGNS = {"🛑": "stopsign", "✋": "stopsign", "🚫": "stopsign", "⛔": "stopsign", "❌": "stopsign", "🙅": "stopsign", "#": "number"}


def folded(text: str) -> str:
    """Lower case without accents and apostrophes; links and addresses become one word, digits become 0."""
    text = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    text = "".join(char for char in text if unicodedata.category(char) not in ("Mn", "Cf"))
    text = _DIGITS.sub("0", _LINK.sub(" link ", _APOSTROPHE.sub("", text).replace("ß", "ss")))
    text = _SPELLED.sub(lambda found: re.sub(r"[ .\-]", "", found[0]), text)
    return _STRETCHED.sub(r"\1", text)


def words(text: str) -> list[str]:
    """The words and marks of a text, shorthand written out. Marks stand as `.`, `?` or the symbol itself."""
    found: list[str] = []
    for raw in _WORD.findall(folded(text)):
        word = SHORTHAND.get(raw) or SIGNS.get(raw) or raw
        if word[0] in ".!,;:\n\"()?":
            word = "?" if "?" in word else "."
        found.extend(word.split())
    return found
