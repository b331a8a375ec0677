"""What is installed and adds to voiceos: entry points of packages, its own among them."""

import logging
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from voiceos.errors import VoiceosError

log = logging.getLogger(__name__)

OURS = "voiceos"
Part = TypeVar("Part")


def load(group: str, type: type[Part]) -> Iterator[tuple[str, Part]]:
    """The parts of a group with their names, those of other packages first; one that is broken is named and left out.

    Raises VoiceosError if voiceos's own are missing.
    """
    found = sorted(entry_points(group=group), key=lambda one: (_is_ours(one), one.name))
    if not any(_is_ours(one) for one in found):
        raise VoiceosError(
            "voiceos is not installed as it is here. Install it again: `pip install -e .` in its folder."
        )
    for one in found:
        try:
            part = one.load()
        except Exception as error:
            if _is_ours(one):
                raise
            log.warning("%s of %s cannot be loaded, and is left out: %s", one.name, _package(one), error)
            continue
        if isinstance(part, type):
            yield one.name, part
        else:
            log.warning("%s of %s is no %s, and is left out.", one.name, _package(one), type.__name__)


def _is_ours(one: EntryPoint) -> bool:
    return _package(one) == OURS


def _package(one: EntryPoint) -> str:
    return one.dist.name if one.dist else ""
