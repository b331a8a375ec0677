"""When it matters: the emergency number at once, and plain words of help. Never a refusal."""

from datetime import datetime

from voiceos.language.data import table
from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop

SHORT = 8
"""Words before or after what is certain."""


def make(workshop: Workshop) -> Skill:
    country = table("en", "help")["countries"].get(workshop.config.locale.country.upper(), {})
    number = country.get("number") or says("emergency.anywhere")
    line = says("emergency.crisis_line", **country) if "line" in country else ""

    def helps(kind: str) -> Intent:
        async def handle(asked: Asked) -> Said:
            return Said(says(f"emergency.{kind}", number=number, line=line))

        return Intent(f"emergency.{kind}", handle, slots={"someone": _is_short, "after": _is_short})

    return Skill("emergency", [helps("danger"), helps("crisis"), helps("fear")])


def _is_short(text: str, now: datetime) -> bool:
    return len(text.split()) <= SHORT
