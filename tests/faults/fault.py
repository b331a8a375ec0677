"""What a fault is: a row of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.faults.house import House

Deed = Callable[[House], None]
Kind = Literal["usual", "clock", "elsewhere", "cut off", "damaged"]
"""A house as most are, one whose clock can be set, one whose language model is elsewhere, one without a network,
and one whose memory will be damaged."""


def nothing(house: House) -> None:
    """By itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row."""

    name: str
    inject: Deed
    """In the middle of a conversation."""
    recover: Deed = nothing
    """What the world does; nobody does anything for the daemon."""
    lasts: bool = False
    """Something is asked for meanwhile."""
    also: Deed = nothing
    """What else must be true of it afterwards."""
    times: int = 1
    """How often the whole matrix does it, each time at another moment."""
    fast: bool = False
    """One of those that every change is tried with."""
    house: Kind = "usual"
