"""Whether a line tells of another than whom a question asks about."""

import re
from collections.abc import Collection
from dataclasses import replace

from voiceos.language.data import pattern, table, words_in
from voiceos.language.terms import words
from voiceos.memory.facts import lookup
from voiceos.memory.facts.statements import sentences
from voiceos.memory.facts.subjects import Context, Subject, agrees, subject
from voiceos.memory.facts.turned import statements
from voiceos.memory.facts.vocabulary import is_relation, relation
from voiceos.memory.facts.vocabulary import words as listed
from voiceos.store.database import Connection
from voiceos.store.records import OWNER

NOBODY = frozenset[str]()
SHORTEST = 3
"""Words of a clause; what is shorter may be one of several: "Ann, Ben and Cleo are here"."""


class Apart:
    """Knows lines that tell of another than whom a question asks about, as far as both name one plainly."""

    def __init__(self, db: Connection, question: str) -> None:
        self._of_thing, self._of_person = False, pattern("en", "questions", "of_person").search(question) is not None
        text = question.replace("’", "'")
        asked = [statement for statement, _ in statements(question)]
        self._whether = bool(asked)
        if found := pattern("en", "questions", "of_whom").search(text):
            asked = asked or [found["rest"]]
        self._context = Context.of(lookup.people(db) if asked else [])
        self._asked = next(filter(None, (self._subject(one)[0] for one in asked)), NOBODY)
        mine = None if self._asked else pattern("en", "questions", "of_mine").search(text)
        self._of_thing = mine is not None and not is_relation(mine["thing"].lower().removesuffix("s"))
        if self._of_thing:
            self._asked = frozenset({OWNER})
        self._words = _words(question)

    def __call__(self, line: str, *, own: bool = True, author: str = "") -> bool:
        """Whether a line begins with another, and has neither whom the question means nor that one in it.

        `own`: it is the owner's; of another's only what it says to the owner is looked at, "your pay", and what
        the `author`, if known, tells of themself: "my favourite cake".
        """
        opening = line.partition(" ")[0].lower().replace("’", "'")
        speaker = OWNER
        if not own and (said := table("en", "told")["to_owner"].get(opening)):
            line = f"{said} {line.partition(' ')[2]}"
        elif not own:
            speaker = author if opening in words_in("en", "told", "of_oneself") else ""
        if not self._asked or not speaker or not line:
            return False
        who, rest = self._subject(line, speaker=speaker, stated=True)
        if not who or who & self._asked or not self._words.isdisjoint(self._each(who)):
            return False
        if OWNER in self._asked and speaker == OWNER and not self._whether:
            rest = line.partition(" ")[2]
        if OWNER not in who:  # "Ann has a cat"
            rest = pattern("en", "told", "of_them").sub(_without_relation, rest.replace("’", "'"))
        return _words(rest).isdisjoint(self._each(self._asked) | self._owner_in(opening, speaker))

    def names(self, line: str) -> bool:
        """Whether a line names whom the question asks about, or may tell of what is the owner's, if it is them."""
        return OWNER in self._asked or not _words(line).isdisjoint(self._each(self._asked))

    def _owner_in(self, opening: str, speaker: str) -> frozenset[str]:
        """Words by which a line that begins with that one tells of the owner, too, if they are asked about."""
        if OWNER not in self._asked:
            return NOBODY
        if speaker != OWNER:
            return words_in("en", "told", "yours" if opening in words_in("en", "told", "owned") else "you")
        first = words_in("en", "told", "oneself")
        return first if self._whether else first | words_in("en", "told", "owned")  # "Ben has my drill": what I lent

    def rest(self, line: str, *, own: bool = True, author: str = "") -> str:
        """A line without the clauses that tell of another: where Ben is, in "Ann moved to Hull, but Ben is here"."""
        clauses = pattern("en", "questions", "clauses").split(line.rstrip(" .!?"))
        if len(clauses) < 2 or any(len(words(one)) < SHORTEST for one in clauses):
            return line
        left = [one for one in clauses if not self(one, own=own, author=author)]
        return ". ".join(left) if len(left) < len(clauses) else line

    def _subject(self, text: str, *, speaker: str = OWNER, stated: bool = False) -> tuple[frozenset[str], str]:
        """Who it is that a text begins with, by name and by who they are to the owner; and what it says of them.

        `stated`: a statement, in which what is done follows a name that nobody knows: "Signed up" tells of no Signed.
        Nobody surely: no names.
        """
        sentence = next(iter(sentences(text)), None)
        if not sentence or not sentence.tokens:
            return NOBODY, text
        who = subject(sentence, 0, replace(self._context, speaker=speaker))
        if not who and stated and sentence.tokens[0].norm in words_in("en", "told", "owned"):
            return self._names(Subject(speaker, 0)), text  # "my pay"
        if not who or not who.sure:
            return NOBODY, text
        follows = sentence.tokens[who.next].norm if who.next < len(sentence.tokens) else ""
        known = who.relation or who.who.casefold() in self._context.names or who.who == speaker != OWNER
        if stated and not known and follows != ":" and not agrees(who, follows, OWNER):
            return NOBODY, text
        if stated and self._of_thing and not known and follows != "'s":
            return NOBODY, text  # "Vodafone is 25 a month"
        theirs = bool(who.relation) and who.whose != OWNER  # "Hana's cat" is no cat of mine
        return self._names(who), text[sentence.tokens[who.next - 1].end :] if theirs else text

    def _each(self, names: Collection[str]) -> frozenset[str]:
        """The words of names, without titles: Mr Petersen is not Mr Adams. "Paul's wife" counts where a person is asked
        for, whom Paul married.
        """
        whose = (name.rpartition("'s ") for name in names)
        told = [who if theirs else name for who, theirs, name in whose if self._of_person or not theirs]
        return frozenset(word for name in told for word in name.split() if word in told or word not in listed("titles"))

    def _names(self, who: Subject) -> frozenset[str]:
        """By what somebody is known: "lena", "sister", "paul's wife"."""
        named = self._of(who.who) - {who.relation}
        if who.relation and who.whose:
            mine = who.whose == OWNER
            named |= {who.relation} if mine else {f"{whose}'s {who.relation}" for whose in self._of(who.whose)}
        return frozenset(named)

    def _of(self, name: str) -> set[str]:
        """A person's name, each word of it, who they are to the owner, and, of a relation, who is that."""
        name, roles = name.casefold(), self._context.roles
        parts = {word for word in name.split() if word not in listed("titles")} if "'s" not in name else set[str]()
        return {name, *parts, *filter(None, [roles.get(name)]), *(one for one, role in roles.items() if role == name)}


def _without_relation(found: re.Match[str]) -> str:
    return "" if is_relation(found["who"].lower()) else found[0]


def _words(text: str) -> frozenset[str]:
    """The words of a text, relations by their usual names."""
    return frozenset(relation(word.partition("'")[0]) for word in words(text.replace("’", "'")))
