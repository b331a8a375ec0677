"""The switch of the microphone: off means that it is closed, not that nobody listens."""

from collections.abc import Callable


class Switch:
    """On at first. Tells `observers` after each change; they must return at once."""

    def __init__(self) -> None:
        self.is_on = True
        self.observers: list[Callable[[], None]] = []

    def toggle(self) -> None:
        self.is_on = not self.is_on
        for observer in [*self.observers]:
            observer()
