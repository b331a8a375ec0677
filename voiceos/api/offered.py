"""All operations that the host offers its faces."""

from collections.abc import Mapping

from voiceos.api import conversing, diagnosing, keeping, reviewing, searching
from voiceos.api.operations import OPERATIONS, Operation

__all__ = ["MODULES", "offered"]

MODULES = (conversing, diagnosing, keeping, reviewing, searching)
"""Those whose import registers them."""


def offered() -> Mapping[str, Operation]:
    """By name."""
    return OPERATIONS
