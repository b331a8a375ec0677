"""Spoken conversations from the command line: what ends them, and how."""

import os
from pathlib import Path
from typing import Any

import anyio
import pytest

from voiceos.cli.live import LiveView
from voiceos.cli.session import check_heard, press_on_enter
from voiceos.config.settings import Config, WakeSettings
from voiceos.core import Notice, NoticeKind, Turn
from voiceos.errors import RecordingError


class Button:
    def __init__(self) -> None:
        self.presses = 0
        self.pressed = anyio.Event()

    def press(self) -> None:
        self.presses += 1
        self.pressed.set()


def test_a_recording_in_which_nobody_calls_is_told() -> None:
    view, source = LiveView("Nova"), Path("room.wav")
    with pytest.raises(
        RecordingError, match=r"room\.wav does not contain the wake word\. To wake it, say “hey jarvis” or"
    ):
        check_heard(view, Config(), source)
    with pytest.raises(RecordingError, match="nothing to answer"):
        check_heard(view, Config(wake=WakeSettings(mode="open")), source)
    view(Notice(NoticeKind.WAKE, 0.0, text="hey_jarvis"))
    with pytest.raises(RecordingError, match="nothing to answer"):
        check_heard(view, Config(), source)
    view(Notice(NoticeKind.TURN, 0.0, turn=Turn("t", "c")))
    check_heard(view, Config(), source)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_enter_presses_the_button_and_an_end_waits_for_no_key() -> None:
    reading, typing = os.pipe()
    button: Any = Button()
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(press_on_enter, button, reading)
            os.write(typing, b"\n")
            await button.pressed.wait()
            tasks.cancel_scope.cancel()
    assert button.presses == 1
    os.write(typing, b"\n")
    assert os.read(reading, 9) == b"\n"


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_file_for_a_keyboard_presses_nothing(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("\n")
    button: Any = Button()
    with (tmp_path / "keys").open() as keys:
        await press_on_enter(button, keys.fileno())
    assert button.presses == 0


@pytest.mark.parametrize(("voice", "told"), [("off", "it has no microphone"), ("on", "Talk to it")])
def test_a_conversation_beside_a_running_assistant(
    run: Any, monkeypatch: pytest.MonkeyPatch, voice: str, told: str
) -> None:
    class Assistant:
        def call(self, name: str) -> dict[str, str]:
            return {"voice": voice}

    def running(state: object) -> Assistant:
        return Assistant()

    monkeypatch.setattr("voiceos.cli.talk.running", running)
    said = run("talk")
    assert said.code == 64
    assert said.err.startswith("voiceos is already running")
    assert told in said.err
    said = run("talk", "--wav", "/nowhere.wav")
    assert (said.code, said.err) == (65, "/nowhere.wav does not exist. Check the name.\n")


def test_what_a_running_assistant_does_not_heed_is_named(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def yes(path: Path) -> bool:
        return True

    monkeypatch.setattr("voiceos.cli.door.is_answered", yes)
    said = run("--set", f"store.folder={tmp_path}", "--set", "store.models=/m", "status")
    assert said.code == 64
    assert f"Leave out --set store.models=/m, but keep --set store.folder={tmp_path}." in said.err
