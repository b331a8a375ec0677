"""Overwrites the unused bytes inside a database's pages, where SQLite leaves copies of rows that it moved.

`python slack.py FILE`, run as a separate process: opening and closing a database's file beside SQLite drops the
locks that the process holds on it. The caller holds the write lock, and the write-ahead log is empty. What a page holds
does not change, so readers may go on; nor does a power cut in the middle do harm. Exit code 3: the file is encrypted,
and its pages are noise.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"SQLite format 3\0"
INTERIOR, LEAF = (2, 5), (10, 13)
CHUNK_PAGES = 4096
ENCRYPTED = 3
MOST_PAGES = 2**25
"""From here on the first byte of a page of overflowing text can be that of a tree's page."""


def wipe_slack(file: Path) -> None:
    """Raises ValueError if this is not a plain database."""
    handle = os.open(file, os.O_RDWR)
    try:
        head = os.pread(handle, 100, 0)
        if head[:16] != MAGIC:
            raise ValueError("no plain database")
        size = int.from_bytes(head[16:18], "big")
        size = 65_536 if size == 1 else size
        usable = size - head[20]
        zeros = bytes(size)
        pages = min(os.fstat(handle).st_size // size, MOST_PAGES)
        for first in range(0, pages, CHUNK_PAGES):
            chunk = os.pread(handle, min(CHUNK_PAGES, pages - first) * size, first * size)
            for number in range(len(chunk) // size):
                page = chunk[number * size : (number + 1) * size]
                at = 100 if first + number == 0 else 0
                if page[at] not in INTERIOR and page[at] not in LEAF:
                    continue
                for begin, end in unused(page, at, usable):
                    if page[begin:end] != zeros[begin:end]:
                        os.pwrite(handle, zeros[begin:end], (first + number) * size + begin)
        os.fsync(handle)
    finally:
        os.close(handle)


def unused(page: bytes, at: int, usable: int) -> Iterator[tuple[int, int]]:
    """The stretches of a tree's page that hold nothing: between its pointers and its cells, and its free blocks.

    `at` is where the page's header begins, `usable` where the page's content may end.
    """
    header = at + (12 if page[at] in INTERIOR else 8)
    pointers = header + 2 * int.from_bytes(page[at + 3 : at + 5], "big")
    cells = int.from_bytes(page[at + 5 : at + 7], "big") or 65_536
    if not pointers <= cells <= usable:
        return  # not a tree's page, or a damaged one: leave it alone
    yield pointers, cells
    block = int.from_bytes(page[at + 1 : at + 3], "big")
    while cells <= block <= usable - 4:
        after = int.from_bytes(page[block : block + 2], "big")
        end = block + int.from_bytes(page[block + 2 : block + 4], "big")
        if end > usable or (after and after <= block):
            return
        yield block + 4, max(block + 4, end)
        block = after


def main() -> int:
    try:
        wipe_slack(Path(sys.argv[1]))
    except ValueError:
        return ENCRYPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
