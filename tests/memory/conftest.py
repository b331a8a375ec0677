"""An empty memory's database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from voiceos.memory.store.database import Connection, open_database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    db = open_database(tmp_path / "memory.db")
    yield db
    db.close()
