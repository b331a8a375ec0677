"""How loud everything is that is played, as it is now: set by voice, forgotten at the next start."""

from dataclasses import dataclass

LOUDEST = 2.0
STEP = 0.15


@dataclass(slots=True)
class Loudness:
    """A factor for what is played."""

    factor: float = 1.0
    before_mute: float | None = None

    @property
    def percent(self) -> int:
        """1 is 50 percent, so that there is room above."""
        return round(self.factor / LOUDEST * 100)

    def set(self, percent: float) -> None:
        self.factor, self.before_mute = min(max(percent / 100 * LOUDEST, 0.0), LOUDEST), None

    def step(self, steps: int) -> None:
        """Up or down, so that each step sounds alike."""
        self.unmute()
        self.factor = min(max(self.factor * (1 + STEP) ** (2 * steps), STEP), LOUDEST)

    def mute(self) -> None:
        if self.before_mute is None:
            self.before_mute, self.factor = self.factor, 0.0

    def unmute(self) -> None:
        """As loud as before; as at the start, if it was turned down to nothing."""
        if self.before_mute is not None:
            self.factor, self.before_mute = self.before_mute, None
        self.factor = self.factor or 1.0
