"""`voiceos config`, as a person and as a script uses it."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voiceos.config.fields import settings

Run = Callable[..., Any]


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """An $EDITOR that writes the given texts, one each time that it is opened."""

    def use(*texts: str) -> None:
        for number, text in enumerate(texts):
            (tmp_path / f"text{number}").write_text(text)
        (tmp_path / "count").write_text("0")
        script = tmp_path / "editor"
        script.write_text(f'#!/bin/sh\ncd "{tmp_path}"\nn=$(cat count)\ncat "text$n" > "$1"\necho $((n+1)) > count\n')
        script.chmod(0o700)
        monkeypatch.setenv("EDITOR", str(script))
        monkeypatch.delenv("VISUAL", raising=False)

    return use


def test_list_shows_every_setting(run: Run) -> None:
    said = run("config", "list")
    assert said.code == 0
    for one in settings().values():
        assert f" {one.name} " in said.out


def test_list_for_scripts(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config.toml").write_text("[audio]\nvolume = 0.5\n")
    monkeypatch.setenv("VOICEOS_WAKE_MODE", "open")
    rows = {row["key"]: row for row in json.loads(run("config", "list", "--json").out)}
    assert set(rows) == set(settings())
    assert rows["audio.volume"] == {
        "key": "audio.volume",
        "kind": "number",
        "value": 0.5,
        "unit": "factor",
        "default": 1.0,
        "allowed": "a number from 0.0 to 2.0",
        "source": f"{home}/config.toml:2",
        "variable": "VOICEOS_AUDIO_VOLUME",
        "help": "Volume of everything that is spoken or played.",
    }
    assert rows["wake.mode"]["source"] == "VOICEOS_WAKE_MODE"


def test_list_names_the_line_of_the_file(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("[audio]\nvolume = 0.5\n")
    assert " config.toml:2 " in run("config", "list", "audio").out


def test_list_of_one_section(run: Run) -> None:
    assert "[audio]" in run("config", "list", "audio").out
    assert "[mind]" not in run("config", "list", "audio").out
    said = run("config", "list", "audoi")
    assert (said.code, said.err) == (64, "unknown section [audoi]; did you mean [audio]?\n")


@pytest.mark.parametrize(
    ("key", "text", "printed"),
    [
        ("audio.volume", "0.5", "0.5"),
        ("mind.name", "Ada Lovelace", "Ada Lovelace"),
        ("wake.words", "alexa, hey_jarvis", '["alexa", "hey_jarvis"]'),
        ("wake.thresholds", "alexa=0.4", "{alexa = 0.4}"),
        ("audio.earcons", "off", "false"),
        ("store.models", "/m", '"/m"'),
        ("memory.watch", "/tmp,/m", '["/tmp", "/m"]'),
    ],
)
def test_what_is_set_is_got(run: Run, key: str, text: str, printed: str) -> None:
    assert run("config", "set", key, text).code == 0
    assert run("config", "get", key).out == printed + "\n"
    assert run("config", "unset", key).code == 0
    assert run("config", "get", key).out != printed + "\n"


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (["audio.volume=0.5"], "audio.volume", 0.5),
        (["audio.volume", "=", "0.5"], "audio.volume", 0.5),
        (["mind.name=Ada", "Lovelace"], "mind.name", "Ada Lovelace"),
        (["mind.persona", "You", "are", "dry."], "mind.persona", "You are dry."),
        (["wake.thresholds", "alexa=0.4"], "wake.thresholds", {"alexa": 0.4}),
        (["wake.thresholds=alexa=0.4"], "wake.thresholds", {"alexa": 0.4}),
        (["audio.microphone", "-1"], "audio.microphone", "-1"),
        (["memory.watch=/tmp,/m"], "memory.watch", ["/tmp", "/m"]),
    ],
)
def test_however_it_is_set(run: Run, words: list[str], key: str, value: object) -> None:
    assert run("config", "set", *words).code == 0
    rows = {row["key"]: row["value"] for row in json.loads(run("config", "list", "--json").out)}
    assert rows[key] == value


def test_a_negative_number_is_a_value(run: Run) -> None:
    said = run("config", "set", "audio.volume", "-0.5")
    assert (said.code, "must be a number from 0.0 to 2.0" in said.err) == (78, True)
    assert run("config", "set", "audio.volume").code == 64


def test_a_section_can_be_got(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("[speech]\nspeed = 1.5\n")
    assert 'voice = "hibari-heart"\nspeed = 1.5\n' in run("config", "get", "speech").out
    assert json.loads(run("config", "get", "log", "--json").out)[0]["key"] == "log.level"


def test_one_wrong_key_does_not_stop_another(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("[audio]\nvolume = 9\nvolum = 1\nearcons = false\n[nope]\nx = 1\n")
    assert run("config", "get", "audio.earcons").out == "false\n"
    said = run("config", "get", "audio.volume")
    assert (said.code, said.out) == (78, "")
    assert ":2: audio.volume must be" in said.err
    said = run("config", "list")
    assert " earcons " in said.out
    assert len(said.err.splitlines()) == 3


def test_secrets_do_not_show(run: Run, typed: Run, home: Path) -> None:
    assert typed("config", "set", "mind.api_key", "-", keys="CANARY\n").code == 0
    assert 'api_key = "CANARY"' in (home / "config.toml").read_text()
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600
    for arguments in (["list"], ["list", "--json"], ["get", "mind.api_key"], ["set", "mind.api_key", "CANARY2"]):
        said = run("config", *arguments)
        assert "CANARY" not in said.out + said.err
        assert said.code == 0


@pytest.mark.parametrize("command", ["get", "unset"])
def test_did_you_mean(run: Run, command: str) -> None:
    said = run("config", command, "audio.volum")
    assert said.code == 78
    assert "did you mean 'audio.volume'?" in said.err
    assert run("config", "set", "audio.volum", "1").code == 78


def test_check_tells_all_mistakes(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("[audio]\nvolume = 7\nvolum = 1\n")
    said = run("config", "check")
    assert said.code == 78
    assert said.err.splitlines() == [
        f"{home}/config.toml:2: audio.volume must be a number from 0.0 to 2.0 (factor), not 7",
        f"{home}/config.toml:3: unknown setting 'audio.volum'; did you mean 'audio.volume'?",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("wake.words = ['hey_jarvs']", "did you mean 'hey_jarvis'?"),
        ("wake.words = ['whisper-base']", "wake.words names no wake model"),
        ("wake.words = []", "wake.words is empty"),
        ("wake.words = ['/no/such.tflite']", "a file that does not exist"),
        ("speech.voice = 'joe'", "speech.voice names no voice model"),
        ("recognition.language = 'xx'", "recognition.language must be one that whisper-base knows"),
        ("recognition.model = 'whisper'", "names no recognition model"),
        ("listen.turn_end_model = 'x'", "names no turn-end model"),
        ("mind.model = 'gpt'", "mind.model names no language model"),
        ("mind.model = '/no/such.gguf'", "mind.model names a file that does not exist"),
        ("mind.base_url = 'example.com/v1'", "`mind.base_url` must look like"),
        ("mind.base_url = 'http://127.0.0.1:99999/v1'", "`mind.base_url` must look like"),
        ("mind.base_url = 'http://127.0.0.1/v1'", "Set `mind.model`"),
        ("memory.key_file = '/no/key'", "memory.key_file"),
        ("memory.watch = ['/no/folder']", "memory.watch names a folder that does not exist"),
        ("store.models = 'data'", 'store.models must be an absolute path, not "data"'),
    ],
)
def test_check_finds_what_a_conversation_refuses(run: Run, home: Path, line: str, told: str) -> None:
    (home / "config.toml").write_text(line)
    said = run("config", "check")
    assert said.code == 78
    assert told in said.err
    if "watch" not in line:  # a disk may be plugged in later
        for command in [["talk", "--text"], ["ask", "why"]] if line.startswith(("mind", "memory")) else [["run"]]:
            said = run(*command)
            assert (said.code, told in said.err) == (78, True)


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("speech.voice", "joe", "speech.voice names no voice model"),
        ("speech.voice", "joe.onnx", "speech.voice must be an absolute path"),
        ("mind.base_url", "example.com/v1", "`mind.base_url` must look like"),
        ("memory.key_file", "/no/key", "Cannot read the file /no/key"),
        ("locale.country", "zz", "locale.country must be a two-letter code such as 'GB', not 'zz'"),
        ("store.folder", __file__, "store.folder names a file, not a folder"),
        ("engines.mind", "chatt", "did you mean 'chat'?"),
        ("store.folder", "data", 'store.folder must be an absolute path, not "data"'),
        ("memory.watch", "/tmp,Notes", "memory.watch must be a list of absolute paths"),
    ],
)
def test_what_cannot_work_is_not_set(run: Run, home: Path, key: str, text: str, told: str) -> None:
    said = run("config", "set", key, text)
    assert (said.code, told in said.err, said.err.count("\n")) == (78, True, 1)
    assert not (home / "config.toml").exists()


def test_what_may_come_later_is_set(run: Run) -> None:
    said = run("config", "set", "memory.watch", "/media/disk")
    assert (said.code, "a folder that does not exist: /media/disk" in said.err) == (0, True)
    assert run("config", "set", "mind.model", "smollm2-135m-instruct-q4_1").code == 0  # not downloaded


def test_an_endpoint_is_set_step_by_step(run: Run, home: Path) -> None:
    said = run("config", "set", "mind.base_url", "http://127.0.0.1/v1")
    assert (said.code, "Set `mind.model`" in said.err) == (0, True)
    said = run("config", "set", "mind.model", "llama")
    assert (said.code, said.err.count("\n")) == (0, 1)
    bad = home / "key"
    bad.write_text("two words")
    bad.chmod(0o600)
    assert run("config", "set", "mind.api_key_file", str(bad)).code == 78
    assert run("config", "check").code == 0
    said = run("config", "unset", "mind.model")
    assert (said.code, "Set `mind.model`" in said.err) == (0, True)


def test_a_model_that_nobody_knows_is_one_mistake(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("[recognition]\nmodel = 'nope'\nlanguage = 'xx'\n")
    assert run("config", "check").err.count("\n") == 1


def test_check_of_what_is_right(run: Run, home: Path) -> None:
    assert "every setting has its default" in run("config", "check").out
    (home / "config.toml").write_text("[audio]\nvolume = 1\n")
    assert run("config", "check").out == f"The settings are valid: {home}/config.toml.\n"


def test_path(run: Run, home: Path) -> None:
    assert run("config", "path").out == f"{home}/config.toml\n"
    assert run("--config", "/x.toml", "config", "path").out == "/x.toml\n"


def test_edit_saves_what_is_right(typed: Run, editor: Run, home: Path) -> None:
    editor("[audio]\nvolume = 0.25\n")
    assert typed("config", "edit").code == 0
    assert (home / "config.toml").read_text() == "[audio]\nvolume = 0.25\n"


def test_edit_goes_back_at_a_mistake(typed: Run, editor: Run, home: Path) -> None:
    editor("[audio]\nvolume = 9\n", "[audio]\nvolume = 1\n")
    said = typed("config", "edit", keys="y\n")
    assert ":2: audio.volume must be" in said.err
    assert (home / "config.toml").read_text() == "[audio]\nvolume = 1\n"


def test_edit_goes_back_at_what_cannot_work(typed: Run, editor: Run, home: Path) -> None:
    editor("[speech]\nvoice = 'joe'\n", "[memory]\nwatch = ['/media/disk']\n")
    said = typed("config", "edit", keys="y\n")
    assert ":2: speech.voice names no voice model" in said.err
    assert (home / "config.toml").read_text() == "[memory]\nwatch = ['/media/disk']\n"


def test_edit_given_up_leaves_the_file(typed: Run, editor: Run, home: Path) -> None:
    (home / "config.toml").write_text("# mine\n")
    editor("[audio\n")
    assert typed("config", "edit", keys="n\n").code != 0
    assert (home / "config.toml").read_text() == "# mine\n"


def test_edit_without_a_change_writes_nothing(typed: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.delenv("VISUAL", raising=False)
    assert "Nothing changed" in typed("config", "edit").err
    assert not (home / "config.toml").exists()
