"""Everything derived from the records, as it registers with the store."""

from typing import TYPE_CHECKING

from voiceos.language.terms import Analyzer
from voiceos.memory.facts.fact_tables import Facts
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.index.vectors import Vectors
from voiceos.memory.line_meanings import LineMeanings
from voiceos.store.database import Derived

if TYPE_CHECKING:  # its engines are heavy
    from voiceos.memory.semantic import SemanticIndex


def derived(lexical: LexicalIndex | None = None, meaning: "SemanticIndex | None" = None) -> list[Derived]:
    """`lexical`, `meaning`: those that are at work, if any; without them what they hold is erased just the same."""
    lines = meaning.lines if meaning else LineMeanings()
    return [lexical or LexicalIndex(Analyzer()), meaning or Vectors(""), lines, Facts()]
