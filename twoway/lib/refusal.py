"""Why something may not be done, said once for people and once for programs."""

from __future__ import annotations

from typing import ClassVar


class Refused(Exception):
    """Something may not be done. `code` is stable for programs, `sentence` for people, `status` for HTTP."""

    status: ClassVar[int] = 422
    default_code: ClassVar[str] = "refused"

    def __init__(self, sentence: str, *, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.default_code


class NotFound(Refused):
    """It does not exist, or the one who asks may not know that it does."""

    status = 404
    default_code = "not_found"

    def __init__(self, what: str, key: object = "") -> None:
        super().__init__(f"There is no such {what}.")
        self.what = what
        self.key = key


class NotAllowed(Refused):
    """It exists, and the one who asks may not do this with it."""

    status = 403
    default_code = "not_allowed"


class Invalid(Refused):
    """What was written cannot be used; `field` names the input, or is empty when it is about several."""

    default_code = "invalid"

    def __init__(self, sentence: str, *, field: str = "", code: str = "") -> None:
        super().__init__(sentence, code=code)
        self.field = field
