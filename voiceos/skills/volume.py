"""How loud the assistant is: louder, quieter, mute, or a level from nought to ten or in percent."""

import re
from collections.abc import Callable
from datetime import datetime

from voiceos.audio.loudness import Loudness
from voiceos.language.data import pattern
from voiceos.language.numerals import digits
from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.before import Before
from voiceos.skills.skill import Asked, Intent, Pass, Said, Skill, Undo, Workshop
from voiceos.skills.slots import time_in

MOST = 100
"""Percent."""
_LEVEL = re.compile(r"(\d+(?:\.\d+)?)\s*(%|percent|per cent)?")


def make(workshop: Workshop) -> Skill:
    loudness, before = workshop.loudness, Before(workshop)

    async def louder(asked: Asked) -> Said:
        return _changed(loudness, lambda: loudness.step(1), "volume.louder")

    async def quieter(asked: Asked) -> Said:
        return _changed(loudness, lambda: loudness.step(-1), "volume.quieter")

    async def mute(asked: Asked) -> Said:
        return _changed(loudness, loudness.mute, "volume.muted")

    async def unmute(asked: Asked) -> Said:
        return _changed(loudness, loudness.unmute, "volume.set")

    async def to(asked: Asked) -> Said:
        percent = _percent(asked.slots.get("level") or asked.text)
        if percent is None:
            raise Pass
        if percent > MOST:
            return Said(says("volume.most", most=MOST))
        return _changed(loudness, lambda: loudness.set(percent), "volume.set")

    def is_ours(asked: Asked) -> bool:
        """Whether it is the sound that is named, or else "it": spoken of last, or all that goes on."""
        if pattern("en", "skills/volume", "said.named").search(asked.text):
            return True
        of_sound, acted = before.is_of_sound(asked.turn.device), before.acted_on_ours(asked.turn.device)
        return of_sound or (workshop.jukebox.is_on and acted is None)

    async def told(asked: Asked) -> Said:
        return Said(says("volume.set", percent=loudness.percent))

    return Skill(
        "volume",
        [
            Intent("volume.louder", louder, acts=True),
            Intent("volume.quieter", quieter, acts=True),
            Intent("volume.mute", mute, acts=True),
            Intent("volume.unmute", unmute, acts=True),
            Intent(
                "volume.to",
                to,
                acts=True,
                slots={"level": _is_level},
                mine=lambda asked: _is_level(asked.text, asked.now) and is_ours(asked),
                suits=is_ours,
            ),
            Intent("volume.level", told),
        ],
    )


def _is_level(text: str, now: datetime) -> bool:
    """ "One o'clock" is none."""
    return _percent(text) is not None and time_in(text, now) is None


def _percent(text: str) -> float | None:
    """A level that somebody says, which may be too much: percent, or up to ten on a scale of ten."""
    found = _LEVEL.search(digits(text.lower()))
    if not found:
        return None
    level = float(found[1])
    return level if found[2] or level > 10 else level * 10


def _changed(loudness: Loudness, change: Callable[[], None], key: str) -> Said:
    factor, muted = loudness.factor, loudness.before_mute
    change()

    async def back() -> str:
        loudness.factor, loudness.before_mute = factor, muted
        return says("volume.set", percent=loudness.percent)

    undo: Undo = back
    now = says("volume.set", percent=loudness.percent)
    said = says(key, percent=loudness.percent)
    return Said(said, done={"percent": loudness.percent}, receipt=now, undo=undo)
