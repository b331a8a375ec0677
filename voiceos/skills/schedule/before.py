"""What the turn before on a device was about, which "it" is then."""

from voiceos.skills.schedule.which import ALL
from voiceos.skills.skill import BY_SKILL, Undo, Workshop


class Before:
    """Of each device."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def is_of_calendar(self, device: str) -> bool:
        """Whether the turn before on a device was about appointments, which are "it" then."""
        return self._act(device).startswith("calendar.")

    def is_of_sound(self, device: str) -> bool:
        """Whether it was about how loud it is, or what plays."""
        return self._act(device).startswith(("volume.", "media."))

    def is_of_ours(self, device: str) -> bool:
        """Whether it was about the schedule, asked or done."""
        return _is_ours(self._act(device))

    def asked_for(self, device: str) -> str:
        """What the turn before on a device asked for and did not get, since something was missing."""
        before = self._workshop.before.get(device)
        return "" if not before or before.receipts else self._act(device)

    def words(self, device: str) -> str:
        """What was said on a device in the turn before."""
        before = self._workshop.before.get(device)
        return before.words if before else ""

    def _act(self, device: str) -> str:
        """What the turn before on a device did last, or else what answered it."""
        before = self._workshop.before.get(device)
        if not before:
            return ""
        return before.receipts[-1] if before.receipts else before.engines.get("mind", "").removeprefix(BY_SKILL)

    def acted_on_ours(self, device: str) -> bool | None:
        """Whether what the turn before on a device did was of the schedule; None: it did nothing."""
        before = self._workshop.before.get(device)
        return _is_ours(before.receipts[-1]) if before and before.receipts else None

    def done_elsewhere(self, device: str) -> tuple[str, Undo] | None:
        """The receipt of what was done last on a device, and how to take it back, where that is not of the schedule."""
        if self.acted_on_ours(device) is not False or not (undo := self._workshop.undos.pop(device, None)):
            return None
        return self._workshop.before[device].receipts[-1], undo


def _is_ours(act: str) -> bool:
    return act.partition(".")[0].removesuffix("s") in ALL
