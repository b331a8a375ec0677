"""Runtimes of the outside harness that are processes of their own, with their CPU time counted once.

The harness adds up the processes that a runtime names and all their children. Its driver is one of them and has started
the others, so that these would count twice.
"""

import importlib
import os

MODULES = {"StdioPeer": "stdio_peer", "WyomingPeer": "wyoming_peer"}


def __getattr__(name: str) -> type:
    """The harness's class of that name; each needs packages that only its own environment has."""
    if name not in MODULES:
        raise AttributeError(name)

    def pids(self: object) -> list[int]:
        return [os.getpid()]

    return type(name, (getattr(importlib.import_module(MODULES[name]), name),), {"pids": pids})
