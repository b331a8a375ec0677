"""The command's frame: it starts fast, imports late, and turns every failure into one sentence."""

import json
import logging
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

from voiceos import cli
from voiceos.cli import COMMANDS, main, voiceos
from voiceos.cli.log_file import warnings_to
from voiceos.errors import DeviceError, MindError, StoreError

Run = Callable[..., Any]


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Makes `voiceos say` do something else."""

    def plug(body: Callable[[], object]) -> None:
        module = ModuleType("fake_say")
        module.__dict__["say"] = click.Command("say", callback=body)
        monkeypatch.setitem(sys.modules, "fake_say", module)
        monkeypatch.setattr(cli, "COMMANDS", {**COMMANDS, "say": ("fake_say:say", "x")})

    return plug


def fail(*errors: BaseException) -> Callable[[], None]:
    def body() -> None:
        raise errors[0] if len(errors) == 1 else BaseExceptionGroup("several", errors)

    return body


def test_help_names_every_command_and_imports_none() -> None:
    code = (
        "import sys; from voiceos.cli import main; main(['--help']);"
        "heavy = {'numpy', 'pydantic', 'rich', 'openai', 'asyncio', 'anyio', 'sqlite3'} & set(sys.modules);"
        "mine = [name for name in sys.modules if name.startswith('voiceos.cli.')];"
        "print(f'{heavy or None} {mine}', file=sys.stderr)"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stderr == "None []\n"
    for name, (_, line) in COMMANDS.items():
        assert f"  {name:<12} {line}"[:60] in made.stdout


def test_completing_a_command_imports_none() -> None:
    environment = os.environ | {"_VOICEOS_COMPLETE": "bash_complete", "COMP_WORDS": "voiceos t", "COMP_CWORD": "1"}
    code = "import sys; from voiceos.cli import main; main()"
    made = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, env=environment
    )
    assert made.stdout.split() == ["plain,talk", "plain,transcribe", "plain,tools", "plain,turns"]
    assert "voiceos.cli.talk" not in made.stderr


def test_completing_a_setting() -> None:
    words = {"COMP_WORDS": "voiceos config set mind.na", "COMP_CWORD": "3", "_VOICEOS_COMPLETE": "bash_complete"}
    code = "from voiceos.cli import main; main()"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | words)
    assert made.stdout.strip() == "plain,mind.name"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Run, shell: str) -> None:
    said = run("completion", shell)
    assert said.code == 0
    assert f"_VOICEOS_COMPLETE={shell}_complete" in said.out


def test_a_command_that_nobody_knows(run: Run) -> None:
    said = run("tlak")
    assert said.code == 64
    assert "Did you mean 'talk'?" in said.err


def test_a_wrong_option(run: Run) -> None:
    assert run("--nonsense").code == 64
    said = run("--set", "volume", "say")
    assert said.code == 64
    assert "is not key=value" in said.err


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("voiceos ")


@pytest.mark.parametrize(
    ("errors", "code", "told"),
    [
        ([DeviceError("No microphone.")], 69, "No microphone.\n"),
        ([StoreError("Full."), StoreError("Full.")], 74, "Full.\n"),
        ([MindError("Silent."), KeyboardInterrupt()], 130, ""),
        ([KeyboardInterrupt()], 130, "\n"),
        ([click.exceptions.Abort()], 130, ""),
        ([SystemExit(3)], 3, ""),
    ],
)
def test_known_failures(run: Run, plugged: Run, errors: list[BaseException], code: int, told: str) -> None:
    plugged(fail(*errors))
    said = run("say")
    assert (said.code, said.err) == (code, told)


def test_an_unknown_failure_goes_to_the_log(run: Run, plugged: Run, home: Path) -> None:
    plugged(fail(MindError("Silent."), ZeroDivisionError("oh")))
    said = run("say")
    log = home / "data" / "voiceos.log"
    assert said.code == 70
    assert said.err == f"Something unexpected went wrong (ZeroDivisionError: oh). The details are in {log}.\n"
    assert "ZeroDivisionError: oh" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_traceback_in_the_log_of_a_command_goes_to_its_file(tmp_path: Path) -> None:
    code = (
        "import logging; from voiceos.cli import main; main(['config', 'path']);"
        "logging.getLogger('voiceos').error('It failed.', exc_info=ZeroDivisionError('oh'))"
    )
    environment = os.environ | {"HOME": str(tmp_path), "VOICEOS_STORE_FOLDER": str(tmp_path)}
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert made.stderr == f"ERROR voiceos: It failed.\nThe details are in {tmp_path / 'voiceos.log'}.\n"
    assert "ZeroDivisionError: oh" in (tmp_path / "voiceos.log").read_text()


def test_a_warning_does_not_stand_in_a_typed_conversation(tmp_path: Path) -> None:
    log, folder = logging.getLogger("voiceos.mind"), tmp_path / "data"
    with warnings_to(folder):
        log.info("Little.")
        assert not folder.exists()
        log.warning("Slow.")
    log.warning("Later.")
    assert (folder / "voiceos.log").read_text().endswith("WARNING Slow.\n")


def test_an_unknown_failure_with_broken_settings_and_nowhere_to_write(
    run: Run, plugged: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config.toml").write_text("broken")
    (home / "file").write_text("")
    monkeypatch.setenv("STATE_DIRECTORY", str(home / "file" / "below"))
    plugged(fail(ZeroDivisionError("oh")))
    said = run("say")
    assert said.code == 70
    assert said.err.startswith("Traceback")
    assert said.err.endswith("Something unexpected went wrong (ZeroDivisionError: oh).\n")


@pytest.mark.parametrize("arguments", [["config", "list", "--json"], ["config", "path"]])
def test_a_closed_pipe_is_quiet(arguments: list[str]) -> None:
    code = f"import sys; from voiceos.cli import main; sys.exit(main({arguments}))"
    made = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert made.stdout
    assert made.stderr
    made.stdout.close()
    assert made.stderr.read() == ""
    assert made.wait() == 1
    made.stderr.close()


def test_a_terminal_without_the_letters() -> None:
    code = "import sys; from voiceos.cli import main; sys.exit(main(['config', 'get', 'mind.name']))"
    environment = os.environ | {"PYTHONIOENCODING": "latin-1", "VOICEOS_MIND_NAME": "Łucja"}
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (made.stdout, made.returncode) == ("?ucja\n", 0)


def test_a_text_that_is_not_utf8_is_told(run: Run, home: Path) -> None:
    said = run("say", os.fsdecode(b"hi\xff"), "--out", str(home / "x.wav"))
    assert (said.code, said.err) == (64, "The text is not valid UTF-8.\n")


def test_a_settings_file_that_was_asked_for_must_be_there(run: Run, home: Path) -> None:
    said = run("--config", str(home / "typo.toml"), "config", "check")
    assert said.code == 78
    assert "typo.toml does not exist" in said.err


def test_overrides_reach_the_command(run: Run) -> None:
    said = run("--set", "audio.volume=0.5", "--set", "mind.persona=a=b", "config", "list", "--json")
    rows = {row["key"]: row for row in json.loads(said.out)}
    assert (rows["audio.volume"]["value"], rows["audio.volume"]["source"]) == (0.5, "command line")
    assert rows["mind.persona"]["value"] == "a=b"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_help_teaches_by_example(run: Run, name: str) -> None:
    said = run(name, "--help")
    assert said.code == 0
    assert f"voiceos {name}" in said.out


def test_main_leaves_logging_to_the_first(plugged: Run) -> None:
    plugged(lambda: None)
    before = list(logging.getLogger().handlers)
    assert main(["say"]) == 0
    assert [one for one in before if one not in logging.getLogger().handlers] == []


def test_every_example_is_of_a_command_that_there_is() -> None:
    text = (Path(cli.__file__).parent / "examples.toml").read_text(encoding="utf-8")
    context = click.Context(voiceos)
    for name in tomllib.loads(text):
        command: click.Command = voiceos
        for word in name.split()[1:]:
            assert isinstance(command, click.Group)
            found = command.get_command(context, word)
            assert found, name
            command = found


@pytest.mark.parametrize("command", ["status", "devices", "mute", "lists"])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--set", "foo.bar=1"], "--set: unknown setting 'foo.bar'"),
        (["--set", "audio.volume=loud"], "--set: audio.volume must be"),
        (["--config", "/nowhere"], "/nowhere does not exist."),
    ],
)
def test_no_command_passes_over_wrong_options_before_it(run: Run, command: str, options: list[str], told: str) -> None:
    said = run(*options, command)
    assert (said.out, said.code) == ("", 78)
    assert said.err.startswith(told)
