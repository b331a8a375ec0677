"""The house, the weather, the sun and the news: asks a Home Assistant, and says what it really did."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import anyio

from voiceos.core import Turn
from voiceos.errors import ConfigError, HomeError
from voiceos.language.data import pattern, table
from voiceos.language.numerals import digits
from voiceos.language.sentences import skill_says as says
from voiceos.skills.by_device import ByDevice
from voiceos.skills.grammar import plain
from voiceos.skills.home.home_assistant import Answer, HomeAssistant, Target
from voiceos.skills.skill import Asked, Intent, Pass, Said, Skill, Workshop

log = logging.getLogger(__name__)

STATES: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("light", "switch", "fan", "input_boolean", "humidifier", "siren"), ("on", "off")),
    **dict.fromkeys(("cover", "valve"), ("open", "closed")),
    "lock": ("locked", "unlocked"),
}
"""The two states that the things of a domain can have."""
ON_THE_WAY = ("opening", "closing", "locking", "unlocking")
GONE = ("unavailable", "unknown", "")
SETTLE_SECONDS = (0.25, 0.5, 0.75)
"""How long a thing may take to tell its new state; it is asked after each."""
REST = timedelta(seconds=60)
"""How long a Home Assistant that failed is not offered what may not be for it."""
KINDS = ("control", "state", "weather", "sun", "news")
MOST_NAMED = 3
MOST_WORDS = 10


def make(workshop: Workshop) -> Skill:
    settings = workshop.config
    if not settings.home.url:
        return Skill("home", _intents(_pass if settings.tools.mcp else _alone))
    try:
        assistant = HomeAssistant(settings.home)
    except ConfigError as error:
        log.warning("%s", error)
        return Skill("home", _intents(_misset(error)))
    home = Home(assistant, settings.recognition.language)
    offered = Intent("home.offered", home.offer, acts=True, stays=True)
    intents = [*_intents(home.ask, acts=True), offered]
    return Skill("home", intents, assistant.warm, otherwise=offered.name, names=lambda: {"room": home.rooms})


def _intents(handle: Callable[[Asked], Awaitable[Said]], *, acts: bool = False) -> list[Intent]:
    slots = {
        "thing": _is_thing,
        "inside": _is_thing,
        "place": _is_floor,
        "value": _is_value,
        "when": _is_when,
        "city": _is_city,
        "about": _is_public,
    }
    return [Intent(f"home.{kind}", handle, acts, slots, _is_mine, stays=acts) for kind in KINDS]


async def _pass(asked: Asked) -> Said:
    """A tool of somebody else's may know."""
    raise Pass


async def _alone(asked: Asked) -> Said:
    return Said(says(f"{asked.intent}_alone"))


def _misset(error: ConfigError) -> Callable[[Asked], Awaitable[Said]]:
    async def handle(asked: Asked) -> Said:
        raise HomeError(str(error), spoken=says("home.settings"))

    return handle


class Home:
    """A house with a Home Assistant."""

    def __init__(self, assistant: HomeAssistant, language: str) -> None:
        self._assistant = assistant
        self._language = language
        self._conversations = ByDevice[tuple[str, str]]()
        """By device: our conversation, and what it is called there."""
        self._rests_until: datetime | None = None
        self.rooms: Sequence[str] = ()
        """Their names; none before it was first asked for something."""
        self._knows_rooms = False

    async def ask(self, asked: Asked) -> Said:
        """What is certainly for the house."""
        try:
            answer = await self._heard(asked)
        except HomeError as error:
            raise _told(error, asked) from error
        if answer.code == "no_intent_match":
            return Said(says(f"{asked.intent}_unknown"))
        return await self._outcome(asked, answer)

    async def offer(self, asked: Asked) -> Said:
        """What may be for the house. Raises Pass if it is not."""
        if self._rests_until and asked.now < self._rests_until:
            raise Pass
        try:
            answer = await self._heard(asked)
        except HomeError as error:
            self._rests_until = asked.now + REST
            if error.unsure:
                raise _told(error, asked) from error
            log.warning("%s", error)
            raise Pass from error
        if answer.code in ("no_intent_match", "no_valid_targets"):
            raise Pass  # it finds "a device called" in what is for somebody else, too
        return await self._outcome(asked, answer)

    async def _heard(self, asked: Asked) -> Answer:
        """What it makes of a sentence, or else of the same without what is said only to be polite."""
        turn = asked.turn
        conversation, called = self._conversations.get(turn.device, ("", ""))
        called = called if conversation == turn.conversation else ""
        answer = await self._assistant.hear(asked.text, self._spoken(turn), called)
        bare = plain(asked.text)
        if answer.code == "no_intent_match" and bare.casefold() != asked.text.strip(" .!?").casefold():
            answer = await self._assistant.hear(bare, self._spoken(turn), called)
        self._conversations[turn.device] = turn.conversation, answer.conversation
        await self._learn_rooms()
        return answer

    async def _learn_rooms(self) -> None:
        """Once: recognition should know them."""
        if not self._knows_rooms:
            self._knows_rooms = True
            try:
                self.rooms = await self._assistant.rooms()
            except HomeError as error:
                log.info("Its rooms are not known: %s", error)

    def _spoken(self, turn: Turn) -> str:
        heard = turn.transcript.language if turn.transcript else ""
        return heard if self._language == "auto" else self._language

    async def _outcome(self, asked: Asked, answer: Answer) -> Said:
        """What to say: only what was done, and is so. Raises HomeError for what was tried and failed."""
        if answer.code == "no_valid_targets":
            return Said(answer.speech or says(f"{asked.intent}_unknown"))
        if answer.code:
            raise HomeError(f"Home Assistant failed ({answer.code}).", spoken=answer.speech or says("home.failed"))
        if answer.kind == "query_answer":
            return Said(answer.speech or says("home.failed"))
        found = await self._states(asked.text, answer.success)
        silent = [*answer.failed, *(one for one, state in found.items() if state in GONE)]
        wrong = {one: state for one, state in found.items() if state not in GONE}
        rest = [says("home.silent", names=_named(silent))] if silent else []
        for state in dict.fromkeys(wrong.values()):
            names = [one for one in wrong if wrong[one] == state]
            key = "home.moving" if state in ON_THE_WAY else "home.still"
            count = 2 if _has("plural", names[0].name) else len(names)
            rest.append(says(key, count=count, names=_named(names), state=_word(state)))
        told = " ".join(rest)
        moving = [one for one, state in wrong.items() if state in ON_THE_WAY]
        well = [one for one in answer.success if one not in found]
        if rest and not well and not moving:
            raise HomeError(f"Home Assistant reported success, but {told}", spoken=told)
        said = answer.speech or says("home.done")
        said = (says("home.but", said=said, rest=told) if well else told) if rest else said
        done = {"asked": asked.text, "things": [one.id for one in (*well, *moving)]}
        return Said(said, done=done | {"failed": [one.id for one in (*silent, *wrong) if one not in moving]})

    async def _states(self, text: str, things: Sequence[Target]) -> dict[Target, str]:
        """The states of those things that are not as they should be, after a moment. Raises HomeError."""
        left = {one: "" for one in things if one.domain in STATES}
        troubles = list[HomeError]()

        async def look(one: Target) -> None:
            try:
                left[one] = await self._assistant.state(one.id)
            except HomeError as error:
                troubles.append(error)

        for seconds in (0.0, *SETTLE_SECONDS):
            await anyio.sleep(seconds)
            async with anyio.create_task_group() as asking:
                for one in left:
                    asking.start_soon(look, one)
            if troubles:
                raise HomeError(str(troubles[0]), spoken=says("home.unsure", said=troubles[0].spoken))
            left = {one: state for one, state in left.items() if not _is_so(text, one, state)}
            if all(state in (*GONE, *ON_THE_WAY) for state in left.values()):
                break
        return left


def _told(error: HomeError, asked: Asked) -> HomeError:
    """The same for a person who asked for something to be done, and must know if it may have been."""
    if error.unsure and asked.intent in ("home.control", "home.offered"):
        error.spoken = says("home.unsure", said=error.spoken)
    return error


def _is_so(text: str, thing: Target, state: str) -> bool:
    """Whether a thing is in the state that was asked for, as far as the words tell which."""
    if state in GONE:
        return False
    can_be = STATES[thing.domain]
    wanted = [one for one in can_be if pattern("en", "skills/home", f"wanted.{one}").search(text)]
    if len(wanted) != 1 or (thing.domain in ("cover", "valve") and any(map(str.isdigit, digits(text)))):
        return True  # half open is "open", too
    return state == wanted[0]


def _named(things: Sequence[Target]) -> str:
    names = list(dict.fromkeys(one.name for one in things))
    if len(names) > MOST_NAMED + 1:
        names = [*names[:MOST_NAMED], says("home.others", count=len(names) - MOST_NAMED)]
    return says("home.and", most=", ".join(names[:-1]), last=names[-1]) if len(names) > 1 else names[0]


def _word(state: str) -> str:
    return table("en", "skills/home")["states"].get(state, state)


# What its slots are


def _has(key: str, words: str) -> bool:
    return bool(pattern("en", "skills/home", f"words.{key}").search(words))


def _is_thing(words: str, now: datetime) -> bool:
    return (
        len(words.split()) <= MOST_WORDS and (_has("house", words) or _has("room", words)) and not _has("other", words)
    )


def _is_floor(words: str, now: datetime) -> bool:
    return _has("floor", words) and not _has("other", words)


def _is_value(words: str, now: datetime) -> bool:
    return len(words.split()) <= MOST_WORDS and not _has("other", words)


def _is_when(words: str, now: datetime) -> bool:
    return _has("when", words) and _is_city(words, now)


def _is_city(words: str, now: datetime) -> bool:
    return len(words.split()) <= MOST_WORDS and not _has("elsewhere", words) and not _has("room", words)


def _is_public(words: str, now: datetime) -> bool:
    return not _has("private", words)


def _is_mine(asked: Asked) -> bool:
    """A judge may take a tale for an order: of the house, only what names something of it."""
    text = pattern("en", "skills/home", "words.wish").sub("", plain(asked.text))
    if asked.intent in ("home.control", "home.state"):
        return (_has("house", text) or _has("room", text)) and not _has("other", text)
    return not _has("elsewhere", text) and _is_public(text, asked.now)
