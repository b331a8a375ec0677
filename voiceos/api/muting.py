"""Operations on the microphone's switch: it is closed, and opened again."""

from voiceos.api.conversing import say as speak
from voiceos.api.desk import Desk
from voiceos.api.operations import operation
from voiceos.errors import DeviceError
from voiceos.language.sentences import say


@operation("mute")
async def mute(desk: Desk) -> None:
    """Closes the microphone, and says so aloud. It stays closed, also after a crash, until somebody opens it or the
    machine is restarted. Timers and alarms ring all the same."""
    await turn(desk, on=False)


@operation("unmute")
async def unmute(desk: Desk) -> None:
    """Opens the microphone again, and says so aloud."""
    await turn(desk, on=True)


async def turn(desk: Desk, *, on: bool) -> None:
    """Raises DeviceError where there is no microphone that could be closed."""
    if desk.host.switch is None:
        raise DeviceError("voiceos has no microphone open that could be switched off.")
    if desk.host.switch.turn(on=on):
        await announce(desk)


async def announce(desk: Desk) -> None:
    """Says how the switch is, where there is a voice."""
    if desk.assistant:
        await speak(desk, say("microphone.off" if desk.is_muted else "microphone.on"))
