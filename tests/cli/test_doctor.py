"""`voiceos doctor`: it says what is wrong, never hangs, and never dies of what it finds."""

import http.server
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from voiceos.clock import local_time
from voiceos.config.settings import BackupSettings, Config, HomeSettings, MindSettings, StoreSettings
from voiceos.errors import DeviceError, StoreError
from voiceos.health import machine, parts
from voiceos.health.check import Check, Finding, Health, examined, found_by
from voiceos.health.every import every_check
from voiceos.health.machine import temperature

Run = Callable[..., Any]


def ok(name: str = "x", needed: bool = True) -> Check:
    def look(config: Config) -> Iterator[Finding]:
        yield Finding(name, Health.OK, "fine", needed)

    return Check(name, look, needed=needed)


def ill(error: Exception, needed: bool = True) -> Check:
    def look(config: Config) -> Iterator[Finding]:
        raise error
        yield

    return Check("ill", look, needed=needed)


@pytest.mark.parametrize(
    ("found", "code"), [([ok()], 0), ([ok(), ill(StoreError("Full."))], 1), ([ok(), ill(StoreError("Hot."), False)], 0)]
)
def test_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch, found: list[Check], code: int) -> None:
    def these(load: object) -> list[Check]:
        return found

    monkeypatch.setattr("voiceos.cli.doctor.every_check", these)
    assert run("doctor").code == code
    said = run("doctor", "--json")
    assert said.code == code
    assert json.loads(said.out)["able"] == (code == 0)


def test_without_sound_it_says_what_works_all_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(config: Config) -> Iterator[Finding]:
        yield Finding("speaker", Health.MISSING, "none")

    def these(load: object) -> list[Check]:
        return [ok(), Check("sound", silent)]

    monkeypatch.setattr("voiceos.cli.doctor.every_check", these)
    assert "voiceos talk --text" in run("doctor").out


def test_broken_settings_are_a_finding(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def first(load: Any) -> list[Check]:
        return every_check(load)[:2]

    (home / "config.toml").write_text("[audio]\nvolume = 9\n")
    monkeypatch.setattr("voiceos.cli.doctor.every_check", first)
    said = run("doctor")
    assert said.code == 1
    assert "broken  settings: " in said.out
    assert ":2: audio.volume must be" in said.out
    assert "ok      Python" in said.out


def test_settings_that_cannot_work_are_a_finding(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def first(load: Any) -> list[Check]:
        return every_check(load)[:1]

    monkeypatch.setattr("voiceos.cli.doctor.every_check", first)
    (home / "config.toml").write_text(f"[memory]\nwatch = ['{tmp_path}/disk']\n")
    said = run("doctor")
    assert said.code == 0
    assert f"a folder that does not exist: {tmp_path}/disk" in said.out
    (home / "config.toml").write_text("[speech]\nvoice = 'joe'\n")
    said = run("doctor")
    assert said.code == 1
    assert "speech.voice names no voice model: 'joe'" in said.out


def test_a_check_that_hangs_is_left_behind() -> None:
    release = threading.Event()

    def hang(config: Config) -> Iterator[Finding]:
        release.wait()
        yield Finding("slow", Health.OK, "")

    found = list(examined([Check("slow", hang, seconds=0.01), ok()], Config()))
    release.set()
    assert [one.health for one in found] == [Health.BROKEN, Health.OK]
    assert found[0].text == "no answer within 0.01 seconds"


def test_a_check_that_dies_is_a_finding() -> None:
    (found,) = found_by(ill(ZeroDivisionError("oh")), Config())
    assert (found.health, found.text) == (Health.BROKEN, "ZeroDivisionError: oh")


def test_missing_sound_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_device(kind: str, wanted: str) -> object:
        raise DeviceError(f"There is no {kind} here: plug one in.")

    monkeypatch.setattr("voiceos.audio.portaudio.find_device", find_device)
    found = found_by(Check("sound", machine.sound), Config())
    assert [(one.name, one.health) for one in found] == [("microphone", "missing"), ("speaker", "missing")]


def test_models_that_are_missing(tmp_path: Path) -> None:
    config = Config.model_validate(
        {"store": {"models": tmp_path}, "speech": {"voice": f"{tmp_path}/own.onnx"}, "mind": {"model": "/no.gguf"}}
    )
    found = {one.name: one for one in parts.models(config)}
    assert found["model whisper-base"].health is Health.MISSING
    assert "voiceos models pull whisper-base" in found["model whisper-base"].text
    assert (
        found["model own.onnx" if "model own.onnx" in found else f"model {tmp_path}/own.onnx"].health is Health.MISSING
    )
    assert found["model hey_jarvis"].health is Health.OK


def test_a_store_that_can_and_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(store=StoreSettings(folder=tmp_path / "new" / "data"))
    (found,) = parts.store(config)
    assert found.health is Health.OK
    assert list(tmp_path.iterdir()) == []

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (found,) = parts.store(config)
    assert found.health is Health.BROKEN
    assert "No space left on device" in found.text


def test_little_disk_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FREE_DISK_BYTES", 1 << 62)
    monkeypatch.setattr(machine, "FREE_MEMORY_BYTES", 1 << 62)
    assert [one.health for look in (machine.disk, machine.memory) for one in look(Config())] == ["broken", "broken"]


def test_a_pi_that_is_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "vcgencmd"
    command.write_text("#!/bin/sh\necho throttled=0x50005\n")
    command.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (found,) = machine.board(Config())
    assert "the voltage is too low, it is throttled" in found.text
    assert not found.needed


def test_limits_that_a_pi_does_not_know(tmp_path: Path) -> None:
    file = tmp_path / "cgroup.controllers"
    assert [*machine.limits(Config(), file)] == []
    for text, health in (("cpu io memory pids", Health.OK), ("cpu io pids", Health.BROKEN)):
        file.write_text(text)
        (found,) = machine.limits(Config(), file)
        assert found.health is health
    assert "cgroup_enable=memory" in found.text


@pytest.mark.parametrize(
    ("state", "url", "health"),
    [
        ("closed", "http://home.example:8123", Health.BROKEN),
        ("closed", "http://127.0.0.1:8123", Health.OK),
        ("open", "http://home.example:8123", None),
    ],
)
def test_a_network_that_systemd_keeps_closed(state: str, url: str, health: Health | None) -> None:
    config = Config(home=HomeSettings(url=url, token=SecretStr("t")))
    assert [one.health for one in parts.network(config, {"VOICEOS_NETWORK": state})] == ([health] if health else [])


@pytest.mark.parametrize(
    ("days", "told"), [(None, "There is no backup at"), (9, "The newest backup is 9 days old"), (1, "")]
)
def test_a_backup_that_is_late(tmp_path: Path, days: int | None, told: str) -> None:
    assert [*parts.backup(Config())] == []
    if days is not None:
        at = local_time() - timedelta(days=days, hours=1)
        (tmp_path / f"voiceos-abc123-{at:%Y%m%d-%H%M%S}.voiceos-backup").touch()
    (found,) = parts.backup(Config(backup=BackupSettings(folder=tmp_path)))
    assert (found.health, found.needed) == (Health.BROKEN if told else Health.OK, False)
    assert found.text.startswith(told)


def test_temperature(tmp_path: Path) -> None:
    (tmp_path / "temp").write_text("48312\n")
    assert temperature(tmp_path / "temp") == 48.312
    (tmp_path / "temp").write_text("\n")
    assert temperature(tmp_path / "temp") is None
    assert temperature(tmp_path / "none") is None


class Endpoint(http.server.BaseHTTPRequestHandler):
    """An endpoint that knows the model 'good', and one key."""

    def do_GET(self) -> None:
        right = self.headers["Authorization"] == "Bearer right"
        body = json.dumps({"object": "list", "data": [{"id": "good", "object": "model"}]}) if right else "{}"
        status = 404 if self.path.startswith("/none") else 200 if right else 401
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "model", "key", "health", "told"),
    [
        ("/v1", "good", "right", Health.OK, "good at http://127.0.0.1"),
        ("/v1", "other", "right", Health.BROKEN, "has no model 'other'. Set `mind.model` to one of good."),
        ("/v1", "good", "wrong", Health.BROKEN, "key"),
        ("/none", "good", "right", Health.OK, "good at"),
    ],
)
def test_the_endpoint(endpoint: str, path: str, model: str, key: str, health: Health, told: str) -> None:
    mind = MindSettings.model_validate({"base_url": endpoint + path, "model": model, "api_key": key})
    (found,) = found_by(Check("language model", parts.language_endpoint), Config(mind=mind))
    assert (found.health, told in found.text) == (health, True), found.text


def test_an_endpoint_that_is_not_there() -> None:
    mind = MindSettings(base_url="http://127.0.0.1:9/v1", model="x")
    (found,) = found_by(Check("language model", parts.language_endpoint), Config(mind=mind))
    assert found.health is Health.BROKEN
    assert "127.0.0.1:9" in found.text
