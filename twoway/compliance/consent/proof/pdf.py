"""The proof of one contact as a PDF: a summary people read, and the figures a court's expert checks.

The core fonts of PDF hold Latin letters only; every other character is written as its code, such as <U+9000>. The JSON
document has every text exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

_PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " "})
_CHANGES = {
    "granted": "Consent given",
    "confirmed": "Consent confirmed",
    "requested": "Asked to confirm",
    "withdrawn": "Consent withdrawn",
    "lifted": "Opted back in",
    "expired": "Expired",
    "denied": "Declined",
}
INK, SOFT = (26, 32, 40), (96, 104, 116)


class _Paper(FPDF):
    """A4 with the page's number below."""

    def footer(self) -> None:
        """As fpdf2 calls it."""
        self.set_y(-14)
        self.set_font("Helvetica", size=7.5)
        self.set_text_color(*SOFT)
        self.cell(0, 5, f"Page {self.page_no()} of {{nb}}. This isn't legal advice.", align="C")


def render(document: Mapping[str, Any]) -> bytes:
    """The document of `proof.queries.document` as a PDF file."""
    paper = _Paper(format="A4")
    paper.set_title(latin(f"Proof of consent, contact {document['contact']['id']}"))
    paper.set_creator("Twoway")
    paper.set_auto_page_break(True, margin=20)
    paper.add_page()
    _heading(paper, f"Proof of consent: {document['contact']['name'] or 'no name'}", 16)
    for address in document["contact"]["addresses"]:
        _line(paper, f"{address['value']} ({address['kind']}), keyed hash {address['address_hash']}")
    _line(paper, f"{document['workspace']}. Made on {document['made_at']} (UTC) by {document['made_by']}.")
    _chain(paper, document["chain"])
    _heading(paper, "How it stands", 12)
    for state in document["standing"]:
        _line(paper, _standing(state))
    if not document["standing"]:
        _line(paper, "Nothing is on record.")
    _heading(paper, "What was recorded", 12)
    for entry in document["entries"]:
        _entry(paper, entry)
    _heading(paper, "How to check it", 12)
    _line(paper, document["how_to_check"])
    return bytes(paper.output())


def latin(text: str) -> str:
    """Text with what the core fonts have; the rest as code points."""
    return "".join(char if _has(char) else f"<U+{ord(char):04X}>" for char in text.translate(_PLAIN))


def _has(char: str) -> bool:
    return char in "\n\t" or " " <= char <= "~" or "\u00a1" <= char <= "\u00ff"


def _heading(paper: FPDF, words: str, size: float) -> None:
    paper.ln(3)
    paper.set_font("Helvetica", style="B", size=size)
    paper.set_text_color(*INK)
    paper.multi_cell(0, size * 0.5, latin(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(1)


def _line(paper: FPDF, words: str, *, is_code: bool = False, is_soft: bool = False) -> None:
    paper.set_font("Courier" if is_code else "Helvetica", size=7.5 if is_code else 9)
    paper.set_text_color(*(SOFT if is_soft or is_code else INK))
    paper.multi_cell(0, 3.6 if is_code else 4.6, latin(words), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _chain(paper: FPDF, chain: Mapping[str, Any]) -> None:
    if chain["is_whole"]:
        _line(paper, f"The ledger's chain was checked: all {chain['entries']} entries are as they were written.")
    else:
        _line(paper, f"The ledger's chain BREAKS at entry {chain['broken_at']}: {chain['why']}.")
    _line(paper, f"last hash {chain['head']}", is_code=True)


def _standing(state: Mapping[str, Any]) -> str:
    where = "every number" if state["channel_id"] is None else f"number {state['channel_id']}"
    ends = f", until {state['expires_at']}" if state["expires_at"] else ""
    level = f" ({state['level']})" if state["level"] else ""
    return f"{_for(state)}, {where}: {_CHANGES[state['change']].lower()}{level} on {state['at']}{ends}"


def _for(entry: Mapping[str, Any]) -> str:
    return "All texts" if entry["purpose"] == "all" else f"{entry['purpose'].replace('_', ' ').capitalize()} texts"


def _entry(paper: FPDF, entry: Mapping[str, Any]) -> None:
    paper.ln(2)
    paper.set_draw_color(214, 218, 224)
    paper.line(paper.l_margin, paper.get_y(), paper.w - paper.r_margin, paper.get_y())
    paper.ln(1.5)
    paper.set_font("Helvetica", style="B", size=10)
    paper.set_text_color(*INK)
    words = f"{entry['position']}. {_CHANGES[entry['change']]}: {_for(entry).lower()}"
    paper.multi_cell(0, 5, latin(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    where = "every number" if entry["channel_id"] is None else f"number {entry['channel_id']}"
    level = f", level {entry['level']}" if entry["level"] else ""
    _line(paper, f"{entry['at']} (UTC), by {entry['method']}{level}, {where}, recorded by {entry['by']}")
    for key, value in entry["proof"].items():
        _line(paper, f"{key.replace('_', ' ')}: {value}", is_soft=True)
    if entry["minimised_at"]:
        _line(paper, f"The proof was reduced on {entry['minimised_at']}, as the law asked.", is_soft=True)
    _line(paper, "Checked: as it was written." if entry["is_intact"] else "Checked: this entry was CHANGED.")
    for name in ("proof_hash", "previous_hash", "hash"):
        _line(paper, f"{name.replace('_', ' '):13} {entry[name]}", is_code=True)
