"""A question about the owner by name, as the owner would ask it: "where does Ann Lee keep her keys?"."""

import re
from collections.abc import Collection

from voiceos.language.data import pattern, table
from voiceos.language.questions import asks


def in_first_person(text: str, names: Collection[str]) -> str:
    """The question with "I", "me" and "my" for the owner's full names, and for the pronouns that follow one of them
    before anybody else is named: "where do I keep my keys?". What is no such question is as it was.

    A name of one word may be a friend's, too.
    """
    full = "|".join(re.escape(name) for name in names if len(name.split()) > 1)
    if not full or not asks(text):
        return text
    whole = pattern("en", "own_name", "name").pattern.replace("NAME", full)
    first, *others = re.split(whole, text)
    if not others:
        return text
    told = first
    for owns, rest in zip(others[::2], others[1::2], strict=True):
        told += _instead(told, rest, owns=bool(owns)) + (rest if owns else _without_pronouns(rest))  # "… Ann's son"
    return pattern("en", "own_name", "verb").sub(lambda found: table("en", "own_name")["verbs"][found[0]], told)


def _instead(before: str, after: str, *, owns: bool) -> str:
    """What the name is in a sentence: owner, subject or object."""
    words: dict[str, str] = table("en", "own_name")["instead"]
    if owns:
        return words["owner"]
    if pattern("en", "own_name", "subject_after").search(before):
        return words["subject"]
    object = pattern("en", "own_name", "object_after").search(before)
    return words["object" if object or pattern("en", "own_name", "object_before").match(after) else "subject"]


def _without_pronouns(text: str) -> str:
    """The words after a name, with the pronouns that mean it."""
    pronouns: dict[str, str] = table("en", "own_name")["pronouns"]
    other = pattern("en", "own_name", "other").search(text)
    end = other.start() if other else len(text)
    said = pattern("en", "own_name", "pronoun").sub(lambda found: pronouns[found[0].lower()], text[:end])
    return said + text[end:]
