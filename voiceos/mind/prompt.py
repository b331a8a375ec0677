"""The prompt: who the assistant is, what was said before, and the question, in an order that a model's cache likes.

All but the last message is the same, byte for byte, from one turn to the next, so that a server which keeps its cache
need only read what is new. So the date and time are in the last message only, and only where it needs them: a small
model takes what it is told for what it is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

from voiceos.core import Exchange, Turn
from voiceos.language.data import pattern, table
from voiceos.language.said_times import said_moment
from voiceos.memory.quoting import prompt_lines

CHARACTERS_PER_TOKEN = 3
"""Fewer than in any language that we expect: an estimate that errs on the safe side."""
CUT_OFF = "—"


class Message(TypedDict):
    """One message of a chat, as the API wants it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Persona:
    """Who speaks."""

    name: str = "Nova"
    character: str = "You are warm, direct and curious."
    can: Sequence[str] = ()
    """What the skills can do, a short line each."""


def build_messages(
    persona: Persona, turn: Turn, now: datetime, history_turns: int, longest_history_tokens: int = 2_000
) -> list[Message]:
    """The messages for `turn`: at most `history_turns` of its history, no longer than about so many tokens."""
    question = turn.words.strip()
    memories = prompt_lines([memory for memory in turn.recalled if not memory.left_out], now)
    texts = [_told("result", text=text) for text in turn.results]
    brought = "\n".join([*texts, *(_told("prompt", where=one.where, text=one.text) for one in turn.brought)])
    if memories or brought or not question or pattern("en", "prompt", "needs_moment").search(question):
        moment = _told("moment", moment=said_moment(now))
        question = "\n".join(filter(None, [moment, memories, brought, question]))
    return [
        *stable_prefix(persona, turn.history, history_turns, longest_history_tokens),
        Message(role="user", content=question),
    ]


def taught(name: str) -> list[Message]:
    """A task of its own, the same in every prompt: the rule and the examples in the data under `name`."""
    told = table("en", "prompt")[name]
    shown = [
        message
        for asked, answer in told["examples"]
        for message in (Message(role="user", content=asked), Message(role="assistant", content=answer))
    ]
    return [Message(role="system", content=told["system"].strip()), *shown]


def stable_prefix(
    persona: Persona, history: Sequence[Exchange], history_turns: int, longest_history_tokens: int = 2_000
) -> list[Message]:
    """All messages before the question."""
    can = _told("can", can=_told("and").join(persona.can)) if persona.can else ""
    system = _told("system", name=persona.name, character=persona.character, can=can)
    messages = [Message(role="system", content=system)]
    for exchange in remembered(history, history_turns, longest_history_tokens):
        user, heard = exchange.user.strip(), as_heard(exchange)
        # small models copy placeholders and refusals
        if user and heard and not pattern("en", "prompt", "refuses").fullmatch(heard.replace("’", "'")):
            messages += [Message(role="user", content=user), Message(role="assistant", content=heard)]
    return messages


def as_heard(exchange: Exchange) -> str:
    """What was heard of a reply, marked where it was cut off."""
    heard = exchange.assistant.strip()
    return heard.rstrip(" ,;:-–—") + CUT_OFF if heard and exchange.interrupted else heard


def remembered(history: Sequence[Exchange], turns: int, longest_tokens: int) -> Sequence[Exchange]:
    """The last exchanges.

    When there are more than may stay, they go several at a time, not one by one: each time the oldest goes, the model
    must read everything after it again.
    """
    block = max(1, turns // 3)
    start = 0
    while len(history) - start > turns or tokens(history[start:]) > longest_tokens:
        start += block
    return history[start:]


def tokens(history: Sequence[Exchange]) -> int:
    """About how many tokens this takes, at most."""
    return sum((len(e.user) + len(e.assistant)) // CHARACTERS_PER_TOKEN + 16 for e in history)


def _told(key: str, **values: str) -> str:
    return str(table("en", "prompt")[key]).format(**values)
