"""What an utterance asks of the memory itself: keep this, erase that, what do you know, where did you get it.

English only: in any other language the words go to the language model, with what was recalled.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Remember:
    """ "Remember that the key is under the pot." """

    words: str
    is_task: bool = False
    """ "Remember to …": something to do, which wants a reminder too."""


@dataclass(frozen=True, slots=True)
class About:
    """ "What do you know about Ana?" """

    topic: str


@dataclass(frozen=True, slots=True)
class Said:
    """ "What did I say about the boiler last winter?" """

    topic: str


@dataclass(frozen=True, slots=True)
class Talked:
    """ "What did we talk about on Monday?" """

    when: str


@dataclass(frozen=True, slots=True)
class Why:
    """ "Where did you get that?" """


@dataclass(frozen=True, slots=True)
class Wrong:
    """ "That's wrong, it's the fourth of May." """

    correction: str = ""


@dataclass(frozen=True, slots=True)
class ForgetThat:
    """ "Forget that." """


@dataclass(frozen=True, slots=True)
class ForgetAbout:
    """ "Forget everything about the hospital." """

    topic: str = ""
    """Empty: all of it."""


Request: TypeAlias = Remember | About | Said | Talked | Why | Wrong | ForgetThat | ForgetAbout

_POLITE = r"(?:(?:please|hey|ok|okay|well|so|oh|no|and|now|actually|can you|could you|would you|i want you to)[\s,]+)*"
_END = r"[\s.!?]*"
_THAT = r"(?:that|this|what i (?:just )?(?:said|told you)|what you just (?:heard|said)|the last thing(?: i said)?)"
_TELL = r"(?:say|said|tell you|told you|mention(?:ed)?|write|wrote)"


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(_POLITE + pattern + _END, re.IGNORECASE | re.DOTALL)


_REMEMBER = _whole(
    r"(?:remember|(?:do not|don't) (?:ever )?forget|keep in mind|make a note|take a note|note down|note)"
    r"(?P<to>\s+to)?(?:\s*[,:]\s*|\s+)(?:that\s+)?(?P<words>\S.*?)"
)
_ABOUT = _whole(
    r"(?:tell me )?(?:what|everything|all)(?: do)? you (?:know|remember|have stored) (?:about|of) (?P<topic>.+?)"
)
_SAID = _whole(
    rf"(?:what|when|where|which \w+)?\s*(?:did|have|had) i (?:ever |already )?{_TELL}"
    r"(?: you| to you| down)?(?: (?:about|of|on|that|regarding))? (?P<topic>.+?)"
)
_TALKED = _whole(
    r"what (?:did|have) (?:we|you and i) (?:talk(?:ed)?|spoken?|speak|discuss(?:ed)?|chat(?:ted)?)"
    r"(?: about)?(?P<when>.*?)"
)
_WHY = _whole(
    r"(?:(?:where|how) (?:did you (?:get|hear|learn|find)|do you (?:get|know|have)|have you got)"
    r" ?(?:that|this|it|out)?(?: from)?"
    r"|why (?:did|do|would) you (?:say|think|tell me) (?:that|this|so)|who (?:told|said) (?:you )?(?:that|this|it|so)"
    r"|what(?:'s| is) (?:your|the) source(?: for that)?|where(?:'s| is) (?:that|this) from|says who"
    r"|how come you know that|what makes you (?:say|think) (?:that|so))"
)
_WRONG = _whole(
    r"(?:that's|that is|that was|it's|you're|you are|this is)"
    r" (?:wrong|not (?:right|true|correct)|incorrect|mistaken|false)"
    r"(?:(?:[,.;:!-]+\s*|\s+(?=it|he|she|they|we|my|i['\s]))(?P<correction>.+?))?"
)
_FORGET_THAT = _whole(
    rf"(?:forget|erase|delete|remove|(?:do not|don't) (?:remember|keep|store)) (?:about )?{_THAT}(?: please)?"
)
_FORGET_ABOUT = _whole(
    r"(?:forget|erase|delete|remove) (?:everything|anything|all)"
    r"(?: (?:that )?(?:you|i)(?:'ve| have| ever)? (?:know|knew|remember|stored|said|told you|have))?"
    r"(?: (?:about|of|on|regarding|related to|to do with) (?P<topic>.+?))?"
)
YES = _whole(
    r"(?:yes|yeah|yep|sure|do it|do that|go ahead|erase (?:it|them|that|all)"
    r"|confirm(?:ed)?|certainly|of course|right|please|i'm sure"
    r"|(?:yes|yeah|yep)[\s,]+.{0,40})"
)
"""Consent to what was just asked."""


def request_in(text: str) -> Request | None:
    """What `text` asks of the memory; None when it asks nothing of it."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    if found := _FORGET_THAT.fullmatch(text):
        return ForgetThat()
    if found := _FORGET_ABOUT.fullmatch(text):
        return ForgetAbout(found["topic"] or "")
    if found := _REMEMBER.fullmatch(text):
        return None if text.endswith("?") else Remember(found["words"].strip(), bool(found["to"]))
    if found := _ABOUT.fullmatch(text):
        return About(found["topic"])
    if found := _TALKED.fullmatch(text):
        return Talked(found["when"].strip())
    if found := _SAID.fullmatch(text):
        return Said(found["topic"])
    if _WHY.fullmatch(text):
        return Why()
    if found := _WRONG.fullmatch(text):
        return Wrong(_bare(found["correction"] or ""))
    return None


LONGEST = 1000
"""Characters; more is a dictation, not a request."""


def _bare(correction: str) -> str:
    """The correction without its "no, " or "actually, "."""
    return re.sub(r"^(?:(?:no|actually|in fact|but|well)[\s,]+)+", "", correction.strip(), flags=re.IGNORECASE)
