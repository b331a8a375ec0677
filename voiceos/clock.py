"""The wall clock: the one place that asks it. Whoever needs it is given a function, so that tests can set it."""

from datetime import datetime


def local_time() -> datetime:
    """Now, with this machine's time zone."""
    return datetime.now().astimezone()
