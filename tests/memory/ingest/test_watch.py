"""Watched folders: what is there at first, and what changes, while nobody speaks."""

from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import pytest

from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.report import Report
from voiceos.memory.ingest.watch import watch
from voiceos.store.database import Connection


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_folder_is_followed(db: Connection, folder: Path) -> None:
    (folder / "a.txt").write_text("first")
    waits = 0
    told: list[Report] = []
    send, reports = anyio.create_memory_object_stream[Report](10)

    async def quiet() -> None:
        nonlocal waits
        waits += 1

    async def changes(_: Path) -> AsyncGenerator[set[Path], None]:
        (folder / "b.txt").write_text("second")
        (folder / ".hidden").mkdir()
        (folder / ".hidden" / "c.txt").write_text("hidden")
        (folder / "d.py").write_text("code")
        yield {folder / "b.txt", folder / ".hidden" / "c.txt", folder / "d.py", folder / "gone.txt"}
        await anyio.sleep_forever()

    with send, reports:
        async with anyio.create_task_group() as tasks:

            async def follow() -> None:
                await watch(
                    [folder],
                    lambda progress: Intake(db, progress=progress),
                    quiet=quiet,
                    taken=send.send_nowait,
                    changes=changes,
                )

            tasks.start_soon(follow)
            with anyio.fail_after(20):
                told += [await reports.receive(), await reports.receive()]
            tasks.cancel_scope.cancel()
    assert [row["text"] for row in db.execute("SELECT text FROM record ORDER BY id")] == ["first", "second"]
    assert [skipped.reason for skipped in told[1].skipped] == ["voiceos cannot read .py files"]
    assert waits >= 4
