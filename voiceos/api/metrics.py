"""Figures for a monitor, in Prometheus's text format (0.0.4), at /metrics of the socket."""

from collections.abc import Iterator

import psutil
from anyio import to_thread

from voiceos import __version__
from voiceos.api.desk import Desk
from voiceos.core import NoticeKind, Outcome
from voiceos.health.machine import Machine, measured

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Samples = list[tuple[str, float]]
"""Labels as they are written, and a value."""


async def metrics(desk: Desk) -> str:
    """All of them."""
    machine = await to_thread.run_sync(lambda: measured(desk.config))
    return "".join(
        f"# HELP voiceos_{name} {about}\n# TYPE voiceos_{name} {kind}\n"
        + "".join(f"voiceos_{name}{labels} {_shown(value)}\n" for labels, value in samples)
        for name, kind, about, samples in (*_of_the_conversation(desk), *_of_the_machine(machine))
    )


def _shown(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _of_the_conversation(desk: Desk) -> Iterator[tuple[str, str, str, Samples]]:
    happenings = desk.host.happenings
    ended = [(f'{{outcome="{one}"}}', float(happenings.counts[NoticeKind.TURN, str(one)])) for one in Outcome]
    sounded, seconds = happenings.waits
    yield "info", "gauge", "Its version.", [(f'{{version="{__version__}"}}', 1)]
    yield "start_time_seconds", "gauge", "When its process began.", [("", psutil.Process().create_time())]
    yield "voice", "gauge", "Whether it can be spoken to.", [("", desk.assistant is not None)]
    yield "memory_open", "gauge", "Whether it remembers.", [("", desk.host.has_memory)]
    yield "turns_total", "counter", "Turns, by how they ended.", ended
    yield "wakes_total", "counter", "Wake words and presses.", [("", happenings.counts[NoticeKind.WAKE, ""])]
    yield "faults_total", "counter", "What went wrong.", [("", happenings.counts[NoticeKind.PROBLEM, ""])]
    yield "sounded_total", "counter", "Replies of which something sounded.", [("", sounded)]
    yield "first_sound_seconds_total", "counter", "From the end of speech to their first sound.", [("", seconds)]


def _of_the_machine(machine: Machine) -> Iterator[tuple[str, str, str, Samples]]:
    yield "disk_free_bytes", "gauge", "Free where it keeps everything.", [("", machine.disk_free)]
    yield "disk_bytes", "gauge", "In all, there.", [("", machine.disk)]
    yield "machine_memory_available_bytes", "gauge", "Memory that is left.", [("", machine.memory_free)]
    yield "machine_memory_bytes", "gauge", "Memory in all.", [("", machine.memory)]
    yield "resident_memory_bytes", "gauge", "Of its own process.", [("", machine.own_memory)]
    if machine.celsius is not None:
        yield "temperature_celsius", "gauge", "Of the processor.", [("", machine.celsius)]
    yield "slowed", "gauge", "Reasons why the board runs slower than it could.", [("", len(machine.slowed))]
