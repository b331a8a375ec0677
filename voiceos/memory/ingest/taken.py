"""Texts that are no files: resources of servers, taken in under an address that says where they come from.

Nobody here wrote them: they are documents without an author, so that no fact about the owner is learnt from them.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from voiceos.language.sentences import say
from voiceos.memory.ingest.formats import of_suffix, suffix_of
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.store.database import Connection
from voiceos.store.records import TAKEN, Kind, Record

READ = ("markdown", "html")
"""Kinds whose form is read; any other text is taken as it stands, whatever it looks like."""


def taken_source(server: str, uri: str) -> str:
    """The uri of the source that a resource becomes: `mcp:SERVER/URI`."""
    return f"{TAKEN}{server}/{uri}"


def taken_from(db: Connection, server: str) -> list[str]:
    """The resources of a server that were taken."""
    begin = taken_source(server, "")
    rows = db.execute("SELECT uri FROM source WHERE substr(uri, 1, ?) = ? ORDER BY id", (len(begin), begin))
    return [row["uri"][len(begin) :] for row in rows]


def form_of(uri: str, type: str, where: str) -> Format:
    """How a text is read, by the type that its server gives it or else by the end of its address.

    `where`: the server, as it is spoken; it stands in the titles.
    """
    found = of_suffix(suffix_of("" if type else PurePath(uri).name, type.partition(";")[0].strip()))
    form = found if found and found.kind in READ else of_suffix(".txt")
    assert form  # our own readers are there

    def read(reading: Reading) -> Iterator[Record]:
        for one in form.read(reading):
            title = say("sources.of_server", title=one.title, server=where)
            yield replace(one, kind=Kind.DOCUMENT, author="", title=title, extra=dict[str, Any]())

    return Format(form.kind, read)
