"""The C library's heap: engines share few arenas, and what loading them left over goes back to the system (glibc)."""

import contextlib
import ctypes
import sys

ARENAS = 2
"""By default there are eight for each core, and each keeps what a thread has freed."""
_M_ARENA_MAX = -8


def share_arenas() -> None:
    """Before threads allocate: later it changes nothing."""
    _call("mallopt", _M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Returns free memory to the system: weights that were converted, models that were parsed, what turns needed.

    Blocks some ten milliseconds, other threads only while they allocate.
    """
    _call("malloc_trim", 0)


def _call(function: str, *arguments: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            getattr(ctypes.CDLL(None), function)(*arguments)
