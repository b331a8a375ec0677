"""Looks after the machine while voiceos runs: what newly ails is told once, and how it is can be asked."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import anyio
from anyio import to_thread

from voiceos.clock import local_time
from voiceos.config.settings import Config
from voiceos.happenings import Happenings
from voiceos.health.check import Check, Finding, Health, examined
from voiceos.health.every import BODY
from voiceos.health.machine import Machine, measured
from voiceos.language.sentences import skill_says as says

EVERY_SECONDS = 600.0
RECENT = timedelta(hours=24)
"""A fault is mentioned for so long when somebody asks."""


class Wellbeing:
    """Of the machine, as far as it matters to a conversation."""

    def __init__(
        self,
        config: Config,
        happenings: Happenings,
        mention: Callable[[str], None],
        *,
        checks: Sequence[Check] = BODY,
        measure: Callable[[Config], Machine] = measured,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`mention` has a sentence said with the next reply."""
        self._config, self._happenings, self._mention = config, happenings, mention
        self._checks, self._measure, self._now = checks, measure, now
        self._told = set[str]()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            ailing = await self._ailing()
            for one in ailing:
                if one.name not in self._told:
                    self._happenings.report(one.text)
                    self._mention(says("itself.by_the_way", ails=says(f"itself.ails_{one.name}")))
            self._told = {one.name for one in ailing}  # what has been well meanwhile is told again
            await anyio.sleep(EVERY_SECONDS)

    async def told(self) -> str:
        """How it is, to be spoken."""
        if ailing := await self._ailing():
            return says("itself.ailing", ails=" ".join(says(f"itself.ails_{one.name}") for one in ailing))
        machine = await to_thread.run_sync(self._measure, self._config)
        fine = says("itself.fine", disk=_gigabytes(machine.disk_free), memory=_gigabytes(machine.memory_free))
        if machine.celsius is not None:
            fine += f" {says('itself.warmth', degrees=f'{machine.celsius:.0f}')}"
        last = self._happenings.faults[-1] if self._happenings.faults else None
        if last and self._now() - last.at < RECENT:
            fine += f" {says('itself.fault', time=f'{last.at:%H:%M}', fault=last.text)}"
        return fine

    async def _ailing(self) -> list[Finding]:
        found = await to_thread.run_sync(lambda: list(examined(self._checks, self._config)))
        return [one for one in found if one.health is not Health.OK]


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f}".removesuffix(".0")
