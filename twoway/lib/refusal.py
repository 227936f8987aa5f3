"""Why something may not be done, said once for people and once for programs."""

from __future__ import annotations

from typing import ClassVar

from twoway.lib.words import noted, t

NO_SUCH = (
    noted("There is no such audience."),
    noted("There is no such automatic reply."),
    noted("There is no such brand."),
    noted("There is no such budget."),
    noted("There is no such call."),
    noted("There is no such callback."),
    noted("There is no such campaign."),
    noted("There is no such change."),
    noted("There is no such contact."),
    noted("There is no such conversation."),
    noted("There is no such device."),
    noted("There is no such entry of the ledger."),
    noted("There is no such entry."),
    noted("There is no such episode."),
    noted("There is no such file."),
    noted("There is no such folder."),
    noted("There is no such form."),
    noted("There is no such handover."),
    noted("There is no such hint."),
    noted("There is no such import."),
    noted("There is no such invitation."),
    noted("There is no such legal hold."),
    noted("There is no such limit."),
    noted("There is no such link."),
    noted("There is no such macro."),
    noted("There is no such member who can answer."),
    noted("There is no such member."),
    noted("There is no such menu."),
    noted("There is no such merge."),
    noted("There is no such message."),
    noted("There is no such notification."),
    noted("There is no such number of ours."),
    noted("There is no such number of the simulated carrier."),
    noted("There is no such number."),
    noted("There is no such open question about this person."),
    noted("There is no such opt-out."),
    noted("There is no such order."),
    noted("There is no such page."),
    noted("There is no such phone queue."),
    noted("There is no such picture."),
    noted("There is no such place."),
    noted("There is no such policy."),
    noted("There is no such pool."),
    noted("There is no such price."),
    noted("There is no such property."),
    noted("There is no such provider account."),
    noted("There is no such purpose."),
    noted("There is no such quarantine entry."),
    noted("There is no such queue."),
    noted("There is no such report."),
    noted("There is no such request."),
    noted("There is no such role."),
    noted("There is no such rule."),
    noted("There is no such saved reply."),
    noted("There is no such scheduled text."),
    noted("There is no such session."),
    noted("There is no such set of hours."),
    noted("There is no such skill."),
    noted("There is no such tag."),
    noted("There is no such team."),
    noted("There is no such template."),
    noted("There is no such text."),
    noted("There is no such token."),
    noted("There is no such topic."),
    noted("There is no such transcript."),
    noted("There is no such view."),
    noted("There is no such word."),
)
"""What `NotFound` says, a whole sentence for each thing: languages decline them."""


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
        sentence = f"There is no such {what}."
        super().__init__(t(sentence))
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
