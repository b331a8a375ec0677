"""The stores of lives: a life's files added as its owner would, what was said before kept as turns, and its clock."""

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from anyio.to_thread import run_sync as in_thread
from asked import Life
from figures import config_of
from rich.console import Console

import voiceos
from voiceos import app
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.core import Outcome, Transcript, Turn
from voiceos.host import Host
from voiceos.memory.ingest.intake import Intake
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.store.records import OWNER
from voiceos.store.turns import TurnStore

PATIENCE = "110"
"""Seconds that the model has on a busy machine, where nobody waits for it."""
KEPT_SECONDS = 2 * 86_400
"""Age at which stores that another version filled are removed."""
FILLING = ("memory", "store", "language")
"""The rooms of the product that a filled store depends on."""


EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a clock may be right: a life may be of years before the product was built."""


class Clock(datetime):
    """A wall clock that goes on from a time that is set: see `voiceos.clock`, which alone asks it."""

    shown: datetime
    since: float

    @classmethod
    def set(cls, at: datetime) -> None:
        cls.shown, cls.since = at, time.monotonic()

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # returns no Clock
        return cls.shown + timedelta(seconds=time.monotonic() - cls.since)


def config_for(arguments: argparse.Namespace, life: Life, folder: str) -> Config:
    """The settings with which a life is asked: a store in `folder`, its owner's names, and patience."""
    settings = {"store__folder": str(Path(folder) / "store"), "store__keep_turns": "true"}
    settings |= {"mind__first_token_seconds": PATIENCE, "mind__stall_seconds": PATIENCE}
    settings |= {"store__models": str(models_folder(config_of(arguments).store))}
    config = config_of(arguments, **settings)
    return config.model_copy(update={"memory": config.memory.model_copy(update={"me": tuple(life.owner)})})


@contextmanager
def clock_of(life: Life) -> Generator[Callable[[datetime], None]]:
    """The clock and the zone of a life; what it yields sets the clock."""
    before, zone = os.environ.get("TZ"), ZoneInfo(life.zone)

    def show(at: datetime) -> None:
        Clock.set(at.replace(tzinfo=zone))

    show(life.questions[0].at)
    os.environ["TZ"] = life.zone
    time.tzset()
    try:
        with patch("voiceos.clock.datetime", Clock), patch("voiceos.clock.BUILT", EVER):
            yield show
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


async def filled(config: Config, life: Life, stores: Path, console: Console) -> Path:
    """A folder with the life's store, filled now or in an earlier run."""

    async def fill(host: Host) -> None:
        await host.turns(lambda turns: _keep(turns, life))
        async with host.memory.another() as db:
            intake = Intake(db, me=config.memory.me)
            report = await in_thread(lambda: intake.add([life.files]))
        for skipped in report.skipped:
            console.print(f"{skipped.path.name}: {skipped.reason}", style="yellow")

    return await store_of(config, f"{life.name}-{_digest(life, encoder_of(config))}", stores, fill, console)


def encoder_of(config: Config) -> str:
    """What a store's vectors come from."""
    return f"{MEMORY} {Shelf(models_folder(config.store)).status(MEMORY).ready}"


async def store_of(
    config: Config, name: str, stores: Path, fill: Callable[[Host], Awaitable[None]], console: Console
) -> Path:
    """The folder of that name with a store that was filled and indexed, now or in an earlier run."""
    place = stores / name
    if place.exists():
        place.touch()
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=stores) as folder:
        here = config.store.model_copy(update={"folder": Path(folder) / "store"})
        started = time.perf_counter()
        async with app.open_host(config.model_copy(update={"store": here}), "a benchmark", upkeep=False) as host:
            await fill(host)
            await in_thread(host.memory.catch_up)
            with host.memory.reading() as db:
                (records,) = db.execute("SELECT count(*) FROM record").fetchone()
        console.print(f"{name}: {records} records in {time.perf_counter() - started:.0f} s", style="dim")
        await in_thread(_put, Path(folder) / "store", place)
    return place


def _put(filled: Path, place: Path) -> None:
    """Beside those of other versions, of which those that nobody used lately go."""
    try:
        filled.rename(place)
    except OSError:
        if not place.exists():  # another run was faster
            raise
    for old in place.parent.glob(f"{place.name.partition('-')[0]}-*"):
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(old)


def _keep(turns: TurnStore, life: Life) -> None:
    for number, said in enumerate(life.said()):
        turn = Turn(f"{life.name}{number}", f"{said.at:%Y-%m-%d}", who=OWNER, transcript=Transcript(said.words, "en"))
        turn.reply = turn.said = said.reply
        turn.outcome = Outcome.ANSWERED
        turns.save(turn, said.at.replace(tzinfo=ZoneInfo(life.zone)))


def _digest(life: Life, encoder: str) -> str:
    """Of everything that a filled store comes from."""
    rooms = Path(voiceos.__file__).parent
    files = [life.folder / "talk.txt", *sorted(path for path in life.files.rglob("*") if path.is_file())]
    files += sorted(path for room in FILLING for path in (rooms / room).rglob("*") if path.suffix in (".py", ".toml"))
    digest = hashlib.blake2b(encoder.encode(), digest_size=8)
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
