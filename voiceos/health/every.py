"""Every check, in order."""

from collections.abc import Callable

from voiceos.config.load import Loaded
from voiceos.health.check import Check
from voiceos.health.machine import board, clock, disk, limits, memory, memory_while_running, python, sound
from voiceos.health.parts import (
    ENDPOINT_SECONDS,
    backup,
    home,
    language_endpoint,
    models,
    network,
    settings_check,
    store,
    tools,
)


def every_check(load: Callable[[], Loaded]) -> list[Check]:
    """In order, when no assistant is running. `load` reads the settings."""
    return [*own_checks(load), Check("sound", sound, 8.0), Check("store", store, 8.0), *MACHINE]


def own_checks(load: Callable[[], Loaded]) -> list[Check]:
    """Checks that a command makes by itself."""
    return [settings_check(load), Check("Python", python)]


BODY = (
    Check("disk", disk),
    Check("memory", memory_while_running, needed=False),
    Check("board", board, needed=False),
    Check("clock", clock, needed=False),
    Check("backup", backup, needed=False),
)
"""What can begin to ail while voiceos runs."""
PARTS = (
    Check("models", models, 120.0),
    Check("language model", language_endpoint, ENDPOINT_SECONDS + 4),
    Check("Home Assistant", home, ENDPOINT_SECONDS, needed=False),
    Check("tools", tools, needed=False),
    Check("network", network, needed=False),
    Check("limits", limits, needed=False),
)
WHILE_RUNNING = (*PARTS, *BODY)
"""Checks that the running assistant makes."""
MACHINE = tuple(Check("memory", memory, needed=False) if one.name == "memory" else one for one in WHILE_RUNNING)
"""The same before it has taken its memory."""
