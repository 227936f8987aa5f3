"""Characters with a plainer equal in GSM-7: typographic quotes, dashes, spaces, wide and small letters.

It follows the published smart-encoding tables of messaging providers with these differences: one space stays one
space, angle quotes keep their direction, a line separator is a line break, and combining marks are never turned into
signs. Accented letters are not touched: dropping an accent changes words.
"""

from __future__ import annotations

import string
from collections.abc import Mapping

_CONTROLS = "".join(chr(code) for code in range(0x80, 0xA0) if code != 0x85)
_SAME = {
    '"': "«»ʺˮ“”„‟❝❞〝〞＂″",
    "'": "`´ʹʻʼʽˈˊˋ‘’‛❛❜︐︑＇′‚",
    "/": "÷⁄∕⧸／",
    "1/4": "¼",
    "1/2": "½",
    "3/4": "¾",
    "\\": "⧵⧹﹨＼",
    "_": "‗＿",
    "|": "∣⎜⎟⎸⎹⏐｜",
    "-": "‐‑‒–—―•⁃⎼⎽﹣－−·●",
    "@": "﹫＠",
    "$": "﹩＄",
    "!": "ǃ︕﹗！",
    "#": "﹟＃",
    "%": "﹪％",
    "&": "﹠＆",
    ",": "、﹐﹑，､",
    "(": "❨❪⟮⦅﹙（",
    ")": "❩❫⟯⦆﹚）",
    "*": "⁎∗⊛✢✣✤✥✱✲✳✺✻✼✽❃❉❊❋⧆﹡＊",
    "+": "˖﹢＋",
    ".": "。﹒．｡",
    ":": "ː˸⦂꞉︓：",
    ";": "⁏︔﹔；",
    "<": "‹﹤＜",
    "=": "꞊﹦＝",
    ">": "›﹥＞",
    "?": "︖﹖？",
    "^": "ˆ＾",
    "{": "❴﹛｛",
    "}": "❵﹜｝",
    "[": "［",
    "]": "］",
    "~": "˜˷∼～",
    "!!": "‼",
    "...": "…",
    " ": "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\u0085\u2028\u2029",
    # soft hyphen, zero-width space, joiner and mark, direction marks, variation selector, controls: nothing to see
    "": _CONTROLS + "\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufe0f",
}

_SMALL_CAPITALS = zip("ABCDEFGHIJKLMNOPRSTUVWYZ", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", strict=True)
_PLAINER: dict[str, str] = {char: plain for plain, chars in _SAME.items() for char in chars}
_PLAINER |= {small: letter for letter, small in _SMALL_CAPITALS}
_PLAINER |= {chr(0xFF10 + digit): str(digit) for digit in range(10)}
_PLAINER |= {chr(0xFF21 + index): letter for index, letter in enumerate(string.ascii_uppercase)}
_PLAINER |= {chr(0xFF41 + index): letter for index, letter in enumerate(string.ascii_lowercase)}


def plainer(char: str) -> str | None:
    """What could stand for this character in GSM-7, "" when it can go, None when nothing says the same."""
    return _PLAINER.get(char)


def table() -> Mapping[str, str]:
    """Every character with its plainer equal; `assets/js/plainer.js` is made of it by `scripts/plainer`."""
    return _PLAINER
