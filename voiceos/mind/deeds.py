"""Does what was asked for, with its receipt, and knows how it is taken back."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import anyio

from voiceos.core import Turn
from voiceos.errors import StoreError, VoiceosError
from voiceos.language.sentences import apology, say
from voiceos.skills.acts import UNDO
from voiceos.skills.by_device import ByDevice
from voiceos.skills.skill import BY_ITSELF, Asked, Intent, Pass, Said, Undo, Workshop
from voiceos.store.acts import Progress, Receipt, save_receipt
from voiceos.tools.permission import OWNERS_WORDS, OWNERS_YES

log = logging.getLogger(__name__)


class Deeds:
    """What is done on each device."""

    def __init__(self, intents: Mapping[str, Intent], workshop: Workshop) -> None:
        self._intents = intents
        self._workshop = workshop
        self._last = ByDevice[Sequence[Asked]]()
        """What was asked for in the last turn on each device in which something was done."""

    def any_in(self, turn: Turn) -> bool:
        """Whether anything was done in a turn."""
        return any(one.turn is turn for one in self._last.get(turn.device, ()))

    def just_done(self, device: str) -> Sequence[Asked]:
        """What was asked for in the turn before on a device, where all of it can be done anew."""
        last = () if self._workshop.turns_since.get(device) else self._last.get(device, ())
        can = device in self._workshop.undos or all(self._intents[one.intent].stays for one in last)
        return last if can else ()

    async def do(self, asked: Asked) -> Said | None:
        """What was done; None: its skill passes the request on. Raises VoiceosError.

        An act that has begun is finished, with its receipt, even if somebody speaks over it.
        """
        said: Said | None = None
        with anyio.CancelScope(shield=True):
            said = await self._do(asked)
        return said  # noqa: RET504 - for the type checker, a scope may swallow what is returned in it

    async def _do(self, asked: Asked) -> Said | None:
        half, undone = await self._take_back_half(asked)
        try:
            said = await self._intents[asked.intent].handle(asked)
        except Pass:
            for one in half:
                await self._noted(one, await self._intents[one.intent].handle(one))
            return None
        except VoiceosError as error:
            if undone:
                error.spoken = f"{undone} {apology(error)}"
            slots = {} if asked.turn.off_record else dict(asked.slots)
            await self._sign(asked, asked.intent, Said(apology(error), done=slots), done=False)
            raise
        said = await self._noted(asked, said)
        return replace(said, text=f"{undone} {said.text}") if undone and said.done is None else said

    async def _noted(self, asked: Asked, said: Said) -> Said:
        """Keeps the receipt of what was done, and how it is taken back. Returns what is to be said of it."""
        turn, undos = asked.turn, self._workshop.undos
        if said.done is None:
            return said
        if said.brought:
            turn.brought = [*turn.brought, said.brought]
        together = undos.pop(turn.device, None) if turn.receipts else None
        is_kept = await self._sign(asked, asked.intent, said, done=True)
        before = self._last.get(turn.device, ())
        self._last[turn.device] = [*(one for one in before if one.turn is turn), asked]
        undos.pop(turn.device, None)  # nothing earlier is taken back instead
        if said.undo:
            undos[turn.device] = _both(said.undo, together) if together else said.undo
        if is_kept or not self._workshop.db:
            return said
        return replace(said, text=f"{said.text} {say('may_forget')}")

    async def _take_back_half(self, asked: Asked) -> tuple[Sequence[Asked], str]:
        """Somebody went on after half of the sentence had been done, or corrects it: the whole is done in its place.

        The half goes first, because what takes an act back restores what was before it. If the skill then passes the
        whole on, the half is done again. Returns its requests, and what is said of them, which nobody needs to hear
        once the whole is done.
        """
        device = asked.turn.device
        half, undo = self._last.get(device, ()), self._workshop.undos.get(device)
        if not half or not undo or not (asked.instead or half[0].turn.id in asked.turn.took_over):
            return (), ""
        undone = Said(await undo(), done={"undone": ", ".join(one.intent for one in half)})
        self._workshop.undos.pop(device, None)
        await self._sign(asked, UNDO, undone, done=True)
        return half, undone.text

    async def _sign(self, asked: Asked, act: str, said: Said, *, done: bool) -> bool:
        """Whether there is a receipt now."""
        turn = asked.turn
        progress = Progress.DONE if done else Progress.FAILED
        receipt = Receipt(
            *(act, turn.id, turn.who, turn.device, asked.now, progress, said.receipt or said.text, said.done or {}),
            rule=OWNERS_YES if turn.device == BY_ITSELF else OWNERS_WORDS,
        )
        if not said.brought:  # the mind has done nothing yet
            turn.receipts = [*turn.receipts, receipt.act]
        try:
            await self._workshop.stored(lambda db: save_receipt(db, receipt))
        except StoreError as error:
            log.warning("turn %s: no receipt of %s: %s", turn.id, act, error)
            return False
        return True


def _both(last: Undo, first: Undo) -> Undo:
    """What was done in one breath is taken back together."""

    async def undo() -> str:
        said, before = await last(), await first()
        return before if said in before else f"{said} {before}"

    return undo
