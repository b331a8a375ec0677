"""What servers ask the owner within a call: told once nobody speaks, one at a time, answered by what is said next."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

import anyio

from voiceos.language.answers import yes_or_no
from voiceos.language.arithmetic import value
from voiceos.language.numerals import digits
from voiceos.language.sentences import say
from voiceos.tools.valid import Schema

ANSWER_SECONDS = 120.0
"""How long a question waits. Then the owner has not agreed."""
LONGEST_ANSWER = 30
"""Words."""
MOST_FIELDS = 5
CONFIRM: Schema = {"type": "boolean"}
"""A form that needs nothing is agreed to, or not."""


@dataclass(slots=True)
class _Waiting:
    """One question."""

    sentence: str
    about: Schema
    over: anyio.Event = field(default_factory=anyio.Event)
    answer: object = None


class Questions:
    """Puts servers' questions to the owner."""

    def __init__(self) -> None:
        self.on_ask: Callable[[str], bool] = _nobody
        """Says a sentence once nobody speaks; False where there is no voice that could."""
        self._one_at_a_time = anyio.Lock()
        self._waiting: _Waiting | None = None

    @property
    def sentence(self) -> str:
        """The question that waits; "" if none does."""
        return self._waiting.sentence if self._waiting else ""

    def takes(self, words: str) -> bool:
        """Whether this answers the question that waits, or declines it."""
        return self._waiting is not None and (_declines(words) or answer_in(words, self._waiting.about) is not None)

    async def answer(self, words: str) -> str:
        """Passes it on. Returns what is said to that."""
        if self._waiting is None:
            return ""
        one, self._waiting = self._waiting, None
        one.answer = answer_in(words, one.about)
        one.over.set()
        is_no = one.answer is None or one.answer is False
        return say("tools.not_passed_on" if is_no and one.about is CONFIRM else "tools.passed_on")

    async def ask(self, server: str, question: str, schema: Schema) -> Mapping[str, object] | None:
        """What the owner answers, by field; None where they do not, or the form is too long to be spoken."""
        wanted = [*needed(schema).items()]
        if len(wanted) > MOST_FIELDS:
            return None
        name = say("using.name", server=server.replace("_", " ").replace("-", " "))
        sentence = say("tools.asks", name=name, question=question)
        async with self._one_at_a_time:
            if not wanted:
                return {} if await self._answered(sentence, CONFIRM) is True else None
            found: dict[str, object] = {}
            for number, (key, about) in enumerate(wanted):
                what = str(about.get("title") or key.replace("_", " "))
                also = say("tools.asks_for", what=what)
                found[key] = await self._answered(also if number else f"{sentence} {also}", about)
                if found[key] is None:
                    return None
            return found

    async def _answered(self, sentence: str, about: Schema) -> object:
        self._waiting = one = _Waiting(sentence, about)
        try:
            if not self.on_ask(sentence):
                return None
            with anyio.move_on_after(ANSWER_SECONDS):
                await one.over.wait()
        finally:
            if self._waiting is one:
                self._waiting = None
        return one.answer


def _nobody(sentence: str) -> bool:
    return False


def needed(schema: Schema) -> dict[str, Schema]:
    """The fields that have to be asked for: required, and without a default."""
    fields = cast(Mapping[str, Schema], schema.get("properties", {}))
    required = cast(list[str], schema.get("required", []))
    return {key: fields[key] for key in required if key in fields and "default" not in fields[key]}


def answer_in(words: str, about: Schema) -> object:
    """The value for a field in what was said; None where that is no answer to it."""
    said = words.strip().rstrip(".!?").strip()
    if options := _options(about):
        fitting = [one for name, one in options.items() if re.search(rf"\b{re.escape(name)}\b", said.lower())]
        return fitting[0] if len(fitting) == 1 else None
    match about.get("type"):
        case "boolean":
            return yes_or_no(words)
        case "integer" | "number":
            return _number(said, whole=about["type"] == "integer")
        case "string":
            return said if said and len(said.split()) <= LONGEST_ANSWER and not _declines(words) else None
        case _:
            return None


def _options(about: Schema) -> dict[str, object]:
    """The values that a field may have, by what they are called."""
    if "enum" in about:
        names = cast(list[object], about.get("enumNames", about["enum"]))
        return {str(name).lower(): one for name, one in zip(names, cast(list[object], about["enum"]), strict=False)}
    found = cast(list[Mapping[str, object]], about.get("oneOf", []))
    return {str(one.get("title", one["const"])).lower(): one["const"] for one in found if "const" in one}


def _number(said: str, *, whole: bool) -> int | float | None:
    found: Fraction | None = value(said)
    if found is None:
        several = re.findall(r"-?\d+(?:\.\d+)?", digits(said))
        found = Fraction(several[0]) if len(several) == 1 else None
    if found is None or (whole and found.denominator != 1):
        return None
    return int(found) if found.denominator == 1 else float(found)


def _declines(words: str) -> bool:
    return yes_or_no(words) is False
