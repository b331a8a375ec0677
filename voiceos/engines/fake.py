"""Engines that need no models: real classes that `voiceos talk --fake` and the tests use.

Their speech is a modem's: each 20 ms frame of sound carries one character of text, so that a fake recogniser hears
exactly what a fake voice said, cut exactly where the sound was cut.
"""

import struct
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass

import anyio

from voiceos.core import FRAME_BYTES, RATE, Frame, Part, Speech, Transcript, Turn, Wake

FRAMES_A_CHARACTER = 3
"""60 ms a character: about as fast as people speak."""
_MARK = 0x5EED
SILENCE = bytes(FRAME_BYTES)


def speak(text: str, pace: float = 1.0) -> list[bytes]:
    """Text as frames of sound."""
    frames: list[bytes] = []
    for index, character in enumerate(text):
        for step in range(round(FRAMES_A_CHARACTER / pace)):
            head = struct.pack("<HHHH", _MARK, ord(character) & 0xFFFF, index & 0xFFFF, step)
            frames.append(head + b"\x00\x20" * ((FRAME_BYTES - len(head)) // 2))
    return frames


def overhear(pcm: bytes) -> str:
    """The text that whole frames of such sound carry; anything else is silent."""
    text: list[str] = []
    last: tuple[int, int] | None = None
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        mark, code, index, step = struct.unpack_from("<HHHH", pcm, at)
        if mark != _MARK:
            if last and text and text[-1] != " ":
                text.append(" ")
            last = None
        elif (code, index) != last and step == 0:
            text.append(chr(code))
            last = (code, index)
    return "".join(text).strip()


def _is_marked(frame: Frame) -> bool:
    return frame.pcm[:2] == struct.pack("<H", _MARK)


class FakeVoiceActivity:
    """Never in doubt: sound that is not silence is speech, unless it is a noise."""

    def __call__(self, frame: Frame) -> float:
        return float(_is_marked(frame))

    def reset(self) -> None:
        pass


class FakeWakeWord:
    """Wakes when it has just heard one of its words."""

    def __init__(self, words: Sequence[str] = ("computer",)) -> None:
        self._words = words
        self._heard = ""

    def __call__(self, frame: Frame) -> Wake | None:
        self._heard = self._heard + overhear(frame.pcm).lower() if _is_marked(frame) else ""
        for word in self._words:
            if self._heard.endswith(word):
                self.reset()
                return Wake(word, 1.0)
        return None

    def reset(self) -> None:
        self._heard = ""


class FakeTurnEnd:
    """Judges a sentence complete when it ends with a full stop, a question mark or an exclamation mark."""

    def __init__(self, seconds: float = 0.04) -> None:
        self._seconds = seconds

    async def completeness(self, speech: Speech) -> float:
        await anyio.sleep(self._seconds)
        return 0.95 if overhear(speech.pcm).endswith((".", "?", "!")) else 0.05


@dataclass
class FakeSpeechToText:
    """Hears every word, after `seconds`."""

    seconds: float = 0.2
    failure: Exception | None = None
    name: str = "fake recognition"

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        await anyio.sleep(self.seconds)
        if self.failure:
            raise self.failure
        return Transcript(overhear(speech.pcm), "en")


def _echo(turn: Turn) -> str:
    return f"You said: {turn.words}"


@dataclass
class FakeMind:
    """Answers from a table of what it is asked, word by word."""

    answers: Mapping[str, str | Exception] | None = None
    first_token_seconds: float = 0.15
    token_seconds: float = 0.03
    otherwise: Callable[[Turn], str] = _echo
    name: str = "fake mind"

    async def reply(self, turn: Turn) -> AsyncGenerator[Part, None]:
        answer = (self.answers or {}).get(turn.transcript.text.lower() if turn.transcript else "")
        await anyio.sleep(self.first_token_seconds)
        if isinstance(answer, Exception):
            raise answer
        for word in (answer or self.otherwise(turn)).split(" "):
            yield Part(word + " ")
            await anyio.sleep(self.token_seconds)


@dataclass
class FakeTextToSpeech:
    """Speaks like a modem."""

    seconds: float = 0.08
    failure: Exception | None = None
    name: str = "fake voice"
    language: str = "en"

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[Frame, None]:
        await anyio.sleep(self.seconds)
        if self.failure:
            raise self.failure
        for pcm in speak(text, pace):
            yield Frame(pcm, rate=RATE)
        yield Frame(SILENCE, rate=RATE)
