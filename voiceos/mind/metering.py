"""Counts what an endpoint got and gave, and holds it to its budget."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

import anyio

from voiceos.clock import local_time
from voiceos.config.settings import EndpointSettings
from voiceos.errors import StoreError
from voiceos.store.database import Connection
from voiceos.store.usage import Day, Usage, add_usage, usage_since

log = logging.getLogger(__name__)

T = TypeVar("T")
CHARACTERS_PER_TOKEN = 4
"""Where an endpoint does not say how many tokens there were."""
MILLION = 1_000_000


class Stored(Protocol):
    def __call__(self, work: Callable[[Connection], T]) -> Awaitable[T]:
        """Works on the store, outside the loop. Raises StoreError."""
        ...


class Metering:
    """One endpoint's meter. What it notes is stored with `flush`, and before the next look at the budget."""

    def __init__(
        self,
        stored: Stored,
        endpoint: str,
        model: str,
        limits: EndpointSettings | None = None,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`endpoint`: its machine."""
        self._stored = stored
        self._endpoint = endpoint
        self._model = model
        self._limits = limits or EndpointSettings()
        self._now = now
        self._noted = Usage()

    @property
    def has_limits(self) -> bool:
        """Whether its owner pays for it, or has set a budget."""
        limits = self._limits
        return bool(limits.price_read or limits.price_made or self._has_budget)

    @property
    def _has_budget(self) -> bool:
        limits = self._limits
        return bool(limits.tokens_a_day or limits.tokens_a_month or limits.money_a_day or limits.money_a_month)

    def note(self, usage: Usage) -> None:
        """Counts a request, or something that was in one."""
        price = usage.read * self._limits.price_read + usage.made * self._limits.price_made
        self._noted += replace(usage, cost=price / MILLION)

    async def flush(self) -> None:
        """Stores what was noted. It is kept for the next time where that fails."""
        noted, self._noted = self._noted, Usage()
        if noted == Usage():
            return
        day = Day(self._now().date(), self._endpoint, self._model, noted)
        with anyio.CancelScope(shield=True):
            try:
                await self._stored(lambda db: add_usage(db, day))
            except StoreError as error:
                self._noted += noted
                log.warning("what was sent to %s is not noted: %s", self._endpoint, error)

    async def within_budget(self) -> bool:
        """Whether another request may be made. Without a store there is no budget to hold to, so none may."""
        limits, today = self._limits, self._now().date()
        if not self._has_budget:
            return True
        await self.flush()
        try:
            day = await self._stored(lambda db: usage_since(db, today, self._endpoint, self._model))
            month = await self._stored(lambda db: usage_since(db, today.replace(day=1), self._endpoint, self._model))
        except StoreError as error:
            log.warning("the budget of %s is not known: %s", self._endpoint, error)
            return False
        over = (
            0 < limits.tokens_a_day <= day.tokens
            or 0 < limits.tokens_a_month <= month.tokens
            or 0 < limits.money_a_day <= day.cost
            or 0 < limits.money_a_month <= month.cost
        )
        if over:
            log.info("the budget of %s is used up", self._endpoint)
        return not over


def tokens_of(answer: Mapping[str, Any]) -> tuple[int, int] | None:
    """Tokens read and made, as an endpoint tells them; None: it does not."""
    usage: Any = answer.get("usage")
    if not isinstance(usage, Mapping):
        return None
    told = cast("Mapping[str, Any]", usage)
    read, made = (told.get(key) for key in ("prompt_tokens", "completion_tokens"))
    return (read, made) if isinstance(read, int) and isinstance(made, int) else None


def estimated(text: str) -> int:
    """About how many tokens a text has."""
    return len(text) // CHARACTERS_PER_TOKEN + 1
