"""What is to be mentioned is said at the end of the next reply, and once it was heard no more."""

from collections.abc import AsyncGenerator

import pytest

from voiceos.core import Action, Notice, NoticeKind, Part, Turn
from voiceos.mind.aside import AsideMind

pytestmark = pytest.mark.anyio
SENTENCE = "I cannot remember things right now."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Yes:
    name = "yes"

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        yield Part("Yes.")


async def said(mind: AsideMind) -> str:
    return "".join([part.text async for part in mind.reply(Turn("t", "c")) if isinstance(part, Part)])


async def test_it_is_said_until_it_was_heard() -> None:
    mind = AsideMind(Yes())
    assert await said(mind) == "Yes."
    mind.mention(SENTENCE)
    for _ in range(2):  # the first one may have been thrown away
        assert await said(mind) == f"Yes. {SENTENCE}"
        mind.observe(Notice(NoticeKind.TURN, 1.0, turn=Turn("t", "c", said="Yes.")))
    mind.observe(Notice(NoticeKind.TURN, 1.0, turn=Turn("t", "c", said=f"Yes. {SENTENCE}")))
    assert await said(mind) == "Yes."
