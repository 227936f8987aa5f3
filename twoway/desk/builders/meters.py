"""What a draft costs: segments, price, and cheaper ways to write or send it."""

from __future__ import annotations

from decimal import Decimal

from twoway.desk.context import Meter, TextPrice
from twoway.messaging.cost import rules
from twoway.messaging.cost.queries import Price, Quote
from twoway.sms import segments
from twoway.sms.shorten import links_last, shorten

MOST_COSTLY = 6
_MICRO = Decimal(1_000_000)
NO_QUOTE = Quote(text=None, mms=None)


def meter(body: str, *, is_toll_free: bool, quote: Quote = NO_QUOTE, media: int = 0, is_counted: bool = True) -> Meter:
    """The count of a draft with so many files. `is_counted` is false where texts have no segments (WhatsApp)."""
    text = segments.prepare(body)
    counted = segments.count(text, toll_free_us=is_toll_free)
    is_sms = is_counted and not media
    cheaper = (segments.suggestion(text, toll_free_us=is_toll_free) or "") if is_sms else ""
    after = segments.count(cheaper, toll_free_us=is_toll_free).segments if cheaper else 0
    short = shorten(text, toll_free_us=is_toll_free) if is_sms and counted.segments > 1 else None
    bare = 0 if cheaper or not is_sms else _bare(text, counted, is_toll_free=is_toll_free)
    return Meter(
        encoding=counted.encoding,
        units=counted.units,
        capacity=_capacity(counted, is_toll_free=is_toll_free),
        segments=counted.segments,
        costly=tuple(dict.fromkeys(found.char for found in segments.costly(text)))[:MOST_COSTLY],
        suggestion=cheaper,
        suggestion_segments=after,
        suggestion_price=_words(quote.of(after)) if after else "",
        bare_segments=bare,
        bare_price=_words(quote.of(bare)) if bare else "",
        price=_words(quote.of(counted.segments, media=media)),
        mms_price=_words(quote.cheaper_mms(counted.segments)) if is_sms else "",
        media=media,
        is_counted=is_counted,
        shorter=short.text if short else "",
        shorter_segments=short.segments if short else 0,
        shorter_price=_words(quote.of(short.segments)) if short else "",
        shorter_changes=short.changes if short else (),
        link_last=_link_last(text) if is_sms else "",
    )


def _link_last(text: str) -> str:
    """The text with its link at the end, "" where that is the same."""
    moved = links_last(text)
    return moved if moved != text else ""


def text_price(quote: Quote) -> TextPrice | None:
    """What the browser counts with, or None when no price is known."""
    if quote.text is None:
        return None
    same = quote.mms is not None and quote.mms.currency == quote.text.currency
    return TextPrice(
        amount=int(quote.text.amount * _MICRO),
        per=quote.text.per,
        mms=int(quote.mms.amount * _MICRO) if quote.mms and same else 0,
        mark=rules.mark(quote.text.currency),
    )


def _words(price: Price | None) -> str:
    return "" if price is None else rules.words(price)


def _bare(text: str, counted: segments.Segmented, *, is_toll_free: bool) -> int:
    """Segments without what has no plainer equal, such as emoji; 0 when that is no less."""
    if counted.encoding == "GSM-7":
        return 0
    left = segments.without_costly(text, toll_free_us=is_toll_free).segments
    return left if left < counted.segments else 0


def _capacity(counted: segments.Segmented, *, is_toll_free: bool) -> int:
    """How many units this many segments hold in all."""
    is_gsm = counted.encoding == "GSM-7"
    if counted.segments == 1:
        return 160 if is_gsm else 70
    part = (152 if is_toll_free else 153) if is_gsm else (66 if is_toll_free else 67)
    return counted.segments * part
