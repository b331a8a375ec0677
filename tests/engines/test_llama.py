"""The local model's process: it is killed, stopped, orphaned and given rubbish, and a conversation goes on."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

from voiceos.config.settings import MindSettings
from voiceos.core import Transcript, Turn
from voiceos.engines import llama_process
from voiceos.engines.llama import LocalModel, Watch, suitable_threads
from voiceos.engines.llama_child import reason
from voiceos.errors import EngineError, MindError, ModelError
from voiceos.mind.chat_mind import ChatMind

pytestmark = pytest.mark.anyio

HASTY = Watch(every=0.2, answer=1.0, back_off=0.01)
PARENT = """
import anyio, sys
from pathlib import Path
from voiceos.engines.llama import LocalModel

async def main():
    async with LocalModel(Path(sys.argv[1]), context=512, threads=1) as model:
        print(model.pid, flush=True)
        await anyio.sleep_forever()

anyio.run(main, backend=sys.argv[2])
"""


@pytest.fixture(scope="session")
def smallest_model(models_shelf: Path) -> Path:
    models = sorted(models_shelf.rglob("*.gguf"), key=lambda file: file.stat().st_size)
    if not models:
        pytest.skip(f"no GGUF model in {models_shelf}")
    return models[0]


@pytest.fixture
def broken_model(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        file = tmp_path / "broken.gguf"
        file.write_bytes(content)
        return file

    return write


def ended(pid: int, seconds: float = 5.0) -> bool:
    """Whether the process is gone, or goes within so many seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


async def answer(
    mind: ChatMind, text: str = "What is the capital of France?", at_first_word: Callable[[], None] | None = None
) -> str:
    reply = ""
    turn = Turn("t", "c", transcript=Transcript(text))
    async with aclosing(mind.reply(turn)) as parts:
        async for part in parts:
            if at_first_word and not reply:
                at_first_word()
            reply += part.text
    return reply


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 a zip file", b"GGUF", b"GGUF" + bytes(range(256)) * 100],
    ids=["empty", "something else", "incomplete", "garbage"],
)
async def test_a_file_that_is_no_model(broken_model: Callable[[bytes], Path], content: bytes) -> None:
    with pytest.raises(ModelError, match=r"broken\.gguf"):
        async with LocalModel(broken_model(content)):
            pass


async def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        async with LocalModel(tmp_path / "none.gguf"):
            pass


async def test_a_child_that_is_not_ready_in_time(broken_model: Callable[[bytes], Path]) -> None:
    with pytest.raises(EngineError, match="not ready within"):
        async with LocalModel(broken_model(b"GGUF"), watch=Watch(ready=0.0)):
            pass


async def test_a_child_that_dies_while_it_starts(
    broken_model: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text("#!/bin/sh\necho 'No room: error 12' >&2\nexit 9\n")
    wrapper.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(wrapper))
    with pytest.raises(EngineError, match=r"ended with status 9 .* error 12"):
        async with LocalModel(broken_model(b"GGUF")):
            pass


async def test_it_must_be_started() -> None:
    with pytest.raises(EngineError, match="not been started"):
        await LocalModel(Path("model.gguf")).endpoint()


def test_threads_leave_room_for_hearing_and_speaking() -> None:
    assert [suitable_threads(cpus) for cpus in (1, 2, 3, 4, 8)] == [1, 1, 2, 3, 4]


def test_the_reason_is_the_last_error() -> None:
    from collections import deque

    lines = deque(["0.00.004 E srv    load_model: no such tensor", "0.00.005 I srv   cleaning up"])
    assert reason(lines) == "load_model: no such tensor"
    assert reason(deque()) == ""


@pytest.mark.parametrize("die_with_spawner", [True, False])
def test_the_child_ends_with_its_standard_input(die_with_spawner: bool) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", llama_process.__name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    orders = llama_process.Orders(
        model="/dev/null",
        name="none",
        context=512,
        threads=1,
        reading_threads=1,
        key="k",
        parent=os.getpid(),
        die_with_spawner=die_with_spawner,
    )
    output, _ = child.communicate(json.dumps(orders).encode() + b"\n", timeout=30)
    assert child.returncode in (0, llama_process.MODEL_REFUSED)
    assert output == b"" or "error" in json.loads(output)


@pytest.mark.engines
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_never_outlives_its_parent(smallest_model: Path, how: signal.Signals, backend: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(smallest_model), backend], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert not ended(child, 0.0)
        parent.send_signal(how)
        parent.wait(5)
        assert ended(child, 2.0)


@pytest.mark.engines
async def test_a_conversation_survives_the_death_of_its_model(smallest_model: Path) -> None:
    settings = MindSettings(temperature=0, max_tokens=400)
    async with (
        LocalModel(smallest_model, context=1024, watch=HASTY) as model,
        ChatMind(settings, model.endpoint) as mind,
    ):
        assert await mind.warm()
        assert await answer(mind)
        first = model.pid
        with pytest.raises(MindError, match="stopped in mid-reply"):
            await answer(mind, "Tell me a very long story.", lambda: os.kill(first, signal.SIGKILL))
        assert await answer(mind)
        assert model.pid not in (0, first)
        last = model.pid
    assert ended(last, 0.0)


@pytest.mark.engines
async def test_a_model_that_hangs_is_replaced(smallest_model: Path) -> None:
    async with LocalModel(smallest_model, context=512, watch=Watch(every=0.05, answer=0.2, back_off=0.01)) as model:
        first = model.pid
        old = await model.endpoint()
        os.kill(first, signal.SIGSTOP)
        with anyio.fail_after(30):
            new = await model.renewed(old)
        assert new.api_key != old.api_key
        assert ended(first, 0.0)


@pytest.mark.engines
async def test_stopping_takes_less_than_two_seconds_even_when_it_hangs(smallest_model: Path) -> None:
    async with LocalModel(smallest_model, context=512) as model:
        child = model.pid
        os.kill(child, signal.SIGSTOP)
        began = anyio.current_time()
    assert anyio.current_time() - began < 2
    assert ended(child, 0.0)


@pytest.mark.engines
async def test_what_fails_inside_is_raised_as_it_is(smallest_model: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with LocalModel(smallest_model, context=512):
            raise ZeroDivisionError


@pytest.mark.engines
async def test_the_key_is_needed_and_in_no_command_line(smallest_model: Path) -> None:
    import openai

    async with LocalModel(smallest_model, context=512) as model:
        endpoint = await model.endpoint()
        process = Path(f"/proc/{model.pid}")
        assert endpoint.api_key.encode() not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        assert endpoint.api_key not in repr(endpoint)
        async with openai.AsyncOpenAI(base_url=endpoint.base_url, api_key="wrong", max_retries=0) as client:
            with pytest.raises(openai.AuthenticationError):
                await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
