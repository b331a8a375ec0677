"""Forgets everything, after more than a yes; and what all forgetting shares."""

import secrets
from datetime import datetime, timedelta

from anyio import to_thread

from voiceos.config.secret import read_secret
from voiceos.config.settings import Config
from voiceos.errors import ConfigError, StoreError
from voiceos.language.data import pattern
from voiceos.language.numerals import digits
from voiceos.language.sentences import say
from voiceos.language.sentences import skill_says as says
from voiceos.memory.memory import Memory
from voiceos.memory.recall.erasure import Erasure
from voiceos.skills.skill import Asked, Intent, Question, Said, Workshop, never
from voiceos.store.doom import doom, set_doom
from voiceos.store.forgetting import Unwanted

DATA = "skills/notes"


def memory_of(workshop: Workshop) -> Memory:
    """Raises StoreError where there is none."""
    if workshop.memory is None:
        raise StoreError("There is no memory.", spoken=says("notes.cannot_recall"))
    return workshop.memory


async def forgotten(
    workshop: Workshop, what: Erasure, done: str, nothing: str = "", *, everything: bool = False
) -> Said:
    """Erases it, and says so; `nothing` is said if it was gone already."""
    unwanted = Unwanted(
        records=what.records,
        turns=what.turns,
        sources=what.sources,
        cuts=what.cuts,
        replies=what.replies,
        rows=what.things.rows,
        everything=everything,
    )
    if what.rests:
        await to_thread.run_sync(memory_of(workshop).keep_rests, what.rests)
    gone = await to_thread.run_sync(memory_of(workshop).forget, unwanted)
    workshop.erased()
    if nothing and not gone.records and not gone.names and not gone.replies and not gone.rows:
        return Said(says("notes.changed" if what.cuts else f"notes.{nothing}"))
    reply = says(f"notes.{done}" if gone.finished else "notes.erased_but_traces")
    return Said(reply, done={"memories": gone.records, "turns": gone.turns})


class ForgettingAll:
    """The words of such turns are not kept either."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.intents = [
            Intent("notes.everything", self.announced, True, mine=never),
            Intent("notes.spare", self._spare, True, mine=never),
            Intent("notes.erase_all", self._erase_all, True, {"answer": _is_number}, never, for_good=True),
        ]

    @property
    def _memory(self) -> Memory:
        return memory_of(self._workshop)

    async def announced(self, asked: Asked) -> Said:
        """Says what there is, and what must be said to erase it."""
        asked.turn.off_record = True
        chosen, places = await to_thread.run_sync(self._memory.everything)
        count = len(chosen.records) + len(chosen.sources) * (not chosen.records)
        if not count and not chosen.turns and not chosen.of_acts:
            return Said(says("notes.nothing"))
        pin = _pin(self._workshop.config)
        number = "" if pin else str(21 + secrets.randbelow(78))
        where = say("sources.from", places=_named(places)) if places not in ([], [say("sources.said")]) else ""
        text = says("notes.confirm_all", count=max(count, 1), places=where)
        text += says("notes.say_number", number=number) if number else says("notes.say_pin")
        return Said(text, Question("notes.erase_all", "answer", {"number": number}))

    async def _erase_all(self, asked: Asked) -> Said:
        asked.turn.off_record = True
        number, answer = asked.slots["number"], asked.slots["answer"]
        wanted = number or _pin(self._workshop.config)
        said = _number(answer)
        if said and secrets.compare_digest(said, wanted) and (minutes := self._workshop.config.memory.regret):
            return await self._doomed(asked, minutes)
        if said and secrets.compare_digest(said, wanted):
            chosen, _ = await to_thread.run_sync(self._memory.everything)
            return await forgotten(
                self._workshop,
                Erasure(records=chosen.records, turns=chosen.turns, sources=chosen.sources),
                "erased_all",
                everything=True,
            )
        if said:
            return Said(says("notes.wrong_number", number=number) if number else says("notes.wrong_pin"))
        if pattern("en", DATA, "said.no").search(answer):
            return Said(says("notes.kept_all"))
        again = Question("notes.erase_all", "answer", {"number": number})
        return Said(says("notes.only_number", number=number) if number else says("notes.only_pin"), again)

    async def _doomed(self, asked: Asked, minutes: int) -> Said:
        """Everything goes in a while, unless that is taken back."""
        at = asked.now + timedelta(minutes=minutes)
        await self._workshop.stored(lambda db: set_doom(db, at))
        self._workshop.rescheduled()
        return Said(says("notes.doomed", count=minutes), done={"minutes": minutes}, undo=self._spared)

    async def _spare(self, asked: Asked) -> Said:
        if await self._workshop.stored(doom) is None:
            return Said(says("notes.kept_all"))
        return Said(await self._spared(), done={})

    async def _spared(self) -> str:
        await self._workshop.stored(lambda db: set_doom(db, None))
        self._workshop.rescheduled()
        return says("notes.kept_all")


def _is_number(text: str, now: datetime) -> bool:
    return bool(_number(text)) or any(pattern("en", DATA, f"said.{key}").search(text) for key in ("yes", "no"))


def _number(text: str) -> str:
    """A number that is all that was said."""
    found = pattern("en", DATA, "said.number").match(digits(text.lower()))
    return found["number"].replace(" ", "") if found else ""


def _pin(config: Config) -> str:
    """What must be said to erase everything; empty: the owner has set nothing. Raises ConfigError."""
    secret = read_secret(config.memory.pin_file, "memory.pin_file", "voiceos-pin")
    if secret is None:
        return ""
    file, content = secret
    pin = content.decode("ascii", errors="replace").strip()
    if not pin.isascii() or not pin.isdecimal():
        raise ConfigError(f"The file {file} (`memory.pin_file`) must contain only digits.")
    return pin


def _named(places: list[str]) -> str:
    """The first three of these places, and how many others there are."""
    first = ", ".join(places[:3])
    return first if len(places) < 4 else says("notes.places", places=first, count=len(places) - 3)
