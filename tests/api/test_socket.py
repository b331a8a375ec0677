"""The door on the socket: who may come in, what is refused, and that both ways in say the same."""

import io
import json
import logging
import os
import socket
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import click
import pytest

from voiceos.api import server
from voiceos.api.client import Remote, failure, is_answered
from voiceos.api.hosting import opened
from voiceos.api.openapi import document
from voiceos.api.operations import OPERATIONS
from voiceos.api.routes import ROUTES
from voiceos.cli.chat import chat
from voiceos.config.settings import Config, StoreSettings
from voiceos.core import Notice, NoticeKind
from voiceos.errors import EngineError, UsageError
from voiceos.store.ownership import InUse

Served = Any


def raw(served: Served, request: bytes) -> tuple[int, dict[str, Any]]:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(served.socket))
        line.sendall(request)
        head, _, body = b"".join(iter(lambda: line.recv(65_536), b"")).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_only_its_user_may_knock(served: Served) -> None:
    assert stat.S_IMODE(served.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(served.socket.parent.stat().st_mode) == 0o700


def test_a_peer_of_another_user_is_turned_away(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = struct.pack("3i", 1, 54_321, 54_321)

    def peer(line: socket.socket) -> tuple[int, ...]:
        return struct.unpack("3i", stranger)

    monkeypatch.setattr(server, "peer_of", peer)
    with pytest.raises(EngineError):
        served.client.call("status")


def test_a_socket_that_nobody_answers_is_no_assistant(tmp_path: Path) -> None:
    assert not is_answered(tmp_path / "none.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead.sock"))
    assert not is_answered(tmp_path / "dead.sock")


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/v1/ask", b"{", "not JSON"),
        ("/v1/ask", b"[1]", "not a JSON object"),
        ("/v1/ask", b"{}", "text"),
        ("/v1/ask", b'{"text": ""}', "text"),
        ("/v1/ask", b'{"text": "hi", "colour": 1}', "colour"),
        ("/v1/turns/erase", b"{}", "Say what to erase"),
        ("/v1/memory/forget", b'{"ids": ["x"], "everything": true}', "Choose one thing"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_a_sentence(served: Served, path: str, body: bytes, told: str) -> None:
    status, answer = raw(served, post(path, body))
    assert status == 400
    assert told in answer["error"]["message"]
    assert answer["error"]["exit_code"] == 64


def test_a_request_beyond_all_measure_is_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LARGEST_BYTES", 10)
    assert raw(served, post("/v1/ask", b'{"text": "hello there"}'))[0] == 400


def test_who_sends_half_a_request_is_hung_up_on(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.1)
    whole = post("/v1/ask", b'{"text": "hello there"}')
    for half, told in ((whole[:20], b""), (whole[:-5], b"HTTP/1.1 400")):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(served.socket))
            line.sendall(half)
            assert line.recv(100).startswith(told)
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(served.socket))
        line.sendall(whole[:-5])
    served.client.call("status")
    assert not caplog.records


def test_connections_are_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 2)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(socket.socket(socket.AF_UNIX)).connect(str(served.socket))
        with pytest.raises(EngineError, match="stopped before it answered"):
            served.client.call("status")
    served.client.call("status")


def test_the_reply_comes_in_parts_and_then_the_turn(served: Served) -> None:
    *parts, last = served.client.stream("ask", text="hello there")
    assert not any(part["turn"] for part in parts)
    assert last["turn"]["said"] == "".join(part["text"] for part in parts).strip()
    assert last["turn"]["device"] == "keyboard"
    assert served.client.call("turns.list")[0]["id"] == last["turn"]["id"]


def test_a_failure_is_part_of_the_turn(served: Served) -> None:
    *_, last = served.client.stream("ask", text="fail.")
    assert last["turn"]["error"] == "It broke."
    assert last["turn"]["outcome"] == "failed"


def test_a_failed_typed_turn_is_told_once(
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"hello\nfail.\n")))
    chat(served.client, "Nova")
    assert capsys.readouterr().err == "It broke.\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"fail.\n")))
    with pytest.raises(click.exceptions.Exit) as caught:
        chat(served.client, "Nova")
    assert caught.value.exit_code == 69
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_typed_line_waits_for_no_model_that_it_does_not_need(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answered, client = threading.Event(), served.client
    stream = client.stream

    def call(name: str, /, **values: Any) -> None:
        assert name == "warm"
        answered.wait(10)  # loads as long as that

    monkeypatch.setattr(client, "call", call)

    def streamed(name: str, /, **values: Any) -> Generator[Any]:
        yield from stream(name, **values)
        if name == "ask":
            assert not answered.is_set()
            answered.set()

    monkeypatch.setattr(client, "stream", streamed)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"hello\n")))
    chat(client, "Nova")
    assert answered.is_set()
    assert capsys.readouterr().out


def test_a_cry_for_help_ends_the_answer_before_it(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, client = list[str](), served.client

    def streamed(name: str, /, **values: Any) -> Generator[Any]:
        if name == "ask":
            asked.append(values["text"])
            yield {"text": f"You said: {values['text']}", "turn": {"error": ""}}
            if values["text"] == "story.":
                threading.Event().wait(10)  # a long one

    monkeypatch.setattr(client, "stream", streamed)
    typed = b"story.\nhello\nhelp, there is a fire in the kitchen\nthanks\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed)))
    chat(client, "Nova")
    assert asked == ["story.", "help, there is a fire in the kitchen", "hello", "thanks"]
    assert capsys.readouterr().out.startswith("You said: story. …\nYou said: help")


def test_a_failure_reaches_the_client_as_what_it_was(served: Served) -> None:
    with pytest.raises(UsageError, match="No single turn"):
        served.client.call("turns.show", turn="nonsense")
    with pytest.raises(UsageError, match="understand the time"):
        served.client.call("memory.timeline", when="blue")


def test_what_is_asked_without_a_trace_leaves_none(served: Served) -> None:
    list(served.client.stream("ask", text="hello", keep=False))
    assert served.client.call("turns.list") == []


def test_it_remembers_forgets_and_says_how_much(served: Served) -> None:
    list(served.client.stream("ask", text="Remember that the spare key is under the red pot."))
    assert served.client.call("memory.search", text="spare key")
    foreseen = served.client.call("memory.forget", about="spare key")
    assert not foreseen["done"]
    assert served.client.call("memory.search", text="spare key")
    gone = served.client.call("memory.forget", about="spare key", confirmed=True)
    assert gone["done"]
    assert [gone["gone"][what] for what in ("records", "turns")] == [2, 1]
    assert [foreseen["gone"][what] for what in ("records", "turns")] == [2, 1]
    assert served.client.call("memory.search", text="spare key") == []


def test_files_are_taken_in_as_a_job_that_waits_while_somebody_speaks(served: Served) -> None:
    note = served.folder / "note.md"
    note.write_text("The boiler is in the cellar.\n")
    hearing = Notice(NoticeKind.STATE, 0.0, text="hearing")
    served.call(served.desk.host.happenings.notify, hearing)
    told: list[dict[str, Any]] = []
    adding = threading.Thread(target=lambda: told.extend(served.client.stream("memory.add", paths=[str(note)])))
    adding.start()
    while not (jobs := served.client.call("status")["jobs"]):
        pass
    assert jobs == ["adding files"]
    assert not told
    served.call(served.desk.host.happenings.notify, Notice(NoticeKind.STATE, 0.0, text="listening"))
    adding.join(20)
    assert told[-1]["result"]["report"]["new"] == 1
    assert served.client.call("status")["jobs"] == []


def test_a_list_of_one_is_a_list(served: Served) -> None:
    assert served.client.call("memory.facts", topic=["sister"]) == []
    assert served.client.call("memory.search", text="wärme " * 20_000) == []


def test_who_watches_is_told_what_happens(served: Served) -> None:
    events = served.client.stream("events")
    heard = threading.Thread(target=lambda: told.append(next(event for event in events if event["event"] == "turn")))
    told: list[dict[str, Any]] = []
    watchers = len(served.desk.host.happenings.observers)
    heard.start()
    while len(served.desk.host.happenings.observers) == watchers:
        pass
    list(served.client.stream("ask", text="hello"))
    heard.join(20)
    assert told[0]["turn"]["transcript"] == "hello"


def test_a_second_owner_is_told_who_has_it(served: Served) -> None:
    config = Config(store=StoreSettings(folder=served.folder))
    with pytest.raises(InUse, match="voiceos run"), opened(config, "voiceos talk", served.folder / "two.sock"):
        pass


def test_a_command_s_own_host_says_the_same_as_a_running_one(served: Served, tmp_path: Path) -> None:
    list(served.client.stream("ask", text="Remember that Ana's birthday is on 4 May."))
    assert served.client.call("turns.list")
    (tmp_path / "all.jsonl").write_text("".join(served.client.stream("memory.export")))
    other = tmp_path / "other"
    with opened(Config(store=StoreSettings(folder=other)), "voiceos memory import", other / "s.sock") as own:
        assert own.call("memory.import", path=str(tmp_path / "all.jsonl"))["record"] == 2
        for name, values in (("memory.search", {"text": "Ana's birthday"}), ("memory.verify", {})):
            assert own.call(name, **values) == served.client.call(name, **values), name


def test_the_socket_of_a_command_that_was_killed_is_tidied_away(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    dead, alive = tmp_path / f"command-{gone.pid}", tmp_path / f"command-{os.getppid()}"
    for path in (dead, alive):
        path.touch()
    with opened(Config(store=StoreSettings(folder=tmp_path)), "voiceos memory stats", tmp_path / "s.sock"):
        assert not dead.exists()
        assert alive.exists()


@pytest.mark.parametrize("long", [True, False])
def test_a_command_that_takes_long_answers_others(tmp_path: Path, *, long: bool) -> None:
    config, path = Config(store=StoreSettings(folder=tmp_path)), tmp_path / "s.sock"
    with opened(config, "voiceos talk --text", path, upkeep=long):
        assert path.exists() is long
        if long:
            assert Remote(path).call("status")["state"]
    assert not path.exists()


def test_a_failure_of_a_deeper_kind_keeps_its_exit_code() -> None:
    told = server.told(InUse("It is in use."))
    assert (told["type"], told["exit_code"], failure(told).exit_code) == ("StoreError", 74, 74)


def test_every_route_has_an_operation_and_is_documented() -> None:
    assert set(OPERATIONS) == set(ROUTES)
    assert all(one.about for one in OPERATIONS.values())
    assert set(document()["paths"]) == {route.path for route in ROUTES.values()}


def test_a_client_imports_nothing_heavy(served: Served) -> None:
    heavy = ("pydantic", "starlette", "uvicorn", "numpy", "anyio", "rich", "openai", "asyncio")
    script = (
        f"import sys; from voiceos.cli import main; code = main(['--set', 'store.folder={served.folder}', 'status']);"
        f"print(code, *[name for name in {heavy} if name in sys.modules])"
    )
    environment = os.environ | {"XDG_RUNTIME_DIR": str(served.folder)}
    from voiceos.api.where import socket_of

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(served.folder))
        patch.delenv("RUNTIME_DIRECTORY", raising=False)
        path = socket_of(served.folder)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(served.socket)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1].strip() == "0", done
    assert "voiceos run" in done.stdout


def test_the_docs_tell_of_every_operation() -> None:
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "api.md").read_text()
    assert all(f"| {name} | `{route.method} {route.path}` |" in page for name, route in ROUTES.items())
    assert json.loads((docs / "openapi.json").read_text()) == document(), (
        "run: python -m voiceos.api.openapi > docs/openapi.json"
    )


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_host_that_is_opened_again_answers_again(tmp_path: Path, open_desk: Any) -> None:
    for _ in range(3):
        async with open_desk(tmp_path) as desk, server.serving(desk, tmp_path / "run" / "voiceos.sock"):
            status = await anyio.to_thread.run_sync(Remote(tmp_path / "run" / "voiceos.sock").call, "status")
            assert status["command"] == "voiceos run"


@pytest.mark.parametrize("name", ["ask", "status"])
@pytest.mark.parametrize("told", [b"", b'data: {"te', b'data: {"text": "He"}\n\n'])
def test_an_assistant_that_dies_before_its_answer_is_whole(tmp_path: Path, name: str, told: bytes) -> None:
    def die() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65_536)
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + told)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.sock"))
        listener.listen()
        dying = threading.Thread(target=die)
        dying.start()
        client = Remote(tmp_path / "s.sock")
        with pytest.raises(EngineError, match="stopped before it answered") as caught:
            list(client.stream("ask", text="hello")) if name == "ask" else client.call(name)
        dying.join()
    assert caught.value.exit_code == 69


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_hanging_up_on_a_request_is_no_failure(
    tmp_path: Path, open_desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    begun = anyio.Event()

    async def warm() -> None:
        begun.set()
        await anyio.sleep_forever()

    async def ask() -> None:
        with pytest.raises(EngineError, match="stopped before it answered"):
            await anyio.to_thread.run_sync(Remote(tmp_path / "run" / "voiceos.sock").call, "warm")

    async with open_desk(tmp_path) as desk, anyio.create_task_group() as tasks:
        desk.host.warm = warm
        async with server.serving(desk, tmp_path / "run" / "voiceos.sock"):
            tasks.start_soon(ask)
            await begun.wait()
    assert not caplog.records
