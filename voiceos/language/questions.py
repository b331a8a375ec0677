"""How questions start, and which of their words name the topic."""

from voiceos.language.data import words_in
from voiceos.language.terms import first_word, words


def asks(text: str, language: str = "en") -> bool:
    """Whether somebody asks rather than states something."""
    return text.rstrip().endswith("?") or begins_as_question(text, language)


def only_asks(text: str) -> bool:
    """Whether a text that was kept asks and tells nothing: "When ordering, I chose the fish." tells something."""
    return asks(text) and not text.rstrip().endswith(".")


def begins_as_question(text: str, language: str = "en") -> bool:
    """Whether its first word opens a question: "what", "is"."""
    first = first_word(text[:200])
    return opens(first, language) or first in words_in(language, "questions", "auxiliaries")


def opens(word: str, language: str = "en") -> bool:
    """Whether a word asks for something: "what", "what's"."""
    return word.partition("'")[0] in words_in(language, "questions", "openers")


def content(text: str, language: str = "en") -> list[str]:
    """The words of a text without those that every question has."""
    empty = words_in(language, "questions", "empty")
    return [word for word in (word.removesuffix("'s") for word in words(text)) if word not in empty]
