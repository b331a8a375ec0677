"""What words ask for, for whoever hears them before a turn is answered."""

from voiceos.core import Transcript, Turn
from voiceos.mind.asked_for import asked_for
from voiceos.mind.router import Router
from voiceos.skills.skill import Workshop


class Requests:
    """What the skills know of what was said. Any thread may ask; it takes a few milliseconds."""

    def __init__(self, router: Router | None, workshop: Workshop | None) -> None:
        self._router, self._workshop = router, workshop

    def is_one(self, turn: Turn) -> bool:
        """Whether a turn's words are a whole request to a skill."""
        return self._router is not None and bool(self._router.asked(turn))

    def takes(self, text: str) -> bool:
        """Whether a skill takes a sentence."""
        return self.is_one(Turn("", "", transcript=Transcript(text)))

    def is_urgent(self, text: str) -> bool:
        """Whether a sentence tells of danger to somebody."""
        return self._router is not None and self._router.is_urgent(text)

    def is_about_ringing(self, turn: Turn) -> bool:
        """Whether a turn only asks to end or put off what rings."""
        return self._router is not None and self._router.ends_ringing(turn)

    def likely(self) -> str:
        """Sentences that may be said to this device, as a hint for recognition. Raises StoreError."""
        workshop, named = self._workshop, self._router.names() if self._router else {}
        has_store = workshop is not None and workshop.db is not None
        return workshop.work(lambda db: asked_for(db, named)) if workshop and has_store else asked_for(None, named)
