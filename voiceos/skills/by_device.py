"""What is remembered for each room, keyboard or satellite, without growing for ever where names of devices change."""

from typing import TypeVar

T = TypeVar("T")

MOST = 64
"""Devices of which something is remembered."""


class ByDevice(dict[str, T]):
    """By device what was put in last; of too many devices, the one is dropped for which that was longest ago.

    This machine's own microphone, whose name is empty, is never dropped. Only `[device] = ` keeps to that.
    """

    def __setitem__(self, device: str, value: T) -> None:
        self.pop(device, None)
        super().__setitem__(device, value)
        if len(self) > MOST:
            del self[next(filter(None, self))]
