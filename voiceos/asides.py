"""What is said with the next reply, besides what was asked: once."""

from voiceos.core import Turn
from voiceos.skills.skill import BY_ITSELF
from voiceos.store.schedule import Entry
from voiceos.timekeeper import Remark, Timekeeper


class Asides:
    """Sentences of the host's own, and what is due or was remarked where no voice tells it."""

    def __init__(self, keeper: Timekeeper | None) -> None:
        self._keeper = keeper
        self._own: list[str] = []

    def add(self, sentence: str) -> None:
        """It is said with the next reply."""
        if sentence not in self._own:
            self._own.append(sentence)

    def to_say(self, turn: Turn) -> list[str]:
        """The sentences that a turn's reply ends with."""
        return [*dict.fromkeys([*self._own, *(said for _, said in self._due(turn) if said)])]

    def said(self, turn: Turn) -> list[Entry | Remark]:
        """A turn has ended: what was said in it is not said again. Returns what of it was due or remarked."""
        self._own = [one for one in self._own if one not in turn.said]
        return [one for one, said in self._due(turn) if said in turn.said]

    def _due(self, turn: Turn) -> list[tuple[Entry | Remark, str]]:
        """With the sentence for each; nothing where nobody is there."""
        keeper = self._keeper if turn.device != BY_ITSELF else None
        return [(one, keeper.said(one)) for one in keeper.to_mention()] if keeper else []
