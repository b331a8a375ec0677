"""What a question sets beside what it asks about: a place, a past year, what may be so. What lacks it is no answer."""

from voiceos.language.data import pattern, words_in
from voiceos.language.numerals import years
from voiceos.language.terms import Analyzer
from voiceos.memory.recall.compared import shape_of
from voiceos.memory.recall.lines import Line
from voiceos.memory.recall.question import Question
from voiceos.store.rows import moment

_terms = Analyzer("en")


class Beside:
    """Knows which lines cannot tell of the place, the year, or what may be so, that a question names."""

    def __init__(self, question: Question) -> None:
        found = pattern("en", "questions", "at_place").findall(question.text.lower().replace("’", "'"))
        none = set(_terms(" ".join(words_in("en", "questions", "no_place")))) | words_in("en", "evidence", "when")
        places = (set(_terms(place)) for place in found)
        self._places = [place.intersection(question.topic) for place in places if place.isdisjoint(none)]
        judging = set(_terms(" ".join(words_in("en", "questions", "judging"))))
        if shape_of(question.text) == "yes" and len(question.topic) > 1:  # "is Tom allergic to eggs?" asks about eggs
            self._places.append({question.topic[-1]} - judging)
        if found := pattern("en", "questions", "who_is").search(question.text):
            self._places.append(set(_terms(found["what"])))
        now = moment(question.asked).year if question.asked else 0
        self._which = _which(question.text)
        self._years = [str(year) for year in years(question.text) if year < now]

    def __call__(self, line: Line) -> bool:
        """Whether all of it stands in the line, in what it is part of, or in what was said before it; a year may be its
        date's.
        """
        around = set(_terms(line.around)) if self._places else set[str]()
        there = not any(place and place.isdisjoint(around) for place in self._places)
        there = there and not self._is_another(line.memory.text)
        return there and (bool(line.memory.at) or all(year in line.around for year in self._years))

    def _is_another(self, text: str) -> bool:
        """Whether a line has only another of a kind: an account number, where a phone number is asked for."""
        told = _which(text)
        return any(of and told.get(kind) and of.isdisjoint(told[kind]) for kind, of in self._which.items())


def _which(text: str) -> dict[str, set[str]]:
    """By kinds of things, the words that tell which of them a text names; empty where one stands by itself."""
    found, alone = dict[str, set[str]](), words_in("en", "questions", "any_of_them")
    for one in pattern("en", "questions", "which").finditer(text.lower()):
        found.setdefault(one["kind"], set()).add("" if one["of"] in alone else one["of"])
    return {kind: set() if "" in of else set(map(_stem, of)) for kind, of in found.items()}


def _stem(word: str) -> str:
    return next(iter(_terms(word)), word)
