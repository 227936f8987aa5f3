"""The words that stand beside a secret, in English, Spanish, French, German, Portuguese and Italian.

Regular expressions, to be used without regard to capitals. They are data: add to them, with a line in the tests.
"""

from __future__ import annotations

SSN = r"ssn|social\s+security|social(?=\s*(?:is|:|#|no\b|num))|seguro\s+social|s[eé]curit[eé]\s+sociale|nss"

CVV = (
    r"cvv2?|cvc2?|cid|csc|(?:card\s+)?security\s+(?:code|number)|card\s+(?:verification\s+)?code"
    r"|(?:3|4|three|four)[\s-]digit\s+code(?:\s+on\s+the\s+back)?"
    r"|c[oó]digo\s+de\s+(?:seguridad|seguran[cç]a)|code\s+de\s+s[eé]curit[eé]|cryptogramme(?:\s+visuel)?"
    r"|(?:karten)?pr[uü]f(?:nummer|ziffer|code)|sicherheitscode|codice\s+di\s+sicurezza"
)

LOGIN = (
    r"pass\s?words?|passwd|passphrase|pwd|pw|passcode|contrase[nñ]a|clave|mot\s+de\s+passe|mdp|passwort|kennwort"
    r"|senha|palavra[\s-]passe|parola\s+d['’]ordine"
)

PIN_OF = r"my|debit|card|bank|atm|mi|mon|mein|meu|(?:il\s+)?mio"

IS = r"is|was|are|es|era|est|ist|lautet|sind|é|è|e['’]"
"""What joins the word and its value."""

_ORDINARY = (
    "not no non nicht nao não wrong incorrect invalid expired required needed correct right the too my in on "
    "at to a an for from being same still also always never now here there this that what which who please "
    "click reset see below above sent send change changed case so just really very only protected secure safe "
    "unknown missing gone lost broken fine good bad weak strong good-enough enough short long different ok "
    "okay working it and or but because when if un una le la el il lo los las der die das ein eine den dem "
    "mein meine mon ma o os um uma incorrecta incorrecto incorrecte falsch abgelaufen vergessen richtig "
    "incorreta errada errata sbagliata scaduta expirada caducada expirée expiré oubliée olvidada esquecida "
    "dimenticata muy sehr trop tres très demasiado blank empty optional encrypted saved stored private "
    "confidential secret https http www "
)
ORDINARY = frozenset(_ORDINARY.split())
"""Words after "my password is" that are no password."""

CODE = (
    r"otp|one[\s-]?time\s+(?:pass\s?)?(?:code|password|pin)|(?:verification|authentication|auth|log[\s-]?in"
    r"|sign[\s-]?in|2fa|two[\s-]factor|security|sms)\s+code|c[oó]digo\s+de\s+(?:verificaci[oó]n|verifica[cç][aã]o"
    r"|acceso|acesso|seguridad|seguran[cç]a)|code\s+(?:de\s+v[eé]rification|[aà]\s+usage\s+unique)"
    r"|(?:best[aä]tigungs|verifizierungs|einmal|sicherheits|anmelde)code|codice\s+(?:di\s+(?:verifica|sicurezza|accesso)|otp)"
)
"""Codes that log somebody in."""

PLAIN_CODE = r"code|c[oó]digo|codice"
WHOSE_CODE = r"your|ur|my|tu|su|votre|ton|mon|dein|ihr|mein|seu|teu|meu|(?:il\s+)?(?:tuo|suo|mio)"
THE_CODE = r"the|this|el|le|der|o|il"

HARMLESS_CODE = (
    r"gate|door|lock\s?box|garage|building|entry|entrance|buzzer|keypad|zip|postal|post|area|country|promo|promotion"
    r"|coupon|discount|voucher|referral|gift|order|booking|reservation|tracking|parcel|package|item|product|error|qr|bar"
    r"|dress|source|puerta|port[oó]n|edificio|postale?|descuento|pedido|porte|immeuble|portail|commande|remise|t[uü]r|tor"
    r"|haus|postleitzahl|gutschein|bestell\w*|port[aã]o|pr[eé]dio|desconto|cep|porta|cancello|palazzo|sconto|ordine"
)
"""With one of these in the text a code opens a gate, names an order or gives a discount."""

SECRETS_ASKED = {
    "card": (
        r"(?:credit|debit|bank)?\s?card\s*(?:number|no\b|num\b|#|info(?:rmation)?|details|digits)|(?:credit|debit)\s+card"
        r"|n[uú]mero\s+d[eao]\s+(?:la\s+|su\s+|tu\s+|seu\s+)?(?:tarjeta|cart[aã]o)|datos\s+de\s+(?:la|su|tu)\s+tarjeta"
        r"|num[eé]ro\s+de\s+(?:la\s+|votre\s+|ta\s+)?carte|(?:kredit|bank)?kartennummer|kreditkarte(?:ndaten)?"
        r"|dados\s+do\s+(?:seu\s+)?cart[aã]o|numero\s+(?:della?|di)\s+(?:sua\s+|tua\s+)?carta|dati\s+della\s+carta"
    ),
    "ssn": r"ssn|social\s+security\s+(?:number|no\b|num\b|#)|(?:your|ur)\s+social\b(?!\s+media)|seguro\s+social",
    "cvv": CVV,
    "password": r"(?:your|ur|the|account|login)\s+(?:pass\s?word|passcode|pin)|tu\s+clave|su\s+clave|contrase[nñ]a"
    r"|mot\s+de\s+passe|passwort|kennwort|senha|palavra[\s-]passe|(?:la\s+)?(?:tua|sua)\s+password",
    "code": CODE + r"|code\s+(?:we|i|they|you\s+(?:just\s+)?(?:got|received|were))\b[^.?!]{0,30}"
    r"|c[oó]digo\s+que\s+(?:le|te|recib\w+|receb\w+)|code\s+que\s+(?:vous|tu)|code,?\s+den\s+(?:du|sie)|codice\s+che",
}
"""How the secrets are called by somebody who asks for one."""

ASKING = (
    r"what(?:'s|’s|\s+is|\s+are|s)|send|text|give|tell|provide|share|need|enter|type|message\s+(?:me|us)|reply\s+with|respond\s+with"
    r"|confirm|verify|can\s+(?:i|we)\s+(?:get|have)|may\s+(?:i|we)\s+have|could\s+(?:i|we|you)|can\s+you|would\s+you|read\s+me"
    r"|cu[aá]l\s+es|env[ií][ae]\w*|mand[ae]\w*|m[aá]nd[ae]\w*|d[aeé](?:me|nos|rme)|d[ií]game|necesit\w+|conf[ií]rm\w+|comp[aá]rt\w+"
    r"|quel(?:le)?\s+est|envoye[zr]?|envoie|donne[zr]?|besoin|communique[zr]?|indique[zr]?"
    r"|was\s+ist|wie\s+(?:lautet|ist)|schick\w*|send(?:e|en)|gib|geben|brauch\w+|ben[oö]tig\w+|nenn\w+|teil\w*"
    r"|qual\s+[eé]|envi[ae]\w*|diga|pode\w*|precis\w+|inform[ae]\w*|passe"
    r"|qual\s?[eè']|invi\w*|mand[ai]\w*|dammi|mi\s+d[aà]i|mi\s+d[iì]ca|comunic\w+|serve|bisogno"
)
"""How people ask."""

REFUSING = (
    r"do(?:n['’]?t|\s+not)|never|please\s+avoid|without|instead\s+of|no\s+need|won['’]?t\s+ask|will\s+not\s+ask|not\s+ask|removed"
    r"|nunca|no\s+(?:env\w+|mand\w+|necesit\w+|compart\w+|nos|me)|jamais|ne\s+\w+\s+pas|n['’]\w+\s+pas"
    r"|nie(?:mals)?|kein\w*|nicht|n[aã]o|non|mai"
)
"""In the same sentence these turn asking into its opposite."""

ELSEWHERE = (
    r"reset\w*|chang(?:e|ed|ing)\b|updat(?:e|ed|ing)\b|forgot\w*|last\s+(?:4|four)\b|payment\s+(?:page|link)|website|online|in\s+the\s+app"
    r"|by\s+phone|restable\w*|cambi\w*|[uú]ltim[oa]s\s+(?:4|cuatro|quatro)|r[eé]initialis\w*|chang(?:er|ez)\b|(?:4|quatre)\s+derniers"
    r"|zur[uü]cksetz\w*|[aä]nder\w*|letzten?\s+(?:4|vier)|redefin\w*|alter\w*|reimpost\w*|ultime\s+(?:4|quattro)|modific\w*"
)
"""With one of these a sentence is about a new password, the last four digits, or a safe place to enter a number."""
