"""That a connection to a server is over, and why."""

import anyio


class Ended:
    """Set once; whoever waits for the server sees it."""

    def __init__(self) -> None:
        self.why = ""
        self._event = anyio.Event()

    def because(self, why: str) -> None:
        """The first reason counts."""
        if not self._event.is_set():
            self.why = why
            self._event.set()

    @property
    def over(self) -> bool:
        return self._event.is_set()

    async def wait(self) -> None:
        await self._event.wait()
