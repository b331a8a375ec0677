"""An endpoint that misbehaves, through a whole spoken conversation: what was good is heard, then an honest sentence."""

import asyncio
import json
import os
import selectors
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest

from voiceos.audio.scripted import Line, ScriptedAudio
from voiceos.config.settings import ListenSettings, MindSettings
from voiceos.core import Exchange, Notice, NoticeKind, Outcome, Turn
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.converse import Dialogue
from voiceos.dialogue.equipment import Equipment
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import (
    FakeSpeechToText,
    FakeTextToSpeech,
    FakeTurnEnd,
    FakeVoiceActivity,
    overhear,
    speak,
)
from voiceos.engines.llama import Endpoint
from voiceos.listen.ears import Ears
from voiceos.mind.chat_mind import ChatMind

pytestmark = pytest.mark.anyio

HURRY = 16 if os.getloadavg()[0] < 2 * (os.cpu_count() or 1) else 4
"""A busy machine needs more of its own time to answer before patience ends."""
Behaviour = Callable[[Any], Awaitable[None]]


class HurriedSelector(selectors.DefaultSelector):
    """Waits for a part of the time that it is asked to wait."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / HURRY if timeout else timeout)


class HurriedLoop(asyncio.SelectorEventLoop):
    """Its seconds are a part of real ones: the sockets are real, and nobody waits for people to speak."""

    def __init__(self) -> None:
        super().__init__(HurriedSelector())

    def time(self) -> float:
        return time.monotonic() * HURRY


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": HurriedLoop}


@dataclass
class Conversed:
    """What came of two questions: the first met the fault, the second did not."""

    first: Turn
    second: Turn
    sounded: str
    problems: list[str]
    history: Sequence[Exchange]


async def converse(
    endpoint: Endpoint, *, seconds: float = 20.0, again: float = 15.0, patience: float = 30.0
) -> Conversed:
    """Asks "what is new?" at 1 s and "how are you?" at `again`; only the mind is real."""
    settings = MindSettings(model="test-model", first_token_seconds=patience, stall_seconds=3)
    notices: list[Notice] = []
    audio = ScriptedAudio([Line(1.0, speak("what is new?")), Line(again, speak("how are you?"))], seconds=seconds)
    conversation = Conversation(lapse_seconds=300)

    async def chime(name: str) -> None:
        pass

    async def warm(history: Sequence[Exchange]) -> None:
        pass

    async with ChatMind(settings, endpoint, now=lambda: datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) as mind:

        def keep(turn: Turn) -> None:
            notices.append(Notice(NoticeKind.TURN, anyio.current_time(), turn=turn))

        equipment = Equipment(audio, FakeSpeechToText(), mind, FakeTextToSpeech(), notices.append, keep)
        ears = Ears(ListenSettings(), FakeVoiceActivity(), turn_end=FakeTurnEnd())
        manners = Manners(always_open=True)
        with anyio.fail_after(seconds + 60):
            await Dialogue(ears, equipment, conversation, manners, chime=chime, warm=warm).run()
        history = conversation.history(anyio.current_time())
    first, second = [n.turn for n in notices if n.kind is NoticeKind.TURN and n.turn]
    problems = [n.text for n in notices if n.kind is NoticeKind.PROBLEM]
    sounded = overhear(b"".join(pcm for _, pcm in audio.sounded)).replace(",", "")
    return Conversed(first, second, sounded, problems, history)


async def hang(talk: Any) -> None:
    await asyncio.Event().wait()


async def stall(talk: Any) -> None:
    await talk.head()
    await talk.say("Paris is old. ", "Rome is")
    await asyncio.Event().wait()


async def cut(talk: Any) -> None:
    await talk.head()
    await talk.say("Paris is old. ", "Rome is")


async def rubbish(talk: Any) -> None:
    await talk.head()
    await talk.say("Paris is old. ")
    await talk.data("{not json")


async def page(talk: Any) -> None:
    await talk.head(kind="text/html")
    talk.writer.write(b"<html>Welcome to the hotel</html>")


async def empty(talk: Any) -> None:
    await talk.head()
    await talk.finish()


async def well(talk: Any) -> None:
    await talk.well("All ", "is well.")


def fails(status: str) -> Behaviour:
    return lambda talk: talk.error(status, "broken", retry_after="0")


FAULTS: dict[str, tuple[Behaviour, str, str]] = {
    "hangs": (hang, "", "My language model is taking too long right now. Please ask me again."),
    "stalls": (stall, "Paris is old. Rome is", "Sorry I lost the rest of that."),
    "cuts the stream": (cut, "Paris is old. Rome is", "Sorry I lost the rest of that."),
    "sends rubbish": (rubbish, "Paris is old.", "Sorry I lost the rest of that."),
    "answers with a page": (page, "", "My language model gave me an answer I can't use."),
    "says nothing": (empty, "", "Sorry I don't have an answer to that. Try asking another way."),
    "401": (fails("401 Unauthorized"), "", "My language model rejected my key."),
    "429": (
        fails("429 Too Many Requests"),
        "",
        "My language model is too busy right now. Please try again in a moment.",
    ),
    "500": (fails("500 Internal Server Error"), "", "My language model isn't answering right now."),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_was_good_is_heard_then_an_honest_sentence_and_the_next_turn_works(server: Any, fault: str) -> None:
    behaviour, good, honest = FAULTS[fault]
    retried = [behaviour] if fault in ("429", "500") else []
    server.will(behaviour, *retried, well)
    limits = {"patience": 12.0, "again": 28.0, "seconds": 34.0} if fault == "hangs" else {}
    came = await converse(server.endpoint(), **limits)
    assert came.sounded == f"{good} {honest} All is well.".strip()
    assert (came.first.outcome, came.second.outcome) == (Outcome.FAILED, Outcome.ANSWERED)
    assert came.first.error
    assert came.problems == [came.first.error]
    _well_formed(server.talks[-1].body["messages"])
    assert came.history[-1] == Exchange("how are you?", "All is well.")
    if good:
        assert came.history[0].user == "what is new?"
        assert came.history[0].assistant.startswith(good)


async def test_a_refused_connection() -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        gone = Endpoint(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "test-model", "key")
        came = await converse(gone)
    assert came.sounded == " ".join(["My language model isn't answering right now."] * 2)
    assert came.first.outcome is came.second.outcome is Outcome.FAILED


async def test_a_reply_that_runs_on_forever_can_be_spoken_over(server: Any) -> None:
    async def forever(talk: Any) -> None:
        await talk.head()
        number = 0
        while True:
            await talk.say(f"Number {(number := number + 1)} comes now. ")
            await asyncio.sleep(0.2)

    server.will(forever, well)
    came = await converse(server.endpoint(), again=10.0)
    assert (came.first.outcome, came.second.outcome) == (Outcome.INTERRUPTED, Outcome.ANSWERED)
    assert came.sounded.startswith("Number")
    assert came.sounded.endswith("All is well.")
    assert server.hang_up.is_set()
    assert came.history[0].interrupted
    _well_formed(server.talks[-1].body["messages"])


def _well_formed(messages: list[dict[str, str]]) -> None:
    """As every endpoint wants it: one system message, then user and assistant by turns, ending with the question."""
    assert [message["role"] for message in messages[:1]] == ["system"]
    roles = [message["role"] for message in messages[1:]]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
    assert all(message["content"].strip() for message in messages)
    assert json.dumps(messages)
