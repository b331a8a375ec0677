"""How the learnt words of a question occur in candidate passages and beside them, weighed by their rarity there."""

import numpy as np

from voiceos.memory.recall.candidates import Array, Neighbours, at_rows, standard

BESIDE = 0.7
"""What a word counts that stands in the passage before or after."""
CLEARLY = 0.25
"""The weight from which a word is held to be there."""
COLUMNS = ("sparse_rare", "sparse_rare_after", "sparse_reply", "sparse_window", "sparse_holds", "sparse_window_holds")


def learnt_columns(words: Array, asked: Array, near: Neighbours) -> dict[str, Array]:
    """Their features for the ranker.

    `words`: passages by words of the question, what they weigh there; `asked`: what they weigh in the question. A word
    that most candidates have, such as the name of who speaks, tells little.
    """
    rarity = np.log(1 + len(words) / (1 + (words > 0).sum(axis=0))).astype(np.float32)
    weights = asked * rarity
    total = float(weights.sum()) or 1.0
    beside = words * np.float32(BESIDE)
    reply = np.maximum(words, at_rows(beside, near.before))
    window = np.maximum(reply, at_rows(beside, near.after))
    rare = standard(words @ weights)
    return {
        "sparse_rare": rare,
        "sparse_rare_after": at_rows(rare, near.after, -1),
        "sparse_reply": standard(reply @ weights),
        "sparse_window": standard(window @ weights),
        "sparse_holds": (words > CLEARLY) @ weights / total,
        "sparse_window_holds": (window > CLEARLY) @ weights / total,
    }
