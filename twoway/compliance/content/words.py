"""Words and addresses that carriers refuse or look at closely, by category. Data: what changes, changes here.

Sources: CTIA Messaging Principles and Best Practices 5.3 (SHAFT: sex, hate, alcohol, firearms, tobacco; also cannabis,
gambling, high-risk loans), the carriers' codes of conduct, and Bandwidth's error 4771 (public URL shorteners).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from twoway.lib.words import noted


@dataclass(frozen=True, slots=True)
class Category:
    """Words of one kind, by language, and since when and why they are looked for.

    A word stands for itself between word boundaries; a `*` at its end stands for any letters.
    """

    label: str
    since: date
    source: str
    words: Mapping[str, Sequence[str]]


CTIA = "CTIA Messaging Principles and Best Practices 5.3"
SINCE = date(2019, 7, 1)

CATEGORIES: Mapping[str, Category] = {
    "sex": Category(
        noted("Sex"),
        SINCE,
        CTIA,
        {
            "en": ("porn*", "xxx", "nsfw", "escorts", "nudes", "onlyfans", "sexting", "strip club", "erotic*"),
            "es": ("porno*", "desnudos", "sexo", "erótic*"),
            "fr": ("sexe", "érotique*", "pornographi*"),
            "de": ("sex", "erotik*", "porno*", "nacktbilder"),
            "pt": ("sexo", "nudez", "erótic*"),
            "it": ("sesso", "erotic*", "porno*"),
        },
    ),
    "hate": Category(
        noted("Hate"),
        SINCE,
        CTIA,
        {
            "en": ("white power", "white supremacy", "master race", "racial purity", "sieg heil", "heil hitler"),
            "es": ("supremacía blanca", "raza superior"),
            "fr": ("suprématie blanche", "race supérieure"),
            "de": ("sieg heil", "heil hitler", "herrenrasse", "ausländer raus"),
            "pt": ("supremacia branca", "raça superior"),
            "it": ("supremazia bianca", "razza superiore"),
        },
    ),
    "alcohol": Category(
        noted("Alcohol"),
        SINCE,
        CTIA,
        {
            "en": (
                "beer*", "wine*", "vodka", "whiskey", "whisky", "tequila", "rum", "gin", "liquor", "alcohol*",
                "cocktail*", "brewery", "breweries", "happy hour", "champagne", "bourbon",
            ),
            "es": ("cerveza*", "vino*", "licor*", "alcohol*", "cóctel*", "ron"),
            "fr": ("bière*", "vin", "vins", "alcool*", "apéritif*"),
            "de": ("bier*", "wein", "weine", "schnaps", "alkohol*", "likör*", "sekt"),
            "pt": ("cerveja*", "vinho*", "cachaça", "álcool"),
            "it": ("birra", "birre", "vino", "vini", "alcol*", "liquor*", "grappa"),
        },
    ),
    "firearms": Category(
        noted("Firearms"),
        SINCE,
        CTIA,
        {
            "en": (
                "gun", "guns", "firearm*", "handgun*", "rifle*", "shotgun*", "pistol*", "ammo", "ammunition", "ar-15",
                "silencer*", "explosives",
            ),
            "es": ("pistola*", "fusil*", "escopeta*", "munición", "municiones", "armas de fuego"),
            "fr": ("pistolet*", "fusil*", "munition*", "armes à feu"),
            "de": ("pistole*", "gewehr*", "munition", "schusswaffe*"),
            "pt": ("pistola*", "espingarda*", "munição", "munições", "armas de fogo"),
            "it": ("pistola", "pistole", "fucile", "fucili", "munizioni", "armi da fuoco"),
        },
    ),
    "tobacco": Category(
        noted("Tobacco"),
        SINCE,
        CTIA,
        {
            "en": ("tobacco", "cigarette*", "cigar", "cigars", "vape*", "vaping", "e-cig*", "nicotine", "hookah*"),
            "es": ("tabaco", "cigarrillo*", "cigarro*", "vapeador*", "nicotina"),
            "fr": ("tabac", "cigarette*", "cigare*", "vapoteuse*", "nicotine"),
            "de": ("tabak", "zigarette*", "zigarre*", "e-zigarette*", "nikotin"),
            "pt": ("tabaco", "cigarro*", "charuto*", "nicotina"),
            "it": ("tabacco", "sigaretta", "sigarette", "sigaro", "sigari", "nicotina"),
        },
    ),
    "cannabis": Category(
        noted("Cannabis"),
        SINCE,
        CTIA,
        {
            "en": ("cannabis", "marijuana", "cbd", "thc", "kratom", "edibles", "dispensary", "weed gummies", "delta-8"),
            "es": ("cannabis", "marihuana", "cbd", "thc"),
            "fr": ("cannabis", "marijuana", "cbd", "thc"),
            "de": ("cannabis", "marihuana", "hanfblüten", "cbd", "thc"),
            "pt": ("cannabis", "maconha", "cbd", "thc"),
            "it": ("cannabis", "marijuana", "cbd", "thc"),
        },
    ),
    "gambling": Category(
        noted("Gambling"),
        SINCE,
        CTIA,
        {
            "en": ("casino*", "gambling", "sportsbook*", "betting", "jackpot", "slot machine*", "free spins"),
            "es": ("casino*", "apuestas", "tragamonedas"),
            "fr": ("casino*", "paris sportifs", "machines à sous"),
            "de": ("casino*", "glücksspiel*", "sportwetten"),
            "pt": ("cassino*", "casino*", "apostas"),
            "it": ("casinò", "scommesse", "slot machine"),
        },
    ),
    "loans": Category(
        noted("High-risk finance"),
        SINCE,
        CTIA,
        {
            "en": (
                "payday loan*", "cash advance*", "title loan*", "debt relief", "debt consolidation", "debt forgiveness",
                "credit repair", "work from home", "get rich", "student loan forgiveness", "crypto", "bitcoin giveaway",
            ),
            "es": ("préstamo rápido", "préstamos rápidos", "dinero fácil", "criptomonedas"),
            "fr": ("crédit rapide", "prêt rapide", "argent facile", "cryptomonnaie*"),
            "de": ("sofortkredit*", "schnell reich", "kryptowährung*"),
            "pt": ("empréstimo rápido", "dinheiro fácil", "criptomoedas"),
            "it": ("prestito veloce", "soldi facili", "criptovalute"),
        },
    ),
}  # fmt: skip

SHORTENERS = (
    "adf.ly", "bit.do", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "clck.ru", "cutt.ly", "dub.sh", "goo.gl", "is.gd",
    "lnkd.in", "mcaf.ee", "ow.ly", "qr.ae", "rb.gy", "rebrand.ly", "s.id", "short.io", "shorte.st", "shorturl.at",
    "snip.ly", "soo.gd", "su.pr", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "trib.al", "u.to", "v.gd", "x.co",
)  # fmt: skip
"""Shared by everybody, spammers too: carriers block them whatever they lead to. Since 2019, Bandwidth error 4771."""

OPT_OUT = (
    r"stop|unsubscribe|opt[\s-]?out|end\s+to\s+(?:quit|stop)|alto|baja|cancelar|parar|arr[eê]t|d[eé]sabonner|stopp"
    r"|abmelden|abbestellen|sair|descadastrar|cancella|disiscrivi|basta"
)
"""Words by which a text says how texts are ended, in six languages."""

DISCLOSED_EVERY_DAYS = 30
"""How often promotional texts must say how to end them. CTIA 5.1.2 has recurring messages remind people; monthly is the
carriers' reading."""
