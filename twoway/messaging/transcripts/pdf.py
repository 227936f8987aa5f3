"""A transcript as a PDF, in Latin, Greek, Cyrillic, Hebrew and Arabic letters and the plainer signs.

The letters come with it: a part of DejaVu Sans (`fonts/`, free to pass on). What it has no drawing for, such as Chinese
letters and most emoji, is written as its code, such as <U+4F60>; the transcripts as text and JSON and the page to print
have every text exactly. Right-to-left lines are put in their order of sight, and Arabic letters in their joined forms,
before they are drawn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import MethodReturnValue, TextDirection, XPos, YPos
from fpdf.fonts import TTFFont

from twoway.messaging.transcripts.rules import HOW, Entry

FONT = Path(__file__).parent / "fonts" / "DejaVuSans-part.ttf"
INK, SOFT = (26, 32, 40), (96, 104, 116)
_FORMS = {"<isolated>": 0, "<final>": 1, "<initial>": 2, "<medial>": 3}


class _Paper(FPDF):
    """A sheet with the page's number below."""

    def footer(self) -> None:
        """As fpdf2 calls it."""
        self.set_y(-14)
        self.set_font("Letters", size=7.5)
        self.set_text_color(*SOFT)
        self.cell(0, 5, f"Page {self.page_no()} of {{nb}}", align="C")


def render(head: Sequence[str], entries: Iterable[Entry], *, zone: ZoneInfo, digest: str, paper: str = "a4") -> bytes:
    """The whole file. `paper` is "a4" or "letter"."""
    sheet = _Paper(format="letter" if paper == "letter" else "a4")
    sheet.add_font("Letters", fname=FONT)
    sheet.set_title(head[0])
    sheet.set_creator("Twoway")
    sheet.set_auto_page_break(True, margin=20)
    sheet.add_page()
    has = frozenset(_letters(sheet).cmap)
    for index, words in enumerate(head):
        _lines(sheet, words, has, size=15 if index == 0 else 8.5, color=INK if index == 0 else SOFT)
    sheet.ln(3)
    for entry in entries:
        _entry(sheet, entry, has, zone)
    sheet.ln(4)
    _lines(sheet, f"SHA-256: {digest}", has, size=7.5, color=SOFT)
    _lines(sheet, HOW, has, size=7.5, color=SOFT)
    return bytes(sheet.output())


def _letters(sheet: FPDF) -> TTFFont:
    font = sheet.fonts["letters"]
    if not isinstance(font, TTFFont):
        raise TypeError("the letters are a font of the file")
    return font


def _entry(sheet: FPDF, entry: Entry, has: frozenset[int], zone: ZoneInfo) -> None:
    """Who and when above the words; they stay on one page with the first line of them."""
    if sheet.will_page_break(16):
        sheet.add_page()
    note = ", private note" if entry.kind == "note" else ""
    status = f" ({entry.status})" if entry.status else ""
    told = f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S %z}  {entry.who}{note}{status}"
    _lines(sheet, told, has, size=7.5, color=SOFT)
    for words in entry.body.splitlines():
        _lines(sheet, words, has, size=9.5, color=INK)
    for mark in (*(f"file: {name}" for name in entry.files), *entry.marks):
        _lines(sheet, f"[{mark}]", has, size=8.5, color=SOFT)
    sheet.ln(2)


def _lines(sheet: FPDF, words: str, has: frozenset[int], *, size: float, color: tuple[int, int, int]) -> None:
    """One paragraph, broken where the page is full, each line in its order of sight."""
    sheet.set_font("Letters", size=size)
    sheet.set_text_color(*color)
    shown = drawable(joined(unicodedata.normalize("NFC", words)), has)
    if not is_mixed(shown):
        sheet.multi_cell(0, size * 0.5, shown or " ", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        return
    from_right = auto_detect_base_direction(shown) == TextDirection.RTL
    broken = sheet.multi_cell(0, size * 0.5, shown, dry_run=True, output=MethodReturnValue.LINES)
    for one in broken if isinstance(broken, list) else [shown]:
        direction = TextDirection.RTL if from_right else TextDirection.LTR
        seen = BidiParagraph(text=str(one), base_direction=direction).get_reordered_string()
        sheet.cell(0, size * 0.5, seen, align="R" if from_right else "L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def is_mixed(words: str) -> bool:
    """Whether any of it is read from the right."""
    return any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in words)


def drawable(words: str, has: frozenset[int]) -> str:
    """The words with a code in place of what the font can't draw. What has no shape of its own is left out."""
    return "".join(_shown(char, has) for char in words)


def _shown(char: str, has: frozenset[int]) -> str:
    if char == "\t":
        return "    "
    if unicodedata.category(char) in {"Cf", "Cc"} or 0xFE00 <= ord(char) <= 0xFE0F:
        return ""
    return char if ord(char) in has else f"<U+{ord(char):04X}>"


# Arabic letters take one of four forms by their neighbours. Unicode has a character for each, named by decomposition.


@cache
def _shapes() -> Mapping[str, Mapping[int, str]]:
    """For each letter its isolated, final, initial and medial form, as far as it has them."""
    found: dict[str, dict[int, str]] = {}
    for code in (*range(0xFB50, 0xFDFC), *range(0xFE70, 0xFEFD)):
        form, _, meant = unicodedata.decomposition(chr(code)).partition(" ")
        if form in _FORMS and meant and "0020" not in meant:
            letters = "".join(chr(int(part, 16)) for part in meant.split())
            if len(letters) == 1 or letters in {"لا", "لأ", "لإ", "لآ"}:
                found.setdefault(letters, {})[_FORMS[form]] = chr(code)
    return found


def joined(words: str) -> str:
    """The same with Arabic letters in the forms their neighbours give them; anything else as it is."""
    if not any("\u0600" <= char <= "\u06ff" for char in words):
        return words
    units = _units(words)
    out: list[str] = []
    for index, unit in enumerate(units):
        shapes = _shapes().get(unit)
        if shapes is None:
            out.append(unit)
            continue
        before = _joins(_beside(units, index, -1), forward=True)
        after = 2 in shapes and _joins(_beside(units, index, 1), forward=False)
        form = 3 if before and after else 1 if before else 2 if after else 0
        out.append(shapes.get(form) or shapes.get(0) or unit)
    return "".join(out)


def _units(words: str) -> list[str]:
    """The letters, with lam and alef together: they are drawn as one."""
    units: list[str] = []
    for char in words:
        if units and units[-1] + char in _shapes() and len(units[-1]) == 1:
            units[-1] += char
        else:
            units.append(char)
    return units


def _beside(units: Sequence[str], index: int, step: int) -> str:
    """The next unit that is no mark above or below a letter."""
    at = index + step
    while 0 <= at < len(units) and unicodedata.category(units[at][0]) == "Mn":
        at += step
    return units[at] if 0 <= at < len(units) else ""


def _joins(unit: str, *, forward: bool) -> bool:
    """Whether a letter reaches out to the one after it, or to the one before."""
    if unit == "\u0640":
        return True
    shapes = _shapes().get(unit, {})
    return (2 in shapes or 3 in shapes) if forward else (1 in shapes or 3 in shapes)
