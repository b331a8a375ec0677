"""The prompt: who the assistant is, what was said before, and the question, in an order that a model's cache likes.

All but the last message is the same, byte for byte, from one turn to the next, so that a server which keeps its cache
need only read what is new. So the date and time are in the last message only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

from voiceos.core import Exchange, Turn
from voiceos.language.said_times import said_moment
from voiceos.mind.quoting import prompt_lines

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


STYLE = """\
You are {name}, a voice assistant. {character}
Your words are spoken aloud, so answer in one or two short plain sentences, without lists, symbols or links. Answer \
any question from what you know; if you don't know, say so.
You can only talk. You have no timers, alarms, reminders, lists, music, lights, devices, messages, weather or news, so \
when asked for one of them, apologise: you can't do that yet.
The date and time in brackets are for questions about them only.
Examples:
"How are you?" "I'm well, thank you!"
"Set an alarm for seven." "Sorry, I can't set alarms yet."
"How high is Mount Everest?" "It's about eight thousand eight hundred and fifty metres high."
"Turn off the lamp." "Sorry, I can't control lamps yet."
"Do fish sleep?" "Yes, most of them rest for a while each day."
"Why is grass green?" "Because of chlorophyll, which reflects green light."
"Will it be sunny?" "Sorry, I can't tell the weather yet."
"""
"""Small models follow the examples more than the rules, and at a temperature above 0.3 neither.

The answers begin with a short word or phrase where people's do, too: it is spoken while the rest is being thought of.
"""


def build_messages(
    persona: Persona, turn: Turn, now: datetime, history_turns: int, longest_history_tokens: int = 2_000
) -> list[Message]:
    """The messages for `turn`: at most `history_turns` of its history, no longer than about so many tokens."""
    question = turn.words
    memories = prompt_lines([memory for memory in turn.recalled if not memory.left_out], now)
    return [
        *stable_prefix(persona, turn.history, history_turns, longest_history_tokens),
        Message(role="user", content=timed(f"{memories}\n{question}" if memories else question, now)),
    ]


def stable_prefix(
    persona: Persona, history: Sequence[Exchange], history_turns: int, longest_history_tokens: int = 2_000
) -> list[Message]:
    """All messages before the question."""
    messages = [Message(role="system", content=STYLE.format(name=persona.name, character=persona.character))]
    for exchange in remembered(history, history_turns, longest_history_tokens):
        user, heard = exchange.user.strip(), as_heard(exchange)
        if user and heard:  # unanswered questions are left out, because small models copy placeholders
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


def timed(question: str, now: datetime) -> str:
    """The question, after the date and time: before it, so that they too can be read before it is known."""
    return f"[It is {said_moment(now)}.]\n{question.strip()}"
