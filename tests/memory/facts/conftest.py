"""A store in memory: facts do not care about files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from voiceos.memory.registered import derived
from voiceos.store.database import Connection, open_database


@pytest.fixture
def db() -> Iterator[Connection]:
    db = open_database(Path(":memory:"), derived=derived())
    yield db
    db.close()
