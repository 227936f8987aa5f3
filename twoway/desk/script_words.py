"""What scripts say to whoever reads: the words of `assets/js` in one language, as `assets/js/words.js` reads them."""

from __future__ import annotations

import gettext
from functools import cache
from typing import Any

from twoway.lib import words

COUNTED = 200
"""A language's plural depends on a number's last two digits, and on itself only while it is small."""


@cache
def script_words(language: str) -> dict[str, Any]:
    """`words`: each English sentence and what it is here, a list of forms for one that counts. `forms`: for each number
    below 200 which of them, unless it is one or many as in English. {} for English.
    """
    try:
        found = gettext.translation("djangojs", words.FOLDER, [language])
    except OSError:
        return {}
    said: dict[str, Any] = {}
    for key, told in sorted(vars(found)["_catalog"].items(), key=str):
        if isinstance(key, tuple):
            said.setdefault(key[0], []).append(told)
        elif key:
            said[key] = told
    plural = vars(found)["plural"]
    forms = "".join(str(plural(number)) for number in range(COUNTED))
    usual = "".join("0" if number == 1 else "1" for number in range(COUNTED))
    return {"words": said} | ({} if forms == usual else {"forms": forms})
