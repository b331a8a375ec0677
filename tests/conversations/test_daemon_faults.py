"""The daemon in trouble: no sound card, a lost one, broken settings, missing models, and signals at any moment."""

import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile

from tests.conversations.running import environment_of, start, told, wait

pytestmark = [pytest.mark.engines, pytest.mark.card]

RECORDINGS = Path(__file__).parents[1] / "audio" / "recordings"


def test_a_day_of_faults(home: Path, virtual_card: Any) -> None:
    """One daemon through all of it: each time it says so, and the next question is answered."""
    config, question = home / "config.toml", _question(home)
    good = config.read_text()
    virtual_card.kill()
    daemon, log = start(home, virtual_card, "run")
    try:
        wait(lambda: log().count("Trying again in") >= 2, daemon, 60)  # no sound card: said once a try, ever slower
        assert "Trying again in 1 s" in log()
        assert "Trying again in 2 s" in log()
        virtual_card.start()
        wait(lambda: "voiceos.daemon: ready" in log(), daemon, 30)
        (child,) = psutil.Process(daemon.pid).children()

        config.write_text(good[: len(good) // 2])  # half-written
        daemon.send_signal(signal.SIGHUP)
        wait(lambda: "The last valid ones stay in force" in log(), daemon, 20)
        assert child.is_running()
        config.write_text(good.replace('"alexa"', '"/nowhere/none.tflite"'))  # well-formed, but not there
        daemon.send_signal(signal.SIGHUP)
        wait(lambda: "Going back to the last valid ones" in log(), daemon, 60)
        wait(lambda: log().count("voiceos.daemon: ready") == 2, daemon, 30)

        speaking = subprocess.Popen(["paplay", "--device=vos_inject", str(question)], env=environment_of(virtual_card))
        wait(lambda: "woken by" in log(), daemon, 20)
        virtual_card.kill()  # in mid-utterance
        speaking.wait(10)
        wait(lambda: "went silent" in log(), daemon, 20)
        virtual_card.start()
        wait(lambda: "the sound card is back" in log(), daemon, 40)
        answered = log().count(": answered")
        virtual_card.say(question)
        wait(lambda: log().count(": answered") > answered, daemon, 60)

        wait(lambda: "date" in told(home, "turns", "export").lower(), daemon, 20)  # written once announced

        (child,) = psutil.Process(daemon.pid).children()
        daemon.kill()
        daemon.wait(10)
        psutil.wait_procs([child], timeout=2)
        assert not child.is_running()
    finally:
        daemon.kill()
        daemon.wait()
    _assert_store_is_whole(home)


@pytest.mark.parametrize("command", ["run", "talk"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_while_it_starts(home: Path, virtual_card: Any, command: str, number: signal.Signals) -> None:
    """The language model's process is gone within two seconds, and nothing is left half-written."""
    process, log = start(home, virtual_card, command)
    try:
        wait(lambda: bool(psutil.Process(process.pid).children()), process, 30)
        children = psutil.Process(process.pid).children()
        process.send_signal(number)
        process.wait(10)
        psutil.wait_procs(children, timeout=2)
        assert not any(child.is_running() for child in children)
        assert "Traceback" not in log()
    finally:
        process.kill()
        process.wait()


def _question(folder: Path) -> Path:
    sounds = [soundfile.read(RECORDINGS / f"{name}.flac", dtype="int16")[0] for name in ("alexa_2", "date")]
    path = folder / "question.wav"
    soundfile.write(path, np.concatenate(sounds), 16_000)
    return path


def _assert_store_is_whole(home: Path) -> None:
    stores = [path for path in (home / "state").rglob("*") if path.suffix in (".db", ".sqlite", ".sqlite3")]
    assert stores
    for store in stores:
        with sqlite3.connect(store) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    assert "date" in told(home, "turns", "export").lower()
