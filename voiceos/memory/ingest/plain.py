"""Plain text: a record for a short file, several for a long one."""

from collections.abc import Iterator

from voiceos.memory.ingest.dates import in_name
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.memory.ingest.words import lines, paragraphs, parts
from voiceos.store.records import Kind, Record


def read(reading: Reading) -> Iterator[Record]:
    """The text in parts between paragraphs; its date is the one in the file's name, if there is one."""
    at = in_name(reading.path.name)
    for number, part in enumerate(parts(paragraphs(lines(reading))), 1):
        yield Record(Kind.DOCUMENT, f"part {number}", part, title=reading.path.stem, at=at)


TEXT = Format("text", read, (".txt", ".text", ".org", ".rst", ".adoc"), ("text/plain",))
