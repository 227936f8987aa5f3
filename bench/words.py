"""Words for benchmark texts: several languages, as often as words are (Zipf), with a long tail of rare ones.

The same number always makes the same phrases. Common words stand first in each list, as in speech.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate


def _listed(text: str) -> list[str]:
    return text.split()


_ENGLISH = _listed("""
    the to you i my and is it for can order a not please thanks we on this have me your in of delivery time when today
    was with are do that but appointment will get if at be call back address number refund tomorrow no yes from there
    still up what how just need package hi hello they so payment an new or send door code account working been charge
    morning afternoon one out help card late price change date check car key app phone week day after before monday
    tuesday wednesday thursday friday saturday sunday cancel confirm pick store open close invoice receipt driver
    window light green red blue size return exchange broken missing wrong right left again try once more great perfect
    okay sure sorry soon now here where who which because office doctor dentist insurance cleaning crown tooth pain
    battery charger tire engine unlock vehicle offline reset password login email link photo picture attached street
    avenue apartment building gate garage neighbor dog kids family mother father husband wife friend holiday weekend
    available schedule reschedule slot early evening noon hour minute minutes hours days weeks waiting stuck traffic
    weather rain snow box label tracking shipped arrived delivered damaged leak water heater furnace filter warranty
    repair technician estimate quote discount coupon gift subscription membership renew upgrade downgrade plan trial
    invitation balance due overdue deposit fee fees bank transfer cash credit debit statement tax form signature
    document passport visa flight hotel room reservation guest table menu allergy vegetarian dinner lunch breakfast
""")
_OTHERS = {
    "es": _listed("""
        de la que el en y a los se del las un por con no una su para es al lo como mi pedido cita hola gracias mañana
        hoy cuándo dónde está llegó paquete dirección número teléfono pago factura reembolso cambio devolución tarde
        señor señora niño año corazón también aquí allí después teléfono avión camión habitación información atención
        """),
    "fr": _listed("""
        de la le et les des en un une du que est pour qui dans ce il pas sur plus par je avec tout commande bonjour
        merci demain livraison adresse numéro téléphone facture remboursement déjà très où être été après hôtel prêt
        problème élève société garçon français voilà connaître intérêt forêt château
        """),
    "de": _listed("""
        der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an er hallo danke
        bestellung lieferung termin morgen heute adresse nummer rechnung rückgabe größe straße schlüssel tür möchte
        können natürlich später früher geöffnet geschlossen gebühr überweisung
        """),
    "pt": _listed("""
        de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele olá obrigado pedido
        entrega endereço número amanhã hoje consulta preço reembolso coração informação atenção você também já está
        """),
    "ru": _listed("""
        и в не на я быть он с что а по это она этот к но они мы заказ доставка спасибо привет завтра сегодня адрес номер
        телефон когда где оплата возврат ключ дверь машина время
        """),
}
_FIRST = _listed("""
    Maria James José Patricia Robert Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
    Thomas Karen Charles Sarah Zoë Lucía André Chloé Jürgen Søren Łukasz Renée Mónica Björn Aisha Wei Priya Omar Fatima
    Hiroshi Yuki Ngozi Kwame Ivan Olga Dmitri Noah Emma Liam Olivia Mateo Sofía Elijah Camila
""")
_LAST = _listed("""
    Smith Johnson Williams Brown Jones García Miller Davis Rodríguez Martínez Hernández López González Wilson Anderson
    Thomas Taylor Moore Jackson Martin Lee Pérez Thompson White Harris Sánchez Clark Ramírez Lewis Robinson Walker Young
    Allen King Wright Scott Torres Nguyễn Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter
    Müller Schäfer Jørgensen Lindström Kowalski Nowak Ivanova Petrov Okafor Mensah Tanaka Suzuki Chen Wang Kim Park
    Patel Singh Khan Hussain O'Brien Fitzgerald D'Angelo Núñez Muñoz
""")
_SYLLABLES = _listed(
    "ba ce di fo gu ha jo ke li mo nu pa ro sa te vi wo ya zu bri cla dre flo gra plo sta tri shu cha tho"
)
_TAIL = 30_000
_SHARES = (("es", 10), ("fr", 3), ("de", 3), ("pt", 2), ("ru", 1))
_ENDS = (".", ".", "", "", "!", "?")


def phrases(count: int, *, seed: int = 1) -> Iterator[str]:
    """So many texts of 1 to 30 words."""
    dice = random.Random(seed)
    tail = [_made(dice) for _ in range(_TAIL)]
    lists = {"en": [*_ENGLISH, *tail], **{key: [*words, *tail[:3000]] for key, words in _OTHERS.items()}}
    weights = {key: list(accumulate(1 / (rank + 2) for rank in range(len(words)))) for key, words in lists.items()}
    keys = [key for key, _ in _SHARES] + ["en"]
    shares = [share for _, share in _SHARES] + [100 - sum(share for _, share in _SHARES)]
    for key in dice.choices(keys, shares, k=count):
        length = min(1 + int(dice.expovariate(1 / 8)), 30)
        drawn = dice.choices(lists[key], cum_weights=weights[key], k=length)
        yield (" ".join(drawn) + dice.choice(_ENDS)).capitalize()


def names(count: int, *, seed: int = 2) -> Iterator[str]:
    """So many names of people; many occur more than once."""
    dice = random.Random(seed)
    for _ in range(count):
        yield f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"


def _made(dice: random.Random) -> str:
    return "".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4)))
