"""The operation `doctor`: what the running assistant knows of itself and of its machine."""

from collections.abc import Iterator

from pydantic import BaseModel

from voiceos.api.desk import Desk
from voiceos.api.operations import Nothing, operation
from voiceos.config.settings import Config
from voiceos.health import Check, Health, examined, machine_checks
from voiceos.health import Finding as Found
from voiceos.host import in_thread


class Finding(BaseModel):
    """What one check found."""

    name: str
    health: Health
    text: str
    needed: bool


@operation("doctor")
async def doctor(desk: Desk, _: Nothing) -> list[Finding]:
    """Checks everything that a conversation needs; the sound card and the store as the assistant itself has them."""

    def own(config: Config) -> Iterator[Found]:
        yield Found("assistant", Health.OK, f"{desk.by} is running", needed=False)
        if desk.expects_voice:
            yield _sound(desk)
        if desk.host.has_memory:
            yield Found("store", Health.OK, "open")
        else:
            yield Found("store", Health.BROKEN, desk.host.faults[-1].text if desk.host.faults else "not open")

    checks = [Check("assistant", own), *machine_checks()]
    found = await in_thread(lambda: [one for some in examined(checks, desk.config) for one in some])
    return [Finding(name=one.name, health=one.health, text=one.text, needed=one.needed) for one in found]


def _sound(desk: Desk) -> Found:
    if desk.assistant:
        return Found("microphone", Health.OK, "in use by the conversation")
    fault = desk.host.faults[-1].text if desk.host.faults else "the voice is still loading"
    return Found("microphone", Health.MISSING, fault)
