"""Opens the language model of the settings: an endpoint elsewhere, or a server of our own in another process."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread

from voiceos.engines.engine import Setup
from voiceos.engines.llama import LocalModel
from voiceos.engines.llama_child import SOCKET
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.choosing import Choosing
from voiceos.mind.endpoint import remote_endpoint
from voiceos.mind.extraction import Extraction
from voiceos.mind.from_lines import Wording
from voiceos.mind.rewording import Rewording
from voiceos.models.catalogue import language_model
from voiceos.skills.registry import abilities


@asynccontextmanager
async def open_chat(setup: Setup) -> AsyncGenerator[ChatMind]:
    """The local model also goes through what was said, in quiet hours; nothing is sent elsewhere for that."""
    settings, can = setup.config.mind, await to_thread.run_sync(abilities, setup.config)
    if settings.base_url:
        async with ChatMind(settings, remote_endpoint(settings), can=can) as mind:
            mind.reword = Rewording(mind.client)
            yield mind
        return
    name = await to_thread.run_sync(language_model, setup.config, setup.shelf.has)
    model = await to_thread.run_sync(setup.shelf.resolve, name)
    service = Path(named) if (named := os.environ.get(SOCKET)) else None
    local = LocalModel(
        model,
        context=settings.context,
        threads=settings.threads,
        name=name,
        service=service,
        server=settings.server,
    )
    async with local, ChatMind(settings, local.endpoint, can=can) as mind:
        mind.extract, mind.reword = Extraction(mind.client), Rewording(mind.client)
        patience = settings.first_token_seconds + settings.stall_seconds
        mind.from_lines, mind.choosing = Wording(mind.client, patience), Choosing(mind.client, patience)
        mind.renewed = local.renewed
        yield mind
