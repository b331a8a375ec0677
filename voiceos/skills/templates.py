"""Which templates a sentence may fit, so that hassil, which is slow, looks at few.

First by words that a template must have, then by how far into the sentence its parts reach. Both let too much through
rather than too little, so what hassil finds stays the same.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from itertools import groupby, pairwise

from hassil import Intents
from hassil.expression import Alternative, Expression, ListReference, RuleReference, Sequence, TextChunk
from hassil.intents import Intent, IntentData, TextSlotList
from hassil.util import fold_case, normalize_for_matching

_BROKEN = str.maketrans("-_", "  ")
"""Where hassil may break a word."""


class Templates:
    def __init__(self, intents: Intents) -> None:
        """`intents`: each template in an `IntentData` of its own. Those with more words of their own come first."""
        self.intents = intents
        self._all = [
            (one.name, data) for one in intents.intents.values() for data in sorted(one.data, key=_words_first)
        ]
        read = [data.sentences[0] for _, data in self._all]
        bare = {place: slot for place, (_, data) in enumerate(self._all) if (slot := _only_slot(data, intents))}
        self.bare = [(self._all[place][0], slot) for place, slot in bare.items()]
        """The intents with a template that is nothing but a slot for any words, and that slot."""
        self._worded = [place for place in range(len(self._all)) if place not in bare]
        self._parts, self._read = _Parts(intents), dict[int, Part]()
        self._needs = [one.get_required_clauses(intents.expansion_rules) for one in read]
        self._words = {words for needs in self._needs for need in needs for words in need}
        self._by_words = defaultdict[str, list[int]](list)
        for place, needs in enumerate(self._needs):
            for words in min(needs, key=len, default=("",)):
                self._by_words[words].append(place)

    def for_text(self, text: str, among: Iterable[int] | None = None) -> Intents:
        """Those that it may fit, in their order. `among`: the places of those that are looked at."""
        said = _folded(text)
        reach = _Reach(said)
        places = self._with_words(said) if among is None else sorted(among)
        fit = [self._all[place] for place in places if reach.fits(self._part(place))]
        found = {name: Intent(name, [data for _, data in some]) for name, some in groupby(fit, lambda one: one[0])}
        return replace(self.intents, intents=found)

    def for_parts(self, text: str, begins: Collection[int], ends: Collection[int]) -> list[int]:
        """The places of those but the bare that any part of a text may fit, which begins and ends at one of these."""
        said, starts, lasts = "", 0, 0
        cuts = sorted({0, *begins, *ends, len(text)})
        for begin, end in pairwise(cuts):
            starts |= (begin in begins) << len(said)
            piece = _spaced(_folded(text[begin:end]))
            over = len(said) + 1 + max((at for at, letter in enumerate(piece) if letter.isalnum()), default=-1)
            said += f"{piece} " if piece else ""
            if end in ends:
                lasts |= (1 << len(said) + 1) - (1 << over)
        reach = _Reach(said)
        places = sorted({*self._with_words(said)}.intersection(self._worded))
        return [place for place in places if self._part(place)(reach, starts) & lasts]

    def _with_words(self, said: str) -> list[int]:
        """The places of those whose words a text has somewhere."""
        lacks = {words for words in self._words if words not in said}
        places = {place for words in self._by_words.keys() - lacks for place in self._by_words[words]}
        return sorted(place for place in places if not any(map(lacks.issuperset, self._needs[place])))

    def _part(self, place: int) -> "Part":
        """Made when it is first wanted: start-up would take a quarter longer."""
        if place not in self._read:
            self._read[place] = self._parts.of(self._all[place][1].sentences[0].expression)
        return self._read[place]


def _only_slot(data: IntentData, intents: Intents) -> str:
    """The slot of a template that is nothing else, and takes any words; empty if it is more."""
    match data.sentences[0].expression:
        case Sequence(items=[ListReference(list_name=name, slot_name=slot)]):
            return "" if isinstance(intents.slot_lists.get(name), TextSlotList) else slot
        case _:
            return ""


def _words_first(data: IntentData) -> int:
    return -data.sentences[0].text_chunk_count()


Part = Callable[["_Reach", int], int]
"""Where in a sentence a part of a template may end that begins at one of some places: the bits of a number."""


class _Parts:
    """What hassil has read, as functions."""

    def __init__(self, intents: Intents) -> None:
        self._intents = intents
        self._named = dict[str, Part]()

    def of(self, part: Expression) -> Part:
        if isinstance(part, TextChunk):
            return _words(part.text)
        if isinstance(part, Sequence):
            return _row([self.of(item) for item in part.items])
        if isinstance(part, Alternative):
            return _any([self.of(item) for item in part.items])
        if isinstance(part, RuleReference):
            return self._kept(f"<{part.rule_name}>", [self._intents.expansion_rules[part.rule_name].expression])
        values = self._intents.slot_lists.get(part.list_name) if isinstance(part, ListReference) else None
        if isinstance(values, TextSlotList):
            return self._kept(f"{{{values.name}}}", [value.text_in for value in values.values])
        return _Reach.anywhere

    def _kept(self, name: str, parts: list[Expression]) -> Part:
        """Found once in a sentence."""
        if name not in self._named:
            found = _any([self.of(part) for part in parts])

            def kept(reach: _Reach, starts: int) -> int:
                if (name, starts) not in reach.known:
                    reach.known[name, starts] = found(reach, starts)
                return reach.known[name, starts]

            self._named[name] = kept
        return self._named[name]


class _Reach:
    """A sentence, and where its words are."""

    def __init__(self, said: str) -> None:
        self._said = f"{_spaced(said)} "
        self._last = max((at for at, letter in enumerate(self._said) if letter.isalnum()), default=-1)
        self._places = dict[str, int]()
        self._spaces = self._places_of(" ")
        self.known = dict[tuple[str, int], int]()

    def fits(self, template: Part) -> bool:
        return template(self, 1) >> (self._last + 1) > 0

    def anywhere(self, starts: int) -> int:
        return -(starts & -starts) & (1 << len(self._said) + 1) - 1

    def after(self, words: str, starts: int) -> int:
        places = self._places.get(words)
        if places is None:
            places = self._places_of(words)
        return ((starts | (starts & self._spaces) << 1) & places) << len(words) if places else 0

    def _places_of(self, words: str) -> int:
        at, places = self._said.find(words), 0
        while at >= 0:
            places |= 1 << at
            at = self._said.find(words, at + 1)
        self._places[words] = places
        return places


def _words(chunk: str) -> Part:
    folded = fold_case(chunk).translate(_BROKEN)
    words = f"{_spaced(folded)} " if folded[-1:].isspace() else _spaced(folded)
    return (lambda reach, starts: reach.after(words, starts)) if words.strip() else lambda reach, starts: starts


def _row(parts: list[Part]) -> Part:
    def row(reach: _Reach, starts: int) -> int:
        for part in parts:
            starts = part(reach, starts)
            if not starts:
                break
        return starts

    return row


def _any(parts: list[Part]) -> Part:
    def either(reach: _Reach, starts: int) -> int:
        ends = 0
        for part in parts:
            ends |= part(reach, starts)
        return ends

    return either


def _folded(text: str) -> str:
    return fold_case(normalize_for_matching(text).text)


def _spaced(text: str) -> str:
    return " ".join(text.translate(_BROKEN).split())
