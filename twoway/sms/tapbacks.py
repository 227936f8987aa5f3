"""Reactions that arrive as texts: what phones send in place of a heart or a thumb.

iPhones write `Liked “See you at 3”` in the language of the phone, with the text cut short by `…` when it is long;
Android writes `👍 to “See you at 3”` or, in other versions, `Reacted 👍 to “See you at 3”`. Forms as the phones of
iOS 10 to 18 and Google Messages send them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LIKE, LOVE, DISLIKE, LAUGH, EMPHASIS, QUESTION = "👍", "❤️", "👎", "😂", "‼️", "❓"
_PLEASED = frozenset(
    {LIKE, LOVE, LAUGH, EMPHASIS, "❤", "🙏", "😊", "🙂", "😍", "🎉", "👏", "😄", "😁", "🤣", "💯", "🔥"}
)
_OPEN_ENDS = ("?", "？", "؟", "…", "...")
LONGEST_SIGN = 16
"""Characters an emoji with its joiners and tones takes at most."""

_GIVEN: Mapping[str, str] = {
    "Liked": LIKE, "Loved": LOVE, "Disliked": DISLIKE, "Laughed at": LAUGH, "Emphasized": EMPHASIS,
    "Emphasised": EMPHASIS, "Questioned": QUESTION,
    # Spanish
    "Le gustó": LIKE, "A alguien le gustó": LIKE, "Le encantó": LOVE, "No le gustó": DISLIKE, "Le dio risa": LAUGH,
    "Se rió de": LAUGH, "Se rio de": LAUGH, "Enfatizó": EMPHASIS, "Destacó": EMPHASIS, "Preguntó sobre": QUESTION,
    "Cuestionó": QUESTION,
    # French
    "A aimé": LIKE, "A adoré": LOVE, "N’a pas aimé": DISLIKE, "A ri à": LAUGH, "A ri de": LAUGH,
    "A exclamé": EMPHASIS, "A mis en évidence": EMPHASIS, "A mis en avant": EMPHASIS, "A demandé": QUESTION,
    "A questionné": QUESTION,
    # German
    "Mag": LIKE, "Gefällt": LIKE, "Liebt": LOVE, "Findet schlecht": DISLIKE, "Mag nicht": DISLIKE,
    "Lacht über": LAUGH, "Hebt hervor": EMPHASIS, "Betont": EMPHASIS, "Hinterfragt": QUESTION,
    # Portuguese
    "Gostou de": LIKE, "Curtiu": LIKE, "Amou": LOVE, "Adorou": LOVE, "Não gostou de": DISLIKE, "Riu de": LAUGH,
    "Riu-se de": LAUGH, "Enfatizou": EMPHASIS, "Questionou": QUESTION,
    # Italian
    "Ha messo “Mi piace” a": LIKE, "Piace": LIKE, "Adora": LOVE, "Ha amato": LOVE, "Non piace": DISLIKE,
    "Ride per": LAUGH, "Ha riso a": LAUGH, "Ha riso di": LAUGH, "Evidenzia": EMPHASIS, "Ha enfatizzato": EMPHASIS,
    "Ha dei dubbi su": QUESTION, "Domanda": QUESTION,
}  # fmt: skip
_TAKEN: Mapping[str, str] = {
    "Removed a like from": LIKE, "Removed a heart from": LOVE, "Removed a dislike from": DISLIKE,
    "Removed a laugh from": LAUGH, "Removed an exclamation from": EMPHASIS,
    "Removed a question mark from": QUESTION, "Ya no le gusta": LIKE, "Quitó un me gusta de": LIKE,
    "Quitó un corazón de": LOVE, "A supprimé un j’aime de": LIKE, "A supprimé un cœur de": LOVE,
    "Hat ein „Gefällt mir“ entfernt von": LIKE, "Hat ein Herz entfernt von": LOVE,
    "Removeu uma curtida de": LIKE, "Removeu um coração de": LOVE, "Ha rimosso un mi piace da": LIKE,
    "Ha rimosso un cuore da": LOVE,
}  # fmt: skip
_PICTURES: Mapping[str, str] = {
    "an image": "image", "a photo": "image", "a picture": "image", "a movie": "video", "a video": "video",
    "an attachment": "", "an audio message": "audio", "a sticker": "", "a link": "",
    "una imagen": "image", "una foto": "image", "un vídeo": "video", "un video": "video",
    "une image": "image", "une photo": "image", "une vidéo": "video",
    "ein Bild": "image", "ein Foto": "image", "ein Video": "video",
    "uma imagem": "image", "uma foto": "image", "um vídeo": "video",
    "un’immagine": "image",
}  # fmt: skip
_OPEN, _CLOSE = '[“”„«"]', '[”“»"]'
_EMOJI = rf"(?P<sign>[^\w\s\"“”„«»][^\s\"“”„«»]{{0,{LONGEST_SIGN - 1}}})"
_QUOTED = rf"\s*{_OPEN}\s?(?P<quote>.+?)\s?{_CLOSE}\s*"


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_WORDS = rf"(?P<verb>{_any([*_GIVEN, *_TAKEN])})"
_KINDS = rf"\s+(?P<picture>{_any(_PICTURES)})\s*"
_ON = r"(?:to|on|a|à|auf|em|su)"
_DID = r"(?:Reacted|Reaccionó(?: con)?|A réagi(?: avec)?|Reagierte mit|Hat mit|Reagiu com|Ha reagito con)"
_FORMS = tuple(
    re.compile(form, re.DOTALL | re.IGNORECASE)
    for form in (
        _WORDS + _QUOTED,
        _WORDS + _KINDS,
        rf"(?:{_DID}\s+)?{_EMOJI}\s+{_ON}\s*{_QUOTED}",
        rf"{_DID}\s+{_EMOJI}\s+{_ON}{_KINDS}",
        rf"(?:Removed|Quitó|A retiré|Hat|Removeu|Ha rimosso)\s+(?P<gone>){_EMOJI}\s+(?:from|de|von|da){_QUOTED}",
    )
)
_SIGNS: Mapping[str, str] = {verb.casefold(): sign for verb, sign in {**_GIVEN, **_TAKEN}.items()}
_GONE = frozenset(verb.casefold() for verb in _TAKEN)
_KIND_OF: Mapping[str, str] = {words.casefold(): kind for words, kind in _PICTURES.items()}
_LONGEST = 2000
_VERBS = tuple({verb.split(" ", 1)[0] for verb in (*_GIVEN, *_TAKEN)} | {"Reacted", "Reaccionó", "Reagierte", "Reagiu"})
_LONGEST_OF_PICTURES = 80
_CLOSERS = ("”", "“", "»", '"', "\u200b", "\u2060", "\ufeff")
_UNSEEN = {0x200B: None, 0x2060: None, 0xFEFF: None, ord("'"): "’"}
"""Google Messages puts characters without width around sign and quotation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tapback:
    """A reaction as a text: its sign, whether it was taken back, and what it is to.

    `quote` holds the words it names, "" for a picture; `picture` the kind of file then ("image", "video", "audio", or
    "" for any). `asks`: somebody should look at it, for it questions or dislikes a text, or may answer a question.
    """

    sign: str
    is_removed: bool
    quote: str
    picture: str | None = None

    @property
    def asks(self) -> bool:
        """Whether it calls for a person: a thumb under "Does 3 suit you?" answers it. Words cut short may ask."""
        if self.is_removed:
            return False
        return self.sign not in _PLEASED or self.quote.endswith(_OPEN_ENDS)


def read(body: str) -> Tapback | None:
    """The reaction that a whole text is, or None for any other text."""
    text = unicodedata.normalize("NFC", body.translate(_UNSEEN)).strip()
    if not text or len(text) > _LONGEST:
        return None
    for form in _FORMS:
        found = form.fullmatch(text)
        if found is None:
            continue
        told = found.groupdict()
        verb = (told.get("verb") or "").casefold()
        sign = _SIGNS.get(verb) or told.get("sign") or ""
        if not verb and not _is_emoji(sign):
            continue
        picture = told.get("picture")
        return Tapback(
            sign=sign,
            is_removed=verb in _GONE or told.get("gone") is not None,
            quote=(told.get("quote") or "").strip(),
            picture=_KIND_OF[picture.casefold()] if picture else None,
        )
    return None


def asks_nothing(body: str) -> bool:
    """Whether a whole text is a reaction that nobody has to look at. Quick for texts that can't be one."""
    if body[-1:] not in _CLOSERS and not (len(body) < _LONGEST_OF_PICTURES and body.startswith(_VERBS)):
        return False
    found = read(body)
    return found is not None and not found.asks


def _is_emoji(sign: str) -> bool:
    return any(unicodedata.category(char) in {"So", "Sk"} or ord(char) > 0x2190 for char in sign)


def quotes(tapback: Tapback, *, body: str, files: Iterable[str] = ()) -> bool:
    """Whether a reaction is to a text with these words, and files of these content types.

    Phones cut what they quote short with `…`, and some write curly quotation marks for straight ones.
    """
    if tapback.picture is not None:
        return any(one.startswith(tapback.picture) for one in files) if tapback.picture else bool(list(files))
    said, meant = _plain(tapback.quote), _plain(body)
    if not said:
        return False
    for end in ("…", "..."):
        if said.endswith(end):
            start = said.removesuffix(end).rstrip()
            return len(start) > 0 and meant.startswith(start)
    return said == meant


_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\u00a0": " "})


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(_SAME).split()).casefold()
