"""What ails the machine is told once, with what to do; and how it is can be asked."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import anyio
import pytest
from trio.testing import MockClock

from voiceos.api.metrics import metrics
from voiceos.app import rehearsal_host
from voiceos.config.settings import Config
from voiceos.core import Notice, NoticeKind, Part
from voiceos.happenings import Happenings
from voiceos.health.check import Check, Finding, Health
from voiceos.health.every import BODY
from voiceos.health.machine import Machine
from voiceos.language.sentences import skill_says as says
from voiceos.wellbeing import EVERY_SECONDS, Wellbeing

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 5, 1, 12)
GOOD = Machine(20_000_000_000, 32_000_000_000, 2_500_000_000, 4_000_000_000, 700_000_000, 54.2, [])


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


def checks(state: dict[str, Health]) -> list[Check]:
    def check(name: str) -> Check:
        return Check(name, lambda _: iter([Finding(name, state[name], f"The {name} is ill. Mend it.")]))

    return [check(name) for name in state]


async def test_what_ails_is_told_once_until_it_has_been_well() -> None:
    state, mentioned = {"disk": Health.OK, "memory": Health.OK}, list[str]()
    happenings = Happenings([], lambda: NOW)
    one = Wellbeing(Config(), happenings, mentioned.append, checks=checks(state))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one.run)
        for now, count in ((Health.OK, 0), (Health.BROKEN, 1), (Health.BROKEN, 1), (Health.OK, 1), (Health.BROKEN, 2)):
            state["disk"] = now
            await anyio.sleep(EVERY_SECONDS)
            assert len(mentioned) == count, now
        tasks.cancel_scope.cancel()
    assert mentioned[0] == "By the way: My disk is almost full. Free some space, or I can't keep what you tell me."
    assert [fault.text for fault in happenings.faults] == ["The disk is ill. Mend it."]


async def test_asked_it_says_what_ails_or_how_much_is_left() -> None:
    state, happenings = {"board": Health.OK, "clock": Health.BROKEN}, Happenings([], lambda: NOW)
    now = NOW
    one = Wellbeing(Config(), happenings, print, checks=checks(state), measure=lambda _: GOOD, now=lambda: now)
    assert await one.told() == "Not quite. My clock is wrong. Connect me to a network, so that it sets itself."
    state["clock"] = Health.OK
    fine = "Yes, I'm fine. I have 20 gigabytes of disk and 2.5 gigabytes of memory left. My processor is at 54 degrees."
    assert await one.told() == fine
    happenings.report("The microphone went silent.")
    assert await one.told() == f"{fine} The last thing that went wrong, at 12:00: The microphone went silent."
    now += timedelta(days=2)
    assert await one.told() == fine


def test_whatever_can_ail_has_words() -> None:
    assert all(says(f"itself.ails_{one.name}") for one in BODY)


async def test_a_remark_is_made_with_one_reply() -> None:
    async with rehearsal_host(Config(), []) as host:
        host.asides.add("By the way: it is hot.")
        host.asides.add("By the way: it is hot.")
        replies = [
            "".join([part.text async for part in host.ask("hello", who="") if isinstance(part, Part)]) for _ in range(2)
        ]
    assert [reply.count("it is hot") for reply in replies] == [1, 0]


async def test_figures_for_a_monitor() -> None:
    async with rehearsal_host(Config(), []) as host:
        [_ async for _ in host.ask("hello", who="")]
        host.happenings.report("It broke.")
        host.happenings.notify(Notice(NoticeKind.WAKE, 0.0))
        desk = SimpleNamespace(host=host, config=Config(), assistant=None)
        lines = (await metrics(desk)).splitlines()  # type: ignore[arg-type]
    counted = {'voiceos_turns_total{outcome="answered"} 1', "voiceos_faults_total 1", "voiceos_wakes_total 1"}
    assert counted <= set(lines)
    assert "voiceos_voice 0" in lines
    samples = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    assert all(float(value) >= 0 for _, _, value in samples)
    assert len(lines) - len(samples) == 2 * len({name.partition("{")[0] for name, _, _ in samples})
