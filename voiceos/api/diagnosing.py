"""The operation `doctor`: what the running assistant knows about itself and its machine."""

from collections.abc import Iterator

from anyio import to_thread

from voiceos.api.desk import Desk
from voiceos.api.operations import operation
from voiceos.config.settings import Config
from voiceos.health.check import Check, Finding, Health, examined
from voiceos.health.every import WHILE_RUNNING


@operation("doctor")
async def doctor(desk: Desk) -> list[Finding]:
    """Checks everything a conversation needs, with the sound card and store that the assistant has open."""
    fault = desk.host.happenings.faults[-1].text if desk.host.happenings.faults else ""

    def own(config: Config) -> Iterator[Finding]:
        yield Finding("assistant", Health.OK, f"{desk.by} is running", needed=False)
        if desk.is_muted:
            yield Finding("microphone", Health.OK, "switched off, so it is closed: `voiceos unmute` opens it")
        elif desk.assistant:
            yield Finding("microphone", Health.OK, "in use by the conversation")
        elif desk.expects_voice:
            yield Finding("microphone", Health.MISSING, fault or "the voice is still loading")
        if desk.host.has_memory:
            yield Finding("store", Health.OK, "open")
        else:
            yield Finding("store", Health.BROKEN, fault or "not open")

    checks = [Check("assistant", own), *WHILE_RUNNING]
    return await to_thread.run_sync(lambda: list(examined(checks, desk.config)))
