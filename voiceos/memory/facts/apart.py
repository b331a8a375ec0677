"""Whether a line tells of another than whom a question asks about."""

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
        self._asked = next(filter(None, map(self._subject, asked)), NOBODY)
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
        who = self._subject(line, speaker=speaker, stated=True) if self._asked and speaker and line else NOBODY
        if not who or who & self._asked or not self._words.isdisjoint(self._each(who)):
            return False
        if theirs := pattern("en", "told", "theirs").match(line.replace("’", "'")):  # "Hana's cat" is no cat of mine
            line = line[theirs.end() :]
        if OWNER in self._asked and speaker == OWNER and not self._whether:
            line = line.partition(" ")[2]
        return _words(line).isdisjoint(self._each(self._asked) | self._owner_in(opening, speaker))

    def _owner_in(self, opening: str, speaker: str) -> frozenset[str]:
        """Words by which a line that begins with that one tells of the owner, too, if they are asked about."""
        if OWNER not in self._asked:
            return NOBODY
        if speaker != OWNER:
            return words_in("en", "told", "yours" if opening in words_in("en", "told", "owned") else "you")
        first = words_in("en", "told", "oneself")
        return first if self._whether else first | words_in("en", "told", "owned")  # "Ben has my drill": what I lent

    def _subject(self, text: str, *, speaker: str = OWNER, stated: bool = False) -> frozenset[str]:
        """Who it is that a text begins with: by name and by who they are to the owner; empty: nobody surely.

        `stated`: a statement, in which what is done follows a name that nobody knows: "Signed up" tells of no Signed.
        """
        sentence = next(iter(sentences(text)), None)
        if not sentence or not sentence.tokens:
            return NOBODY
        who = subject(sentence, 0, replace(self._context, speaker=speaker))
        if not who and stated and sentence.tokens[0].norm in words_in("en", "told", "owned"):
            return self._names(Subject(speaker, 0))  # "my pay"
        if not who or not who.sure:
            return NOBODY
        follows = sentence.tokens[who.next].norm if who.next < len(sentence.tokens) else ""
        known = who.relation or who.who.casefold() in self._context.names or who.who == speaker != OWNER
        if stated and not known and follows != ":" and not agrees(who, follows, OWNER):
            return NOBODY
        if stated and self._of_thing and not known and follows != "'s":
            return NOBODY  # "Vodafone is 25 a month"
        return self._names(who)

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


def _words(text: str) -> frozenset[str]:
    """The words of a text, relations by their usual names."""
    return frozenset(relation(word.partition("'")[0]) for word in words(text.replace("’", "'")))
