"""Tells what was done, from receipts alone, and takes the last act back."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from voiceos.errors import StoreError
from voiceos.language.answers import yes_or_no
from voiceos.language.data import table, words_in
from voiceos.language.numerals import digits
from voiceos.language.said_times import said_clock, said_date
from voiceos.language.sentences import capital, say, skill_says
from voiceos.language.terms import Analyzer
from voiceos.language.times.meanings import Period
from voiceos.skills.skill import Asked, Intent, Question, Said, Skill, Workshop, never
from voiceos.skills.slots import is_answer, is_begun, whole_time
from voiceos.store.acts import Receipt, receipts
from voiceos.store.schedule import entries
from voiceos.tools.permission import spoken
from voiceos.tools.tool import Whence

UNDO = "acts.undo"
LATELY = timedelta(days=1)
"""How long ago something that is not named may have been done."""
JUST_NOW = timedelta(minutes=10)
"""How long ago an act is taken back without asking, if it is of one of the last turns."""
LAST_TURNS = 2
LOOKED_AT = 2_000
"""The last receipts, among which something is looked for."""
MOST = 5
"""Acts told at once."""
LONGEST = 8
"""Words of what is asked for."""


def make(workshop: Workshop) -> Skill:
    return Acts(workshop).skill


class Acts:
    """The skill."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._terms = Analyzer("en")

    @property
    def skill(self) -> Skill:
        return Skill(
            "acts",
            [
                Intent("acts.did", self._did, mine=never),
                Intent("acts.did_what", self._did_what, slots={"about": self._is_named}, mine=never),
                Intent("acts.done", self._done, slots={"when": is_begun, "sure": is_answer}, mine=never),
                Intent("acts.last", self._last, mine=never),
                Intent(
                    UNDO,
                    self._undo,
                    acts=True,
                    slots={"done": self._is_done, "sure": is_answer},
                    mine=never,
                ),
            ],
        )

    async def _did(self, asked: Asked) -> Said:
        """Whether what was asked for last on this device was done."""
        found = [one for one in await self._receipts(asked.now - LATELY) if one.device == asked.turn.device]
        if not found:
            return Said(_says("not_yet"))
        same = [one for one in found if _fits(one, asked.slots.get("verb", ""))]
        return Said(self._told(same[0], asked.now) if same else _says("no") + self._then(found[:1], asked.now))

    async def _did_what(self, asked: Asked) -> Said:
        """Whether something that is named was done, and whether it was taken back since."""
        wanted = self._named(asked.slots["about"])
        about = [one for one in await self._receipts() if wanted <= self._words(one)]
        place = next((at for at, one in enumerate(about) if _fits(one, asked.slots.get("verb", ""))), None)
        if place is None:
            return Said(_says("no") + self._then(about[:1], asked.now))
        since = [one for one in about[:place] if one.done]
        return Said(self._told(about[place], asked.now) + self._then(since[:1], asked.now))

    async def _done(self, asked: Asked) -> Said:
        """All that was done in a time, the oldest first, in parts."""
        if asked.slots.get("sure") and not yes_or_no(asked.slots["sure"]):
            return Said(_says("stopped"))
        period, words = _period(asked)
        since = [one for one in (await self._receipts(period.start))[::-1] if one.done]
        found = [one for one in since if not period.end or one.at < period.end]
        if not found:
            return Said(_says("nothing", period=words))
        heard = int(asked.slots.get("heard", 0))
        part, left = found[heard : heard + MOST], len(found) - heard - MOST
        said = " ".join(capital(_says("one", when=_when(one, asked.now), result=self._act(one))) for one in part)
        if not heard:
            said = _says("told", count=len(found)) + said
        if left <= 0:
            return Said(said)
        slots = {**asked.slots, "heard": str(heard + MOST)}
        return Said(said + _says("more", count=left), Question("acts.done", "sure", slots))

    async def _last(self, asked: Asked) -> Said:
        found = [one for one in await self._receipts() if one.done]
        if not found:
            return Said(_says("nothing_ever"))
        return Said(_says("last_one", when=_when(found[0], asked.now), result=self._act(found[0])))

    async def _undo(self, asked: Asked) -> Said:
        """Takes the last act on this device back, where that act can be; asks first if it was not just done."""
        device, sure = asked.turn.device, asked.slots.get("sure")
        if sure and not yes_or_no(sure):
            return Said(_says("stopped"))
        if "dont" in asked.slots and self._workshop.turns_since.get(device, LAST_TURNS):
            return Said(_says("stopped"))  # nothing was done in the turn before
        mine = [one for one in await self._receipts() if one.device == device and one.done]
        if asked.slots.get("done", "").lower() in words_in("en", "skills/acts", "things") and _is_gone(mine[:1]):
            return Said(_says("nothing_to_cancel"))
        undo = self._workshop.undos.get(device)
        if not undo or (mine and not self._is_ours(mine[0])):
            return Said(self._kept(mine[0], asked.now) if mine else _says("nothing_to_undo"))
        if mine and not sure and self._is_old(mine[0], asked):
            together = [one for one in mine if one.turn == mine[0].turn and self._is_ours(one)]
            what = " ".join(self._act(one, with_words=True) for one in reversed(together))
            said = _says("shall_i_undo", when=_when(mine[0], asked.now), result=what)
            return Said(said, Question(UNDO, "sure"))
        self._workshop.undos.pop(device)
        text = await undo()
        return Said(text, done={"undone": mine[0].act, **mine[0].arguments} if mine else {})

    def _is_old(self, receipt: Receipt, asked: Asked) -> bool:
        since = self._workshop.turns_since.get(asked.turn.device, 0)
        return since >= LAST_TURNS or asked.now - receipt.at > JUST_NOW

    def _kept(self, receipt: Receipt, now: datetime) -> str:
        """Why an act is not taken back."""
        if receipt.act == UNDO:
            return _says("nothing_to_undo")
        if self._is_ours(receipt) and self._workshop.intents[receipt.act].for_good:
            return _says("for_good")
        return _says("too_late", when=_when(receipt, now), result=self._act(receipt))

    # How an act is told

    def _is_ours(self, receipt: Receipt) -> bool:
        """Whether a skill did it. What a tool of others says of its act is no sentence of ours."""
        return receipt.act in self._workshop.intents and not receipt.origins

    def _act(self, receipt: Receipt, *, with_words: bool = False) -> str:
        """What was done, in a sentence; `with_words`: and with which words, where that does not say them."""
        if self._is_ours(receipt) and receipt.result.strip():
            words = receipt.arguments.get("words", "") if with_words else ""
            said = isinstance(words, str) and words and words.lower() not in receipt.result.lower()
            return _sentence(receipt.result) + (_says("words", words=_sentence(str(words))) if said else "")
        server, named = receipt.act.partition(".")[0].replace("_", " ").replace("-", " "), spoken(receipt.act)
        values = _owners(receipt)
        of = _says("of", values=_says("and").join(values)) if values else ""
        key = "used" if receipt.done else "not_used"
        return _says(key, tool=named, server=say("using.name", server=server), values=of)

    def _told(self, receipt: Receipt, now: datetime) -> str:
        key = "yes" if receipt.done else "tried" if self._is_ours(receipt) else "failed"
        return _says(key, when=_when(receipt, now), result=self._act(receipt))

    def _then(self, found: Sequence[Receipt], now: datetime) -> str:
        return "".join(_says("then", when=_when(one, now), result=self._act(one)) for one in found)

    async def _receipts(self, since: datetime | None = None) -> list[Receipt]:
        return await self._workshop.stored(lambda db: receipts(db, since=since, count=LOOKED_AT))

    def _is_done(self, words: str, now: datetime) -> bool:
        """Whether "that" can only be what was done: nothing is to come that could be cancelled."""
        try:
            return words.lower() in table("en", "skills/acts")["that"] and not any(
                one.waits for one in self._workshop.work(entries)
            )
        except StoreError:
            return False

    def _named(self, words: str) -> set[str]:
        """What is asked for, in terms."""
        return {term for term in self._terms(digits(words)) if term not in words_in("en", "skills/acts", "small")}

    def _words(self, receipt: Receipt) -> set[str]:
        """All that a receipt tells, in terms."""
        result = receipt.result if self._is_ours(receipt) else ""
        text = digits(f"{receipt.act} {result} {json.dumps(receipt.arguments)}".replace(".", " ").replace("_", " "))
        return {*self._terms(text), *re.findall(r"\d+", text)}

    def _is_named(self, words: str, now: datetime) -> bool:
        return len(words.split()) <= LONGEST and bool(self._named(words))


def _takes_away(receipt: Receipt) -> bool:
    return receipt.act.rpartition(".")[2] in words_in("en", "skills/acts", "away_acts")


def _is_gone(last: Sequence[Receipt]) -> bool:
    """Whether what was done last took something away: that cannot be cancelled again."""
    return any(map(_takes_away, last))


def _away(verb: str) -> bool | None:
    """Whether a verb takes something away; None where it may do either."""
    first = verb.partition(" ")[0].lower()
    if not first or first in words_in("en", "skills/acts", "either"):
        return None
    return first in words_in("en", "skills/acts", "away_verbs")


def _fits(receipt: Receipt, verb: str) -> bool:
    if receipt.act == UNDO:
        return verb in words_in("en", "skills/acts", "undo_verbs")
    return _away(verb) in (None, _takes_away(receipt))


def _period(asked: Asked) -> tuple[Period, str]:
    """The time that is asked about, and how it was said; today unless another is."""
    meaning = whole_time(words := asked.slots.get("when", ""), asked.now, lean="past")
    if isinstance(meaning, Period) and meaning.start:
        return meaning, words
    midnight = asked.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(midnight, None), _says("today")


def _when(receipt: Receipt, now: datetime) -> str:
    at = receipt.at.astimezone(now.tzinfo)
    clock = said_clock(at)
    return _says("at", clock=clock) if at.date() == now.date() else _says("on", date=said_date(at, now), clock=clock)


def _owners(receipt: Receipt) -> list[str]:
    """The short values of a call that are the owner's."""
    own = {str(Whence.OWNER), str(Whence.RULE)}
    return [
        text
        for name, value in receipt.arguments.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool) and receipt.origins.get(name) in own
        if (text := " ".join(str(value).split()).rstrip(" .!?")) and len(text.split()) <= LONGEST
    ]


def _sentence(text: str) -> str:
    """With its end."""
    return text if text.rstrip().endswith((".", "!", "?", "…")) else f"{text.rstrip()}."


def _says(key: str, **values: object) -> str:
    return skill_says(f"acts.{key}", "en", **values)
