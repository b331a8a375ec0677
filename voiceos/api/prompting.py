"""Operations on prompts: one's own, saved under a name, and those of servers."""

import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime

from anyio import to_thread
from pydantic import BaseModel

from voiceos.api.conversing import AskEvent, asked
from voiceos.api.desk import Desk
from voiceos.api.operations import Text, operation
from voiceos.api.tooling import box_of
from voiceos.clock import local_time
from voiceos.core import OWNER
from voiceos.errors import UsageError
from voiceos.language.sentences import skill_says as says
from voiceos.skills.prompts.of_servers import bring, named
from voiceos.skills.prompts.saved import LONGEST_NAME, MOST_CHARACTERS, name_in
from voiceos.store import prompts as store
from voiceos.store.acts import Progress, Receipt, save_receipt
from voiceos.store.database import Connection
from voiceos.tools.mcp.offers import Prompt as Offer
from voiceos.tools.permission import OWNERS_WORDS
from voiceos.tools.tool import BY_HAND


class Prompt(BaseModel):
    """A saved prompt."""

    name: str
    text: str
    """In the words of whoever saved it."""
    who: str
    made_at: datetime


class Value(BaseModel):
    """What a server's prompt wants to know."""

    name: str
    about: str
    required: bool


class Offered(BaseModel):
    """A prompt of a server."""

    name: str
    about: str
    arguments: list[Value]


@operation("prompts.all")
async def all_(desk: Desk) -> list[Prompt]:
    """The owner's saved prompts, the oldest first."""
    return await desk.reading(lambda db: [_prompt(one) for one in store.prompts(db, OWNER)])


@operation("prompts.show")
async def show(desk: Desk, name: Text) -> Prompt:
    """One saved prompt."""
    return _prompt(await desk.reading(lambda db: _found(db, name)))


@operation("prompts.add")
async def add(desk: Desk, name: Text, text: Text) -> Prompt:
    """Saves a prompt, in place of another of its name."""
    key = name_in(name)
    if not key or len(key.split()) > LONGEST_NAME:
        raise UsageError(f"A prompt's name has one to {LONGEST_NAME} words, such as 'morning briefing'.")
    if not text.strip() or len(text) > MOST_CHARACTERS:
        raise UsageError(f"A prompt is a text of at most {MOST_CHARACTERS:,} characters.")
    saved = store.Saved(key, text.strip(), OWNER, made_at=local_time())
    async with desk.host.memory.another() as db:
        await to_thread.run_sync(lambda: store.save_prompt(db, saved))
    return _prompt(saved)


@operation("prompts.remove")
async def remove(desk: Desk, name: Text) -> Prompt:
    """Removes a saved prompt."""
    async with desk.host.memory.another() as db:
        gone = await to_thread.run_sync(lambda: _found(db, name))
        await to_thread.run_sync(lambda: store.remove_prompt(db, gone.name, gone.who))
    return _prompt(gone)


@operation("prompts.of_server")
async def of_server(desk: Desk, server: Text) -> list[Offered]:
    """The prompts of a server, which is started."""
    return [_offered(one) for one in await box_of(desk).prompts(server)]


@operation("prompts.use")
async def use(desk: Desk, server: Text, name: Text, arguments: dict[str, str] = {}) -> AsyncIterator[AskEvent]:  # noqa: B006 - it is copied
    """Uses a prompt of a server: what it says goes to the language model as that server's text, and the reply comes
    like that of `ask`."""
    box = box_of(desk)
    every = await box.prompts(server)
    prompt = named(name, every)
    if prompt is None:
        names = ", ".join(one.name for one in every) or "none"
        raise UsageError(f"{server} has no prompt {name}; it has: {names}.")
    known = [one.name for one in prompt.arguments]
    if unknown := next((key for key in arguments if key not in known), ""):
        raise UsageError(f"The prompt {prompt.name} takes no {unknown}; it takes: {', '.join(known) or 'nothing'}.")
    if lacks := prompt.lacks(arguments):
        raise UsageError(f"The prompt {prompt.name} needs {lacks[0].name}: add {lacks[0].name}=…")
    brought = await bring(box, server, prompt, arguments)
    done = {"server": server, "prompt": prompt.name, "arguments": arguments}
    receipt = Receipt(
        *("prompts.use", uuid.uuid4().hex[:12], OWNER, BY_HAND, local_time(), Progress.DONE, "", done),
        rule=OWNERS_WORDS,
    )
    await box.stored(lambda db: save_receipt(db, receipt))
    text = says("prompts.asked", name=prompt.name, server=brought.where)
    async with aclosing(desk.host.ask(text, who=OWNER, brought=brought)) as parts:
        async for event in asked(parts):
            yield event


def _found(db: Connection, name: str) -> store.Saved:
    found = next((one for one in store.prompts(db, OWNER) if one.name == name_in(name)), None)
    if found is None:
        raise UsageError(f"There is no prompt '{name}'. `voiceos prompts list` shows them all.")
    return found


def _prompt(one: store.Saved) -> Prompt:
    return Prompt(name=one.name, text=one.text, who=one.who, made_at=one.made_at)


def _offered(one: Offer) -> Offered:
    arguments = [Value(name=each.name, about=each.about, required=each.required) for each in one.arguments]
    return Offered(name=one.name, about=one.about, arguments=arguments)
