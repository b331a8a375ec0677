"""Keeps back what is private in a text and not asked for, line by line."""

import re
from collections.abc import Iterator

from voiceos.language.data import pattern, table
from voiceos.language.questions import content
from voiceos.language.terms import Analyzer

_LINE = re.compile(r".+?(?:(?<=[.!?;])\s+|\n\s*|\Z)")
_EMPTY_LINE = re.compile(r"\n\s*\n\Z")
_ANALYZER = Analyzer()


def without_private(question: str, text: str, *, source: str = "", sure: bool = False) -> tuple[str, str]:
    """A text without its lines on private subjects that the question does not ask for, and the first such subject.

    The whole text, where the other lines have nothing to do with the question: then what is private is what came to
    mind. `source`: a note that is named after secrets holds nothing else. `sure`: the text surely answers, so that all
    of it may be told, unless it answers without its secrets.
    """
    data, wanted = table("en", "private"), _stems(question)
    subjects: list[str] = data["single"] if sure else list(data["subjects"])
    asked = [one for one in subjects if _asks_for(question, one)]
    lines = [(line, whole, len(wanted & _stems(whole))) for line, whole in _lines(text)]
    secret = [one for one in data["single"] if _tells_of(one, source)]
    least = dict.fromkeys(asked, 0)
    for one in set(asked).intersection(data["single"]):
        least[one] = max((shared for _, whole, shared in lines if one in secret or _tells_of(one, whole)), default=0)
    rest, kept_back, bears = "", "", False
    for line, whole, shared in lines:
        told_of = [one for one in subjects if one in secret or _tells_of(one, whole)]
        private = next((one for one in told_of if one not in asked or shared < least[one]), "")
        kept_back = kept_back or private
        if not private:
            rest += line
            bears = bears or bool(shared or told_of)
    if not kept_back or bears:
        return rest.strip() if kept_back else text, ""
    return text, "" if sure else kept_back


def _asks_for(question: str, subject: str) -> bool:
    """Whether a question is about a private subject itself."""
    return _tells_of(subject, question) or _tells_of(subject, question, "related")


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Each line or clause, and the same with what it goes on from: its heading, its sentence before a semicolon."""
    heading = sentence = ""
    for line in _LINE.findall(text):
        yield line, heading + sentence + line
        end = line.rstrip()[-1:]
        sentence = sentence + line if end == ";" else ""
        if end == ":":
            heading += line
        elif _EMPTY_LINE.search(line):
            heading = ""


def _tells_of(subject: str, text: str, kind: str = "subjects") -> bool:
    return subject in table("en", "private")[kind] and bool(pattern("en", "private", f"{kind}.{subject}").search(text))


def _stems(text: str) -> set[str]:
    return set(_ANALYZER(" ".join(content(text))))
