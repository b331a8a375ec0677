"""A host with its voice and its door: what the service and `voiceos talk` have in common."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from voiceos.api.desk import Desk
from voiceos.api.server import serving
from voiceos.app import open_host
from voiceos.assembly import real_engines
from voiceos.config.settings import Config
from voiceos.core import Observer


@asynccontextmanager
async def spoken(
    config: Config, by: str, socket: Path, observers: Sequence[Observer] = (), *, group: bool = False
) -> AsyncGenerator[Desk]:
    """A host that answers on `socket` from the first moment, and has its voice when this is entered.

    `group`: members of the socket's group are answered, too. Raises ModelError, ConfigError, EngineError, StoreError.
    """
    async with open_host(config, by, observers=observers) as host:
        desk = Desk(host, by, expects_voice=True)
        async with serving(desk, socket, group=group), real_engines(config, host.warm) as engines:
            desk.engines = engines
            yield desk
