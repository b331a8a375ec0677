"""A real daemon on a virtual sound card, to which something is said before, during and after a fault.

What it acknowledged is held against it: it must be there afterwards, and nothing that it denied may be.
"""

import contextlib
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile

from tests.conversations.running import SMALL
from tests.faults.elsewhere import Elsewhere
from tests.faults.garden import Garden
from tests.faults.promises import Promises
from tests.faults.systemd import Disk, Systemd
from voiceos.api.client import Remote
from voiceos.api.where import socket_of
from voiceos.config import paths as config_paths
from voiceos.config.settings import StoreSettings
from voiceos.errors import VoiceosError
from voiceos.models.shelf import Shelf

RECORDINGS = Path(__file__).parents[1] / "audio" / "recordings"
STRANGE = Path(__file__).parents[1] / "tools" / "strange_server.py"
TURN = re.compile(r"turn (\w+): (\w+).*\n.*heard: (.*)\n.*said: (.*)")
START_SECONDS = 300.0
LONGEST_SECONDS = 600.0
TOOLS = ("hang", "echo", "leave")
"""Those of the garden."""
STATION = "http://192.0.2.1/station.mp3"
"""There is none, and nobody is asked where there is no network."""


class House:
    """Where the daemon lives."""

    def __init__(
        self,
        folder: Path,
        card: Any,
        models: Path,
        *,
        seed: int = 1,
        elsewhere: Elsewhere | None = None,
        is_cut_off: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`elsewhere`: its language model, instead of the small one here. `is_cut_off`: it has no network."""
        self.elsewhere = elsewhere
        self.folder, self.card, self.models = folder, card, folder / "models"
        self.shelf = models
        self.models.mkdir()
        for model in models.iterdir():
            (self.models / model.name).symlink_to(model)
        self.chance = random.Random(seed)
        self.disk = Disk(folder / "disk", is_cut_off=is_cut_off)
        self.config = folder / "config.toml"
        os.environ["XDG_RUNTIME_DIR"] = str(folder)
        self.client = Remote(socket_of(folder / "disk" / "state"))
        self.garden = Garden(self.client, folder / "tools.json")
        self.promises = Promises(self.client, self.ask, self.chance)
        self._write_settings()
        self.question = self.recorded("question", "alexa_2", "date")
        self.command = [
            *(self.disk.inside if self.disk.is_there else []),
            *(sys.executable, "-m", "voiceos", "--config", str(self.config), "run"),
        ]
        self.systemd = Systemd(self.command, os.environ | card.environment | dict(environment or {}), folder)
        self.good_settings = self.config.read_text()
        self.known: list[str] = []
        """What is wrong with the receipts, and must be."""
        self._read = 0

    @contextmanager
    def lived_in(self) -> Generator["House"]:
        """The daemon runs, and has learnt what it says when something is done."""
        try:
            with self.systemd:
                self.settle()
                self.promises.learn()
                self.until(self.garden.allow)
                yield self
        finally:
            self.disk.close()

    # What happens in it

    def begin_row(self) -> None:
        """A fault is to come; what was promised long before it has been held."""
        self.begin_log()
        self.promises.made = self.promises.made[-6:]
        self.systemd.restarts.clear()

    def begin_log(self) -> None:
        """`log_of_row` begins here."""
        self._read = len(self.log)

    @property
    def log_of_row(self) -> str:
        return self.log[self._read :]

    @property
    def log(self) -> str:
        return self.systemd.log_file.read_text(errors="replace")

    @property
    def daemon(self) -> psutil.Process:
        return psutil.Process(self.systemd.process.pid)

    def child(self, of: str) -> psutil.Process:
        """The daemon's child whose command line has these characters."""
        return self.until(
            lambda: next((one for one in self.daemon.children(recursive=True) if of in " ".join(one.cmdline())), None)
        )

    def until(self, there: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Another process is its own clock: asks again and again, for so long, or longer on a busy machine."""
        began = time.monotonic()
        while time.monotonic() - began < patient(seconds):
            with contextlib.suppress(psutil.Error, VoiceosError):
                if found := there():
                    return found
            time.sleep(0.03)
        raise AssertionError(f"it took longer than {seconds:.0f} s")

    def settle(self) -> None:
        """Waits until it listens, as it does by itself."""
        self.until(lambda: self.systemd.listening.is_set() or self.systemd.ended_for_good, START_SECONDS)
        assert not self.systemd.ended_for_good, self.log[-2000:]

    def state(self) -> str:
        return str(self.client.call("status")["state"])

    # What is said in it

    def ask(self, text: str, keep: bool = True, device: str = "keyboard") -> str | None:
        """The reply to what is typed; None if it broke off."""
        try:
            return "".join(event["text"] for event in self.client.stream("ask", text=text, keep=keep, device=device))
        except VoiceosError:
            return None

    def thinks(self) -> bool:
        """Whether the language model answers."""
        turn = self.turn(f"Tell me a joke about the number {self.chance.randrange(1000)}.", keep=False)
        return turn["outcome"] == "answered" and "xllamacpp" in turn["engines"]["mind"]

    def turn(self, text: str, keep: bool = True) -> Any:
        """The record of what came of a typed question."""
        return [*self.client.stream("ask", text=text, keep=keep)][-1]["turn"]

    @contextmanager
    def speaking(self, wav: Path | None = None) -> Generator[None]:
        """Somebody asks for the date aloud meanwhile."""
        command = ["paplay", "--device=vos_inject", str(wav or self.question)]
        voice = subprocess.Popen(command, env=os.environ | self.card.environment, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            voice.kill()
            voice.wait()

    def answers(self, seconds: float = 40.0) -> None:
        """It answers somebody who asks for the date, and rightly. As people do, they ask again when it does not."""
        year = time.strftime("%Y")
        self.until(lambda: self.state() in ("asleep", "listening"), 60)
        for _ in range(3):
            before = len(TURN.findall(self.log))
            self.card.say(self.question)
            with contextlib.suppress(AssertionError):
                return self.until(
                    lambda: any(
                        how == "answered" and "date" in heard.lower() and year in said
                        for _, how, heard, said in TURN.findall(self.log)[before:]  # noqa: B023 - called at once
                    ),
                    seconds,
                )
        raise AssertionError(f"asked three times aloud, and not answered: {self.log[-3000:]}")

    def answer_from_garden(self) -> None:
        """Its tool works, perhaps after the wait that follows a failure."""
        self.until(lambda: self.garden.call("echo") == "echo", 90)

    @contextmanager
    def beside(self, work: Callable[[], str]) -> Generator[list[str]]:
        """Does something meanwhile; what came of it is in the list afterwards."""
        told: list[str] = []
        thread = threading.Thread(target=lambda: told.append(work()))
        thread.start()
        yield told
        thread.join(patient(60))
        assert told

    # Its sound card

    def suspend(self, kind: str, name: str, is_suspended: bool) -> None:
        """A sink or a source takes or gives nothing any more."""
        command = ["pactl", f"suspend-{kind}", name, str(int(is_suspended))]
        subprocess.run(command, env=os.environ | self.card.environment, check=True, timeout=patient(20))

    def hears_again(self) -> None:
        self.until(lambda: "the sound card is back" in self.log_of_row, 40)

    # What is true of it

    def unkept(self) -> list[str]:
        """Turns that had ended when others were still to come, and are not kept."""
        kept = {turn["id"] for turn in self.client.stream("turns.export")}
        return [heard for id, how, heard, _ in TURN.findall(self.log)[:-1] if how == "answered" and id not in kept]

    def problems(self) -> list[str]:
        """What is wrong with the file and with the receipts, and what the log does not explain in words."""
        wrong = self.client.call("acts.verify")["wrong"]
        found = [*self.client.call("memory.verify")["problems"], *(one for one in wrong if one not in self.known)]
        return found + re.findall(r"Traceback.*", self.log_of_row)

    def recorded(self, name: str, *parts: str) -> Path:
        sounds = [soundfile.read(RECORDINGS / f"{part}.flac", dtype="int16")[0] for part in parts]
        path = self.folder / f"{name}.wav"
        soundfile.write(path, np.concatenate(sounds), 16_000)
        return path

    def _write_settings(self) -> None:
        self.garden.offer(*TOOLS)
        python = sys.executable
        self.config.write_text(
            f'[store]\nfolder = "{self.folder}/disk/state"\nmodels = "{self.models}"\n\n[wake]\nwords = ["alexa"]\n\n'
            f"[log]\nwords = true\n\n"
            f'[media.stations]\ntest = "{STATION}"\n\n'
            f'[tools.mcp.garden]\ncommand = "{python}"\nargs = ["{STRANGE}", "{self.garden.file}"]\n\n'
            f'[tools.mcp.quits]\ncommand = "false"\nstart_seconds = 2\n\n'
            f'[tools.mcp.mute]\ncommand = "sleep"\nargs = ["1000"]\nstart_seconds = 2\n\n'
            + (
                f'[mind]\nbase_url = "{self.elsewhere.url}"\nmodel = "m"\nfirst_token_seconds = 3\nstall_seconds = 2\n'
                if self.elsewhere
                else f'[mind]\nmodel = "{SMALL}"\nmax_tokens = 40\n'
            )
        )


def patient(seconds: float) -> float:
    """How long something may take on this machine, of whose time others take their share."""
    return min(LONGEST_SECONDS, seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def models_folder() -> Path:
    """Where the models are; fetched if they are not there."""
    folder = Path(os.environ.get("VOICEOS_TEST_MODELS") or config_paths.models_folder(StoreSettings()))
    for name in (SMALL, "whisper-base", "smart-turn-v3.2", "hibari-heart", "memory-en", "reader-en"):
        if not Shelf(folder).status(name).ready:
            Shelf(folder).pull(name)
    return folder
