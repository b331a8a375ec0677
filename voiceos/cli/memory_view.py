"""What the `voiceos memory` commands share: opening the memory, and showing what is in it."""

import json
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceos.cli import State
from voiceos.errors import StoreError

if TYPE_CHECKING:
    from voiceos.core import Recalled
    from voiceos.memory.memory import Memory
    from voiceos.store.database import Connection

NONE_YET = "There is no memory yet; `voiceos memory add PATH…` or a conversation with `voiceos talk` begins one."
DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


def store_file(state: State) -> Path:
    """The database, whether or not there is one."""
    from voiceos.config.paths import data_folder
    from voiceos.store.database import NAME

    return data_folder(state.config().store) / NAME


def require_store(state: State, *, nothing: object = None) -> None:
    """Ends the command with a friendly sentence when nothing was ever kept; `nothing`: what is printed as JSON then."""
    if store_file(state).exists():
        return
    if nothing is not None:
        print_json(nothing)
    click.echo(NONE_YET, err=True)
    raise click.exceptions.Exit(0)


@contextmanager
def opened(state: State) -> "Generator[Memory]":
    """The memory, with its encoders if they are there."""
    from voiceos.app import open_memory
    from voiceos.config.paths import models_folder
    from voiceos.models.shelf import Shelf

    config = state.config()
    with open_memory(config, Shelf(models_folder(config.store))) as memory:
        yield memory


def take_up(state: State, memory: "Memory") -> None:
    """Lets what is new be found by words, too; if another process writes for long, what is indexed has to do."""
    from voiceos.memory.indexer import behind

    with database(state) as db:
        new = behind(db, memory.lexical)
    if new:
        with suppress(StoreError):
            memory.catch_up_words()


@contextmanager
def database(state: State) -> "Generator[Connection]":
    """A connection of its own, without any model."""
    from voiceos.memory.registered import derived
    from voiceos.store.database import open_database, told
    from voiceos.store.encryption import read_key

    path = store_file(state)
    with closing(open_database(path, read_key(state.config().memory.key_file), derived())) as db, told(path):
        yield db


def plain(text: str) -> str:
    """What was typed; bytes that are no text become question marks."""
    return text.encode("utf-8", "replace").decode()


def print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def date(at: datetime | None) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else ""


def iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def recalled_as_json(memory: "Recalled") -> dict[str, object]:
    return {
        "id": memory.id,
        "score": round(memory.score, 4),
        "text": memory.text,
        "source": memory.source,
        "author": memory.author,
        "at": iso(memory.at),
        "record": memory.record_id,
        "left_out": memory.left_out,
    }


def print_recalled(memories: "Sequence[Recalled]", *, err: bool = False) -> None:
    """One a paragraph: what leads to it, then its words."""
    for memory in memories:
        where = memory.source or (f"said by {memory.author}" if memory.author else "")
        head = "  ".join(part for part in (memory.id, f"{memory.score:.2f}", date(memory.at), where) if part)
        click.echo(click.style(head, dim=True), err=err)
        if memory.left_out:
            click.echo(click.style(f"  left out: {memory.left_out}", fg="yellow"), err=err)
        click.echo(f"  {' '.join(memory.text.split())}", err=err)
