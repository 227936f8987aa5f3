"""What words of six languages are about, so that "ne m'écrivez plus" and "don't text me anymore" look alike.

Words are written folded (`wording.folded`); a `*` stands for any ending. A word may have several concepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

LEXICON = {
    "STOP": """stop stops stopping stopsign quit quits quitting cease desist halt discontinue* knock cut kill
        refrain* deja dejen dejenme deje dejar dejad pare paren para parar alto basta eviten evite
        arret* cess* suffit aufhor* hor hort horen stopp* schluss unterlass* stellen parem pararem
        interrompa* interromp* chega encerr* smett* basta fermat* ferma interromp* finit*""",
    "CANCEL": "cancel* terminat* end ends ending annul* resili* kundig* storn* absag* disdi* anull* finish",
    "OFF": "off out deactivat* disable* desactiv* deaktiv* abschalt* schalt* desativ* deslig* disattiv* turn shut",
    "REMOVE": """remov* delet* eras* drop scrub exclud* suppress* blacklist* take taken get quit?me quite quiten
        quitenme quiteme quitar borr* elimin* saqu* sac* excluy* retir* enlev* supprim* effac* ray*
        sortez retir* losch* loesch* entfern* streich* nimm nehm* holt trag* sperr* tir* remov* exclu*
        apag* delet* togli* tolg* rimuov* cancella* cancell* elimin*""",
    "UNSUB": """unsub* opt opting opted unenroll* unregister* deregister* dnc suscrib* desuscri* baja desinscri*
        desabo* desinscr* abmeld* abbestell* austrag* descadastr* desinscrev* disiscri* meld""",
    "TEXT": """text texts texting texted message* messag* sms spam promo* reminder* notification* alert*
        survey* blast* ad ads advert* marketing werbung publicidad pub pubblicita publicite mensaj*
        texto* textee* textes aviso* notificacion* alerta* nachricht* benachrichtig* text* mensage* msg*
        notificac* messagg* notific* envois envoi envio envios invio ping* pinging""",
    "CONTACT": """contact* communicat* write writing send sending sends sent reach reaching reply respond bother*
        disturb* harass* spamming blowing hitting hit escrib* mand* envi* contact* molest* fastid* ecri*
        envo* contact* importun* schreib* schrieb* schick* send* kontakt* nerv* belastig* mand* envi*
        escrev* contat* contact* chama* incomod* perturb* scriv* invi* contatt* disturb*""",
    "LIST": """list lists database records system lista listas liste verteiler cadastro rubrica fichier base
        sistema datenbank""",
    "NUMBER": """number numbers phone cell mobile numero numeros telefono nummer telefon telefone celular
        cellulare telephone""",
    "NEG": """no not never none dont ni nunca jamas ne pas jamais rien aucun* nicht kein* nie nix nao n non
        nein mai sem niente nessun* sans ohne ya""",
    "MORE": """more again anymore further ever longer mas nuevamente plus mehr wieder weiter* mais novamente
        piu ancora nuevo vuelv*""",
    "ME": "me my i we us mi yo nos moi mon j m je mich mir meine ich mein mim meu eu minha mio mia ci noi nous",
    "WANT": """intend* want* wish like prefer* need* quier* quisiera dese* gustaria veux souhait* voudrais mocht* will
        wunsch* quer* desej* prefir* vogli* vorrei desider*""",
    "ALONE": "alone paz tranquille ruhe pace stare",
    "WRONG": "wrong equivoc* mauvais* erreur tromp* falsch* errad* engano sbagli*",
    "PERSON": """someone somebody else person persona personne pessoa guy name man him her he she they husband
        wife son daughter""",
    "INTEREST": "interest* interes* interess*",
    "PERMIT": """refus* untersag*
        consent* permission authoriz* autoriz* consens* consentim* consentem* accord einwillig* zustimm*
        permiso autoris* revok* revoc* revog* widerruf* widersprech* object* oppos*""",
    "REPORT": """report* sue suing lawyer lawsuit police cops fcc tcpa complaint denunc* plainte signal* anzeig*
        segnal* anatel garante legal""",
    "FORGET": """toss trash burn rip forget lose loose lost olvid* oubli* perdez vergess* esque* perde* dimentic*
        scordat*""",
    "BLOCK": "block* bloqu* blockier* blocc*",
    "ENOUGH": """enough suficiente assez genug reicht* reichts fed sick tired annoying annoy* harto harta marre
        ras stufo stufato cansei saco""",
    "SIGNUP": """sign signed signup subscribe* subscription enrolled suscri* inscri* abonn* angemeldet anmeld*
        abo inscrev* inscrito iscri* cadastr*""",
    "KEEP": "keep keeps continue staysubscribed sigan siguen continu* weiter gerne podem podeis",
    "BY": "by visit vorbei paso passe",
    "GET": """get got getting receive received receiving haven recib* llega* llego recu* recois bekomm*
        erhalt* receb* cheg* ricev* arriv*""",
    "RUDE": "gtfo fu gueule fuck* fck damn hell shit stfu shut merde verdammt mierda cazzo merda porra",
    "CALL": "call calls calling called llam* appel* anruf* ruf* lig* chiam*",
    "EMAIL": "email emails e-mail newsletter mail mails correo boletin mailing catalog* magazine",
    "THING": """order orders appointment* reservation* booking delivery deliver* package* shipment shipping
        refund* account bill billing payment pay charge* charging service membership plan card item
        items invoice check subscription box policy lease contract warranty insurance medication pills
        driver app bus alarm water noise pedido* cita reserva* orden paquete* cuenta tarjeta servicio
        pago reembolso entrega garantia autobus grifo commande* rdv reservation* colis compte carte
        livraison remboursement garantie article contrat bestellung* termin* reservierung paket* konto
        karte lieferung vertrag garantie artikel encomenda consulta conta cartao pacote reembolso
        entrega ordine appuntamento prenotazione pacco carta rimborso consegna garanzia articolo
        abbonamento""",
    "ASK": """quem how why when where what who which can could would como porque donde cuando quien comment
        pourquoi quand ou qui wie woher warum wann wo wer come perche quando dove chi por""",
    "POLITE": "please kindly thanks thank favor gracias merci bitte danke obrigad* grazie",
    "SAID": "said told asked say dije dit gesagt sagte disse falei detto replied already ya deja schon",
    "KNOW": """know conozco connais kenne kenn conheco conosco heard need* necesit* besoin bedarf brauch*
        preciso serve""",
    "BYE": "goodbye leave away lost gone back verpisst hau degagez",
    "THIS": "this these that it esto eso ca cela das dies* isso isto questo questi",
    "DONE": "done over finished fertig nuff enuff out fora fuera fuori raus weg dehors",
    "TOOMANY": "many much demasiad* trop viele muita muitas tropp* day daily",
    "SPAMMY": """spam spammer* scam* fake fraud unsolicited unwanted harassment arnaque betrug golpe truffa
        estafa belastigung""",
    "GONE": """dead died passed deceased moved owner owners belongs fallec* murio decede* verstorben gestorben
        faleceu morto""",
    "LEAVE": """vayanse largo largate lasci* lass* laissez laisse lachez foutez fichez degage* dejame dejenme
        deixa* sal* salgo vaza some sparite sparisc* andate* piantat* finite* parale parenle bajenle
        verpiss* casse vete vayan saoul* pesad* rotto privacy drop rest mute release hush silence zip
        halt shut""",
}  # fmt: skip


def _tables() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Whole words, and beginnings of words, with their concepts."""
    whole: dict[str, tuple[str, ...]] = {}
    begins: dict[str, tuple[str, ...]] = {}
    for concept, told in LEXICON.items():
        for word in told.split():
            table, key = (begins, word[:-1]) if word.endswith("*") else (whole, word)
            if concept not in table.get(key, ()):
                table[key] = (*table.get(key, ()), concept)
    return whole, begins


_WHOLE, _BEGINS = _tables()
_SHORTEST = min(map(len, _BEGINS))


@lru_cache(maxsize=20_000)
def of_word(word: str) -> tuple[str, ...]:
    """The concepts of one folded word; () when it is about nothing we know."""
    found = list(_WHOLE.get(word, ()))
    for length in range(_SHORTEST, len(word) + 1):
        found.extend(_BEGINS.get(word[:length], ()))
    return tuple(dict.fromkeys(found))


def chains(words: Sequence[str]) -> list[tuple[str, ...]]:
    """The concepts of each word that has any, in order; marks that end a clause stand as ("." ,)."""
    found: list[tuple[str, ...]] = []
    for word in words:
        if word in {".", "?"}:
            found.append((word,))
        elif concepts := of_word(word):
            found.append(concepts)
    return found
