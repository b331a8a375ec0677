"""The microphone is switched off from outside: everybody is told, and a crash does not open it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from voiceos.api import muting
from voiceos.api.conversing import status
from voiceos.api.desk import Desk
from voiceos.api.diagnosing import doctor
from voiceos.audio.switch import Switch
from voiceos.config.settings import Config
from voiceos.core import Transcript, Turn
from voiceos.errors import DeviceError
from voiceos.skills import itself
from voiceos.skills.skill import Asked, Workshop

pytestmark = pytest.mark.anyio


async def test_it_is_said_aloud_and_in_every_report(
    open_desk: Callable[[Path], AbstractAsyncContextManager[Desk]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []

    async def speak(desk: Desk, text: str) -> None:
        spoken.append(text)

    monkeypatch.setattr(muting, "speak", speak)
    async with open_desk(tmp_path) as desk:
        with pytest.raises(DeviceError, match="no microphone"):
            await muting.mute(desk)
        desk.host.switch = Switch()
        assistant: Any = object()
        desk.assistant = assistant
        await muting.mute(desk)
        await muting.mute(desk)
        assert not desk.host.switch.is_on
        assert (await status(desk)).muted
        assert [one.text for one in await doctor(desk) if "voiceos unmute" in one.text]
        with pytest.raises(DeviceError, match="voiceos unmute"):
            desk.press()
        await muting.unmute(desk)
        assert not (await status(desk)).muted
        desk.assistant = None
    assert spoken == ["My microphone is off.", "I'm listening again."]


async def test_a_crash_does_not_open_it(tmp_path: Path) -> None:
    note = tmp_path / "run" / "voiceos.muted"
    switch = Switch(note)
    assert switch.turn(on=False)
    assert not switch.turn(on=False)
    again = Switch(note)
    assert not again.is_on
    again.toggle()
    assert again.is_on
    assert Switch(note).is_on
    (tmp_path / "file").touch()
    assert Switch(tmp_path / "file" / "note").turn(on=False), "a note that cannot be made leaves it on"


async def test_by_voice_it_says_how_it_is_opened_again() -> None:
    workshop = Workshop(Config(), switch=(switch := Switch()))
    intents = {one.name: one for one in itself.make(workshop).intents}

    async def said(name: str) -> Any:
        turn = Turn("t", "c", transcript=Transcript(name))
        return await intents[name].handle(Asked(name, name, datetime.now().astimezone(), turn))

    off = await said("itself.mute")
    assert off.text == "My microphone is off. To switch it on again, type: voiceos unmute."
    assert not switch.is_on
    assert await off.undo() == "I'm listening again."
    assert switch.is_on
    assert not (await said("itself.unmute")).done, "it was on"
