"""Prompts and resources of a server, over a real pipe."""

from pathlib import Path

import pytest

from tests.tools.test_mcp import opened, settings
from voiceos.errors import ToolError, UsageError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_a_server_has_beside_tools(tmp_path: Path) -> None:
    async with opened(tmp_path, a=settings()) as box:
        trip, broken = await box.prompts("a")
        assert [(one.name, one.about, one.required) for one in trip.arguments] == [
            ("city", "Where to", True),
            ("days", "", True),
            ("mood", "", False),
        ]
        assert [one.name for one in trip.lacks({"city": "Oslo", "days": " "})] == ["days"]
        assert await box.prompt("a", trip.name, {"city": "Oslo", "days": "two"}) == "Plan two days in Oslo."
        assert "The owner has agreed" in await box.prompt("a", broken.name, {})
        house = await box.resource("a", "memo:house")
        assert (house.name, house.type, house.text[:6]) == ("House", "text/markdown", "# Keys")
        assert [one.name for one in await box.resources("a")][:2] == ["House", "Page"]
        for uri, why in (
            ("memo:photo", "memo:photo is not a text but image/png, so it cannot be remembered."),
            ("memo:empty", "memo:empty is empty."),
            ("memo:book", "memo:book is larger than 2 MB, the limit for a resource."),
            ("memo:none", "a refused memo:none: I will not."),
        ):
            with pytest.raises(ToolError) as told:
                await box.resource("a", uri)
            assert str(told.value) == why
        with pytest.raises(UsageError, match="No server of tools is called b"):
            await box.prompts("b")
