"""Cuts a streaming reply into units to speak: the first one early, later ones by sentence."""

import re
from collections.abc import Iterator

from voiceos.language.data import words_in

FIRST_WORDS, FIRST_CHARACTERS = 2, 10
"""The first unit is cut at the first clause that is at least this long, or is an interjection."""
URGENT_WORDS = 3
"""After so many words without punctuation the first unit is cut after a word that does not lean on the next."""
PATIENCE_WORDS = 4
"""After so many the next is cut before a new phrase, or after "is": it must be there when the first has sounded."""
SHORT_CHARACTERS = 20
"""A later sentence shorter than this is spoken together with the one after it."""
LONG_CHARACTERS = 200
"""A sentence longer than this is cut at a clause, or else between two words."""
SPAN_CHARACTERS = 120
"""A bracket or backtick that is not closed within this counts as a stray one."""

_CLOSERS = "\"'”’»)\\]*_`」』）】"
_OPENERS = "\"'“‘«(\\[*_`「『（【¿¡"
# Punctuation that ends a word even where no space follows.
_BREAKS = "。！？｡，、；：—"
_PIECE = re.compile(rf"\s*((?:[^\s{_BREAKS}]*[{_BREAKS}]+[{_CLOSERS}]*)|[^\s{_BREAKS}]+)")
# In the first unit a comma after a letter counts at once: waiting for the next token would cost its time.
_EAGER = re.compile(rf"\s*([^\s,{_BREAKS}]*[^\W\d_],)")
_EVENT = re.compile(rf"[\s,{_BREAKS}]")
_SPACE = re.compile(r"\s*")
_SENTENCE = re.compile(rf"([.!?…。！？｡؟۔।॥]+)[{_CLOSERS}]*$")
_CLAUSE = re.compile(rf"[,;:，、；：،؛—–][{_CLOSERS}]*$|^-$")
_MARKER = re.compile(r"(?:\d{1,3}[.)]|[-*+•‣]|#{1,6}|>|\[\d+\])$")
_BLOCK = re.compile(r"\s*(?:\d{1,3}[.)]\s|[-*+•‣#>|])")
_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+$")
_WORD = re.compile(r"\w")
_CJK = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class ClauseCutter:
    """Takes a reply piece by piece and gives its spoken units. How the text was cut into pieces changes nothing."""

    def __init__(self) -> None:
        self._text = ""  # begins where the current unit begins
        self._judged = 0  # up to here no cut was found
        self._clause = 0  # the last clause of the current unit ends here
        self._first = True
        self._begun = False  # more than an interjection was cut

    def feed(self, text: str) -> list[str]:
        """The units that are complete by now."""
        self._text += text
        if len(self._text) - self._judged > LONG_CHARACTERS and not _EVENT.search(text):
            return []  # still within one endless word, or one block of code
        return list(self._units(final=False))

    def flush(self) -> list[str]:
        """What is left. The cutter is then ready for another reply."""
        units = list(self._units(final=True))
        if _WORD.search(self._text):
            units.append(self._text.strip())
        self.__init__()
        return units

    def _units(self, *, final: bool) -> Iterator[str]:
        while (cut := self._next_cut(final)) is not None:
            unit, self._text = self._text[:cut].strip(), self._text[cut:]
            self._judged = self._clause = 0
            if _WORD.search(unit):
                short = _is_interjection(unit)  # after "Yes," the clause is as urgent
                self._first = self._first and (short or (not self._begun and unit[-1].isalnum()))
                self._begun = self._begun or not short
                yield unit

    def _next_cut(self, final: bool) -> int | None:
        """Where the current unit ends, or None if that is not known yet."""
        while True:
            eager = _EAGER.match(self._text, self._judged) if self._first else None
            piece = eager or _PIECE.match(self._text, self._judged)
            if piece is None:
                return None
            start, end = piece.span(1)
            whole = final or eager is not None or end < len(self._text)
            if not whole:
                return None
            if piece[1].startswith(("```", "~~~")):
                return start if self._text[:start].strip() else self._end_of_fence(start, final)
            cut = self._cut_after(start, end, eager is not None, final)
            if cut is not None:
                return cut if cut >= 0 else None
            self._judged = end

    def _end_of_fence(self, start: int, final: bool) -> int | None:
        """A fenced block of code is one unit, whatever is in it."""
        close = self._text.find(self._text[start : start + 3], start + 3)
        if close < 0:
            return None
        end = close + 3
        while end < len(self._text) and self._text[end] == self._text[start]:
            end += 1
        return end if final or end < len(self._text) else None

    def _cut_after(self, start: int, end: int, eager: bool, final: bool) -> int | None:
        """Where to cut, now that the word from `start` to `end` is known; None: nowhere; -1: more text is needed."""
        text, word = self._text, self._text[start:end]
        if eager:
            if self._is_long_enough(end) and not self._is_inside(start, end):
                return end
            return self._too_long(start, end)
        after = _end(_SPACE, text, end)
        if after == len(text):
            return None if final else -1
        following = text[after:]
        if "\n" in text[end:after] and not _is_wrapped(text[:end], text[end:after], following):
            return end
        if _MARKER.match(word) and not text[text.rfind("\n", 0, start) + 1 : start].strip():
            return None
        if _SENTENCE.search(word):
            verdict = _ends_sentence(word, following, final)
            if verdict is None:
                return -1
            if verdict and self._is_long_enough(end) and not self._is_inside(start, end):
                return end
        elif _CLAUSE.search(word) and not self._is_inside(start, end):
            if self._first and self._is_long_enough(end):
                return end
            self._clause = end
        elif self._first and (words := _count_words(text[:end])) >= URGENT_WORDS and not self._is_inside(start, end):
            urgent = not self._begun and word.isalpha() and word.lower() not in _listed("leaning")
            if not urgent and words < PATIENCE_WORDS:
                return None
            upcoming = _next_word(following, final or following.endswith(","))
            if upcoming is None:
                return -1
            if urgent and _may_stop(word, following.split(maxsplit=1)[0]):
                return end
            if words >= PATIENCE_WORDS and (
                upcoming in _listed("phrases")
                or word.lower() in _listed("copulas")
                or (upcoming in _listed("conjunctions") and words >= 2 * PATIENCE_WORDS)
            ):
                return end
        return self._too_long(start, end)

    def _too_long(self, start: int, end: int) -> int | None:
        if end <= LONG_CHARACTERS or (end <= 2 * LONG_CHARACTERS and self._is_inside(start, end)):
            return None
        return self._clause if self._clause > LONG_CHARACTERS // 4 else end

    def _is_long_enough(self, end: int) -> bool:
        unit = self._text[:end].strip()
        dense = len(_CJK.findall(unit))
        if self._first:
            return (
                dense >= 4
                or _is_interjection(unit)
                or (len(unit) >= FIRST_CHARACTERS and _count_words(unit) >= FIRST_WORDS)
            )
        return len(unit) + dense * 2 >= SHORT_CHARACTERS

    def _is_inside(self, start: int, end: int) -> bool:
        """Whether this is within a link, brackets, inline code or an address."""
        text = self._text
        space = max((text.rfind(mark, 0, end) for mark in " \n\t"), default=-1)
        token = text[max(space + 1, 0) : end]
        if token.endswith(",") and ("://" in token or token.startswith("www.")):
            return True
        line = text[max(text.rfind("\n", 0, start) + 1, end - SPAN_CHARACTERS) : end]
        return line.count("`") % 2 == 1 or line.rfind("[") > line.rfind("]") or line.rfind("(") > line.rfind(")")


def _listed(key: str) -> frozenset[str]:
    return words_in("en", "clauses", key)


def _may_stop(word: str, upcoming: str) -> bool:
    """Whether a voice may stop between two words: the other ends no phrase, and both are not parts of a name."""
    return upcoming.isalpha() and not (word[0].isupper() and upcoming[0].isupper())


def _is_interjection(unit: str) -> bool:
    return unit.rstrip(",.!").lower() in _listed("interjections")


def _count_words(text: str) -> int:
    return sum(1 for word in text.split() if _WORD.search(word) and not _MARKER.match(word))


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _is_wrapped(before: str, gap: str, following: str) -> bool:
    """Whether a line only breaks because it was full."""
    line = before[before.rfind("\n") + 1 :]
    return gap.count("\n") == 1 and following[0].islower() and not _BLOCK.match(line)


def _next_word(text: str, final: bool) -> str | None:
    """The first word of the text, bare and in lower case; None if it may be incomplete."""
    found = re.match(r"\S+", text)
    if found is None or (found.end() == len(text) and not final):
        return None
    return found[0].strip(_OPENERS + _CLOSERS + ",.;:!?").lower()


def _ends_sentence(word: str, following: str, final: bool) -> bool | None:
    """Whether a word with a full stop or the like ends a sentence; None: the next word must be known."""
    bare = re.sub(rf"[{_CLOSERS}]+$", "", word).lstrip(_OPENERS)
    head = following.lstrip(_OPENERS)[:1]
    if not head and not final:
        return None
    if head.islower():
        return False
    if not bare.endswith(".") or bare.endswith(".."):
        return True
    stem = bare[:-1].lower()
    if stem in _listed("before_a_name"):
        return False
    if stem in _listed("before_a_number"):
        return not head.isdigit()
    if stem in _listed("maybe_last") or _ACRONYM.match(bare):
        upcoming = _next_word(following, final)
        return None if upcoming is None else upcoming in _listed("starters")
    return True
