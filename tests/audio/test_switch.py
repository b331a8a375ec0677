"""The switch of the microphone closes it, and everything else goes on."""

import os
import subprocess
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from voiceos.audio.card import SoundCard
from voiceos.audio.switch import Switch

pytestmark = [pytest.mark.card, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_off_nothing_is_captured_and_frames_are_silent(virtual_card: Any) -> None:
    def captured() -> bool:
        """Whether the sound server knows of somebody who records."""
        command = ["pactl", "list", "short", "source-outputs"]
        found = subprocess.run(command, env=os.environ | virtual_card.environment, capture_output=True, check=True)
        return b"protocol-native" in found.stdout

    problems: list[str] = []
    switch = Switch()
    card = SoundCard("vos_mic", "vos_spk", switch=switch, on_problem=problems.append)
    async with card, aclosing(card.frames()) as frames:
        with anyio.fail_after(20):
            frame = await anext(frames)
            assert captured()
            switch.toggle()
            while captured():
                frame = await anext(frames)
            silent = [await anext(frames) for _ in range(5)]
            assert not captured()
            assert all(not any(frame.pcm) for frame in silent)
            assert silent[-1].at > silent[0].at
            switch.toggle()
            while not captured():
                frame = await anext(frames)
            assert frame.seconds == pytest.approx(0.02)
    assert problems == []
