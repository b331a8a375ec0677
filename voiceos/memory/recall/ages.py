"""How old somebody is, worked out from the day of birth that a memory tells."""

from datetime import UTC, date, datetime, timedelta

from voiceos.language.data import pattern
from voiceos.language.terms import Analyzer
from voiceos.language.times import Period, find
from voiceos.memory.recall.compared import names_in

NEAR = 2
"""Words between which a name and "born" stand: "Milo was born"."""
_terms = Analyzer("en")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def asks_age(question: str) -> bool:
    return pattern("en", "questions", "how_old").search(question.lower()) is not None


def born(question: str, text: str) -> date | None:
    """The day of birth that a text tells of who is named in a question, if it is only one, and told with its year."""
    places = [*pattern("en", "questions", "born").finditer(text)]
    if len(places) != 1:
        return None
    just_before = text[: places[0].start()].replace("’", "'").split()[-NEAR:]
    whose = {term for word in just_before if not word.endswith("'s") for term in _terms(word)}
    if names_in(question).isdisjoint(whose):
        return None
    for one in find(text, EPOCH, lean="past"):
        if not isinstance(one.meaning, Period) or one.start < places[0].end():
            continue
        begin, end = one.meaning.start, one.meaning.end
        if begin and end and end - begin <= timedelta(days=1) and f"{begin.year}" in text[one.start : one.end]:
            return begin.date()
    return None


def age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
