"""A mind that is not believed: what it says passes clause by clause, and ends where it claims what was not done.

What only hands, eyes or the internet could do is declined before it is asked.
"""

import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from math import inf

from anyio import to_thread

from voiceos.clock import local_time
from voiceos.core import Action, Part, Recalled, Turn
from voiceos.errors import MindError
from voiceos.language.data import pattern
from voiceos.language.questions import asks
from voiceos.language.said_times import said_date
from voiceos.language.sentences import say
from voiceos.language.tenses import states
from voiceos.memory.quoting import used
from voiceos.mind.claims import Judge
from voiceos.mind.reply_stream import SENTENCE_ENDS
from voiceos.mind.unsure import not_known
from voiceos.protocols import Mind
from voiceos.skills.grammar import plain

log = logging.getLogger(__name__)
words_log = logging.getLogger("voiceos.words")

PATIENCE_WORDS = 4
"""A clause without anything risky passes after so many words, before it has ended."""
BEYOND = "beyond."
SURE = 0.65
"""How likely something that nobody here can do must be for the model not to be asked."""
SUSPECTED = 0.3
"""The same for the model's reply to be held to what it admits or what the memory says."""
KNOWABLE = ("account", "lookup", "weather", "news")
"""Kinds that the memory may know."""
LIKELY = 0.2
"""How likely a memory must be to answer for the model to be asked."""
RULE = "rule"
"""What answered, where it was no model."""
_CLAUSE = re.compile(r"(?P<sentence>[.!?…]+[\"')\]]*(?=\s))|[;:—](?=\s)|,(?=\s)|(?<=[^\W\d_]),|(?P<line>\n)")


class HonestMind:
    """A `Mind` around a language model, which cannot act: only skills leave receipts."""

    def __init__(
        self,
        mind: Mind,
        name: str = "",
        beyond: Callable[[str], Mapping[str, float]] | None = None,
        *,
        most_sentences: int = 0,
        can: Callable[[Turn], Awaitable[bool]] | None = None,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`name`: what the assistant calls itself. `beyond`: how likely a text wants what nobody can do.

        `most_sentences`: after so many it is stopped, but in a story; 0: never. `can`: whether a tool may do what a
        turn asks.
        """
        self._mind = mind
        self._name = name
        self._beyond = beyond
        self._most_sentences = most_sentences
        self._can = can
        self._now = now

    @property
    def name(self) -> str:
        return self._mind.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply up to its first claim without a receipt; then says plainly that nothing was done."""
        earlier = [exchange.user for exchange in turn.history]
        told = [_in_words(memory, self._now()) for memory in used(turn)]
        told += [text for text in (*earlier, turn.words) if not asks(text) and not Judge(text).invited]
        likely = await to_thread.run_sync(self._kinds, turn.words)
        knowable, total = sum(likely.get(kind, 0.0) for kind in KNOWABLE), sum(likely.values())
        judge = Judge(
            turn.words, earlier, told, name=self._name, invites=total >= SUSPECTED, live=knowable >= SUSPECTED
        )
        refusal = "" if turn.receipts or turn.brought else _declined(turn, judge, likely)
        if refusal and not (self._can and await self._can(turn)):
            turn.engines["mind"] = RULE
            yield Part(refusal)
            return
        guard = Guard(judge, 0 if judge.is_tale else self._most_sentences)
        async with aclosing(self._mind.reply(turn)) as parts:
            try:
                async for part in parts:
                    if isinstance(part, Action) and (text := guard.rest()):
                        yield Part(text)
                    if guard.claim:
                        break
                    if isinstance(part, Action) or turn.receipts:
                        yield part
                    elif text := guard(part.text):
                        yield Part(text)
                    if guard.claim or guard.enough:
                        break
            except MindError:
                if text := guard.rest():
                    yield Part(text)
                raise
        if text := guard.rest():
            yield Part(text)
        if guard.claim:
            words_log.debug("not said: %s", guard.withheld)
            log.info("turn %s: the model claimed what was not done (%s); it was not said", turn.id, guard.claim)
            if text := self._instead(turn, guard):
                yield Part(text)

    def _instead(self, turn: Turn, guard: "Guard") -> str:
        """What is said in place of a claim; in place of an answer, what the memory is likely to answer with."""
        answers = asks(turn.words) and not guard.given and guard.claim != "prompt"
        if guard.denial and not guard.given and states(turn.words):
            return say("honesty.told")
        if guard.denial and answers and any(one.score >= LIKELY for one in used(turn)):
            return not_known(turn, self._now())
        return guard.denial

    def _kinds(self, text: str) -> Mapping[str, float]:
        """How likely each kind of what nobody here can do is wanted. Blocks some milliseconds."""
        shares = self._beyond(plain(text)) if self._beyond else {}
        return {kind[len(BEYOND) :]: share for kind, share in shares.items() if kind.startswith(BEYOND)}


def _declined(turn: Turn, judge: Judge, likely: Mapping[str, float]) -> str:
    """What is said to a request that only hands or eyes could fulfil; "" to any other."""
    kind = max(likely, key=likely.__getitem__, default="")
    if kind and likely[kind] < SURE:
        kind = ""
    if kind in KNOWABLE and any(one.score >= LIKELY and not one.left_out for one in turn.recalled):
        kind = ""
    if states(turn.words) and not pattern("en", "tenses", "wishes").search(turn.words.lower()):
        kind = ""  # what is only told wants nothing
    if judge.wants_hands and kind in ("", *KNOWABLE):
        kind = "do"
    if kind and turn.unused:
        return turn.unused
    return say(f"{BEYOND}{kind}") if kind else ""


def _in_words(memory: Recalled, now: datetime) -> str:
    """A memory with its day and where it is from: an appointment's own words do not tell when it is."""
    day = said_date(memory.at.astimezone(now.tzinfo)) if memory.at else ""
    return f"{day} {memory.source} {memory.author} {memory.text}"


class Guard:
    """Takes a reply piece by piece, and gives what may be said of it."""

    def __init__(self, judge: Judge, most_sentences: int = 0) -> None:
        """`most_sentences`: what comes after so many is left out; 0: nothing is."""
        self._judge = judge
        self._room = most_sentences or inf
        self._held = ""
        self._sentence = ""
        """What was given of the current sentence."""
        self.given = ""
        """What was given of the reply."""
        self.claim = ""
        """The kind of claim at which it ended."""
        self.withheld = ""
        """The claim."""

    def __call__(self, piece: str) -> str:
        self._held += piece
        return self._passed(final=False)

    def rest(self) -> str:
        """What was held back, at the end of the reply."""
        return self._passed(final=True)

    @property
    def enough(self) -> bool:
        """Whether no more may be said."""
        return self._room <= 0

    @property
    def denial(self) -> str:
        """What is said in place of the claim; nothing if the reply has owned to it already."""
        if self._judge.admits(self.given):
            return ""
        given = self.given.rstrip()
        space = "" if not given else " " if given.endswith(SENTENCE_ENDS) else " — "
        return (space.lstrip() if self.given[-1:].isspace() else space) + say(f"honesty.{self.claim}")

    def _passed(self, *, final: bool) -> str:
        given, end = "", 0
        while not self.claim and not self.enough and (cut := _CLAUSE.search(self._held, end)):
            end = cut.end()
            is_sentence = cut["sentence"] is not None or cut["line"] is not None
            if self._must_wait(self._held[:end], is_sentence):
                continue
            given, end = given + self._pass(end, is_sentence), 0
        if not self.claim and not self.enough and self._held:
            if final:
                given += self._pass(len(self._held), True)
            elif (safe := self._safe()) > 0:
                given += self._give(safe, False)
        self.given += given
        return given

    def _must_wait(self, text: str, is_sentence: bool) -> bool:
        """Whether a clause says too little by itself: "Sure," before a claim; or a quotation that goes on."""
        begins = not self._sentence.strip()
        if begins and text.lstrip().startswith(('"', "“")) and not is_sentence:
            return True
        if self._quotes() and not is_sentence:
            return True
        return begins and self._judge.invited and self._judge.is_interjection(text)

    def _pass(self, end: int, is_sentence: bool) -> str:
        """Gives the text up to `end`, unless it makes a claim."""
        self.claim = self._judge((self._sentence + self._held[:end]).strip())
        if self.claim:
            self.withheld, self._held = self._held[:end].strip(), ""
            return ""
        return self._give(end, is_sentence)

    def _give(self, end: int, is_sentence: bool) -> str:
        text, self._held = self._held[:end], self._held[end:]
        self._room -= is_sentence
        self._sentence = "" if is_sentence else self._sentence + text
        return text

    def _quotes(self) -> bool:
        return self._judge.quotes(self._sentence + self._held)

    def _safe(self) -> int:
        """How much of a clause that goes on may pass: nothing of it can become a claim."""
        if self._judge.invited or self._held.lstrip().startswith(('"', "“")) or self._quotes():
            return 0
        end = max(self._held.rfind(" "), 0)
        clause = (self._sentence + self._held[:end]).rsplit(", ", 1)[-1]
        enough = len(clause.split()) >= PATIENCE_WORDS
        return end if enough and not self._judge.is_risky(clause) else 0
