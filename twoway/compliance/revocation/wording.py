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
_ELIDED = re.compile(r"\b(m|l|d|j|n|s|t|qu|un|dell|all|nell|dall|sull)['’`´](?=\w{2})")
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
    "2day": "today", "w": "with", "k": "ok", "msj": "mensaje", "msjs": "mensajes", "msjes": "mensajes",
    "q": "que", "xfa": "por favor", "porfa": "por favor", "xfavor": "por favor", "kiero": "quiero", "svp": "please",
    "stp2": "stop", "vcs": "voces", "vc": "voce", "pf": "por favor", "pfv": "por favor", "nn": "non", "nao": "nao",
    "bitteee": "bitte", "tlf": "telefono", "tel": "telefono", "unsuscribe": "unsubscribe", "unsubcribe": "unsubscribe",
    "unsubscibe": "unsubscribe", "unsubsribe": "unsubscribe", "unsub": "unsubscribe", "optout": "opt out",
    "dnc": "do not call list", "hmu": "hit me up", "remov": "remove", "rmv": "remove",
    "dnt": "do not", "mor": "more", "frm": "from", "owt": "out", "wif": "with", "delte": "delete", "nuff": "enough",
}  # fmt: skip
SIGNS = {
    "🛑": "stopsign", "✋": "stopsign", "🚫": "stopsign", "⛔": "stopsign", "❌": "stopsign", "🙅": "stopsign",
    "🖕": "fuck you", "#": "number",
}  # fmt: skip

_ENGLISH_LEAVING = (
    "stop|unsubscribe|opt out|opt me out|quit|cancel|remove me|remove my|remove us|remove this number|take me off|"
    "take us off|take me out|take my|delete my number|drop me|be removed|be taken off|get off|lose"
)
_STAYING = re.compile(
    r"(?<!you )(?<!why )\b(?:(?:do|did) not (?:please |ever )?"
    r"(?:(?:want|need|mean|ask|like) (?:you |me )?to (?:text )?)?"
    rf"(?:{_ENGLISH_LEAVING})|never (?:said|asked to|wanted to|meant to|told you to) (?:be )?"
    rf"(?:{_ENGLISH_LEAVING}|removed))\b"
    r"|\bno (?:me |nos )?(?:quite[ns]?|borre[ns]?|saque[ns]?|elimine[ns]?|de[ns]? de baja|deje[ns]? de|pare[ns]? de)\b"
    r"|\bno quiero (?:darme de baja|dejar de|salir|desuscribirme|cancelar)\b"
    r"|\bne (?:me |nous )?(?:desabonne|desinscri|retire|enleve|supprime|arrete)\w* pas\b|\bn ?arrete[zr]? pas\b"
    r"|\bje ne (?:veux|souhaite) pas (?:me desabonner|me desinscrire|arreter)\b"
    r"|\b(?:mich|uns|bitte|euch) nicht (?:abmelden|loschen|rausnehmen|raus|streichen|entfernen|von der liste)\b"
    r"|\bnao (?:me |nos )?(?:tire[m]?|descadastre[m]?|remova[m]?|exclua[m]?|pare[m]? de)\b"
    r"|\bnao quero (?:me descadastrar|sair|parar)\b"
    r"|\bnon (?:toglie\w*|cancellatemi|cancellarmi|smett\w*|rimuove\w*|disiscriv\w*)\b"
    r"|\bnon voglio (?:disiscrivermi|cancellarmi|uscire)\b"
)
"""Words of leaving turned round: who says "don't unsubscribe me" stays."""
_VISIT = re.compile(r"\b(?:stop|stops|stopped|stopping|drop|swing|come|pass) (?:by|in at|in on|over at|off at)\b")


def folded(text: str) -> str:
    """Lower case without accents and apostrophes; links and addresses become one word, digits become 0."""
    text = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    text = "".join(char for char in text if unicodedata.category(char) not in ("Mn", "Cf"))
    text = _APOSTROPHE.sub("", _ELIDED.sub(r"\1 ", text)).replace("ß", "ss")
    text = _DIGITS.sub("0", _LINK.sub(" link ", text))
    text = _SPELLED.sub(lambda found: re.sub(r"[ .\-]", "", found[0]), text)
    return _STRETCHED.sub(r"\1", text)


def words(text: str) -> list[str]:
    """The words and marks of a text, shorthand written out. Marks stand as `.`, `?` or the symbol itself."""
    found: list[str] = []
    for raw in _WORD.findall(folded(text)):
        word = SHORTHAND.get(raw) or SIGNS.get(raw) or raw
        if word[0] in '.!,;:\n"()?':
            word = "?" if "?" in word else "."
        found.extend(word.split())
    told = _VISIT.sub("visit", " ".join(found))
    return _STAYING.sub("staysubscribed", told).split(" ") if told else []
