"""Sentences that ask to stop in so many words, in six languages. Read on `wording.words`, joined by one space.

They settle what the classifier is not sure of; alone they would fit their author only.
"""

from __future__ import annotations

import re

_EN_TEXT = (
    r"(?:text(?:ing)?|messag(?:e|ing)|contact(?:ing)?|spam(?:ming)?|sms(?:ing)?|bother(?:ing)?|harass(?:ing)?|"
    r"send(?:ing)?(?: me| us| this| these| your| any| more| out| the){0,4}"
    r" (?:text|message|sms|alert|notification|promo|reminder)s?(?: message)?s?)"
)
_PATTERNS: dict[str, tuple[str, ...]] = {
    "en": (
        rf"\b(?:stop|quit|cease) {_EN_TEXT}\b(?! (?:him|her|them|my|our)\b)",
        (
            rf"\b(?:do not|never|not) (?:ever )?{_EN_TEXT} (?:me|us|this number|this phone|here)\b"
            r"(?! (?:before|until|after|on|in|at)\b)"
        ),
        rf"\b(?:do not|never) (?:ever )?{_EN_TEXT} (?:again|anymore)\b",
        (
            r"\b(?:take|remove|get|drop|delete|scrub|leave) (?:me|us|my number|this number|my phone|my info|my contact)"
            r" (?:off|from|out)(?: of)?(?: \w+){0,4} (?:lists?|database|system|texts?|messages|records|campaigns)\b"
        ),
        (
            r"\b(?:remove|delete|lose|forget|erase|drop) (?:my|this) (?:phone )?(?:number|cell)\b"
            r"(?! (?:from|on|off) (?:the|my) (?:account|order|profile))"
        ),
        r"\b(?:unsubscribe|opt) (?:me|my number|this number|us)(?: out)?\b(?!.*\b(?:link|newsletter)\b)",
        r"\b(?:no more|no further|not another) (?:text|message|sms|promo)s?\b",
        r"\bi (?:revoke|withdraw) (?:my |all |any )?(?:consent|permission)\b",
        r"\b(?:leave me alone|lose my number)\b",
    ),
    "es": (
        r"\b(?:deje|dejen|deja|pare|paren) (?:de )?(?:mandar|enviar|escribir|contactar|molestar)\w*\b",
        r"\b(?:no|ya no|nunca) (?:me|nos) (?:vuelvan a )?(?:mand\w+|envi\w+|escrib\w+|contact\w+|textee\w*)\b",
        r"\bno (?:quiero|deseo)(?: recibir)?(?: mas| sus| estos){0,2} (?:mensajes|sms|textos)\b",
        (
            r"\b(?:quiten|quite|saquen|saque|borren|borre|eliminen|elimine|den|de|dame|denme|deme)\w* "
            r"(?:me )?(?:de|de la|de su) (?:la |su |esta )?(?:lista|baja)\b"
        ),
        r"\bno mas (?:mensajes|sms|textos|mensaje)\b",
    ),
    "fr": (
        r"\b(?:arrete\w*|cess\w+) (?:de )?(?:m |nous )?(?:envoyer|ecrire|contacter|harceler)\b",
        r"\bne (?:m |me |nous )?(?:plus )?(?:envoye\w*|ecri\w*|contact\w*)(?: plus)?\b.*\bplus\b|\bne plus (?:m |me )",
        r"\bplus (?:de|aucun) (?:sms|messages?|textos?)\b(?! (?:recu|depuis))",
        r"\b(?:desabonne\w*|desinscri\w*) moi\b",
        r"\b(?:retirez|enlevez|supprimez|effacez) (?:moi|mon numero)\b",
    ),
    "de": (
        r"\bkeine (?:sms|nachrichten|texte) mehr\b(?! (?:von euch|bekommen|erhalten)\b.*(?:warum|wieso))",
        (
            r"\b(?:schreib\w*|schick\w*|kontaktier\w*) (?:sie )?(?:mir|mich|uns) "
            r"(?:bitte )?(?:nicht mehr|nie wieder|nichts mehr)\b"
        ),
        r"\b(?:hor\w*) (?:sie )?auf (?:mir|mich|mit den)\b",
        r"\b(?:loscht?|loschen|streicht?|entfern\w*) (?:sie )?(?:bitte )?meine nummer\b",
        r"\blass\w* (?:sie )?mich in ruhe\b",
    ),
    "pt": (
        r"\b(?:pare|parem|para) de (?:me )?(?:mandar|enviar|escrever|contatar|perturbar|incomodar)\b",
        r"\b(?:nao|n) (?:me )?(?:mand\w+|envi\w+|contat\w+|escrev\w+) mais\b",
        r"\bnao (?:quero|desejo) (?:mais )?receber\b(?! o pedido)",
        r"\b(?:tir\w+|remov\w+|exclu\w+|apag\w+|retir\w+) (?:o )?meu (?:numero|contato)\b",
    ),
    "it": (
        r"\bsmett\w+ di (?:scriver\w+|mandar\w+|inviar\w+|disturbar\w+|contattar\w+)\b",
        r"\bnon (?:mi )?(?:scriv\w+|mandat\w+|mandar\w+|inviat\w+|contatt\w+) (?:mai )?piu\b",
        r"\bbasta (?:con )?(?:i |questi |gli )?(?:messaggi|sms)\b",
        r"\b(?:toglie\w+|cancell\w+|rimuov\w+|elimin\w+) (?:il mio numero|dalla lista)\b",
    ),
}  # fmt: skip
_COMPILED = tuple((language, re.compile(pattern)) for language, told in _PATTERNS.items() for pattern in told)


def found(words: str) -> str:
    """The language of the first sentence that fits, or ""."""
    words = words.replace(" - ", " ")
    for language, pattern in _COMPILED:
        if pattern.search(words):
            return language
    return ""
