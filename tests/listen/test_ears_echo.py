"""Two renditions of the same sound: one tells whether somebody speaks, the other is what is recognised."""

from collections.abc import AsyncGenerator

import anyio
import pytest
from trio.testing import MockClock

from voiceos.config.settings import ListenSettings
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, Cut, Frame, Heard
from voiceos.engines.fake import FakeVoiceActivity, FakeWakeWord, overhear, speak
from voiceos.listen.ears import Ears

pytestmark = pytest.mark.anyio
SILENCE = bytes(FRAME_BYTES)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


async def hear(pairs: list[tuple[bytes, bytes | None]], *, awake: bool) -> list[Heard]:
    async def frames() -> AsyncGenerator[Frame, None]:
        for index, (pcm, without_echo) in enumerate(pairs):
            at = (index + 1) * FRAME_SECONDS
            await anyio.sleep_until(at)
            yield Frame(pcm, at, without_echo=without_echo)

    ears = Ears(ListenSettings(), FakeVoiceActivity(), wake_word=FakeWakeWord())
    if awake:
        ears.gate.open()
    out, heard = anyio.create_memory_object_stream[Heard](100)
    await ears.listen(frames(), out)
    async with heard:
        return [event async for event in heard]


async def test_an_echo_is_no_speech() -> None:
    assert await hear([(pcm, SILENCE) for pcm in speak("the time is ten")], awake=True) == []


async def test_the_gentle_rendition_is_what_is_recognised() -> None:
    said, distorted = speak("hello there"), speak("hxlxo xhxrx")
    quiet = [(SILENCE, SILENCE)] * 100
    heard = await hear([*quiet, *zip(said, distorted, strict=True), *quiet], awake=True)
    assert [event.cut for event in heard][:2] == [Cut.START, Cut.PAUSE]
    end = heard[-1].speech
    assert end is not None
    assert "hello there" in overhear(end.pcm)


async def test_the_wake_word_is_heard_in_the_gentle_rendition() -> None:
    quiet = [(SILENCE, SILENCE)] * 100
    heard = await hear([*quiet, *((pcm, SILENCE) for pcm in speak("computer")), *quiet], awake=False)
    assert heard[0].cut is Cut.WAKE
