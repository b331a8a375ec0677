"""The operation on what was sent to language models elsewhere."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from voiceos.api.desk import Desk
from voiceos.api.operations import operation
from voiceos.clock import local_time
from voiceos.store.usage import days_since


class Sent(BaseModel):
    """What one language model elsewhere got and gave on one day."""

    day: date
    endpoint: str
    """Its machine."""
    model: str
    requests: int
    read: int
    """Tokens that it read."""
    made: int
    """Tokens that it made."""
    memories: int
    """Recalled memories that were sent."""
    results: int
    """Results of tools that were sent."""
    cost: float
    """By the prices in the settings."""


@operation("usage.days")
async def days(desk: Desk, days: Annotated[int, Field(ge=1, le=3660)] = 31) -> list[Sent]:
    """What was sent to language models elsewhere on the last days, by day and model, the oldest first."""
    first = local_time().date() - timedelta(days=days - 1)
    found = await desk.reading(lambda db: days_since(db, first))
    return [
        Sent(
            day=one.day,
            endpoint=one.endpoint,
            model=one.model,
            requests=one.usage.requests,
            read=one.usage.read,
            made=one.usage.made,
            memories=one.usage.memories,
            results=one.usage.results,
            cost=one.usage.cost,
        )
        for one in found
    ]
